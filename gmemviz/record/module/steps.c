// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The steps that scenarios are made of: inode, file, page, and who reads what. */
#include <linux/delay.h>
#include <linux/kthread.h>

#include "run.h"

static struct run *now;	/* a folio on its way out has no other way to its run */

static void read_all(struct run *run, struct inode *inode, unsigned int reader, const char *who)
{
	const struct judged_metadata *one = run->design->metadata;

	for (int i = 0; one[i].name; i++) {
		void *found;

		if (!(one[i].read & reader) || !one[i].of || one[i].is_of_file)
			continue;
		found = one[i].of(inode);
		if (one[i].is_word && run->is_attached && (unsigned long)found != FLAG_SET)
			say("%s reads %s: %lx, and it was set before", who, one[i].name,
			    (unsigned long)found);
		else if (!one[i].is_word && found)
			look_at(one[i].name, found);
		else if (!one[i].is_word && run->metadata[i])
			say("%s finds no %s, and there was one", who, one[i].name);
	}
}

void read_last(struct run *run)
{
	const struct judged_metadata *one = run->design->metadata;

	for (int i = 0; one[i].name; i++) {
		unsigned int read = one[i].read;

		if (!run->metadata[i])
			continue;
		if (one[i].put_sleeps)
			schedule_timeout_uninterruptible(1);
		if (read & BY_LAST_PUT_UNTESTED)
			look_at("the mapping", READ_ONCE(run->folio->mapping)->host);
		if (read & BY_LAST_PUT || (read & BY_LAST_PUT_IF_MAPPED && run->folio->mapping))
			look_at(one[i].name, run->metadata[i]);
	}
}

static void invalidate(struct folio *folio, size_t offset, size_t length)
{
	read_all(now, folio->mapping->host, BY_TRUNCATION, "truncation");
}

static void removed(struct folio *folio)
{
	if (!now->is_pinned)
		read_last(now);
}

static const struct address_space_operations aops = {
	.invalidate_folio = invalidate,
	.free_folio = removed,
	.dirty_folio = noop_dirty_folio,
};

void watch_metadata(struct run *run)
{
	const struct judged_metadata *one = run->design->metadata;

	for (int i = 0; one[i].name; i++) {
		if (one[i].is_word)
			continue;
		if (one[i].is_of_file)
			run->metadata[i] = run->file ? run->file->private_data : NULL;
		else if (one[i].of)
			run->metadata[i] = one[i].of(run->inode);
	}
}

int make_inode(struct run *run, struct inode **inode)
{
	*inode = alloc_anon_inode(run->sb);
	if (IS_ERR(*inode)) {
		int error = PTR_ERR(*inode);

		*inode = NULL;
		return error;
	}
	(*inode)->i_mapping->a_ops = &aops;
	mapping_set_release_always((*inode)->i_mapping);
	if (inode == &run->inode) {
		mark_inode(*inode);
		watch_metadata(run);
	}
	return 0;
}

/* Slub would see what is written behind the object only when that is freed. */
void look_around(const struct inode *inode, size_t size)
{
	if (ksize(inode) < size)
		say("the inode lies in %zu bytes, and the struct around it has %zu", ksize(inode),
		    size);
}

int attach(struct run *run, struct inode *inode)
{
	int error;

	look_around(inode, run->design->attached_around);
	error = run->design->attach ? run->design->attach(inode) : 0;
	if (!error && inode == run->inode) {
		run->is_attached = true;
		watch_metadata(run);
	}
	return error;
}

static struct file *file_of(struct run *run, struct inode *inode)
{
	struct file *file = alloc_file_pseudo(inode, run->mnt, "gmemviz", O_RDWR,
					      run->design->fops);

	if (IS_ERR(file)) {
		say("no file: %ld", PTR_ERR(file));
		return NULL;
	}
	if (run->design->attach_to_file && run->design->attach_to_file(file))
		say("nothing is attached to the file");
	return file;
}

void make_file(struct run *run)
{
	run->file = file_of(run, run->inode);
	run->is_broken = !run->file;
	watch_metadata(run);
}

void make_second_file(struct run *run)
{
	ihold(run->inode);
	run->second = file_of(run, run->inode);
	run->is_broken = !run->second;
}

void add_page(struct run *run)
{
	struct address_space *mapping = run->inode->i_mapping;

	now = run;
	if (run->design->is_never_filled)
		return;
	run->folio = folio_alloc(GFP_KERNEL, 0);
	if (!run->folio || filemap_add_folio(mapping, run->folio, 0, GFP_KERNEL)) {
		say("no page");
		run->is_broken = true;
		return;
	}
	folio_mark_uptodate(run->folio);
	folio_unlock(run->folio);
	folio_put(run->folio);	/* the page cache has its own reference */
}

/* What is scarce is there to be had once. */
void refill(const struct design *design)
{
	const struct judged_metadata *one;

	for (one = design->metadata; one->name; one++)
		if (one->left)
			atomic_set(one->left, 1);
}

void settle(void)
{
	rcu_barrier();
}

void unmount(struct run *run)
{
	run->is_unmounted = true;
	kern_unmount(run->mnt);
}

struct part {
	struct run *run;
	void (*play)(struct run *run);
	bool is_played;
};

static int thread(void *data)
{
	struct part *part = data;

	part->play(part->run);
	WRITE_ONCE(part->is_played, true);
	return 0;
}

bool play_part(struct run *run, void (*play)(struct run *run))
{
	struct part part = { run, play };
	struct task_struct *task = kthread_create(thread, &part, "actor");

	if (IS_ERR(task)) {
		say("no thread");
		return false;
	}
	get_task_struct(task);
	wake_up_process(task);
	while (!READ_ONCE(task->exit_state))
		schedule_timeout_uninterruptible(1);
	put_task_struct(task);
	if (!part.is_played) {
		say("an actor died on its way");
		run->is_busy = true;
	}
	return part.is_played && !run->is_broken;
}
