/* SPDX-License-Identifier: MIT */
/* Run as init: load the module of Designs, play each run that is asked for, power off. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PARAMETER "/sys/module/designs/parameters/run"

static int kmsg;

/* What we say stands between the kernel's own words. */
static void say(const char *format, ...)
{
	char line[256] = "<3>gmemviz: ";
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line + strlen(line), sizeof(line) - strlen(line), format, arguments);
	va_end(arguments);
	if (write(kmsg, line, strlen(line)) < 0)
		perror("kmsg");
}

static void power_off(void)
{
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

static void must(int result, const char *what)
{
	if (result >= 0)
		return;
	say("refused %s: %s", what, strerror(errno));
	power_off();
}

#define CACHES 16

static struct cache {
	char name[64];
	long objects;
};

static char prefix[80];	/* of the caches of the run that is played */

/* Read how many objects are allocated in inode_cache and ours, in the kernel's own count. */
static void count(struct cache *caches)
{
	FILE *slabs = fopen("/proc/slabinfo", "re");
	char line[512];
	int number = 0;

	memset(caches, 0, CACHES * sizeof(*caches));
	while (slabs && number < CACHES && fgets(line, sizeof(line), slabs)) {
		struct cache *one = &caches[number];

		if (sscanf(line, "%63s %ld", one->name, &one->objects) == 2 &&
		    (!strncmp(one->name, prefix, strlen(prefix)) ||
		     !strcmp(one->name, "inode_cache")))
			number++;
		else
			one->name[0] = 0;
	}
	if (slabs)
		fclose(slabs);
}

static void compare(const struct cache *before)
{
	struct cache now[CACHES];

	count(now);
	for (int i = 0; i < CACHES && now[i].name[0]; i++)
		for (int j = 0; j < CACHES && before[j].name[0]; j++)
			if (!strcmp(now[i].name, before[j].name) &&
			    now[i].objects != before[j].objects)
				say("%s has %ld objects, and had %ld before", now[i].name,
				    now[i].objects, before[j].objects);
}

static void tell(int parameter, const char *words)
{
	if (pwrite(parameter, words, strlen(words), 0) < 0)
		say("refused %s: %s", words, strerror(errno));
}

static void play(int parameter, const char *run)
{
	static unsigned int number;
	struct cache empty[CACHES], mounted[CACHES];
	char words[320];

	snprintf(prefix, sizeof(prefix), "gv-%.*s.%u-", (int)strcspn(run, " "), run, ++number);
	snprintf(words, sizeof(words), "%u %s", number, run);
	count(empty);
	say("begin %s", run);
	tell(parameter, words);
	count(mounted);
	tell(parameter, "play");
	compare(mounted);
	say("taking down");
	tell(parameter, "take down");
	compare(empty);
	say("end %s", run);
}

int main(void)
{
	char run[256];
	FILE *runs;
	int fd;

	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mkdir("/dev", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	fd = open("/job/designs.ko", O_RDONLY | O_CLOEXEC);
	must(fd, "no module");
	must(syscall(SYS_finit_module, fd, "", 0), "the module");
	fd = open(PARAMETER, O_WRONLY | O_CLOEXEC);
	must(fd, "no parameter");
	runs = fopen("/job/runs", "re");
	must(runs ? 0 : -1, "no runs");
	while (fgets(run, sizeof(run), runs)) {
		run[strcspn(run, "\n")] = 0;
		play(fd, run);
	}
	say("done");
	power_off();
}
