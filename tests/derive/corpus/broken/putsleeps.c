/*
 * A put that may sleep, in the callback that frees the inode. (4f375ade6aa9)
 *
 * Must say: sleep-in-softirq.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct putsleeps_inode {
	struct path below;
	int is_open;
	struct inode vfs_inode;
};

static struct kmem_cache *putsleeps_cachep;

static inline struct putsleeps_inode *putsleeps_I(struct inode *inode)
{
	return container_of(inode, struct putsleeps_inode, vfs_inode);
}

static struct inode *putsleeps_alloc_inode(struct super_block *sb)
{
	struct putsleeps_inode *fresh = alloc_inode_sb(sb, putsleeps_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	memset(&fresh->below, 0, sizeof(fresh->below));
	return &fresh->vfs_inode;
}

static void putsleeps_free_inode(struct inode *inode)
{
	path_put(&putsleeps_I(inode)->below);
	kmem_cache_free(putsleeps_cachep, putsleeps_I(inode));
}

static const struct super_operations putsleeps_sops = {
	.alloc_inode = putsleeps_alloc_inode,
	.free_inode = putsleeps_free_inode,
};

static int putsleeps_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &putsleeps_sops;
	return 0;
}

static int putsleeps_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, putsleeps_fill_super);
}

static const struct fs_context_operations putsleeps_context = {
	.get_tree = putsleeps_get_tree,
};

static int putsleeps_init_context(struct fs_context *fc)
{
	fc->ops = &putsleeps_context;
	return 0;
}

static struct file_system_type putsleeps_type = {
	.owner = THIS_MODULE,
	.name = "putsleeps",
	.init_fs_context = putsleeps_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit putsleeps_exit(void)
{
	unregister_filesystem(&putsleeps_type);
	rcu_barrier();
	kmem_cache_destroy(putsleeps_cachep);
}
module_exit(putsleeps_exit);
