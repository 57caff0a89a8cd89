@ The C of a Design, a fragment under each name. Filled in by fragments.py, which says how.

@head
// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include "judge.h"	/* look_at(), wait_in_a_corner(), insert_fails(): the driver's */
#if played
#include "played.h"	/* come_to(), read_object(), struct place: the driver's, too */
#endif

/*
$title
#if anonymous
 * The superblock is that of anon_inodefs: nobody calls the table below.
#endif
 *
$left
#if kernel
 * This is the Design: the kernel's own file may lay out the same otherwise.
#endif
 */

@ --- one kind of metadata: $own is its struct, $v a variable, $place where it is kept ---

@kind
/*
$says
 */
struct $own {
#if plain_lock
	spinlock_t lock;	/* also taken in process context, with softirqs on */
#endif
	unsigned long data[8];
$links
};
static struct kmem_cache *${own}_cache;
#if sleeping_lock
static DEFINE_MUTEX(${own}_lock);
#endif
#if scarce
static atomic_t ${own}_left = ATOMIC_INIT(1);
#endif

@alloc
static struct $own *${own}_alloc(void)
{
#if plain_lock || scarce || counted
	struct $own *$v;

#if scarce
	if (atomic_dec_if_positive(&${own}_left) < 0)
		return NULL;
#endif
	$v = kmem_cache_zalloc(${own}_cache, $gfp);
#if plain_lock
	if ($v)
		spin_lock_init(&$v->lock);
#endif
#if counted
	if ($v)
		kref_init(&$v->count);	/* the pointer's own reference */
#endif
#if scarce
	if (!$v)
		atomic_inc(&${own}_left);
#endif
	return $v;
#else
	return kmem_cache_zalloc(${own}_cache, $gfp);
#endif
}

@ A walk or a lock reads the object; a kfree does not.
@free
static void ${own}_free(struct $own *$v)
{
#if !kfree
	look_at("$name", $v);
#endif
#if carried
	freed_with("$name", &$v->later);
#endif
#if plain_lock
	spin_lock(&$v->lock);
	/* what it holds goes here */
	spin_unlock(&$v->lock);
#endif
#if sleeping_lock
	mutex_lock(&${own}_lock);
	/* what it holds goes here */
	mutex_unlock(&${own}_lock);
#endif
#if may_sleep
	wait_in_a_corner();
#endif
	kmem_cache_free(${own}_cache, $v);
#if scarce
	atomic_inc(&${own}_left);
#endif
}

@ What RCU and a worker call to free an object later.
@freed_later
#if by_rcu
static void ${own}_free_rcu(struct rcu_head *head)
{
	${own}_free(container_of(head, struct $own, rcu));
}
#endif
#if by_worker
static void ${own}_free_work(struct work_struct *work)
{
	${own}_free(container_of(work, struct $own, work));
}
#endif

@ What kref_put calls once the last reference is dropped.
@last_put
#if at_once
static void ${own}_last(struct kref *count)
{
	${own}_free(container_of(count, struct $own, count));
}
#endif
#if later
static void ${own}_last_later(struct kref *count)
{
	struct $own *$v = container_of(count, struct $own, count);

#if plain
	kfree_rcu($v, rcu);
#else
	call_rcu(&$v->rcu, ${own}_free_rcu);
#endif
}
#endif

@of
#if word
static unsigned long ${own}_of(struct inode *inode)
#else
static struct $own *${own}_of(struct inode *inode)
#endif
{
#if no_field
	/* struct $struct of $kernel has no such field. */
#endif
#if shared
	struct $both *both = ${both}_of(inode);

	return both ? both->$x : NULL;
#elif xarray
	return $loaded;
#else
	return $cast$place;
#endif
}

@ --- structs around several kinds ---

@ Two kinds in one field: the field leads to a struct, and that to both.
@shared
struct $both {
$members
};
static struct kmem_cache *${both}_cache;

static struct $both *${both}_of(struct inode *inode)
{
	return $field;
}

@member
#if word
	unsigned long $x;
#else
	struct $own *$x;
#endif

@unset
#if word
	box->$x = 0;
#else
	box->$x = NULL;
#endif

@ What alloc_inode does not set is set once a slab object: the next inode finds it as it was.
@container
struct ${start}_inode {
	struct inode vfs_inode;
$members
};
static struct kmem_cache *${start}_inode_cache;

