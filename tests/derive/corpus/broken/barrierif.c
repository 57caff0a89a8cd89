/*
 * The barrier is in a helper that the exit no longer calls. (a barrier in the wrong branch)
 *
 * Must say: objects-remain.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct barrierif_inode {
	int flags;
	struct inode vfs_inode;
};

static struct kmem_cache *barrierif_cachep;

static inline struct barrierif_inode *barrierif_I(struct inode *inode)
{
	return container_of(inode, struct barrierif_inode, vfs_inode);
}

static struct inode *barrierif_alloc_inode(struct super_block *sb)
{
	struct barrierif_inode *fresh = alloc_inode_sb(sb, barrierif_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	return &fresh->vfs_inode;
}

static void barrierif_drain(void)
{
	rcu_barrier();
}

static void barrierif_free_inode(struct inode *inode)
{
	kmem_cache_free(barrierif_cachep, barrierif_I(inode));
}

static const struct super_operations barrierif_sops = {
	.alloc_inode = barrierif_alloc_inode,
	.free_inode = barrierif_free_inode,
};

static int barrierif_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &barrierif_sops;
	return 0;
}

static int barrierif_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, barrierif_fill_super);
}

static const struct fs_context_operations barrierif_context = {
	.get_tree = barrierif_get_tree,
};

static int barrierif_init_context(struct fs_context *fc)
{
	fc->ops = &barrierif_context;
	return 0;
}

static struct file_system_type barrierif_type = {
	.owner = THIS_MODULE,
	.name = "barrierif",
	.init_fs_context = barrierif_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit barrierif_exit(void)
{
	unregister_filesystem(&barrierif_type);
	kmem_cache_destroy(barrierif_cachep);
}
module_exit(barrierif_exit);
