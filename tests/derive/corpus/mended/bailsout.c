/*
 * get_link may say that it wants a reference before it reads. (get_link in RCU walk)
 *
 * Must say: correct.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct bailsout_inode {
	struct bailsout_text *body;
	struct inode vfs_inode;
};

static struct kmem_cache *bailsout_cachep;

static inline struct bailsout_inode *bailsout_I(struct inode *inode)
{
	return container_of(inode, struct bailsout_inode, vfs_inode);
}

static struct inode *bailsout_alloc_inode(struct super_block *sb)
{
	struct bailsout_inode *fresh = alloc_inode_sb(sb, bailsout_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	fresh->body = NULL;
	return &fresh->vfs_inode;
}

static void bailsout_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	kfree(bailsout_I(inode)->body);
}

static const char *bailsout_get_link(struct dentry *dentry, struct inode *inode, struct delayed_call *done)
{
	if (!dentry)
		return ERR_PTR(-ECHILD);
	return bailsout_I(inode)->body->text;
}

static void bailsout_free_inode(struct inode *inode)
{
	kmem_cache_free(bailsout_cachep, bailsout_I(inode));
}

static const struct super_operations bailsout_sops = {
	.alloc_inode = bailsout_alloc_inode,
	.evict_inode = bailsout_evict_inode,
	.free_inode = bailsout_free_inode,
};

const struct inode_operations bailsout_get_link_iops = {
	.get_link = bailsout_get_link,
};

static int bailsout_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &bailsout_sops;
	return 0;
}

static int bailsout_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, bailsout_fill_super);
}

static const struct fs_context_operations bailsout_context = {
	.get_tree = bailsout_get_tree,
};

static int bailsout_init_context(struct fs_context *fc)
{
	fc->ops = &bailsout_context;
	return 0;
}

static struct file_system_type bailsout_type = {
	.owner = THIS_MODULE,
	.name = "bailsout",
	.init_fs_context = bailsout_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit bailsout_exit(void)
{
	unregister_filesystem(&bailsout_type);
	rcu_barrier();
	kmem_cache_destroy(bailsout_cachep);
}
module_exit(bailsout_exit);