static struct ${start}_inode *${start}_inode_of(struct inode *inode)
{
	return container_of(inode, struct ${start}_inode, vfs_inode);
}

static void ${start}_inode_once(void *object)
{
	struct ${start}_inode *box = object;

	inode_init_once(&box->vfs_inode);
$unset
}

@xarray
static DEFINE_XARRAY(${start}_xarray);	/* one for all inodes, one plain lock */

@ --- hooks ---

@alloc_inode
static struct inode *${start}_alloc_inode(struct super_block *sb)
{
#if container
	struct ${start}_inode *box = alloc_inode_sb(sb, ${start}_inode_cache, GFP_KERNEL);
$declared
	struct inode *inode;

	if (!box)
		return NULL;
	inode = &box->vfs_inode;
#else
	/* inode_cachep is static in fs/inode.c: the driver looks it up. */
	struct inode *inode = alloc_inode_sb(sb, inode_cachep, GFP_KERNEL);
$declared

	if (!inode)
		return NULL;
#endif
$steps
	return inode;
}

@attach_at_birth
#if file
	/* There is no file yet that could hold it. */
#if object
	${own}_alloc();
#endif
#else
#if object
	$v = ${own}_alloc();
	if (!$v) {
		$give_back
		return NULL;
	}
#endif
#if xarray
	if (insert_fails("$name",
			 xa_insert($place, $entry, GFP_KERNEL))) {
#if object
		${own}_free($v);
#endif
		$give_back
		return NULL;
	}
#else
#if inode
	/* inode_init_always comes after this hook, and sets it to NULL. */
#endif
	$set
#endif
#endif

@hook
static $head
{
$declared
$steps
#if release
#if empty
	/* nothing here gives back what the inode owns */
#endif
	return 0;
#endif
}

@ The pointer is read where it is freed: what comes before in the hook may matter.
@freed
#if first
	struct $own *$v = $found;
#else
	struct $own *$v;
#endif

@free_in_hook
#if out_of_reach
	/* No way leads from an inode to file->private_data: $name stays. */
#elif word
	$clear
#else
#if !first
	$v = $found;
#endif
#if untested
	${own}_free($v);
#if emptied
	$clear
#endif
#elif emptied
	if ($v) {
		${own}_free($v);
		$clear
	}
#else
	if ($v)
		${own}_free($v);
#endif
#if last
	if (${both}_of(inode))
		kmem_cache_free(${both}_cache, ${both}_of(inode));
#endif
#endif

@callback
static void ${start}_callback(struct rcu_head *head)
{
	struct inode *inode = container_of(head, struct inode, i_rcu);

	$free_struct
}

@ --- bodies of a Design's own words: each finds what it needs at a `struct place` (played.h) ---

@body
static int $function(struct place *at)
{
	struct inode *inode __maybe_unused = at->inode;
	struct file *file __maybe_unused = at->file;
	struct dentry *dentry __maybe_unused = at->dentry;
	struct super_block *sb __maybe_unused = at->sb;
$got

$before
$steps
	goto out;
out:
$after
	return 0;
}

@hook_of_place
static $head
{
#if gives
	return ${function}(&(struct place)$place);
#else
	${function}(&(struct place)$place);
#endif
}

@unwind_of_place
static void ${start}_unwind(struct inode *inode)
{
	has_failed = true;
#if unwinds
$steps
#endif
	${function}(&(struct place){ inode, NULL, NULL, inode->i_sb });
}

@ Whatever queues a callback stands above it; there are two, one for the mount's root inode.
@queued
#if rcu
static void ${function}_rcu(struct rcu_head *head);
#if !carried
static struct later ${function}_later[2];
#endif
#elif timer
static void ${function}_timer(struct timer_list *timer);
static struct later ${function}_later[2] = {
	{ .timer = __TIMER_INITIALIZER(${function}_timer, 0) },
	{ .timer = __TIMER_INITIALIZER(${function}_timer, 0) },
};
#else
static void ${function}_work(struct work_struct *work);
static struct later ${function}_later[2] = {
	{ .work = __WORK_INITIALIZER(${function}_later[0].work, ${function}_work) },
	{ .work = __WORK_INITIALIZER(${function}_later[1].work, ${function}_work) },
};
#endif

