/* SPDX-License-Identifier: MIT */
/*
 * Scenarios of inodes with a name, each on the filesystem that its own name begins with. What a last
 * close leaves, since the dentry holds it, ends by unlink(2), a want of memory or umount(2).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver.h"

#define PAGE 4096
#define MOUNT "/mnt"
#define LAYERS "/layers"
#define OF_LAYERS "lowerdir=" LAYERS "/lower,upperdir=" LAYERS "/upper,workdir=" LAYERS "/work"

/* What is mounted, and the file that a scenario is about: made, unless the filesystem has it. */
static const struct filesystem {
	const char *type, *options, *file;
	void (*prepare)(void);
	int (*make)(const char *path);
} FILESYSTEMS[];

static const struct filesystem *mounted;

/* Both layers in one filesystem, so that numbers of inodes are those of the upper one's. */
static void make_layers(void)
{
	static const char *const FOLDERS[] = { LAYERS "/lower", LAYERS "/upper", LAYERS "/work" };

	mkdir(LAYERS, 0755);
	must(mount("tmpfs", LAYERS, "tmpfs", 0, NULL), "mounting tmpfs");
	for (size_t i = 0; i < 3; i++)
		must(mkdir(FOLDERS[i], 0755), FOLDERS[i]);
}

static int make_file(const char *path)
{
	static const char BYTES[2 * PAGE] = "two folios";
	int fd = must(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), "open");

	must(write(fd, BYTES, sizeof(BYTES)), "write");
	return fd;
}

static int open_file(const char *path)
{
	return must(open(path, O_RDONLY | O_CLOEXEC), path);
}

/* A map's name: its inode holds the map, and opening it would give no file of bpffs. */
static int pin_map(const char *path)
{
	union bpf_attr about = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1,
	};
	int map = must(syscall(SYS_bpf, BPF_MAP_CREATE, &about, sizeof(about)), "BPF_MAP_CREATE");

	about = (union bpf_attr){ .pathname = (uintptr_t)path, .bpf_fd = map };
	must(syscall(SYS_bpf, BPF_OBJ_PIN, &about, sizeof(about)), "BPF_OBJ_PIN");
	close(map);
	return must(open(path, O_PATH | O_CLOEXEC), path);
}

static const struct filesystem FILESYSTEMS[] = {
	{ "tmpfs", NULL, MOUNT "/file", NULL, make_file },
	{ "ext4", NULL, MOUNT "/file", attach_image, make_file },
	{ "xfs", NULL, MOUNT "/file", attach_image, make_file },
	{ "btrfs", NULL, MOUNT "/file", attach_image, make_file },
	{ "overlay", OF_LAYERS, MOUNT "/file", make_layers, make_file },
	{ "proc", NULL, MOUNT "/version", NULL, open_file },
	{ "bpf", NULL, MOUNT "/map", NULL, pin_map },
};

static void choose(void)
{
	size_t length = strcspn(running, "-");

	mounted = FILESYSTEMS;
	while (strlen(mounted->type) != length || strncmp(mounted->type, running, length))
		mounted++;
	mkdir(MOUNT, 0755);
	if (mounted->prepare)
		mounted->prepare();
}

static const char *mounted_from(void)
{
	return mounted->prepare == attach_image ? IMAGE_DEVICE : mounted->type;
}

static void mount_it(void)
{
	must(mount(mounted_from(), MOUNT, mounted->type, 0, mounted->options), "mounting the filesystem");
}

/* Return the fd of the file, marked: what is recorded begins with its birth. */
static int begin(void)
{
	int fd;

	choose();
	mount_it();
	record(running);
	fd = mounted->make(mounted->file);
	mark_inode(fd);
	return fd;
}

void unlink_open(void)
{
	int fd = begin();

	mark("unlink");
	must(unlink(mounted->file), "unlink");
	mark("close");
	close(fd);
}

void unlink_closed(void)
{
	close(begin());
	settle();
	mark("unlink");
	must(unlink(mounted->file), "unlink");
}

