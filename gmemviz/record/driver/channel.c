/* SPDX-License-Identifier: MIT */
/* Speak to the host: lines of text, and one block of bytes that its line announces. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "driver.h"

#define PORT "/dev/vport0p1"

static int port = -1;

void channel_open(void)
{
	/* The device is probed while init already runs. */
	for (int tries = 0; tries < 500 && port < 0; tries++) {
		port = open(PORT, O_WRONLY | O_CLOEXEC);
		if (port < 0)
			usleep(10000);
	}
	if (port < 0) {
		printf("driver: no %s: %s\n", PORT, strerror(errno));
		power_off();
	}
}

void channel_write(const char *bytes, size_t length)
{
	while (length) {
		ssize_t written = write(port, bytes, length);

		if (written < 0 && errno != EINTR)
			power_off();
		if (written > 0) {
			bytes += written;
			length -= written;
		}
	}
}

static void say_line(const char *word, const char *format, va_list arguments)
{
	char line[1024];
	int start = snprintf(line, sizeof(line), "%s", word);

	vsnprintf(line + start, sizeof(line) - start - 1, format, arguments);
	strcat(line, "\n");
	channel_write(line, strlen(line));
}

void say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say_line("", format, arguments);
	va_end(arguments);
}

void refuse(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say_line("refused ", format, arguments);
	va_end(arguments);
	power_off();
}

void power_off(void)
{
	fflush(stdout);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

long must(long result, const char *what)
{
	if (result < 0)
		refuse("%s failed: %s", what, strerror(errno));
	return result;
}