@later
#if rcu
static void ${function}_rcu(struct rcu_head *head)
{
	struct place at = container_of(head, struct later, rcu)->at;

#if carried
	container_of(head, struct later, rcu)->is_queued = false;
#endif
	$function(&at);
}
#elif timer
static void ${function}_timer(struct timer_list *timer)
{
	struct place at = container_of(timer, struct later, timer)->at;

	$function(&at);
}
#else
static void ${function}_work(struct work_struct *work)
{
	struct place at = container_of(work, struct later, work)->at;

	$function(&at);
}
#endif

@timers
static struct later *const ${start}_timers[] = {
$rows
	NULL
};

@ A body ends here, and drops the locks that it holds.
@ended
#if locked
	if ($asked) {
$unlocks
		goto out;
	}
#else
	if ($asked)
		goto out;
#endif

@lock
#if mutex
static DEFINE_MUTEX($lock);
#else
static DEFINE_SPINLOCK($lock);
#endif
#if irqsave
static unsigned long ${lock}_flags;	/* one holder at a time */
#endif

@freed_there
#if word
	$clear
#else
	{
		struct $own *$v = $found;

$loaded_stop
#if untested
		${own}_free($v);
#if emptied
		$clear
#endif
#elif emptied
		if ($v) {
			${own}_free($v);
			$clear
		}
#else
		if ($v)
			${own}_free($v);
#endif
	}
#endif

@freed_by_rcu
	{
		struct $own *$v = $found;

$loaded_stop
#if plain
		if ($v)
			kfree_rcu($v, rcu);
#else
		if ($v)
			call_rcu(&$v->rcu, ${own}_free_rcu);
#endif
	}

@ The rcu_head lies in the object, so there is a callback where there is an object.
@handed_to_rcu
	{
		struct $own *$v = $found;

		if ($v)
			${call}&carried_by($v, &$v->later, at)->rcu, ${function}_rcu);
	}

@freed_by_worker
	{
		struct $own *$v = $found;

$loaded_stop
		if ($v) {
			INIT_WORK(&$v->work, ${own}_free_work);
			queue_work(later_queue(), &$v->work);
		}
	}

@ What comes with the inode, or with a question, is attached once; who loses frees its own again.
@attached_there
#if word
#if xarray
	xa_store($place, $entry, GFP_ATOMIC);
#else
	$set
#endif
#else
	{
		struct $own *$v = ${own}_alloc();

#if xarray
		if ($v && xa_insert($place, $entry, GFP_ATOMIC))
			${own}_free($v);
#elif unless_set
		if ($v && cmpxchg(&$place, NULL, (void *)$v))
			${own}_free($v);
#else
		if ($v)
			$set
#endif
	}
#endif

@got
	{
		struct $own *$v = $found;

$loaded_stop
$ends
#if !unless_zero
		kref_get(&$v->count);
#endif
		got_$x = $v;
	}

@put_reference
	{
		struct $own *$v = $found;

#if emptied
		if ($v && !look_at("$name", $v) && kref_put(&$v->count, ${own}_$last)$unowned)
			$clear
#else
		if ($v && !look_at("$name", $v))
			kref_put(&$v->count, ${own}_$last);
#endif
$forgets
	}

@cleared
	$clear

@read_there
#if word
	read_word("$name", $whose, (unsigned long)$found);
#else
	{
		struct $own *$v = $found;

$loaded_stop
#if untested
		read_object("$name", $v);
#else
		if ($v)
			read_object("$name", $v);
#endif
	}
#endif

@put_on
	{
		struct $own *$v = $found;

$loaded_stop
		if ($v)
			list_add_tail(&$v->on_$on, &$list);
	}

@taken_off
	{
		struct $own *$v = $found;

		if ($v && $v->on_$on.next)
			list_del_init(&$v->on_$on);
	}

@walked
	{
		struct $own *$v;

		list_for_each_entry($v, &$list, on_$on)
			read_object("$name", $v);
	}

@actors
static bool ${start}_is_over[$count];
static int ${start}_inside[$count];
static const struct own_actor ${start}_actors[$count];
$bodies
static const struct own_actor ${start}_actors[$count] = {
$rows
};

@besides
#include "played.h"

static const struct beside ${start}_besides[] = {
$rows
};

bool ${start}_play(struct run *run, int number);
bool ${start}_play(struct run *run, int number)
{
	if (run->design != &${start}_design)
		return false;
$resets
	play_beside(run, &${start}_besides[number]);
	return true;
}

@play
static void play_$number(struct run *run)
{
$steps
}

