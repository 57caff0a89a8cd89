/* SPDX-License-Identifier: MIT */
/* Scenarios of guest_memfd and of its module. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/ioctl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "driver.h"

#define PAGE 4096ul
#define SIZE (2 * PAGE)

/* The build machine's headers may be older than guest_memfd. */
#define CAP_GUEST_MEMFD 234
#define MMAP (1ull << 0)
#define INIT_SHARED (1ull << 1)
#define MEM_GUEST_MEMFD (1ul << 2)

struct create_guest_memfd {
	uint64_t size, flags, reserved[6];
};

struct memory_region2 {
	uint32_t slot, flags;
	uint64_t guest_phys_addr, memory_size, userspace_addr, guest_memfd_offset;
	uint32_t guest_memfd, pad1;
	uint64_t pad2[14];
};

#define CREATE_GUEST_MEMFD _IOWR(KVMIO, 0xd4, struct create_guest_memfd)
#define SET_USER_MEMORY_REGION2 _IOW(KVMIO, 0x49, struct memory_region2)

static int new_vm(void)
{
	int kvm = must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "opening /dev/kvm");
	int vm = must(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");

	if (ioctl(vm, KVM_CHECK_EXTENSION, CAP_GUEST_MEMFD) <= 0)
		refuse("this kernel says that its VMs have no guest_memfd (KVM_CAP_GUEST_MEMFD)");
	close(kvm);
	return vm;
}

static int new_gmem(int vm, uint64_t flags)
{
	struct create_guest_memfd about = { .size = SIZE, .flags = flags };
	int fd = must(ioctl(vm, CREATE_GUEST_MEMFD, &about), "KVM_CREATE_GUEST_MEMFD");

	mark_inode(fd);
	return fd;
}

static char *map(int fd)
{
	char *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	must(memory == MAP_FAILED ? -1 : 0, "mmap of a guest_memfd");
	return memory;
}

static int touched_gmem(int vm)
{
	int fd = new_gmem(vm, MMAP | INIT_SHARED);
	char *memory = map(fd);

	memory[0] = memory[PAGE] = 1;
	munmap(memory, SIZE);
	return fd;
}

static void bind(int vm, int fd, char *memory)
{
	struct memory_region2 region = {
		.flags = MEM_GUEST_MEMFD,
		.memory_size = SIZE,
		.userspace_addr = (uintptr_t)memory,
		.guest_memfd = fd,
	};

	must(ioctl(vm, SET_USER_MEMORY_REGION2, &region), "KVM_SET_USER_MEMORY_REGION2");
}

static void last_close(int fd)
{
	mark("close");
	close(fd);
}

void gmem(void)
{
	int vm = new_vm(), fd;

	record("gmem");
	fd = touched_gmem(vm);
	mark("vm-close");
	close(vm);
	last_close(fd);
}

void gmem_fd_first(void)
{
	int vm = new_vm();

	record("gmem-fd-first");
	last_close(touched_gmem(vm));
	settle();
}

void gmem_private(void)
{
	int vm = new_vm(), fd;

	record("gmem-private");
	fd = new_gmem(vm, 0);
	must(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, SIZE), "fallocate of a guest_memfd");
	close(vm);
	last_close(fd);
}

void gmem_punched(void)
{
	int vm = new_vm(), fd;

	record("gmem-punched");
	fd = touched_gmem(vm);
	mark("punch");
	must(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE), "punching a hole");
	close(vm);
	last_close(fd);
}

static int bound_gmem(int vm)
{
	int fd = new_gmem(vm, MMAP | INIT_SHARED);
	char *memory = map(fd);

	memory[0] = memory[PAGE] = 1;
	bind(vm, fd, memory);
	munmap(memory, SIZE);
	return fd;
}

void gmem_bound_fd_first(void)
{
	int vm = new_vm(), fd;

	record("gmem-bound-fd-first");
	fd = bound_gmem(vm);
	last_close(fd);
	settle();
}

void gmem_bound_vm_first(void)
{
	int vm = new_vm(), fd;

	record("gmem-bound-vm-first");
	fd = bound_gmem(vm);
	mark("vm-close");
	close(vm);
	last_close(fd);
}

static int by_path(int fd, char *path, size_t room)
{
	snprintf(path, room, "/proc/self/fd/%d", fd);
	return fd;
}

void gmem_opath(void)
{
	int vm = new_vm(), fd, path_fd;
	char path[32];

	record("gmem-opath");
	fd = by_path(touched_gmem(vm), path, sizeof(path));
	path_fd = must(open(path, O_PATH), "open with O_PATH");
	close(vm);
	mark("close-real");
	close(fd);
	settle();
	mark("close-opath");
	close(path_fd);
}

void gmem_inotify(void)
{
	int vm = new_vm(), fd, notify, watch;
	char path[32];

	record("gmem-inotify");
	fd = by_path(touched_gmem(vm), path, sizeof(path));
	notify = must(inotify_init(), "inotify_init");
	watch = must(inotify_add_watch(notify, path, IN_ALL_EVENTS), "inotify_add_watch");
	close(vm);
	mark("close-real");
	close(fd);
	settle();
	mark("rm-watch");
	must(inotify_rm_watch(notify, watch), "inotify_rm_watch");
}

void kvm_unload(void)
{
	record("kvm-unload");
	mark("rmmod");
	must(syscall(SYS_delete_module, "kvm_amd", O_NONBLOCK), "rmmod kvm-amd");
	must(syscall(SYS_delete_module, "kvm", O_NONBLOCK), "rmmod kvm");
}
