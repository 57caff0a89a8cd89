/*
 * destroy_inode gives text and inode back at once, where no grace period has passed. (bpffs
 * of 6.1)
 *
 * Must say: use-after-free.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

static void atonce_destroy_inode(struct inode *inode)
{
	if (S_ISLNK(inode->i_mode))
		kfree(inode->i_link);
	free_inode_nonrcu(inode);
}

static const struct super_operations atonce_sops = {
	.destroy_inode = atonce_destroy_inode,
};

static int atonce_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &atonce_sops;
	return 0;
}

static int atonce_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, atonce_fill_super);
}

static const struct fs_context_operations atonce_context = {
	.get_tree = atonce_get_tree,
};

static int atonce_init_context(struct fs_context *fc)
{
	fc->ops = &atonce_context;
	return 0;
}

static struct file_system_type atonce_type = {
	.owner = THIS_MODULE,
	.name = "atonce",
	.init_fs_context = atonce_init_context,
	.kill_sb = kill_anon_super,
};
