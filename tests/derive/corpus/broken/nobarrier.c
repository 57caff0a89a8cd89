/*
 * The module's exit destroys the cache while inodes wait for their grace period.
 * (CVE-2022-49220)
 *
 * Must say: objects-remain.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct nobarrier_inode {
	int flags;
	struct inode vfs_inode;
};

static struct kmem_cache *nobarrier_cachep;

static inline struct nobarrier_inode *nobarrier_I(struct inode *inode)
{
	return container_of(inode, struct nobarrier_inode, vfs_inode);
}

static struct inode *nobarrier_alloc_inode(struct super_block *sb)
{
	struct nobarrier_inode *fresh = alloc_inode_sb(sb, nobarrier_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	return &fresh->vfs_inode;
}

static void nobarrier_free_inode(struct inode *inode)
{
	kmem_cache_free(nobarrier_cachep, nobarrier_I(inode));
}

static const struct super_operations nobarrier_sops = {
	.alloc_inode = nobarrier_alloc_inode,
	.free_inode = nobarrier_free_inode,
};

static int nobarrier_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &nobarrier_sops;
	return 0;
}

static int nobarrier_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, nobarrier_fill_super);
}

static const struct fs_context_operations nobarrier_context = {
	.get_tree = nobarrier_get_tree,
};

static int nobarrier_init_context(struct fs_context *fc)
{
	fc->ops = &nobarrier_context;
	return 0;
}

static struct file_system_type nobarrier_type = {
	.owner = THIS_MODULE,
	.name = "nobarrier",
	.init_fs_context = nobarrier_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit nobarrier_exit(void)
{
	unregister_filesystem(&nobarrier_type);
	kmem_cache_destroy(nobarrier_cachep);
}
module_exit(nobarrier_exit);
