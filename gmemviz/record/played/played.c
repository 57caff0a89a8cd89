// SPDX-License-Identifier: GPL-2.0 OR MIT
/* One play of a Design's own actors: who goes first, who stops where, who waits for whom. */
#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/kthread.h>

#include "played.h"

#define PATIENCE	15	/* ticks after which somebody who does not go on waits for another */
#define FOR_EVER	500	/* ticks after which nobody is left who could end a wait */
#define NEVER		(3600 * HZ)	/* ticks until a timer that no run would see */

extern const struct scenario basic_scenarios[];	/* the driver's own: scenarios.c */

bool has_failed;

DEFINE_SRCU(own_srcu);

static struct run *now;
static const struct beside *playing;
static struct place judged;
static int pages;
static struct workqueue_struct *queue;	/* one for all: a module must not flush the system's */

static struct stop {
	int line;
	bool is_reached, may_go;
} actor_stop, close_stop, late_stop;

/* The time has come for each timer that is armed and that nobody has deleted. */
static void make_timers_due(void)
{
	struct later *const *pair = playing->timers;

	for (; pair && *pair; pair++)
		for (int number = 0; number < 2; number++)
			mod_timer_pending(&(*pair)[number].timer, jiffies);
}

static void let_timers_come(void)
{
	make_timers_due();
	if (playing->timers)
		schedule_timeout_uninterruptible(3);
}

/* Who holds a plain spinlock lets no other thread run, but timers: they interrupt it. */
static bool is_interrupted_by_timers(void)
{
	if (!playing->timers_are_late || !in_atomic() || irqs_disabled() || softirq_count())
		return false;
	make_timers_due();
	mdelay(3 * 1000 / HZ);
	return true;
}

static void stop(struct stop *at)
{
	if (at->is_reached)
		return;
	if (in_atomic() || irqs_disabled()) {	/* nobody else would ever run on this processor */
		say("who is in atomic context cannot be stopped at line %d", at->line);
		return;
	}
	WRITE_ONCE(at->is_reached, true);
	while (!READ_ONCE(at->may_go))
		cpu_relax();
}

void come_to(int line, const struct inode *inode)
{
	if (!playing || (inode && now && inode != now->inode))
		return;
	if (is_interrupted_by_timers())
		return;
	if (line == actor_stop.line)
		stop(&actor_stop);
	else if (line == close_stop.line)
		stop(&close_stop);
	else if (line == late_stop.line)
		stop(&late_stop);
}

void dress(struct inode *inode)
{
	if (!playing)
		return;
	if (playing->mode)
		inode->i_mode = playing->mode | 0600;
	if (playing->is_listed)
		inode_sb_list_add(inode);	/* as new_inode does (fs/inode.c) */
}

struct workqueue_struct *later_queue(void)
{
	return queue;
}

struct later *later_of(struct later *pair, struct place *at)
{
	struct later *later = &pair[!at->inode || !now || at->inode == now->inode];

	later->at = *at;
	return later;
}

struct later *carried_by(void *object, struct later *later, const struct place *at)
{
	later->at = *at;
	later->at.carried = object;
	later->is_queued = true;
	return later;
}

void freed_with(const char *what, const struct later *later)
{
	if (later->is_queued)
		say("%s is freed while the callback is queued that lies in it", what);
}

/* Who has a superblock alone waits for what all its inodes have queued. */
static bool is_about(const struct later *pair, int number, const struct place *at)
{
	bool is_judged = !at->inode || !now || at->inode == now->inode;

	return !at->inode || number == is_judged;
}

void drain_later(struct later *pair, const struct place *at)
{
	for (int number = 1; number >= 0; number--)
		if (is_about(pair, number, at))
			flush_work(&pair[number].work);
}

void cancel_later(struct later *pair, const struct place *at)
{
	for (int number = 1; number >= 0; number--)
		if (is_about(pair, number, at))
			cancel_work_sync(&pair[number].work);
}

void delete_timer(struct later *pair, const struct place *at)
{
	for (int number = 1; number >= 0; number--)
		if (is_about(pair, number, at))
			timer_delete_sync(&pair[number].timer);
}

unsigned long when_due(void)
{
	return jiffies + (playing && playing->timers_are_late ? NEVER : 1);
}

void read_object(const char *what, const void *object)
{
	if (!look_at(what, object))
		READ_ONCE(*(const unsigned long *)object);
}

