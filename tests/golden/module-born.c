// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include "judge.h"	/* look_at(), wait_in_a_corner(), insert_fails(): the driver's */

/*
 * 6.12, own mount, alloc-time-blob in i_private_data, free-all
 *
 * Left to whoever uses it: kmem_cache_create() first, and at the end
 * kern_unmount(), rcu_barrier(), kmem_cache_destroy(), in this order.
 */

/*
 * alloc-time-blob: an object that alloc_inode allocates.
 */
struct your_alloc_time_blob {
	unsigned long data[8];
};
static struct kmem_cache *your_alloc_time_blob_cache;

static struct your_alloc_time_blob *your_alloc_time_blob_alloc(void)
{
	return kmem_cache_zalloc(your_alloc_time_blob_cache, GFP_KERNEL);
}

static void your_alloc_time_blob_free(struct your_alloc_time_blob *blob)
{
	kmem_cache_free(your_alloc_time_blob_cache, blob);
}

static struct your_alloc_time_blob *your_alloc_time_blob_of(struct inode *inode)
{
	return inode->i_data.i_private_data;
}

static struct inode *your_alloc_inode(struct super_block *sb)
{
	/* inode_cachep is static in fs/inode.c: the driver looks it up. */
	struct inode *inode = alloc_inode_sb(sb, inode_cachep, GFP_KERNEL);
	struct your_alloc_time_blob *blob;

	if (!inode)
		return NULL;
	blob = your_alloc_time_blob_alloc();
	if (!blob) {
		free_inode_nonrcu(inode);
		return NULL;
	}
	/* inode_init_always comes after this hook, and sets it to NULL. */
	inode->i_data.i_private_data = blob;
	return inode;
}

static void your_free_inode(struct inode *inode)
{
	struct your_alloc_time_blob *blob = your_alloc_time_blob_of(inode);

	if (blob)
		your_alloc_time_blob_free(blob);
	free_inode_nonrcu(inode);	/* kmem_cache_free(inode_cachep, inode) */
}

static const struct super_operations your_super_operations = {
	.statfs = simple_statfs,
	.alloc_inode = your_alloc_inode,
	.free_inode = your_free_inode,
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
	{ "alloc-time-blob", &your_alloc_time_blob_cache, sizeof(struct your_alloc_time_blob), NULL },
	{ }
};
static const struct judged_metadata your_metadata[] = {
	{ .name = "alloc-time-blob", .read = 0, .of = (void *)your_alloc_time_blob_of },
	{ }
};
const struct design your_design = {
	.name = "your",
	.mount = your_mount,
	.fops = &your_file_operations,
	.caches = your_caches,
	.metadata = your_metadata,
};
