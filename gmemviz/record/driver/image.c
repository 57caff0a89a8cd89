/* SPDX-License-Identifier: MIT */
/* Give a filesystem its device: the image that the host's mkfs made, as a loop device. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/loop.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver.h"

#define BLOCK 4096
#define FOLDER "/image"

/* The job has the image's size and its blocks that are not zero, each behind its number. */
static int unpack(void)
{
	struct block {
		uint64_t number;
		char bytes[BLOCK];
	} __attribute__((packed));
	size_t length;
	char *packed = read_whole("/job/image", &length);
	struct block *blocks = (void *)(packed + sizeof(uint64_t));
	uint64_t size;
	int fd;

	mkdir(FOLDER, 0755);
	must(mount("tmpfs", FOLDER, "tmpfs", 0, NULL), "mounting tmpfs");
	fd = must(open(FOLDER "/image", O_RDWR | O_CREAT | O_CLOEXEC, 0600), "open");
	memcpy(&size, packed, sizeof(size));
	must(ftruncate(fd, size), "ftruncate");
	for (size_t i = 0; i < (length - sizeof(size)) / sizeof(*blocks); i++)
		must(pwrite(fd, blocks[i].bytes, BLOCK, blocks[i].number * BLOCK), "pwrite");
	return fd;
}

void attach_image(void)
{
	int image = unpack(), device = must(open(IMAGE_DEVICE, O_RDWR | O_CLOEXEC), IMAGE_DEVICE);

	must(ioctl(device, LOOP_SET_FD, image), "LOOP_SET_FD");
	close(image);
	close(device);
}
