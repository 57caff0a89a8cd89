/* SPDX-License-Identifier: MIT */
/* Set up function_graph and kprobe events, set marks, and send the buffer. */
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "driver.h"

#define TRACING "/sys/kernel/tracing/"
#define FUNCTIONS TRACING "available_filter_functions"
#define MAX_NAMES 4096

static int marker = -1, switch_fd = -1;
static char *symbols;
static size_t symbols_length;

static int by_name(const void *one, const void *other)
{
	return strcmp(*(char *const *)one, *(char *const *)other);
}

static size_t split(char *text, char **lines)
{
	size_t count = 0;

	for (char *line = strtok(text, "\n"); line && count < MAX_NAMES; line = strtok(NULL, "\n"))
		lines[count++] = line;
	return count;
}

/* The compiler may have cut a function in parts: dput.part.0 counts as dput. */
static int is_wanted(char *name, char **wanted, size_t count)
{
	char *end = name + strcspn(name, " ."), behind = *end;
	int is_found;

	*end = '\0';
	is_found = bsearch(&name, wanted, count, sizeof(*wanted), by_name) != NULL;
	*end = behind;
	return is_found;
}

/*
 * Functions are set by their number in available_filter_functions: by name, the
 * kernel looks each of its functions up in the symbol table once per name. The same
 * list with addresses tells how the trace will print those of a module that is gone
 * by then: by the address of the tracer's call, which may stand behind an endbr.
 * What is set is noted, too: of all that was asked for, this is what the kernel has.
 */
static void filter_functions(void)
{
	static char *wanted[MAX_NAMES];
	char *names = read_whole("/job/functions", NULL);
	size_t count = split(names, wanted), found = 0;
	int has_addresses = *read_whole("/job/modules", NULL) && !access(FUNCTIONS "_addrs", R_OK);
	char *text = read_whole(has_addresses ? FUNCTIONS "_addrs" : FUNCTIONS, NULL);
	FILE *noted = open_memstream(&symbols, &symbols_length);
	int filter = open(TRACING "set_ftrace_filter", O_WRONLY | O_TRUNC);
	unsigned int number = 1;

	must(filter, "set_ftrace_filter");
	must(noted ? 0 : -1, "open_memstream");
	qsort(wanted, count, sizeof(*wanted), by_name);
	for (char *line = text; line; number++) {
		char *rest = strchr(line, '\n');
		char *name;

		if (rest)
			*rest++ = '\0';
		name = has_addresses ? line + strcspn(line, " ") : line;
		name += *name == ' ';
		if (is_wanted(name, wanted, count)) {
			char word[16];
			int length = snprintf(word, sizeof(word), "%u ", number);

			must(write(filter, word, length), name);
			fprintf(noted, "# gmemviz watched: %.*s\n", (int)strcspn(name, " ."), name);
			if (has_addresses && strchr(name, '['))
				fprintf(noted, "# symbol 0x%s\n", line);
			found++;
		}
		line = rest;
	}
	must(close(filter), "set_ftrace_filter");
	must(fclose(noted), "noting what is watched");
	free(text);
	say("tracing %zu functions", found);
}

/*
 * "evict@" means the first instruction behind the call of the tracer, which stands
 * at the entry or behind an endbr: a probe of the entry itself would make the kernel
 * call both tracers through a list, one preemption level deeper, and the recording
 * would show that depth. The kernel refuses a probe inside of an instruction.
 */
static int define(const char *definition)
{
	static const char *const OFFSETS[] = { "+5", "+9" };
	const char *place = strchr(definition, '@');
	char text[512];

	if (!place)
		return write_text(TRACING "kprobe_events", definition);
	for (size_t i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), "%.*s%s%s", (int)(place - definition), definition,
			 OFFSETS[i], place + 1);
		if (!write_text(TRACING "kprobe_events", text))
			return 0;
	}
	return -1;
}

/* Each line: a definition, and perhaps a filter behind a tab. */
static void define_probes(void)
{
	static char *lines[MAX_NAMES];
	size_t count = split(read_whole("/job/probes", NULL), lines);

	for (size_t i = 0; i < count; i++) {
		char *definition = lines[i], *filter = strchr(definition, '\t');
		char path[256];

		if (filter)
			*filter++ = '\0';
		if (define(definition))
			refuse("the kernel refuses the probe %s: %s", definition, strerror(errno));
		if (!filter)
			continue;
		definition = strchr(definition, ':') + 1;
		definition[strcspn(definition, " ")] = '\0';
		snprintf(path, sizeof(path), TRACING "events/%s/filter", definition);
		if (write_text(path, filter))
			refuse("the kernel refuses the filter %s: %s", filter, strerror(errno));
	}
	must(write_text(TRACING "events/gmemviz/enable", "1"), "enabling the probes");
}

static void set_options(void)
{
	char *lines[64];
	size_t count = split(read_whole("/job/options", NULL), lines);

	for (size_t i = 0; i < count; i++)
		if (write_text(TRACING "trace_options", lines[i]))
			refuse("the kernel has no trace option %s", lines[i]);
}

void tracing_set_up(void)
{
	if (mount("tracefs", TRACING, "tracefs", 0, NULL))
		refuse("the kernel has no tracefs: %s", strerror(errno));
	must(switch_fd = open(TRACING "tracing_on", O_WRONLY | O_CLOEXEC), "tracing_on");
	must(marker = open(TRACING "trace_marker", O_WRONLY | O_CLOEXEC), "trace_marker");
	record_pause();
	must(write_text(TRACING "buffer_size_kb", "8192"), "buffer_size_kb");
	filter_functions();
	define_probes();
	if (write_text(TRACING "current_tracer", "function_graph"))
		refuse("the kernel has no function_graph tracer: %s", strerror(errno));
	/* A tracer's options can only be set while it is current. */
	set_options();
	must(write_text(TRACING "trace", "\n"), "emptying the trace");
}

void record_pause(void)
{
	must(write(switch_fd, "0", 1), "tracing_on");
}

void record_resume(void)
{
	must(write(switch_fd, "1", 1), "tracing_on");
}

void record(const char *name)
{
	record_resume();
	mark("%s", name);
}

void mark(const char *format, ...)
{
	char text[128];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	must(write(marker, text, strlen(text)), "trace_marker");
}

void mark_inode(int fd)
{
	struct stat about;

	must(fstat(fd, &about), "fstat");
	mark("inode dev=0x%x ino=%lu", major(about.st_dev) << 20 | minor(about.st_dev),
	     (unsigned long)about.st_ino);
}

void settle(void)
{
	for (int times = 0; times < 2; times++) {
		must(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0), "membarrier");
		usleep(50000);
	}
}

static uint32_t crc32(uint32_t before, const char *bytes, size_t length)
{
	uint32_t crc = ~before;

	while (length--) {
		crc ^= (unsigned char)*bytes++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

void tracing_send(void)
{
	size_t length;
	char *text = read_whole(TRACING "trace", &length);

	say("trace %zu %08x", symbols_length + length,
	    crc32(crc32(0, symbols, symbols_length), text, length));
	channel_write(symbols, symbols_length);
	channel_write(text, length);
}
