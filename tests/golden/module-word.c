// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include "judge.h"	/* look_at(), wait_in_a_corner(), insert_fails(): the driver's */

/*
 * 6.12, own mount, flags in i_private-flags, drop-returns-0
 *
 * Left to whoever uses it: at the end kern_unmount(), rcu_barrier(), in
 * this order.
 */

static unsigned long your_flags_of(struct inode *inode)
{
	return (unsigned long)inode->i_private;
}

static int your_drop_inode(struct inode *inode)
{
	inode->i_private = (void *)0;
	return 0;
}

static int your_attach(struct inode *inode)
{
	inode->i_private = (void *)FLAG_SET;
	return 0;
}

static const struct super_operations your_super_operations = {
	.statfs = simple_statfs,
	.drop_inode = your_drop_inode,
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
	{ }
};
static const struct judged_metadata your_metadata[] = {
	{ .name = "flags", .read = BY_TRUNCATION, .is_word = true, .of = (void *)your_flags_of },
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
