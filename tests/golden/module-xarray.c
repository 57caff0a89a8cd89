// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include "judge.h"	/* look_at(), wait_in_a_corner(), insert_fails(): the driver's */

/*
 * 6.12, own mount, hugetlb-subpool in global-xarray, destroy-own-rcu
 *
 * Left to whoever uses it: kmem_cache_create() first, and at the end
 * kern_unmount(), rcu_barrier(), kmem_cache_destroy(), in this order.
 */

/*
 * hugetlb-subpool: a handle on scarce pages that truncation reads; its
 * release may sleep.
 */
struct your_hugetlb_subpool {
	unsigned long data[8];
};
static struct kmem_cache *your_hugetlb_subpool_cache;
static atomic_t your_hugetlb_subpool_left = ATOMIC_INIT(1);

static DEFINE_XARRAY(your_xarray);	/* one for all inodes, one plain lock */

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
	return xa_load(&your_xarray, (unsigned long)inode);
}

static void your_callback(struct rcu_head *head)
{
	struct inode *inode = container_of(head, struct inode, i_rcu);

	free_inode_nonrcu(inode);	/* kmem_cache_free(inode_cachep, inode) */
}

static void your_destroy_inode(struct inode *inode)
{
	struct your_hugetlb_subpool *subpool = xa_erase(&your_xarray, (unsigned long)inode);

	if (subpool)
		your_hugetlb_subpool_free(subpool);
	call_rcu(&inode->i_rcu, your_callback);
}

static int your_attach(struct inode *inode)
{
	struct your_hugetlb_subpool *subpool = your_hugetlb_subpool_alloc();
	int error;

	if (!subpool)
		return -ENOMEM;
	error = xa_insert(&your_xarray, (unsigned long)inode, subpool, GFP_KERNEL);
	if (insert_fails("hugetlb-subpool", error)) {
		your_hugetlb_subpool_free(subpool);
		return error;
	}
	return 0;
}

static const struct super_operations your_super_operations = {
	.statfs = simple_statfs,
	.destroy_inode = your_destroy_inode,
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
	{ "hugetlb-subpool", &your_hugetlb_subpool_cache, sizeof(struct your_hugetlb_subpool), NULL },
	{ }
};
static const struct judged_metadata your_metadata[] = {
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
	.xarray = &your_xarray,
};
