/*
 * Metadata of the inode's own mapping is looked up through i_mapping, which a special file
 * points elsewhere. (f27a5136f70a)
 *
 * Must say: leak.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

static void throughmap_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	kfree(inode->i_mapping->i_private_data);
	clear_inode(inode);
}

static const struct super_operations throughmap_sops = {
	.evict_inode = throughmap_evict_inode,
};

static int throughmap_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &throughmap_sops;
	return 0;
}

static int throughmap_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, throughmap_fill_super);
}

static const struct fs_context_operations throughmap_context = {
	.get_tree = throughmap_get_tree,
};

static int throughmap_init_context(struct fs_context *fc)
{
	fc->ops = &throughmap_context;
	return 0;
}

static struct file_system_type throughmap_type = {
	.owner = THIS_MODULE,
	.name = "throughmap",
	.init_fs_context = throughmap_init_context,
	.kill_sb = kill_anon_super,
};
