// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Scenarios with a reader that is inside rcu_read_lock while the inode goes. */
#include <linux/kthread.h>

#include "run.h"

/* A reader that is inside while the last close runs, on a CPU that it shares. */
struct reader {
	struct run *run;
	void (*load)(struct reader *reader);
	void (*read)(struct reader *reader);
	const void *found[8];
	bool is_inside, may_leave, is_done;
};

static int reader_thread(void *data)
{
	struct reader *reader = data;

	rcu_read_lock();
	reader->load(reader);
	WRITE_ONCE(reader->is_inside, true);
	while (!READ_ONCE(reader->may_leave))
		cpu_relax();	/* preempted, and still inside */
	reader->read(reader);
	rcu_read_unlock();
	WRITE_ONCE(reader->is_done, true);
	return 0;
}

static void while_reading(struct reader *reader, void (*part)(struct run *run))
{
	struct run *run = reader->run;
	struct task_struct *task;

	if (!play_part(run, create))
		return;
	task = kthread_run(reader_thread, reader, "reader");
	if (IS_ERR(task))
		say("no reader");
	while (!IS_ERR(task) && !READ_ONCE(reader->is_inside))
		schedule_timeout_uninterruptible(1);
	play_part(run, part);
	WRITE_ONCE(reader->may_leave, true);
	while (!IS_ERR(task) && !READ_ONCE(reader->is_done))
		schedule_timeout_uninterruptible(1);
}

static void load_mapping(struct reader *reader)
{
	pin(reader->run);
	reader->run->mapping = reader->run->folio->mapping;
}

static void read_mapping(struct reader *reader)
{
	struct address_space *mapping = reader->run->mapping;

	preempt_disable();	/* as it has interrupts off */
	look_at("the inode", container_of(mapping, struct inode, i_data));
	unpin(reader->run);
	preempt_enable();
}

void gup_fast(struct run *run)
{
	struct reader reader = { run, load_mapping, read_mapping };

	while_reading(&reader, close);
}

static void load_metadata(struct reader *reader)
{
	const struct judged_metadata *one = reader->run->design->metadata;

	for (int i = 0; one[i].name; i++)
		if (one[i].read & BY_LOCKLESS_READER && one[i].of)
			reader->found[i] = one[i].of(reader->run->inode);
}

static void read_metadata(struct reader *reader)
{
	const struct judged_metadata *one = reader->run->design->metadata;

	for (int i = 0; one[i].name; i++)
		if (reader->found[i])
			look_at(one[i].name, reader->found[i]);
}

void rcu_reader(struct run *run)
{
	struct reader reader = { run, load_metadata, read_metadata };

	while_reading(&reader, close);
}

static void load_nothing(struct reader *reader)
{
}

static void load_and_read(struct reader *reader)
{
	if (reader->run->design->xarray || !look_at("the inode", reader->run->inode)) {
		load_metadata(reader);
		read_metadata(reader);
	}
}

void rcu_reader_late(struct run *run)
{
	struct reader reader = { run, load_nothing, load_and_read };

	while_reading(&reader, close);
}

static void close_and_create(struct run *run)
{
	int error;

	close(run);
	error = make_inode(run, &run->other);
	if (error) {
		say("no second inode: %d", error);
		return;
	}
	error = attach(run, run->other);
	run->is_refused = error;
	if (error)
		say("a second creation fails: %d", error);
}

static void put_other(struct run *run)
{
	give_up(run, run->other);
}

static void read_nothing(struct reader *reader)
{
}

/* A reader of whatever else is inside, so that no grace period ends before both are done. */
void second_creation(struct run *run)
{
	struct reader reader = { run, load_nothing, read_nothing };
	const struct judged_metadata *one = run->design->metadata;

	while_reading(&reader, close_and_create);
	settle();
	for (; one->name; one++)
		if (run->is_refused && one->left && atomic_read(one->left) > 0)
			say("%s is back only after a grace period", one->name);
	if (run->other && !run->is_busy)
		play_part(run, put_other);
}
