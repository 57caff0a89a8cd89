/* SPDX-License-Identifier: MIT */
/* Read and write whole small files. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver.h"

char *read_whole(const char *path, size_t *length)
{
	size_t room = 1 << 16, used = 0;
	char *text = malloc(room);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		refuse("cannot read %s: %s", path, strerror(errno));
	while (text && (got = read(fd, text + used, room - used - 1)) != 0) {
		if (got < 0)
			refuse("cannot read %s: %s", path, strerror(errno));
		used += got;
		if (room - used < 4096)
			text = realloc(text, room *= 2);
	}
	if (!text)
		refuse("no memory to read %s", path);
	close(fd);
	text[used] = '\0';
	if (length)
		*length = used;
	return text;
}

int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t length = strlen(text);
	ssize_t written;

	if (fd < 0)
		return -1;
	written = write(fd, text, length);
	close(fd);
	return written == length ? 0 : -1;
}
