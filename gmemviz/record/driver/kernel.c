/* SPDX-License-Identifier: MIT */
/* Scenarios of inodes without a mounted filesystem: pipe, eventfd, socket. */
#define _GNU_SOURCE
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "driver.h"

void run_pipe(void)
{
	int ends[2];

	record("pipe");
	must(pipe(ends), "pipe");
	mark_inode(ends[0]);
	must(write(ends[1], "x", 1), "write");
	mark("close");
	close(ends[0]);
	close(ends[1]);
}

void run_eventfd(void)
{
	int fd;

	record("eventfd");
	fd = must(eventfd(0, 0), "eventfd");
	mark_inode(fd);
	mark("close");
	close(fd);
}

void run_socket(void)
{
	int fd;

	record("socket");
	fd = must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
	mark_inode(fd);
	mark("close");
	close(fd);
}
