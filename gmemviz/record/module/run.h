/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* One run: a Design, a scenario, and what stands while it lasts. */
#ifndef GMEMVIZ_RUN_H
#define GMEMVIZ_RUN_H

#include "judge.h"

struct run {
	const struct design *design;
	struct super_block *sb;
	struct vfsmount *mnt;
	struct inode *inode, *other;
	struct file *file, *second, *path;
	struct folio *folio;
	struct address_space *mapping;		/* as folio->mapping was */
	const void *metadata[8];		/* as they were attached, by number */
	bool is_attached;
	bool is_pinned;
	bool is_refused;			/* a second creation */
	bool is_unmounted;
	bool is_broken;				/* a step could not be played: no further ones are */
	bool is_busy;				/* somebody died on the road: nothing can be taken down */
};

struct scenario {
	const char *name;
	void (*play)(struct run *run);
};

extern const struct scenario scenarios[];	/* ends with a NULL name */

#define say(format, ...) pr_err("gmemviz: " format "\n", ##__VA_ARGS__)

/* Play `part` in a thread of its own; false where the thread died. */
bool play_part(struct run *run, void (*part)(struct run *run));

/* Set a mark in the kernel's trace, so that a recording of this run finds its inode. */
void mark(const char *text);
void mark_inode(const struct inode *inode);

/* What actors do, and the scenarios that have a reader. */
void create(struct run *run);
void close(struct run *run);
void give_up(struct run *run, struct inode *inode);
void pin(struct run *run);
void unpin(struct run *run);
void gup_fast(struct run *run);
void rcu_reader(struct run *run);
void rcu_reader_late(struct run *run);
void second_creation(struct run *run);

int make_inode(struct run *run, struct inode **inode);
void look_around(const struct inode *inode, size_t size);
int attach(struct run *run, struct inode *inode);
void make_file(struct run *run);
void make_second_file(struct run *run);
void add_page(struct run *run);
void read_last(struct run *run);
void settle(void);
void unmount(struct run *run);
void watch_metadata(struct run *run);
void forget_warnings(void);
void refill(const struct design *design);
bool refuse_inodes(void);
bool accept_inodes(void);	/* whether one was refused */

extern bool corner_sleeps;	/* a release that may sleep does */
extern bool xarray_is_busy;	/* somebody else works on the xarray all the time */

#endif
