// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include "judge.h"	/* look_at(), wait_in_a_corner(), insert_fails(): the driver's */

/*
 * 6.12, own mount, resv_map in file-private_data, release
 *
 * Left to whoever uses it: kmem_cache_create() first, and at the end
 * kern_unmount(), rcu_barrier(), kmem_cache_destroy(), in this order.
 */

/*
 * resv_map: scarce reservations that truncation reads; its release is a
 * kfree.
 */
struct your_resv_map {
	unsigned long data[8];
};
static struct kmem_cache *your_resv_map_cache;
static atomic_t your_resv_map_left = ATOMIC_INIT(1);

static struct your_resv_map *your_resv_map_alloc(void)
{
	struct your_resv_map *map;

	if (atomic_dec_if_positive(&your_resv_map_left) < 0)
		return NULL;
	map = kmem_cache_zalloc(your_resv_map_cache, GFP_KERNEL);
	if (!map)
		atomic_inc(&your_resv_map_left);
	return map;
}

static void your_resv_map_free(struct your_resv_map *map)
{
	kmem_cache_free(your_resv_map_cache, map);
	atomic_inc(&your_resv_map_left);
}

static int your_release(struct inode *inode, struct file *file)
{
	struct your_resv_map *map = file->private_data;

	if (map)
		your_resv_map_free(map);
	return 0;
}

static int your_attach_to_file(struct file *file)
{
	struct your_resv_map *map = your_resv_map_alloc();

	if (!map)
		return -ENOMEM;
	file->private_data = map;
	return 0;
}

static const struct super_operations your_super_operations = {
	.statfs = simple_statfs,
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
	{ "resv_map", &your_resv_map_cache, sizeof(struct your_resv_map), NULL },
	{ }
};
static const struct judged_metadata your_metadata[] = {
	{ .name = "resv_map", .read = BY_TRUNCATION, .is_of_file = true, .left = &your_resv_map_left },
	{ }
};
const struct design your_design = {
	.name = "your",
	.mount = your_mount,
	.fops = &your_file_operations,
	.caches = your_caches,
	.metadata = your_metadata,
	.attach_to_file = your_attach_to_file,
};
