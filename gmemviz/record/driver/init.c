/* SPDX-License-Identifier: MIT */
/* Run as init: mount, load modules, record one scenario, send it, power off. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver.h"

static const struct {
	const char *type, *target;
} MOUNTS[] = {
	{ "proc", "/proc" },
	{ "sysfs", "/sys" },
	{ "devtmpfs", "/dev" },
};

const char *running;

static void load_modules(void)
{
	char *list = read_whole("/job/modules", NULL);

	for (char *name = strtok(list, "\n"); name; name = strtok(NULL, "\n")) {
		char path[256];
		int fd;

		snprintf(path, sizeof(path), "/job/%s.ko", name);
		fd = must(open(path, O_RDONLY | O_CLOEXEC), name);
		if (syscall(SYS_finit_module, fd, "", 0))
			refuse("module %s does not load: %s", name, strerror(errno));
		close(fd);
	}
}

static const struct scenario *chosen(void)
{
	char *name = read_whole("/job/scenario", NULL);
	const struct scenario *scenario = scenarios;

	while (scenario->name && strcmp(scenario->name, name))
		scenario++;
	if (!scenario->name)
		refuse("the driver has no scenario %s", name);
	return scenario;
}

/* A process of its own, so that a scenario that crashes is reported. */
static void run(const struct scenario *scenario)
{
	int status;
	pid_t child = must(fork(), "fork");

	if (!child) {
		prctl(PR_SET_NAME, "drive");
		scenario->run();
		settle();
		mark("end");
		record_pause();
		_exit(0);
	}
	must(waitpid(child, &status, 0), "waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		refuse("the driver itself died of signal %d", WTERMSIG(status));
}

int main(void)
{
	struct utsname name;
	const struct scenario *scenario;

	for (size_t i = 0; i < sizeof(MOUNTS) / sizeof(MOUNTS[0]); i++) {
		mkdir(MOUNTS[i].target, 0755);
		mount(MOUNTS[i].type, MOUNTS[i].target, MOUNTS[i].type, 0, NULL);
	}
	channel_open();
	uname(&name);
	say("booted %s", name.release);
	scenario = chosen();
	load_modules();
	tracing_set_up();
	running = scenario->name;
	say("running %s", running);
	run(scenario);
	say("reading back");
	tracing_send();
	say("end");
	power_off();
}
