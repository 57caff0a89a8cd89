/*
 * A helper of free_inode gives the struct back, and free_inode does. (a struct given back
 * twice)
 *
 * Must say: correct.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct freetwice_inode {
	int flags;
	struct inode vfs_inode;
};

static struct kmem_cache *freetwice_cachep;

static inline struct freetwice_inode *freetwice_I(struct inode *inode)
{
	return container_of(inode, struct freetwice_inode, vfs_inode);
}

static struct inode *freetwice_alloc_inode(struct super_block *sb)
{
	struct freetwice_inode *fresh = alloc_inode_sb(sb, freetwice_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	return &fresh->vfs_inode;
}

static void freetwice_end(struct inode *inode)
{
	freetwice_I(inode)->flags = 0;
}

static void freetwice_free_inode(struct inode *inode)
{
	freetwice_end(inode);
	kmem_cache_free(freetwice_cachep, freetwice_I(inode));
}

static const struct super_operations freetwice_sops = {
	.alloc_inode = freetwice_alloc_inode,
	.free_inode = freetwice_free_inode,
};

static int freetwice_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &freetwice_sops;
	return 0;
}

static int freetwice_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, freetwice_fill_super);
}

static const struct fs_context_operations freetwice_context = {
	.get_tree = freetwice_get_tree,
};

static int freetwice_init_context(struct fs_context *fc)
{
	fc->ops = &freetwice_context;
	return 0;
}

static struct file_system_type freetwice_type = {
	.owner = THIS_MODULE,
	.name = "freetwice",
	.init_fs_context = freetwice_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit freetwice_exit(void)
{
	unregister_filesystem(&freetwice_type);
	rcu_barrier();
	kmem_cache_destroy(freetwice_cachep);
}
module_exit(freetwice_exit);
