/* two hooks free one pointer; the mended one takes it by xchg */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct xchgboth_inode { void *pool; struct inode vfs_inode; };
static struct kmem_cache *xchgboth_cachep;
static inline struct xchgboth_inode *XB(struct inode *inode)
{
	return container_of(inode, struct xchgboth_inode, vfs_inode);
}
static struct inode *xchgboth_alloc_inode(struct super_block *sb)
{
	struct xchgboth_inode *xb = alloc_inode_sb(sb, xchgboth_cachep, GFP_KERNEL);

	if (!xb)
		return NULL;
	xb->pool = NULL;
	return &xb->vfs_inode;
}
static void xchgboth_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	kfree(xchg(&XB(inode)->pool, NULL));
}
static void xchgboth_destroy_inode(struct inode *inode)
{
	kfree(XB(inode)->pool);
}
static void xchgboth_free_inode(struct inode *inode)
{
	kmem_cache_free(xchgboth_cachep, XB(inode));
}
static const struct super_operations xchgboth_sops = {
	.alloc_inode = xchgboth_alloc_inode,
	.evict_inode = xchgboth_evict_inode,
	.destroy_inode = xchgboth_destroy_inode,
	.free_inode = xchgboth_free_inode,
};

static int xchgboth_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_magic = 0x18;
	sb->s_op = &xchgboth_sops;
	return 0;
}

static int xchgboth_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, xchgboth_fill_super);
}

static const struct fs_context_operations xchgboth_context_ops = {
	.get_tree = xchgboth_get_tree,
};

static int xchgboth_init_fs_context(struct fs_context *fc)
{
	fc->ops = &xchgboth_context_ops;
	return 0;
}

static struct file_system_type xchgboth_fs_type = {
	.owner = THIS_MODULE,
	.name = "xchgboth",
	.init_fs_context = xchgboth_init_fs_context,
	.kill_sb = kill_anon_super,
};

static void __exit xchgboth_exit(void)
{
	unregister_filesystem(&xchgboth_fs_type);
	rcu_barrier();
	kmem_cache_destroy(xchgboth_cachep);
}
module_exit(xchgboth_exit);
MODULE_LICENSE("GPL");
