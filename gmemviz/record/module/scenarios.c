// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What happens around one inode, a function a scenario. */

#include "run.h"

void create(struct run *run)
{
	int error = make_inode(run, &run->inode);

	if (!error)
		error = attach(run, run->inode);
	if (error) {
		say("the inode is not made: %d", error);
		run->is_broken = true;
		return;
	}
	make_file(run);
	add_page(run);
}

void close(struct run *run)
{
	mark("close");
	look_around(file_inode(run->file), run->design->released_around);
	__fput_sync(run->file);
}

static void last_close(struct run *run)
{
	if (play_part(run, create))
		play_part(run, close);
}

/* The creator's error path. */
void give_up(struct run *run, struct inode *inode)
{
	if (run->design->unwind)
		run->design->unwind(inode);
	iput(inode);
}

static void fail_late(struct run *run)
{
	if (make_inode(run, &run->inode) || attach(run, run->inode)) {
		say("the inode is not made");
		return;
	}
	mark("iput");
	give_up(run, run->inode);
}

static void creation_fails_late(struct run *run)
{
	play_part(run, fail_late);
}

static void fail_early(struct run *run)
{
	if (make_inode(run, &run->inode)) {
		say("the inode is not made");
		return;
	}
	mark("iput");
	give_up(run, run->inode);
}

static void creation_fails_early(struct run *run)
{
	play_part(run, fail_early);
}

static void refused(struct run *run)
{
	if (!refuse_inodes())
		say("inode_init_always cannot be made to fail");
	if (make_inode(run, &run->inode) != -ENOMEM || !accept_inodes())
		say("inode_init_always did not fail");
}

static void init_fails(struct run *run)
{
	play_part(run, refused);
}

static void root_inode(struct run *run)
{
	mark_inode(run->sb->s_root->d_inode);
	mark("umount");
	play_part(run, unmount);
}

static void unmount_while_open(struct run *run)
{
	if (play_part(run, create) && play_part(run, unmount))
		play_part(run, close);
}

static void open_path(struct run *run)
{
	run->path = dentry_open(&run->file->f_path, O_PATH, current_cred());
	run->is_broken = IS_ERR(run->path);
	if (run->is_broken)
		say("no O_PATH file: %ld", PTR_ERR(run->path));
}

static void close_path(struct run *run)
{
	mark("close");
	__fput_sync(run->path);
}

static void o_path(struct run *run)
{
	if (play_part(run, create) && play_part(run, open_path) && play_part(run, close))
		play_part(run, close_path);
}

void pin(struct run *run)
{
	folio_get(run->folio);
	run->is_pinned = true;
}

void unpin(struct run *run)
{
	run->is_pinned = false;
	if (!run->folio->mapping)	/* else the page cache still has it */
		read_last(run);
	folio_put(run->folio);
}

static void pinned_folio(struct run *run)
{
	if (!play_part(run, create))
		return;
	pin(run);
	play_part(run, close);
	settle();
	unpin(run);	/* the pipe goes on, also where the closer died */
}

#define TRIES 64

static void create_there(struct run *run)
{
	struct inode *made[TRIES];
	bool is_there = false;
	int count = 0;

	while (count < TRIES && !is_there && !make_inode(run, &made[count]))
		is_there = made[count++] == run->inode;
	if (is_there)
		attach(run, run->inode);
	else
		say("the memory is not reused");
	while (count--)
		give_up(run, made[count]);
}

static void slab_reuse(struct run *run)
{
	if (!play_part(run, create) || !play_part(run, close))
		return;
	settle();
	memset(run->metadata, 0, sizeof(run->metadata));
	run->is_attached = false;
	refill(run->design);	/* others gave it back: this is not about what is scarce */
	play_part(run, create_there);
}

static void close_both(struct run *run)
{
	const struct judged_metadata *one = run->design->metadata;

	for (; one->name; one++) {
		if (!one->is_of_file || !run->file->private_data)
			continue;
		if (one->is_word)	/* what is set by one file shows by the other, or not */
			run->file->private_data = (void *)(FLAG_SET | 2);
		if (run->file->private_data != run->second->private_data)
			say("the second file shows another %s", one->name);
	}
	close(run);
	__fput_sync(run->second);
}

static void make_second(struct run *run)
{
	refill(run->design);	/* this is not about what is scarce */
	make_second_file(run);
}

static void second_file(struct run *run)
{
	if (play_part(run, create) && play_part(run, make_second))
		play_part(run, close_both);
}

const struct scenario scenarios[] = {
	{ "last-close", last_close },
	{ "gup-fast", gup_fast },
	{ "rcu-reader", rcu_reader },
	{ "rcu-reader-late", rcu_reader_late },
	{ "o-path", o_path },
	{ "creation-fails-late", creation_fails_late },
	{ "creation-fails-early", creation_fails_early },
	{ "init-fails", init_fails },
	{ "root-inode", root_inode },
	{ "unmount", unmount_while_open },
	{ "second-creation", second_creation },
	{ "pinned-folio", pinned_folio },
	{ "slab-reuse", slab_reuse },
	{ "second-file", second_file },
	{ }
};
