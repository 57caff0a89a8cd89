/* SPDX-License-Identifier: MIT */
/* Scenarios of memfd, hugetlbfs and secretmem. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "driver.h"

#define PAGE 4096ul
#define HUGE_PAGE (2ul << 20)
#define MPOL_PREFERRED 1
#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447
#endif

static char *map(int fd, size_t length)
{
	char *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	must(memory == MAP_FAILED ? -1 : 0, "mmap");
	return memory;
}

static void touch(int fd, size_t length, size_t step)
{
	char *memory = map(fd, length);

	for (size_t at = 0; at < length; at += step)
		memory[at] = 1;
	munmap(memory, length);
}

static void last_close(int fd)
{
	mark("close");
	close(fd);
}

void memfd_policy(void)
{
	unsigned long nodes = 1;
	char *memory;
	int fd;

	record("memfd-policy");
	fd = must(memfd_create("policy", 0), "memfd_create");
	mark_inode(fd);
	must(ftruncate(fd, 2 * PAGE), "ftruncate");
	memory = map(fd, 2 * PAGE);
	must(syscall(SYS_mbind, memory, 2 * PAGE, MPOL_PREFERRED, &nodes, 64, 0), "mbind");
	memset(memory, 1, 2 * PAGE);
	munmap(memory, 2 * PAGE);
	last_close(fd);
}

void hugetlb(void)
{
	int fd;

	must(write_text("/proc/sys/vm/nr_hugepages", "4"), "reserving huge pages");
	record("hugetlb");
	fd = must(memfd_create("huge", MFD_HUGETLB), "memfd_create with MFD_HUGETLB");
	mark_inode(fd);
	must(ftruncate(fd, HUGE_PAGE), "ftruncate");
	touch(fd, HUGE_PAGE, HUGE_PAGE);
	last_close(fd);
}

void secretmem(void)
{
	int fd;

	record("secretmem");
	fd = must(syscall(SYS_memfd_secret, 0), "memfd_secret");
	mark_inode(fd);
	must(ftruncate(fd, 2 * PAGE), "ftruncate");
	touch(fd, 2 * PAGE, PAGE);
	last_close(fd);
}
