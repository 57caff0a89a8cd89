/*
 * The key's end may sleep, and is left to the callback. (fscrypt's key in free_inode)
 *
 * Must say: correct.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct cryptlate_inode {
	int flags;
	struct inode vfs_inode;
};

static struct kmem_cache *cryptlate_cachep;

static inline struct cryptlate_inode *cryptlate_I(struct inode *inode)
{
	return container_of(inode, struct cryptlate_inode, vfs_inode);
}

static struct inode *cryptlate_alloc_inode(struct super_block *sb)
{
	struct cryptlate_inode *fresh = alloc_inode_sb(sb, cryptlate_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	return &fresh->vfs_inode;
}

static void cryptlate_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	fscrypt_put_encryption_info(inode);
}

static void cryptlate_free_inode(struct inode *inode)
{
	kmem_cache_free(cryptlate_cachep, cryptlate_I(inode));
}

static const struct super_operations cryptlate_sops = {
	.alloc_inode = cryptlate_alloc_inode,
	.evict_inode = cryptlate_evict_inode,
	.free_inode = cryptlate_free_inode,
};

static int cryptlate_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &cryptlate_sops;
	return 0;
}

static int cryptlate_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, cryptlate_fill_super);
}

static const struct fs_context_operations cryptlate_context = {
	.get_tree = cryptlate_get_tree,
};

static int cryptlate_init_context(struct fs_context *fc)
{
	fc->ops = &cryptlate_context;
	return 0;
}

static struct file_system_type cryptlate_type = {
	.owner = THIS_MODULE,
	.name = "cryptlate",
	.init_fs_context = cryptlate_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit cryptlate_exit(void)
{
	unregister_filesystem(&cryptlate_type);
	rcu_barrier();
	kmem_cache_destroy(cryptlate_cachep);
}
module_exit(cryptlate_exit);
