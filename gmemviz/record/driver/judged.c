/* SPDX-License-Identifier: MIT */
/* Scenario of a module of Designs: its own driver plays one run, and sets marks of its own. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "driver.h"

#define PARAMETER "/sys/module/designs/parameters/run"
#define CONSOLE "/sys/kernel/tracing/events/printk/console/"

/* What the kernel or the module says was wrong; not the registers and stacks behind it. */
#define WORDS "msg ~ \"*BUG*\" || msg ~ \"gmemviz: *\" || msg ~ \"*protection fault*\"" \
	      " || msg ~ \"*slab cache*\" || msg ~ \"*different cache*\""

static void tell(const char *words)
{
	must(write_text(PARAMETER, words), words);
}

/*
 * The kernel stops tracing where a thread dies, before it says why. So that is told here, at the
 * end of what was recorded, and the recording goes on.
 */
static void go_on(int console)
{
	char line[1024];
	ssize_t length;

	if (*read_whole("/sys/kernel/tracing/tracing_on", NULL) != '0')
		return;
	record_resume();
	while ((length = read(console, line, sizeof(line) - 1)) > 0) {
		char *text;

		line[length] = '\0';
		text = strchr(line, ';');
		line[strcspn(line, "\n")] = '\0';
		if (text && (strstr(text, "BUG") || strstr(text, "protection fault")))
			mark("console: %.100s", text + 1);
	}
}

/* The job's run in lines: the recording's name, the run, the model's scenario, perhaps the Design. */
void judged(void)
{
	char *name = strtok(read_whole("/job/run", NULL), "\n");
	char *run = strtok(NULL, "\n"), *scenario = strtok(NULL, "\n");
	char *design = strtok(NULL, "\n");
	char words[256];
	int console = must(open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC), "kmsg");

	must(write_text(CONSOLE "filter", WORDS), "a filter of printk:console");
	must(write_text(CONSOLE "enable", "1"), "printk:console");
	snprintf(words, sizeof(words), "1 %s", run);
	lseek(console, 0, SEEK_END);
	record(name);
	tell(words);
	if (design)
		mark("design %s", design);
	mark("scenario %s", scenario);
	tell("play");
	go_on(console);
	mark("taking down");
	tell("take down");
	go_on(console);
}
