/*
 * kmem_cache_zalloc sets every member, and alloc_inode_sb none. (alloc_inode without
 * zeroing)
 *
 * Must say: correct.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct zeroednot_inode {
	int count;
	char *body;
	struct inode vfs_inode;
};

static struct kmem_cache *zeroednot_cachep;

static inline struct zeroednot_inode *zeroednot_I(struct inode *inode)
{
	return container_of(inode, struct zeroednot_inode, vfs_inode);
}

static struct inode *zeroednot_alloc_inode(struct super_block *sb)
{
	struct zeroednot_inode *fresh = kmem_cache_zalloc(zeroednot_cachep, GFP_KERNEL);

	return fresh ? &fresh->vfs_inode : NULL;
}

struct inode *zeroednot_make(struct super_block *sb)
{
	struct inode *inode = new_inode(sb);

	if (inode && insert_inode_locked(inode) < 0) {
		iput(inode);
		return NULL;
	}
	zeroednot_I(inode)->body = NULL;
	return inode;
}

static void zeroednot_free_inode(struct inode *inode)
{
	kfree(zeroednot_I(inode)->body);
	kmem_cache_free(zeroednot_cachep, zeroednot_I(inode));
}

static const struct super_operations zeroednot_sops = {
	.alloc_inode = zeroednot_alloc_inode,
	.free_inode = zeroednot_free_inode,
};

static int zeroednot_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &zeroednot_sops;
	return 0;
}

static int zeroednot_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, zeroednot_fill_super);
}

static const struct fs_context_operations zeroednot_context = {
	.get_tree = zeroednot_get_tree,
};

static int zeroednot_init_context(struct fs_context *fc)
{
	fc->ops = &zeroednot_context;
	return 0;
}

static struct file_system_type zeroednot_type = {
	.owner = THIS_MODULE,
	.name = "zeroednot",
	.init_fs_context = zeroednot_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit zeroednot_exit(void)
{
	unregister_filesystem(&zeroednot_type);
	rcu_barrier();
	kmem_cache_destroy(zeroednot_cachep);
}
module_exit(zeroednot_exit);
