/*
 * The buffer is freed as the file is released, and whoever holds the dentry prints its name.
 * (4ab59c3c638c)
 *
 * Must say: correct.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

static int dnamegone_release(struct inode *inode, struct file *file)
{
	return 0;
}

static void dnamegone_d_release(struct dentry *dentry)
{
	kfree(dentry->d_fsdata);
}

static char *dnamegone_d_dname(struct dentry *dentry, char *buffer, int length)
{
	struct dnamegone_buffer *own = dentry->d_fsdata;

	return dynamic_dname(buffer, length, "%s", own->name);
}

static void dnamegone_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
}

static const struct super_operations dnamegone_sops = {
	.evict_inode = dnamegone_evict_inode,
};

const struct file_operations dnamegone_fops = {
	.release = dnamegone_release,
};

const struct dentry_operations dnamegone_dops = {
	.d_dname = dnamegone_d_dname,
};

static int dnamegone_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &dnamegone_sops;
	return 0;
}

static int dnamegone_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, dnamegone_fill_super);
}

static const struct fs_context_operations dnamegone_context = {
	.get_tree = dnamegone_get_tree,
};

static int dnamegone_init_context(struct fs_context *fc)
{
	fc->ops = &dnamegone_context;
	return 0;
}

static struct file_system_type dnamegone_type = {
	.owner = THIS_MODULE,
	.name = "dnamegone",
	.init_fs_context = dnamegone_init_context,
	.kill_sb = kill_anon_super,
};
