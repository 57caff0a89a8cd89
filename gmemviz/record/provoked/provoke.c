/* SPDX-License-Identifier: MIT */
/*
 * Run as init: load a filesystem's modules, do each play that is asked for, power off. What the
 * plays call for a recording (driver/driver.h) here goes to the console, between the kernel's words.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <linux/membarrier.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver.h"

static const struct scenario PLAYS[] = {
	{ "unlink", unlink_open },
	{ "unlink-closed", unlink_closed },
	{ "drop-caches", drop_caches },
	{ "umount", unmount },
	{ "umount-busy", unmount_busy },
	{ "remount", remount },
	{ "race", race },
	{ "fill", fill },
	{ "rmmod", rmmod_at_once },
	{ NULL, NULL },
};

const char *running;
static int kmsg = -1;

static void speak(const char *format, va_list arguments, const char *begin)
{
	char line[256];
	int length = snprintf(line, sizeof(line), "<3>gmemviz: %s", begin);

	vsnprintf(line + length, sizeof(line) - length, format, arguments);
	if (write(kmsg, line, strlen(line)) < 0)
		perror("kmsg");
}

void say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	speak(format, arguments, "");
	va_end(arguments);
}

void mark(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	speak(format, arguments, "comes to ");
	va_end(arguments);
}

/* A play ends that cannot go on, and the next one is begun. */
void refuse(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	speak(format, arguments, "refused ");
	va_end(arguments);
	_exit(1);
}

long must(long result, const char *what)
{
	if (result < 0)
		refuse("%s: %s", what, strerror(errno));
	return result;
}

void mark_inode(int fd)
{
	(void)fd;
}

void record(const char *name)
{
	(void)name;
}

void settle(void)
{
	for (int times = 0; times < 2; times++) {
		must(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0), "membarrier");
		usleep(50000);
	}
}

void power_off(void)
{
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

/* What a play leaves goes, whatever has become of it: the next one mounts anew. */
static void clean(void)
{
	int device = open(IMAGE_DEVICE, O_RDWR | O_CLOEXEC);

	umount2("/mnt", MNT_DETACH);
	umount2("/layers", MNT_DETACH);
	if (device >= 0) {
		ioctl(device, LOOP_CLR_FD, 0);
		close(device);
	}
	umount2("/image", MNT_DETACH);
}

static void play(const char *filesystem, const char *name)
{
	const struct scenario *chosen = PLAYS;
	char whole[128];
	int status;
	pid_t child;

	while (chosen->name && strcmp(chosen->name, name))
		chosen++;
	snprintf(whole, sizeof(whole), "%s-%s", filesystem, name);
	running = whole;
	say("begin %s", name);
	child = fork();
	if (!child) {
		if (!chosen->name)
			refuse("%s: there is no such play", name);
		chosen->run();
		settle();
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		say("refused %s: %s", name, strerror(errno));
	else if (WIFSIGNALED(status))
		say("an actor died on its way");
	clean();
	settle();
	say("end %s", name);
}

static void load_modules(void)
{
	char *list = read_whole("/job/modules", NULL);

	for (char *name = strtok(list, "\n"); name; name = strtok(NULL, "\n")) {
		char path[256];
		int fd;

		snprintf(path, sizeof(path), "/job/%s.ko", name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (syscall(SYS_finit_module, fd, "", 0)) {
			say("refused the module %s: %s", name, strerror(errno));
			power_off();
		}
		close(fd);
	}
}

int main(void)
{
	static const char *const MOUNTS[][2] = {
		{ "proc", "/proc" }, { "sysfs", "/sys" }, { "devtmpfs", "/dev" },
	};
	char filesystem[64], name[64];
	FILE *plays;

	for (size_t i = 0; i < sizeof(MOUNTS) / sizeof(MOUNTS[0]); i++) {
		mkdir(MOUNTS[i][1], 0755);
		mount(MOUNTS[i][0], MOUNTS[i][1], MOUNTS[i][0], 0, NULL);
	}
	kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	load_modules();
	snprintf(filesystem, sizeof(filesystem), "%s", read_whole("/job/filesystem", NULL));
	plays = fopen("/job/plays", "re");
	while (plays && fgets(name, sizeof(name), plays)) {
		name[strcspn(name, "\n")] = '\0';
		play(filesystem, name);
	}
	say("done");
	power_off();
}
