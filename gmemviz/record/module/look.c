// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Read what slub debugging has written over freed memory, and refuse inodes on purpose. */
#include <linux/kprobes.h>
#include <linux/poison.h>

#include "run.h"

bool corner_sleeps;

bool look_at(const char *what, const void *object)
{
	const u8 *bytes = object;

	/* The red zone before an object says whether it is free: also where a constructor
	 * forbids slub to poison the object itself. */
	if (bytes[-1] != SLUB_RED_INACTIVE)
		return false;
	say("%s is read when its memory is freed: %*ph, red zone %*ph", what, 8, bytes, 4,
	    bytes - 4);
	return true;
}

int insert_fails(const char *what, int error)
{
	if (error)
		say("xa_insert of %s: %d, an entry of an earlier inode is there", what, error);
	return error;
}

void wait_in_a_corner(void)
{
	if (corner_sleeps)
		schedule_timeout_uninterruptible(1);
}

/* What is not exported is found as a probe would find it: all this runs in a guest only. */
static void *find(const char *name)
{
	static unsigned long (*lookup)(const char *name);
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };

	if (!lookup && !register_kprobe(&probe)) {
		lookup = (void *)probe.addr;
		unregister_kprobe(&probe);
	}
	return lookup ? (void *)lookup(name) : NULL;
}

struct kmem_cache *find_inode_cachep(void)
{
	struct kmem_cache **found = find("inode_cachep");

	return found ? *found : NULL;
}

/* What the kernel says once a boot it shall say once a run: lib/bug.c, kernel/panic.c. */
void forget_warnings(void)
{
	void (*clear)(void) = find("generic_bug_clear_once");
	char *start = find("__start_once"), *end = find("__end_once");

	if (clear)
		clear();
	if (start && end)
		memset(start, 0, end - start);
}

/* Not trace_puts(): it makes the kernel warn that it allocates memory for debugging. Its function
 * has lost its last argument, the length, since 6.12: one too many does no harm. */
void mark(const char *text)
{
	int (*puts)(unsigned long ip, const char *text, int length) = find("__trace_puts");

	if (puts)
		puts(_THIS_IP_, text, strlen(text));
}

void mark_inode(const struct inode *inode)
{
	char text[64];

	snprintf(text, sizeof(text), "inode dev=0x%x ino=%lu", inode->i_sb->s_dev,
		 (unsigned long)inode->i_ino);
	mark(text);
}

static struct task_struct *refused;
static bool was_refused;

/* The return address of the refused call is still on the stack when this is entered. */
static noinline notrace void only_return(void)
{
	barrier();
}

/* Return -ENOMEM to the caller of security_inode_alloc, as an LSM without memory would. */
static int refuse(struct kprobe *probe, struct pt_regs *regs)
{
	if (current != refused)
		return 0;
	regs_set_return_value(regs, -ENOMEM);
	instruction_pointer_set(regs, (unsigned long)only_return);
	was_refused = true;
	return 1;
}

/* Only a probe with a handler after the function may change where it returns to. */
static void after(struct kprobe *probe, struct pt_regs *regs, unsigned long flags)
{
}

static struct kprobe probe = {
	.symbol_name = "security_inode_alloc",
	.pre_handler = refuse,
	.post_handler = after,
};

bool refuse_inodes(void)
{
	probe.addr = NULL;
	probe.flags = 0;
	if (register_kprobe(&probe))
		return false;
	was_refused = false;
	refused = current;
	return true;
}

/* Once more at the end of a run: who had them refused may have died meanwhile. */
bool accept_inodes(void)
{
	if (refused)
		unregister_kprobe(&probe);
	refused = NULL;
	return was_refused;
}
