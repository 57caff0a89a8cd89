/* iget_locked's creator fails before it has set what evict_inode frees */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct igetfail_ext {
	u32 start, count;
};

struct igetfail_inode {
	struct igetfail_ext *extents;
	unsigned int nr;
	struct inode vfs_inode;
};

static struct kmem_cache *igetfail_cachep;

static inline struct igetfail_inode *IGETFAIL_I(struct inode *inode)
{
	return container_of(inode, struct igetfail_inode, vfs_inode);
}

static struct inode *igetfail_alloc_inode(struct super_block *sb)
{
	struct igetfail_inode *ii = alloc_inode_sb(sb, igetfail_cachep, GFP_KERNEL);

	if (!ii)
		return NULL;
	ii->nr = 0;
	ii->extents = NULL;
	return &ii->vfs_inode;
}

struct inode *igetfail_iget(struct super_block *sb, unsigned long ino)
{
	struct igetfail_inode *ii;
	struct buffer_head *bh;
	struct inode *inode;

	inode = iget_locked(sb, ino);
	if (!inode)
		return ERR_PTR(-ENOMEM);
	if (!(inode->i_state & I_NEW))
		return inode;
	bh = sb_bread(sb, ino);
	if (!bh) {
		iget_failed(inode);
		return ERR_PTR(-EIO);
	}
	ii = IGETFAIL_I(inode);
	ii->extents = kmemdup(bh->b_data, 64, GFP_KERNEL);
	brelse(bh);
	unlock_new_inode(inode);
	return inode;
}

static void igetfail_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	kfree(IGETFAIL_I(inode)->extents);
}

static void igetfail_free_inode(struct inode *inode)
{
	kmem_cache_free(igetfail_cachep, IGETFAIL_I(inode));
}

static const struct super_operations igetfail_sops = {
	.alloc_inode = igetfail_alloc_inode,
	.evict_inode = igetfail_evict_inode,
	.free_inode = igetfail_free_inode,
};

static int igetfail_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_magic = 0x18;
	sb->s_op = &igetfail_sops;
	return 0;
}

static int igetfail_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, igetfail_fill_super);
}

static const struct fs_context_operations igetfail_context_ops = {
	.get_tree = igetfail_get_tree,
};

static int igetfail_init_fs_context(struct fs_context *fc)
{
	fc->ops = &igetfail_context_ops;
	return 0;
}

static struct file_system_type igetfail_fs_type = {
	.owner = THIS_MODULE,
	.name = "igetfail",
	.init_fs_context = igetfail_init_fs_context,
	.kill_sb = kill_anon_super,
};

static void __exit igetfail_exit(void)
{
	unregister_filesystem(&igetfail_fs_type);
	rcu_barrier();
	kmem_cache_destroy(igetfail_cachep);
}
module_exit(igetfail_exit);
MODULE_LICENSE("GPL");
