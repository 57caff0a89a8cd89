/* as destrcb without drop_inode */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct d2_info {
	char *target;
	struct inode vfs_inode;
};
static struct kmem_cache *destrcb2_cachep;
static inline struct d2_info *d2_i(struct inode *inode)
{
	return container_of(inode, struct d2_info, vfs_inode);
}
static struct inode *d2_alloc_inode(struct super_block *sb)
{
	struct d2_info *di = alloc_inode_sb(sb, destrcb2_cachep, GFP_KERNEL);
	if (!di)
		return NULL;
	di->target = NULL;
	return &di->vfs_inode;
}
static void d2_free_cb(struct rcu_head *head)
{
	struct inode *inode = container_of(head, struct inode, i_rcu);
	struct d2_info *di = d2_i(inode);

	kfree(di->target);
	kmem_cache_free(destrcb2_cachep, di);
}
static void d2_destroy_inode(struct inode *inode)
{
	call_rcu(&inode->i_rcu, d2_free_cb);
}
static const char *d2_get_link(struct dentry *dentry, struct inode *inode, struct delayed_call *done)
{
	char *target = d2_i(inode)->target;

	return target ? target : ERR_PTR(-EIO);
}
const struct inode_operations d2_symlink_iops = { .get_link = d2_get_link };
static const struct super_operations destrcb2_sops = {
	.alloc_inode = d2_alloc_inode,
	.destroy_inode = d2_destroy_inode,
};

static int destrcb2_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_magic = 0x18;
	sb->s_op = &destrcb2_sops;
	return 0;
}

static int destrcb2_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, destrcb2_fill_super);
}

static const struct fs_context_operations destrcb2_context_ops = {
	.get_tree = destrcb2_get_tree,
};

static int destrcb2_init_fs_context(struct fs_context *fc)
{
	fc->ops = &destrcb2_context_ops;
	return 0;
}

static struct file_system_type destrcb2_fs_type = {
	.owner = THIS_MODULE,
	.name = "destrcb2",
	.init_fs_context = destrcb2_init_fs_context,
	.kill_sb = kill_anon_super,
};

static void __exit destrcb2_exit(void)
{
	unregister_filesystem(&destrcb2_fs_type);
	rcu_barrier();
	kmem_cache_destroy(destrcb2_cachep);
}
module_exit(destrcb2_exit);
MODULE_LICENSE("GPL");
