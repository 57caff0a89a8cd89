/*
 * The last of several references frees at once, and path walk has none. (a count of one's
 * own)
 *
 * Must say: correct.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct refdropped_inode {
	struct refdropped_node *body;
	struct inode vfs_inode;
};

static struct kmem_cache *refdropped_cachep;

static inline struct refdropped_inode *refdropped_I(struct inode *inode)
{
	return container_of(inode, struct refdropped_inode, vfs_inode);
}

static struct inode *refdropped_alloc_inode(struct super_block *sb)
{
	struct refdropped_inode *fresh = alloc_inode_sb(sb, refdropped_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	fresh->body = NULL;
	return &fresh->vfs_inode;
}

static void refdropped_put_node(struct refdropped_node *node)
{
	if (node && refcount_dec_and_test(&node->count))
		kfree_rcu(node, rcu);
}

static void refdropped_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	refdropped_put_node(refdropped_I(inode)->body);
}

static const char *refdropped_get_link(struct dentry *dentry, struct inode *inode, struct delayed_call *done)
{
	return refdropped_I(inode)->body->text;
}

static void refdropped_free_inode(struct inode *inode)
{
	kmem_cache_free(refdropped_cachep, refdropped_I(inode));
}

static const struct super_operations refdropped_sops = {
	.alloc_inode = refdropped_alloc_inode,
	.evict_inode = refdropped_evict_inode,
	.free_inode = refdropped_free_inode,
};

const struct inode_operations refdropped_get_link_iops = {
	.get_link = refdropped_get_link,
};

static int refdropped_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &refdropped_sops;
	return 0;
}

static int refdropped_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, refdropped_fill_super);
}

static const struct fs_context_operations refdropped_context = {
	.get_tree = refdropped_get_tree,
};

static int refdropped_init_context(struct fs_context *fc)
{
	fc->ops = &refdropped_context;
	return 0;
}

static struct file_system_type refdropped_type = {
	.owner = THIS_MODULE,
	.name = "refdropped",
	.init_fs_context = refdropped_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit refdropped_exit(void)
{
	unregister_filesystem(&refdropped_type);
	rcu_barrier();
	kmem_cache_destroy(refdropped_cachep);
}
module_exit(refdropped_exit);
