/*
 * Without free_inode the VFS gives the struct back to a cache that it is not of.
 * (Documentation/filesystems/porting.rst)
 *
 * Must say: correct.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct othercache_inode {
	int flags;
	struct inode vfs_inode;
};

static struct kmem_cache *othercache_cachep;

static inline struct othercache_inode *othercache_I(struct inode *inode)
{
	return container_of(inode, struct othercache_inode, vfs_inode);
}

static struct inode *othercache_alloc_inode(struct super_block *sb)
{
	struct othercache_inode *fresh = alloc_inode_sb(sb, othercache_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	return &fresh->vfs_inode;
}

static void othercache_free_inode(struct inode *inode)
{
	kmem_cache_free(othercache_cachep, othercache_I(inode));
}

static const struct super_operations othercache_sops = {
	.alloc_inode = othercache_alloc_inode,
	.free_inode = othercache_free_inode,
};

static int othercache_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &othercache_sops;
	return 0;
}

static int othercache_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, othercache_fill_super);
}

static const struct fs_context_operations othercache_context = {
	.get_tree = othercache_get_tree,
};

static int othercache_init_context(struct fs_context *fc)
{
	fc->ops = &othercache_context;
	return 0;
}

static struct file_system_type othercache_type = {
	.owner = THIS_MODULE,
	.name = "othercache",
	.init_fs_context = othercache_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit othercache_exit(void)
{
	unregister_filesystem(&othercache_type);
	rcu_barrier();
	kmem_cache_destroy(othercache_cachep);
}
module_exit(othercache_exit);
