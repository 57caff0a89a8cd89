/* SPDX-License-Identifier: MIT */
/* Name the scenarios. */
#include <signal.h>
#include <unistd.h>

#include "driver.h"

const struct scenario scenarios[] = {
	{ "bpf-umount", unmount },
	{ "bpf-unlink-closed", unlink_closed },
	{ "btrfs-drop-caches", drop_caches },
	{ "btrfs-umount", unmount },
	{ "btrfs-unlink", unlink_open },
	{ "eventfd", run_eventfd },
	{ "ext4-drop-caches", drop_caches },
	{ "ext4-umount", unmount },
	{ "ext4-umount-busy", unmount_busy },
	{ "ext4-unlink", unlink_open },
	{ "ext4-unlink-closed", unlink_closed },
	{ "gmem", gmem },
	{ "gmem-bound-fd-first", gmem_bound_fd_first },
	{ "gmem-bound-vm-first", gmem_bound_vm_first },
	{ "gmem-fd-first", gmem_fd_first },
	{ "gmem-inotify", gmem_inotify },
	{ "gmem-opath", gmem_opath },
	{ "gmem-private", gmem_private },
	{ "gmem-punched", gmem_punched },
	{ "hugetlb", hugetlb },
	{ "kvm-unload", kvm_unload },
	{ "memfd-policy", memfd_policy },
	{ "overlay-drop-caches", drop_caches },
	{ "overlay-rmmod", rmmod_at_once },
	{ "overlay-rmmod-later", rmmod_later },
	{ "overlay-umount", unmount },
	{ "overlay-unlink", unlink_open },
	{ "overlay-unlink-closed", unlink_closed },
	{ "pipe", run_pipe },
	{ "proc-drop-caches", drop_caches },
	{ "proc-umount", unmount },
	{ "secretmem", secretmem },
	{ "socket", run_socket },
	{ "tmpfs-umount", unmount },
	{ "tmpfs-umount-busy", unmount_busy },
	{ "tmpfs-unlink", unlink_open },
	{ "tmpfs-unlink-closed", unlink_closed },
	{ "xfs-drop-caches", drop_caches },
	{ "xfs-umount", unmount },
	{ "xfs-unlink", unlink_open },
	{ "judged", judged },
	{ "test-crash", crash },
	{ "test-hang", hang },
	{ NULL, NULL },
};

/* These two are for the tests of what the host does then. */
void hang(void)
{
	for (;;)
		pause();
}

void crash(void)
{
	write_text("/proc/sysrq-trigger", "c");
}
