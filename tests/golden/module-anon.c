// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include "judge.h"	/* look_at(), wait_in_a_corner(), insert_fails(): the driver's */

/*
 * 6.12, anon-inode mount, rcu-blob in i_private, evict-after-truncate
 * The superblock is that of anon_inodefs: nobody calls the table below.
 *
 * Left to whoever uses it: kmem_cache_create() first, and at the end
 * rcu_barrier(), kmem_cache_destroy(), in this order.
 */

/*
 * rcu-blob: an object that a lockless reader reads without a reference.
 */
struct your_rcu_blob {
	unsigned long data[8];
};
static struct kmem_cache *your_rcu_blob_cache;

static struct your_rcu_blob *your_rcu_blob_alloc(void)
{
	return kmem_cache_zalloc(your_rcu_blob_cache, GFP_KERNEL);
}

static void your_rcu_blob_free(struct your_rcu_blob *blob)
{
	kmem_cache_free(your_rcu_blob_cache, blob);
}

static struct your_rcu_blob *your_rcu_blob_of(struct inode *inode)
{
	return inode->i_private;
}

static void your_evict_inode(struct inode *inode)
{
	struct your_rcu_blob *blob;

	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	blob = your_rcu_blob_of(inode);
	if (blob)
		your_rcu_blob_free(blob);
}

static int your_attach(struct inode *inode)
{
	struct your_rcu_blob *blob = your_rcu_blob_alloc();

	if (!blob)
		return -ENOMEM;
	inode->i_private = blob;
	return 0;
}

static const struct super_operations __maybe_unused your_super_operations = {
	.statfs = simple_statfs,
	.evict_inode = your_evict_inode,
};

static const struct file_operations your_file_operations = {
};

static const struct judged_cache your_caches[] = {
	{ "rcu-blob", &your_rcu_blob_cache, sizeof(struct your_rcu_blob), NULL },
	{ }
};
static const struct judged_metadata your_metadata[] = {
	{ .name = "rcu-blob", .read = BY_LOCKLESS_READER, .of = (void *)your_rcu_blob_of },
	{ }
};
const struct design your_design = {
	.name = "your",
	.fops = &your_file_operations,
	.caches = your_caches,
	.metadata = your_metadata,
	.attach = your_attach,
};