void read_word(const char *what, const struct inode *inode, unsigned long word)
{
	if (inode && look_at("the inode", inode))
		return;
	if (!word && now->is_attached && (!inode || inode == now->inode))
		say("body reads %s: 0, and it was set before", what);
}

void add_folio(struct inode *inode)
{
	struct folio *folio = folio_alloc(GFP_KERNEL, 0);

	if (!folio)
		return;
	if (!filemap_add_folio(inode->i_mapping, folio, ++pages, GFP_KERNEL)) {
		folio_mark_uptodate(folio);
		folio_unlock(folio);
	}
	folio_put(folio);
}

/* --- an actor --- */

#define HAS_LEFT	(-1)

void leave_srcu(struct place *at)
{
	if (at->srcu == HAS_LEFT)
		return;
	srcu_read_unlock(&own_srcu, at->srcu);
	at->srcu = HAS_LEFT;
}

struct thread {
	const struct own_actor *actor;	/* NULL: whoever closes */
	struct task_struct *task;
	bool is_done;
};

static bool take(const struct own_actor *actor, struct place *at)
{
	switch (actor->holds) {
	case HOLDS_RCU:
		rcu_read_lock();
		return true;
	case HOLDS_SRCU:
		at->srcu = srcu_read_lock(&own_srcu);
		return true;
	case HOLDS_INODE:
		ihold(at->inode);
		return true;
	case HOLDS_DENTRY:
		dget(at->dentry);
		mntget(now->mnt);
		return true;
	case HOLDS_FILE:
		get_file(at->file);
		return true;
	case HOLDS_O_PATH:
		at->file = dentry_open(&at->file->f_path, O_PATH, current_cred());
		return !IS_ERR(at->file);
	default:
		return true;
	}
}

static void put(const struct own_actor *actor, struct place *at)
{
	switch (actor->holds) {
	case HOLDS_RCU:
		if (rcu_preempt_depth())	/* the body may have left already */
			rcu_read_unlock();
		break;
	case HOLDS_SRCU:
		leave_srcu(at);
		break;
	case HOLDS_INODE:
		iput(at->inode);
		break;
	case HOLDS_DENTRY:
		dput(at->dentry);
		mntput(now->mnt);
		break;
	case HOLDS_FILE:
	case HOLDS_O_PATH:
		__fput_sync(at->file);
		break;
	default:
		break;
	}
}

static int act(void *data)
{
	struct thread *thread = data;
	const struct own_actor *actor = thread->actor;
	struct place at = judged;

	if (!READ_ONCE(*actor->is_over) && take(actor, &at)) {
		WRITE_ONCE(*actor->inside, *actor->inside + 1);
		actor->does(&at);
		put(actor, &at);
		WRITE_ONCE(*actor->inside, *actor->inside - 1);
	}
	WRITE_ONCE(thread->is_done, true);
	return 0;
}

void wait_for(const struct own_actor *actor)
{
	WRITE_ONCE(*actor->is_over, true);
	while (READ_ONCE(*actor->inside) > 0)
		schedule_timeout_uninterruptible(1);
}

/* --- whoever closes --- */

/* kfree_rcu gathers what it frees for seconds (mm/slab_common.c). 7.3 does not export what waits for
 * that, so it is found as a probe would find it: all this runs in a guest only. */
static void barrier_of_kfree_rcu(void)
{
	static void (*wait)(void);
	struct kprobe probe = { .symbol_name = "kvfree_rcu_barrier" };

	if (!wait && !register_kprobe(&probe)) {
		wait = (void *)probe.addr;
		unregister_kprobe(&probe);
	}
	if (wait)
		wait();
}

/* Three times: a callback may queue a callback. */
static void put_off(void)
{
	settle();
	settle();
	if (queue)
		flush_workqueue(queue);
	srcu_barrier(&own_srcu);
	barrier_of_kfree_rcu();
	settle();
}

/* When all the others are done, so that a timer may come behind any of them. */
static void end_with_timers(void)
{
	put_off();
	if (!playing->timers)
		return;
	let_timers_come();
	put_off();	/* what they have queued */
}

static int close_all(void *data)
{
	struct thread *thread = data;

	close(now);
	come_to(AFTER_CLOSE, NULL);
	if (playing->unmounts) {
		unmount(now);
		come_to(AFTER_UMOUNT, NULL);
	}
	/* In a thread the last mntput is put off by a tick (fs/namespace.c:mntput_no_expire). */
	if (playing->unmounts_first)
		schedule_timeout_uninterruptible(3);
	put_off();
	WRITE_ONCE(thread->is_done, true);
	return 0;
}

