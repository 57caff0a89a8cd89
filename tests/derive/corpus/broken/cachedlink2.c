/* as cachedlink, a return of text without text[0] */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct cl2_inode {
	struct inode vfs_inode;
	char *cached;
};
static struct kmem_cache *cachedlink2_cachep;
static inline struct cl2_inode *CL(struct inode *inode)
{
	return container_of(inode, struct cl2_inode, vfs_inode);
}
static struct inode *cl2_alloc_inode(struct super_block *sb)
{
	struct cl2_inode *cl = alloc_inode_sb(sb, cachedlink2_cachep, GFP_KERNEL);

	if (!cl)
		return NULL;
	cl->cached = NULL;
	return &cl->vfs_inode;
}
static void cl2_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	kfree(CL(inode)->cached);
}
static void cl2_free_inode(struct inode *inode)
{
	kmem_cache_free(cachedlink2_cachep, CL(inode));
}
static const char *cl2_get_link(struct dentry *dentry, struct inode *inode, struct delayed_call *done)
{
	const char *text;

	text = READ_ONCE(CL(inode)->cached);
	if (text && text[0] != '\0')
		return text;
	if (!dentry)
		return ERR_PTR(-ECHILD);
	return page_get_link(dentry, inode, done);
}
const struct inode_operations cl2_symlink_iops = { .get_link = cl2_get_link };
static const struct super_operations cachedlink2_sops = {
	.alloc_inode = cl2_alloc_inode,
	.evict_inode = cl2_evict_inode,
	.free_inode = cl2_free_inode,
};

static int cachedlink2_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_magic = 0x18;
	sb->s_op = &cachedlink2_sops;
	return 0;
}

static int cachedlink2_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, cachedlink2_fill_super);
}

static const struct fs_context_operations cachedlink2_context_ops = {
	.get_tree = cachedlink2_get_tree,
};

static int cachedlink2_init_fs_context(struct fs_context *fc)
{
	fc->ops = &cachedlink2_context_ops;
	return 0;
}

static struct file_system_type cachedlink2_fs_type = {
	.owner = THIS_MODULE,
	.name = "cachedlink2",
	.init_fs_context = cachedlink2_init_fs_context,
	.kill_sb = kill_anon_super,
};

static void __exit cachedlink2_exit(void)
{
	unregister_filesystem(&cachedlink2_fs_type);
	rcu_barrier();
	kmem_cache_destroy(cachedlink2_cachep);
}
module_exit(cachedlink2_exit);
MODULE_LICENSE("GPL");
