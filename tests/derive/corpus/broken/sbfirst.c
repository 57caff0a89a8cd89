/*
 * free_inode reads the superblock's own data, and put_super frees it without waiting for
 * callbacks. (fs/super.c, put_super before callbacks)
 *
 * Must say: use-after-free.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct sbfirst_inode {
	int flags;
	struct inode vfs_inode;
};

static struct kmem_cache *sbfirst_cachep;

static inline struct sbfirst_inode *sbfirst_I(struct inode *inode)
{
	return container_of(inode, struct sbfirst_inode, vfs_inode);
}

static struct inode *sbfirst_alloc_inode(struct super_block *sb)
{
	struct sbfirst_inode *fresh = alloc_inode_sb(sb, sbfirst_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	return &fresh->vfs_inode;
}

static void sbfirst_put_super(struct super_block *sb)
{
	kfree(sb->s_fs_info);
}

static void sbfirst_kill_sb(struct super_block *sb)
{
	kill_anon_super(sb);
}

static void sbfirst_free_inode(struct inode *inode)
{
	struct sbfirst_super *super = inode->i_sb->s_fs_info;

	kmem_cache_free(super->cache, sbfirst_I(inode));
}

static const struct super_operations sbfirst_sops = {
	.alloc_inode = sbfirst_alloc_inode,
	.free_inode = sbfirst_free_inode,
	.put_super = sbfirst_put_super,
};

static int sbfirst_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &sbfirst_sops;
	return 0;
}

static int sbfirst_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, sbfirst_fill_super);
}

static const struct fs_context_operations sbfirst_context = {
	.get_tree = sbfirst_get_tree,
};

static int sbfirst_init_context(struct fs_context *fc)
{
	fc->ops = &sbfirst_context;
	return 0;
}

static struct file_system_type sbfirst_type = {
	.owner = THIS_MODULE,
	.name = "sbfirst",
	.init_fs_context = sbfirst_init_context,
	.kill_sb = sbfirst_kill_sb,
};

static void __exit sbfirst_exit(void)
{
	unregister_filesystem(&sbfirst_type);
	rcu_barrier();
	kmem_cache_destroy(sbfirst_cachep);
}
module_exit(sbfirst_exit);