/* --- threads --- */

static void start(struct thread *thread, const struct own_actor *actor)
{
	*thread = (struct thread){ .actor = actor };
	thread->task = kthread_create(actor ? act : close_all, thread, actor ? actor->name : "close");
	if (IS_ERR(thread->task)) {
		say("no thread");
		thread->task = NULL;
		return;
	}
	get_task_struct(thread->task);
	wake_up_process(thread->task);
}

static bool is_over(const struct thread *thread)
{
	return !thread->task || READ_ONCE(thread->task->exit_state);
}

/* Until the thread is done, or stops where it should, or waits for somebody. */
static void let(const struct thread *thread, const struct stop *until)
{
	int patience = PATIENCE;

	while (patience-- && !is_over(thread) && !(until && READ_ONCE(until->is_reached)))
		schedule_timeout_uninterruptible(1);
}

/* It may be a worker that shall stop, which the actor has queued. */
static void let_worker(void)
{
	int patience = actor_stop.line ? 3 : 0;

	while (patience-- && !READ_ONCE(actor_stop.is_reached))
		schedule_timeout_uninterruptible(1);
}

static void join(struct thread *thread)
{
	int patience = FOR_EVER;

	if (!thread->task)
		return;
	while (!is_over(thread) && patience--)
		schedule_timeout_uninterruptible(1);
	if (!is_over(thread)) {
		say("%s waits for ever", thread->actor ? thread->actor->name : "close");
		now->is_busy = true;
		return;	/* it keeps what it has */
	}
	if (!thread->is_done) {
		say("an actor died on its way");
		now->is_busy = true;
	}
	put_task_struct(thread->task);
}

/* Where readers.c creates, this is what it calls: a pointer that an actor has attached is there. */
void create_and_attach(struct run *run)
{
	static struct thread earlier;

	create(run);
	if (run->is_broken || !playing)
		return;
	judged = (struct place){ run->inode, run->file, run->file->f_path.dentry, run->sb };
	if (playing->before) {
		start(&earlier, playing->before);
		join(&earlier);
	}
}

static void play_threads(void)
{
	static struct thread closer, first, second;

	closer = first = second = (struct thread){ };
	if (close_stop.line) {
		start(&closer, NULL);
		let(&closer, &close_stop);
		if (!close_stop.is_reached)
			say("nobody comes to line %d", close_stop.line);
		else
			let_timers_come();	/* they interrupt whoever stands there */
	}
	if (playing->actor && (!close_stop.line || close_stop.is_reached)) {
		start(&first, playing->actor);
		let(&first, actor_stop.line ? &actor_stop : NULL);
		let_worker();
	}
	if (playing->second) {
		start(&second, playing->second);
		let(&second, NULL);
	}
	if (!close_stop.line && !playing->close_is_last) {
		start(&closer, NULL);
		let(&closer, NULL);
	}
	WRITE_ONCE(close_stop.may_go, true);
	if (close_stop.line)
		let(&closer, NULL);
	WRITE_ONCE(actor_stop.may_go, true);
	let(&first, NULL);
	if (late_stop.line)
		let(&closer, NULL);
	WRITE_ONCE(late_stop.may_go, true);
	join(&first);
	join(&second);
	if (!closer.task && !now->is_busy)
		start(&closer, NULL);
	join(&closer);
}

static void begin(struct run *run, const struct beside *beside)
{
	now = run;
	playing = beside;
	queue = queue ?: alloc_workqueue("gmemviz", 0, 0);
	pages = 0;
	has_failed = false;
	actor_stop = (struct stop){ .line = beside->actor_stop };
	close_stop = (struct stop){ .line = beside->close_stop };
	late_stop = (struct stop){ .line = beside->late_stop };
}

static void play_basic(struct run *run, const char *name)
{
	const struct scenario *scenario = basic_scenarios;

	while (scenario->name && strcmp(scenario->name, name))
		scenario++;
	if (scenario->name)
		scenario->play(run);
}

void play_beside(struct run *run, const struct beside *beside)
{
	begin(run, beside);
	if (beside->basic) {
		play_basic(run, beside->basic);
	} else if (play_part(run, create_and_attach)) {
		if (!beside->unmounts_first || play_part(run, unmount))
			play_threads();
	}
	if (!run->is_busy)
		end_with_timers();
	/* What the root's hooks put off must be done as well before the caches go. */
	if (!run->is_busy && !run->is_unmounted && run->design->mount && play_part(run, unmount))
		end_with_timers();
	playing = NULL;
}
