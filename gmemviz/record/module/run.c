// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Set a run up, play it, take it down: a write to the parameter `run` for each. */
#include <linux/anon_inodes.h>
#include <linux/delay.h>
#include <linux/kthread.h>

#include "run.h"

bool xarray_is_busy;

static const struct file_operations helper_fops = { };
static struct file *helper;	/* lends the superblock and the mount of anon_inodefs */

/* Every run has caches of its own name, since a leak keeps the old ones in the list. */
static int make_caches(const struct design *design, unsigned int number)
{
	const struct judged_cache *one;

	for (one = design->caches; one->name; one++) {
		char name[64];

		snprintf(name, sizeof(name), "gv-%s.%u-%s", design->name, number, one->name);
		*one->cache = kmem_cache_create(name, one->size, 0, SLAB_NO_MERGE, one->ctor);
		if (!*one->cache) {
			say("no caches");
			return -ENOMEM;
		}
	}
	return 0;
}

static void destroy_caches(const struct design *design)
{
	const struct judged_cache *one;

	for (one = design->caches; one->name; one++)
		kmem_cache_destroy(*one->cache);
}

static void mount(struct run *run)
{
	if (run->design->mount) {
		run->mnt = run->design->mount();
	} else {
		helper = helper ?: anon_inode_getfile("gmemviz", &helper_fops, NULL, O_RDWR);
		run->mnt = IS_ERR(helper) ? ERR_CAST(helper) : helper->f_path.mnt;
	}
	if (IS_ERR(run->mnt))
		say("no mount: %ld", PTR_ERR(run->mnt));
	else
		run->sb = run->design->sb ?: run->mnt->mnt_sb;
}

/* Somebody else who holds the lock that a release takes, most of the time. */
static int hold_locks(void *data)
{
	const struct judged_metadata *one = data;

	while (!kthread_should_stop()) {
		mutex_lock(one->lock);
		msleep(1);
		mutex_unlock(one->lock);
	}
	return 0;
}

/* Somebody else who works on the xarray in process context, with softirqs on. */
static int hold_xarray(void *data)
{
	struct xarray *xarray = data;

	while (!kthread_should_stop()) {
		xa_lock(xarray);
		mdelay(9);	/* more than two ticks */
		xa_unlock(xarray);
		schedule();	/* whoever else can run; never idle, or callbacks would run then */
	}
	return 0;
}

#define HOLDERS 8
static struct task_struct *holders[HOLDERS];

static void start(int number, int (*thread)(void *), const void *data)
{
	struct task_struct *task = kthread_run(thread, (void *)data, "somebody else");

	if (IS_ERR(task))
		say("no thread that holds a lock");
	holders[number] = IS_ERR(task) ? NULL : task;
}

static void start_holders(const struct design *design)
{
	const struct judged_metadata *one;
	int count = 0;

	for (one = design->metadata; one->name; one++) {
		if (one->lock && count < HOLDERS - 1 && !xarray_is_busy)
			start(count++, hold_locks, one);
	}
	if (design->xarray && xarray_is_busy)
		start(count, hold_xarray, design->xarray);
	schedule_timeout_uninterruptible(1);	/* so that they do hold */
}

static void stop_holders(void)
{
	for (int i = 0; i < HOLDERS; i++)
		if (holders[i])
			kthread_stop(holders[i]);
	memset(holders, 0, sizeof(holders));
}

static struct run run;
static const struct scenario *scenario;

static void set_up(const struct design *design, unsigned int number)
{
	run = (struct run){ .design = design };
	forget_warnings();
	refill(design);
	if (make_caches(design, number) || !play_part(&run, mount) || !run.sb)
		run.is_busy = true;
	else
		start_holders(design);
}

static void play(void)
{
	if (run.is_busy)
		return;
	scenario->play(&run);
	settle();
}

static void take_down(void)
{
	if (!run.is_busy && !run.is_unmounted && run.design->mount)
		play_part(&run, unmount);
	settle();
	accept_inodes();
	stop_holders();
	if (run.design->xarray)
		xa_destroy(run.design->xarray);
	if (run.is_busy)
		say("nothing is taken down: somebody died holding it");
	else
		destroy_caches(run.design);
	settle();	/* sysfs has inodes too, and so had the caches */
}

static int choose(const char *text)
{
	char name[64], wanted[64], how[16] = "";
	const struct design *const *design = designs;
	unsigned int number;

	if (sscanf(text, "%u %63s %63s %15s", &number, name, wanted, how) < 3)
		return -EINVAL;
	for (scenario = scenarios; scenario->name && strcmp(scenario->name, wanted);)
		scenario++;
	while (*design && strcmp((*design)->name, name))
		design++;
	if (!*design || !scenario->name)
		return -ENOENT;
	corner_sleeps = !strcmp(how, "corner");
	xarray_is_busy = !strcmp(how, "busy");
	set_up(*design, number);
	return 0;
}

/* A number, a name, a scenario and how: set it up. Then "play", then "take down". */
static int set_run(const char *text, const struct kernel_param *parameter)
{
	if (!strcmp(text, "play"))
		play();
	else if (!strcmp(text, "take down"))
		take_down();
	else
		return choose(text);
	return 0;
}

static const struct kernel_param_ops run_ops = { .set = set_run };
module_param_cb(run, &run_ops, NULL, 0200);

static int __init judge_init(void)
{
	return find_inode_cachep() ? 0 : -ENOENT;
}
module_init(judge_init);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("Designs of gmemviz, judged by this kernel");
