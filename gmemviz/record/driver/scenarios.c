/* SPDX-License-Identifier: MIT */
/* Name the scenarios. */
#include <signal.h>
#include <unistd.h>

#include "driver.h"

const struct scenario scenarios[] = {
	{ "eventfd", run_eventfd },
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
	{ "pipe", run_pipe },
	{ "secretmem", secretmem },
	{ "socket", run_socket },
	{ "tmpfs-umount", tmpfs_umount },
	{ "tmpfs-unlink", tmpfs_unlink },
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
