/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Play a Design's own actors and callbacks beside the last close, stopped at one of their lines. */
#ifndef GMEMVIZ_PLAYED_H
#define GMEMVIZ_PLAYED_H

#include <linux/fsnotify.h>
#include <linux/kref.h>
#include <linux/namei.h>
#include <linux/srcu.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "run.h"

/* Each line of a body has a number, and so have the moments of whoever closes. */
#define AFTER_CLOSE	1001
#define AFTER_UMOUNT	1002

/* What an actor holds while it runs: as `holds` says in a Design. */
enum holds {
	HOLDS_NOTHING, HOLDS_RCU, HOLDS_SRCU, HOLDS_INODE, HOLDS_DENTRY, HOLDS_FILE, HOLDS_O_PATH,
};

/* Where a body finds what a Design keeps. An inode may be gone, and its superblock too. */
struct place {
	struct inode *inode;
	struct file *file;
	struct dentry *dentry;
	struct super_block *sb;
	void *carried;		/* what a callback lies in, or NULL */
	int srcu;		/* what srcu_read_lock() gave, of an actor that holds it */
};

/* All readers and callbacks of SRCU go by this one. */
extern struct srcu_struct own_srcu;

/* A reader's body may leave before it ends, once. */
void leave_srcu(struct place *at);	/* srcu_read_unlock() */

struct own_actor {
	const char *name;
	enum holds holds;
	int (*does)(struct place *at);	/* a body: what it returns, a hook may need */
	bool *is_over;		/* whoever waits for the actor lets it begin no more */
	int *inside;		/* how many of it are at work */
};

/* A play: the actor comes to line `actor_stop` and stops, or whoever closes to `close_stop`, until
 * the others can do no more. An actor may begin only where whoever closes has come to close_stop.
 * A worker that comes to late_stop stays there until nobody else has anything to do. */
struct beside {
	const char *basic;		/* a scenario of the driver's own table */
	const struct own_actor *before;	/* has been there before anybody else, or NULL */
	const struct own_actor *actor;
	int actor_stop, close_stop, late_stop;
	const struct own_actor *second;	/* at work while the first one stops, or NULL */
	bool close_is_last;		/* nobody closes before both actors are done */
	bool unmounts;
	bool unmounts_first;		/* the open file alone keeps the superblock */
	umode_t mode;			/* what kind of inode it is */
	bool is_listed;			/* new_inode puts it on the superblock's list */
	struct later *const *timers;	/* pairs of them, up to a NULL; or NULL */
	bool timers_are_late;		/* their time comes when all the rest is over */
};

void play_beside(struct run *run, const struct beside *beside);

void create_and_attach(struct run *run);

/* The creator has failed half way. */
extern bool has_failed;

/* A body comes to a line: stop there, if that is what this play is about. */
void come_to(int line, const struct inode *inode);

/* What the creator knows before it attaches: kind of inode, and whether the superblock lists it. */
void dress(struct inode *inode);

/* A body that runs later, once for the inode that is judged and once for the mount's root. */
struct later {
	struct rcu_head rcu;
	struct work_struct work;
	struct timer_list timer;
	struct place at;
	bool is_queued;		/* of one that lies in an object: its callback has not come */
};
struct later *later_of(struct later *pair, struct place *at);
/* One that lies in an object, by whose address it finds that again. */
struct later *carried_by(void *object, struct later *later, const struct place *at);
/* An object is freed: tell where its callback, which will free it too, is still to come. */
void freed_with(const char *what, const struct later *later);
void drain_later(struct later *pair, const struct place *at);	/* flush_work() */
void cancel_later(struct later *pair, const struct place *at);	/* cancel_work_sync() */
void delete_timer(struct later *pair, const struct place *at);	/* timer_delete_sync() */
struct workqueue_struct *later_queue(void);
unsigned long when_due(void);	/* what mod_timer() is given */

void wait_for(const struct own_actor *actor);
void add_folio(struct inode *inode);

/* What is found by way of an inode, of which it is told where its memory is freed. */
#define reached(inode, found) (look_at("the inode", inode) ? 0 : (found))

/* Read one word of an object, as a reader would; what is freed is told first. */
void read_object(const char *what, const void *object);

/* Go by a flag word, of an inode or (NULL) of another holder: what is cleared again is told. */
void read_word(const char *what, const struct inode *inode, unsigned long word);

#endif