@plays
$externs
$functions
const struct scenario scenarios[] = {
$rows
	{ }
};

@ --- what the creator calls ---

@attach_to_sb
static void ${start}_attach_to_sb(struct super_block *sb)
{
$steps
}

@attach_one_to_sb
#if object
	sb->s_fs_info = ${own}_alloc();
#else
	$set
#endif

@attach
#if file
static int ${start}_attach_to_file(struct file *file)
#else
static int ${start}_attach(struct inode *inode)
#endif
{
$declared
#if several
	/* What is attached when a later step fails, the caller's iput() frees. */
#endif
$steps
	return 0;
}

@declared
#if several
	struct $own *$v;
#else
	struct $own *$v = ${own}_alloc();
#endif

@attach_shared
	$field = kmem_cache_zalloc(${both}_cache, GFP_KERNEL);
	if (!$field)
		return -ENOMEM;

@attach_one
#if object
#if several
	$v = ${own}_alloc();
#endif
	if (!$v)
		return -ENOMEM;
#endif
#if xarray
	error = xa_insert($place, $entry, GFP_KERNEL);
	if (insert_fails("$name", error)) {
#if object
		${own}_free($v);
#endif
		return error;
	}
#else
	$set
#endif

@unwind
static void ${start}_unwind(struct inode *inode)
{
$steps
}

@unwind_one
#if object
	if (${own}_of(inode))
		${own}_free(${own}_of(inode));
#endif
	$clear

@ --- the kernel's tables ---

@operations
static const struct super_operations $unused${start}_super_operations = {
	.statfs = simple_statfs,
$hooks
};

#if dentries
static const struct dentry_operations ${start}_dentry_operations = {
	.d_release = ${start}_d_release,
};

#endif
static const struct file_operations ${start}_file_operations = {
#if release
	.release = ${start}_release,
#endif
};
#if own_table

#if set_up
static int ${start}_init_fs_context(struct fs_context *fc)
{
	struct pseudo_fs_context *ctx = init_pseudo(fc, 0x474d454d);

	if (!ctx)
		return -ENOMEM;
	ctx->ops = &${start}_super_operations;
#if dentries
	ctx->dops = &${start}_dentry_operations;
#endif
	return 0;
}

static struct file_system_type ${start}_filesystem = {
	.name = "${start}_filesystem",
	.owner = THIS_MODULE,
	.init_fs_context = ${start}_init_fs_context,
	.kill_sb = $kill_sb,
};

static struct vfsmount *${start}_mount(void)
{
#if of_superblock
	struct vfsmount *mnt = kern_mount(&${start}_filesystem);

	/* What a mount's own code would attach before anybody sees the superblock. */
	if (!IS_ERR(mnt))
		${start}_attach_to_sb(mnt->mnt_sb);
	return mnt;
#else
	return kern_mount(&${start}_filesystem);
#endif
}
#else
static struct super_block ${start}_superblock = {
	.s_op = &${start}_super_operations,	/* and nothing else is set */
};
#endif
#endif

@ --- the driver's table (gmemviz/record/module/judge.h), which is no part of the Design ---

@driver
static const struct judged_cache ${start}_caches[] = {
$caches
	{ }
};
static const struct judged_metadata ${start}_metadata[] = {
$kinds
	{ }
};
const struct design ${start}_design = {
	.name = "$start",
#if own_table
#if set_up
	.mount = ${start}_mount,
#else
	.sb = &${start}_superblock,
#endif
#endif
	.fops = &${start}_file_operations,
	.caches = ${start}_caches,
	.metadata = ${start}_metadata,
#if attach
	.attach = ${start}_attach,
#endif
#if attach_to_file
	.attach_to_file = ${start}_attach_to_file,
#endif
#if unwinds || gives_up
	.unwind = ${start}_unwind,
#endif
#if xarray
	.xarray = &${start}_xarray,
#endif
#if never_filled
	.is_never_filled = true,
#endif
#if attached_around
	.attached_around = sizeof(struct ${start}_inode),
#endif
#if released_around
	.released_around = sizeof(struct ${start}_inode),
#endif
};

@cache
#if has_once
	{ "$name", &${own}_cache, sizeof(struct $own), ${own}_once },
#else
	{ "$name", &${own}_cache, sizeof(struct $own), NULL },
#endif

@ --- many Designs in one module ---

@table
// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "judge.h"
$externs
const struct design *const designs[] = {
$designs
	NULL
};
