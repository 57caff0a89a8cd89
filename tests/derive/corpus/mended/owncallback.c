/*
 * What a callback of one's own is for: text that goes with the grace period. (1da6c4d9140c)
 *
 * Must say: correct.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

static void owncallback_give_back(struct rcu_head *head)
{
	struct inode *inode = container_of(head, struct inode, i_rcu);

	if (S_ISLNK(inode->i_mode))
		kfree(inode->i_link);
	free_inode_nonrcu(inode);
}

static void owncallback_destroy_inode(struct inode *inode)
{
	call_rcu(&inode->i_rcu, owncallback_give_back);
}

static const struct super_operations owncallback_sops = {
	.destroy_inode = owncallback_destroy_inode,
};

static int owncallback_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &owncallback_sops;
	return 0;
}

static int owncallback_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, owncallback_fill_super);
}

static const struct fs_context_operations owncallback_context = {
	.get_tree = owncallback_get_tree,
};

static int owncallback_init_context(struct fs_context *fc)
{
	fc->ops = &owncallback_context;
	return 0;
}

static struct file_system_type owncallback_type = {
	.owner = THIS_MODULE,
	.name = "owncallback",
	.init_fs_context = owncallback_init_context,
	.kill_sb = kill_anon_super,
};