/* What was used lately is passed by once, and what is dirty each time (inode_lru_isolate). */
void drop_caches(void)
{
	close(begin());
	sync();
	settle();
	mark("drop-caches");
	for (int times = 0; times < 3; times++)
		must(write_text("/proc/sys/vm/drop_caches", "3"), "drop_caches");
}

void unmount(void)
{
	close(begin());
	sync();
	settle();
	mark("umount");
	must(umount(MOUNT), "umount");
}

/* While a file is open umount(2) says EBUSY, but may detach the mount: then the close ends it. */
void unmount_busy(void)
{
	int fd = begin();

	mark("busy");
	if (!umount(MOUNT) || errno != EBUSY)
		refuse("umount(2) of a mount with an open file does not say EBUSY");
	must(umount2(MOUNT, MNT_DETACH), "umount2 with MNT_DETACH");
	settle();
	mark("umount by the last close");
	close(fd);
}

/* Once with the file open for writing, which a filesystem may refuse, and once without. */
void remount(void)
{
	int fd = begin();
	const char *source = mounted_from();

	mount(source, MOUNT, mounted->type, MS_REMOUNT | MS_RDONLY, NULL);
	close(fd);
	must(mount(source, MOUNT, mounted->type, MS_REMOUNT | MS_RDONLY, NULL), "remounting read-only");
	must(mount(source, MOUNT, mounted->type, MS_REMOUNT, NULL), "remounting");
	mark("umount");
	must(umount(MOUNT), "umount");
}

#define ROUNDS 300
#define RACERS 3

/* Somebody opens and reads what goes, somebody looks its path up, and memory is wanted. */
static void look_on(int number)
{
	struct stat about;
	char byte;

	for (;;) {
		int fd = number == 0 ? open(mounted->file, O_RDONLY | O_CLOEXEC) : -1;

		if (fd >= 0 && read(fd, &byte, 1) >= 0)
			close(fd);
		if (number == 1)
			stat(mounted->file, &about);
		if (number == 2 && !usleep(20000))
			write_text("/proc/sys/vm/drop_caches", "2");
	}
}

void race(void)
{
	pid_t racers[RACERS];

	close(begin());
	must(unlink(mounted->file), "unlink");
	for (int number = 0; number < RACERS; number++) {
		racers[number] = must(fork(), "fork");
		if (!racers[number])
			look_on(number);
	}
	for (int round = 0; round < ROUNDS; round++) {
		int fd = mounted->make(mounted->file);

		must(unlink(mounted->file), "unlink");
		close(fd);
		if (round % 50 == 0)
			mark("round %d", round);
	}
	for (int number = 0; number < RACERS; number++) {
		kill(racers[number], SIGKILL);
		waitpid(racers[number], NULL, 0);
	}
	mark("umount");
	must(umount(MOUNT), "umount");
}

#define MOST 20000

/* Names are made until there is no inode left for the next one: that creation fails. */
void fill(void)
{
	char path[64];
	int number = 0;

	close(begin());
	for (;;) {
		int fd;

		snprintf(path, sizeof(path), MOUNT "/%d", number);
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0)
			break;
		close(fd);
		if (++number % 500 == 0)
			mark("name %d", number);
		if (number == MOST)
			refuse("%d creations, of which none fails", MOST);
	}
	if (errno != ENOSPC)
		refuse("creation %d: %s", number, strerror(errno));
	mark("umount");
	must(umount(MOUNT), "umount");
}

/* The root is the inode here: a module whose filesystem is mounted does not go before it. */
static void leave(void (*wait)(void))
{
	int root;

	choose();
	record(running);
	mount_it();
	root = must(open(MOUNT, O_PATH | O_CLOEXEC), MOUNT);
	mark_inode(root);
	close(root);
	mark("umount");
	must(umount(MOUNT), "umount");
	if (wait)
		wait();
	mark("module-unload");
	must(syscall(SYS_delete_module, mounted->type, O_NONBLOCK), "rmmod");
}

void rmmod_at_once(void)
{
	leave(NULL);
}

void rmmod_later(void)
{
	leave(settle);
}
