// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include "judge.h"	/* look_at(), wait_in_a_corner(), insert_fails(): the driver's */

/*
 * 6.12, own mount, attributes-tree in i_private, evict-before-truncate
 *
 * Left to whoever uses it: kmem_cache_create() first, and at the end
 * kern_unmount(), rcu_barrier(), kmem_cache_destroy(), in this order.
 */

/*
 * attributes-tree: a tree that truncation does not read; its release takes
 * a sleeping lock.
 */
struct your_attributes_tree {
	unsigned long data[8];
};
static struct kmem_cache *your_attributes_tree_cache;
static DEFINE_MUTEX(your_attributes_tree_lock);

static struct your_attributes_tree *your_attributes_tree_alloc(void)
{
	return kmem_cache_zalloc(your_attributes_tree_cache, GFP_KERNEL);
}

static void your_attributes_tree_free(struct your_attributes_tree *tree)
{
	look_at("attributes-tree", tree);
	mutex_lock(&your_attributes_tree_lock);
	/* what it holds goes here */
	mutex_unlock(&your_attributes_tree_lock);
	kmem_cache_free(your_attributes_tree_cache, tree);
}

static struct your_attributes_tree *your_attributes_tree_of(struct inode *inode)
{
	return inode->i_private;
}

static void your_evict_inode(struct inode *inode)
{
	struct your_attributes_tree *tree = your_attributes_tree_of(inode);

	if (tree)
		your_attributes_tree_free(tree);
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
}

static int your_attach(struct inode *inode)
{
	struct your_attributes_tree *tree = your_attributes_tree_alloc();

	if (!tree)
		return -ENOMEM;
	inode->i_private = tree;
	return 0;
}

static const struct super_operations your_super_operations = {
	.statfs = simple_statfs,
	.evict_inode = your_evict_inode,
};

static const struct file_operations your_file_operations = {
};

static int your_init_fs_context(struct fs_context *fc)
{
	struct pseudo_fs_context *ctx = init_pseudo(fc, 0x474d454d);

	if (!ctx)
		return -ENOMEM;
	ctx->ops = &your_super_operations;
	return 0;
}

static struct file_system_type your_filesystem = {
	.name = "your_filesystem",
	.owner = THIS_MODULE,
	.init_fs_context = your_init_fs_context,
	.kill_sb = kill_anon_super,
};

static struct vfsmount *your_mount(void)
{
	return kern_mount(&your_filesystem);
}

static const struct judged_cache your_caches[] = {
	{ "attributes-tree", &your_attributes_tree_cache, sizeof(struct your_attributes_tree), NULL },
	{ }
};
static const struct judged_metadata your_metadata[] = {
	{ .name = "attributes-tree", .read = 0, .of = (void *)your_attributes_tree_of, .lock = &your_attributes_tree_lock },
	{ }
};
const struct design your_design = {
	.name = "your",
	.mount = your_mount,
	.fops = &your_file_operations,
	.caches = your_caches,
	.metadata = your_metadata,
	.attach = your_attach,
};
