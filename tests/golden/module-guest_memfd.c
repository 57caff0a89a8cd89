// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include "judge.h"	/* look_at(), wait_in_a_corner(), insert_fails(): the driver's */

/*
 * guest_memfd-7.3
 *
 * Left to whoever uses it: kmem_cache_create() first, and at the end
 * kern_unmount(), rcu_barrier(), kmem_cache_destroy(), in this order.
 * This is the Design: the kernel's own file may lay out the same otherwise.
 */

/*
 * shared_policy: a NUMA policy tree; its release takes a plain lock.
 */
struct your_shared_policy {
	spinlock_t lock;	/* also taken in process context, with softirqs on */
	unsigned long data[8];
};
static struct kmem_cache *your_shared_policy_cache;

struct your_inode {
	struct inode vfs_inode;
	unsigned long flags;
	struct your_shared_policy *shared_policy;
};
static struct kmem_cache *your_inode_cache;

static struct your_inode *your_inode_of(struct inode *inode)
{
	return container_of(inode, struct your_inode, vfs_inode);
}

static void your_inode_once(void *object)
{
	struct your_inode *box = object;

	inode_init_once(&box->vfs_inode);
}

static unsigned long your_flags_of(struct inode *inode)
{
	return your_inode_of(inode)->flags;
}

static struct your_shared_policy *your_shared_policy_alloc(void)
{
	struct your_shared_policy *policy;

	policy = kmem_cache_zalloc(your_shared_policy_cache, GFP_KERNEL);
	if (policy)
		spin_lock_init(&policy->lock);
	return policy;
}

static void your_shared_policy_free(struct your_shared_policy *policy)
{
	look_at("shared_policy", policy);
	spin_lock(&policy->lock);
	/* what it holds goes here */
	spin_unlock(&policy->lock);
	kmem_cache_free(your_shared_policy_cache, policy);
}

static struct your_shared_policy *your_shared_policy_of(struct inode *inode)
{
	return your_inode_of(inode)->shared_policy;
}

static struct inode *your_alloc_inode(struct super_block *sb)
{
	struct your_inode *box = alloc_inode_sb(sb, your_inode_cache, GFP_KERNEL);
	struct inode *inode;

	if (!box)
		return NULL;
	inode = &box->vfs_inode;
	your_inode_of(inode)->shared_policy = NULL;
	your_inode_of(inode)->flags = 0;
	return inode;
}

static void your_destroy_inode(struct inode *inode)
{
	struct your_shared_policy *policy = your_shared_policy_of(inode);

	if (policy)
		your_shared_policy_free(policy);
}

static void your_free_inode(struct inode *inode)
{
	kmem_cache_free(your_inode_cache, your_inode_of(inode));
}

static int your_release(struct inode *inode, struct file *file)
{
	/* nothing here gives back what the inode owns */
	return 0;
}

static int your_attach(struct inode *inode)
{
	struct your_shared_policy *policy;

	/* What is attached when a later step fails, the caller's iput() frees. */
	your_inode_of(inode)->flags = FLAG_SET;
	policy = your_shared_policy_alloc();
	if (!policy)
		return -ENOMEM;
	your_inode_of(inode)->shared_policy = policy;
	return 0;
}

static const struct super_operations your_super_operations = {
	.statfs = simple_statfs,
	.alloc_inode = your_alloc_inode,
	.destroy_inode = your_destroy_inode,
	.free_inode = your_free_inode,
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
	{ "shared_policy", &your_shared_policy_cache, sizeof(struct your_shared_policy), NULL },
	{ "inode", &your_inode_cache, sizeof(struct your_inode), your_inode_once },
	{ }
};
static const struct judged_metadata your_metadata[] = {
	{ .name = "flags", .read = BY_TRUNCATION, .is_word = true, .of = (void *)your_flags_of },
	{ .name = "shared_policy", .read = 0, .of = (void *)your_shared_policy_of },
	{ }
};
const struct design your_design = {
	.name = "your",
	.mount = your_mount,
	.fops = &your_file_operations,
	.caches = your_caches,
	.metadata = your_metadata,
	.attach = your_attach,
	.attached_around = sizeof(struct your_inode),
};
