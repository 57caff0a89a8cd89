/*
 * A symlink's text is freed as the inode is evicted, and path walk may read it under RCU.
 * (93b919da64c1)
 *
 * Must say: correct.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

static void linkgone_free_inode(struct inode *inode)
{
	if (S_ISLNK(inode->i_mode))
		kfree(inode->i_link);
	free_inode_nonrcu(inode);
}

static const struct super_operations linkgone_sops = {
	.free_inode = linkgone_free_inode,
};

static int linkgone_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &linkgone_sops;
	return 0;
}

static int linkgone_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, linkgone_fill_super);
}

static const struct fs_context_operations linkgone_context = {
	.get_tree = linkgone_get_tree,
};

static int linkgone_init_context(struct fs_context *fc)
{
	fc->ops = &linkgone_context;
	return 0;
}

static struct file_system_type linkgone_type = {
	.owner = THIS_MODULE,
	.name = "linkgone",
	.init_fs_context = linkgone_init_context,
	.kill_sb = kill_anon_super,
};
