/*
 * i_private leads to what get_link reads, and evict_inode frees it. (i_private in get_link)
 *
 * Must say: correct.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

static void privatebody_free_inode(struct inode *inode)
{
	kfree(inode->i_private);
	free_inode_nonrcu(inode);
}

static const char *privatebody_get_link(struct dentry *dentry, struct inode *inode, struct delayed_call *done)
{
	struct privatebody_node *node = inode->i_private;

	return node->target;
}

static const struct super_operations privatebody_sops = {
	.free_inode = privatebody_free_inode,
};

const struct inode_operations privatebody_get_link_iops = {
	.get_link = privatebody_get_link,
};

static int privatebody_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &privatebody_sops;
	return 0;
}

static int privatebody_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, privatebody_fill_super);
}

static const struct fs_context_operations privatebody_context = {
	.get_tree = privatebody_get_tree,
};

static int privatebody_init_context(struct fs_context *fc)
{
	fc->ops = &privatebody_context;
	return 0;
}

static struct file_system_type privatebody_type = {
	.owner = THIS_MODULE,
	.name = "privatebody",
	.init_fs_context = privatebody_init_context,
	.kill_sb = kill_anon_super,
};
