// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include "judge.h"	/* look_at(), wait_in_a_corner(), insert_fails(): the driver's */

/*
 * rfc-v1-hugetlb
 *
 * Left to whoever uses it: kmem_cache_create() first, and at the end
 * kern_unmount(), rcu_barrier(), kmem_cache_destroy(), in this order.
 * This is the Design: the kernel's own file may lay out the same otherwise.
 */

/*
 * faultability-xarray: an xarray that truncation reads; its release takes
 * a plain lock.
 */
struct your_faultability_xarray {
	spinlock_t lock;	/* also taken in process context, with softirqs on */
	unsigned long data[8];
};
static struct kmem_cache *your_faultability_xarray_cache;

/*
 * hugetlb-subpool: a handle on scarce pages that truncation reads; its
 * release may sleep.
 */
struct your_hugetlb_subpool {
	unsigned long data[8];
};
static struct kmem_cache *your_hugetlb_subpool_cache;
static atomic_t your_hugetlb_subpool_left = ATOMIC_INIT(1);

struct your_i_private_data {
	struct your_faultability_xarray *faultability_xarray;
	struct your_hugetlb_subpool *hugetlb_subpool;
};
static struct kmem_cache *your_i_private_data_cache;

static struct your_i_private_data *your_i_private_data_of(struct inode *inode)
{
	return inode->i_data.i_private_data;
}

static struct your_faultability_xarray *your_faultability_xarray_alloc(void)
{
	struct your_faultability_xarray *xarray;

	xarray = kmem_cache_zalloc(your_faultability_xarray_cache, GFP_KERNEL);
	if (xarray)
		spin_lock_init(&xarray->lock);
	return xarray;
}

static void your_faultability_xarray_free(struct your_faultability_xarray *xarray)
{
	look_at("faultability-xarray", xarray);
	spin_lock(&xarray->lock);
	/* what it holds goes here */
	spin_unlock(&xarray->lock);
	kmem_cache_free(your_faultability_xarray_cache, xarray);
}

static struct your_faultability_xarray *your_faultability_xarray_of(struct inode *inode)
{
	struct your_i_private_data *both = your_i_private_data_of(inode);

	return both ? both->faultability_xarray : NULL;
}

static unsigned long your_flags_of(struct inode *inode)
{
	return (unsigned long)inode->i_private;
}

static struct your_hugetlb_subpool *your_hugetlb_subpool_alloc(void)
{
	struct your_hugetlb_subpool *subpool;

	if (atomic_dec_if_positive(&your_hugetlb_subpool_left) < 0)
		return NULL;
	subpool = kmem_cache_zalloc(your_hugetlb_subpool_cache, GFP_KERNEL);
	if (!subpool)
		atomic_inc(&your_hugetlb_subpool_left);
	return subpool;
}

static void your_hugetlb_subpool_free(struct your_hugetlb_subpool *subpool)
{
	look_at("hugetlb-subpool", subpool);
	wait_in_a_corner();
	kmem_cache_free(your_hugetlb_subpool_cache, subpool);
	atomic_inc(&your_hugetlb_subpool_left);
}

static struct your_hugetlb_subpool *your_hugetlb_subpool_of(struct inode *inode)
{
	struct your_i_private_data *both = your_i_private_data_of(inode);

	return both ? both->hugetlb_subpool : NULL;
}

static void your_evict_inode(struct inode *inode)
{
	struct your_faultability_xarray *xarray;
	struct your_hugetlb_subpool *subpool;

	truncate_inode_pages_final(&inode->i_data);
	xarray = your_faultability_xarray_of(inode);
	if (xarray)
		your_faultability_xarray_free(xarray);
	subpool = your_hugetlb_subpool_of(inode);
	if (subpool)
		your_hugetlb_subpool_free(subpool);
	if (your_i_private_data_of(inode))
		kmem_cache_free(your_i_private_data_cache, your_i_private_data_of(inode));
	clear_inode(inode);
}

static int your_release(struct inode *inode, struct file *file)
{
	/* nothing here gives back what the inode owns */
	return 0;
}

static int your_attach(struct inode *inode)
{
	struct your_faultability_xarray *xarray;
	struct your_hugetlb_subpool *subpool;

	/* What is attached when a later step fails, the caller's iput() frees. */
	inode->i_data.i_private_data = kmem_cache_zalloc(your_i_private_data_cache, GFP_KERNEL);
	if (!inode->i_data.i_private_data)
		return -ENOMEM;
	xarray = your_faultability_xarray_alloc();
	if (!xarray)
		return -ENOMEM;
	your_i_private_data_of(inode)->faultability_xarray = xarray;
	inode->i_private = (void *)FLAG_SET;
	subpool = your_hugetlb_subpool_alloc();
	if (!subpool)
		return -ENOMEM;
	your_i_private_data_of(inode)->hugetlb_subpool = subpool;
	return 0;
}

static const struct super_operations your_super_operations = {
	.statfs = simple_statfs,
	.evict_inode = your_evict_inode,
};

static const struct file_operations your_file_operations = {
	.release = your_release,
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
	{ "faultability-xarray", &your_faultability_xarray_cache, sizeof(struct your_faultability_xarray), NULL },
	{ "hugetlb-subpool", &your_hugetlb_subpool_cache, sizeof(struct your_hugetlb_subpool), NULL },
	{ "i_private_data", &your_i_private_data_cache, sizeof(struct your_i_private_data), NULL },
	{ }
};
static const struct judged_metadata your_metadata[] = {
	{ .name = "faultability-xarray", .read = BY_TRUNCATION, .of = (void *)your_faultability_xarray_of },
	{ .name = "flags", .read = BY_TRUNCATION, .is_word = true, .of = (void *)your_flags_of },
	{ .name = "hugetlb-subpool", .read = BY_TRUNCATION, .of = (void *)your_hugetlb_subpool_of, .left = &your_hugetlb_subpool_left },
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
