// SPDX-License-Identifier: MIT
/* Print what the C headers say of each name that gmemviz writes as a number: "name value". */
#define _GNU_SOURCE
#include <linux/falloc.h>
#include <linux/kvm.h>
#include <linux/magic.h>
#include <linux/mempolicy.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#define NUMBER(name) printf("%s %llu\n", #name, (unsigned long long)(name))
#define SIZE(type) printf("sizeof %s %zu\n", #type, sizeof(struct type))
#define MEMBER(type, field)                                             \
	printf("%s.%s %zu\n", #type, #field, offsetof(struct type, field)); \
	printf("sizeof %s.%s %zu\n", #type, #field, sizeof(((struct type *)0)->field))

static void regions(void)
{
#ifdef KVM_SET_USER_MEMORY_REGION
	NUMBER(KVM_SET_USER_MEMORY_REGION);
	SIZE(kvm_userspace_memory_region);
	MEMBER(kvm_userspace_memory_region, slot);
	MEMBER(kvm_userspace_memory_region, flags);
	MEMBER(kvm_userspace_memory_region, guest_phys_addr);
	MEMBER(kvm_userspace_memory_region, memory_size);
	MEMBER(kvm_userspace_memory_region, userspace_addr);
#endif
#ifdef KVM_SET_USER_MEMORY_REGION2
	NUMBER(KVM_SET_USER_MEMORY_REGION2);
	SIZE(kvm_userspace_memory_region2);
	MEMBER(kvm_userspace_memory_region2, slot);
	MEMBER(kvm_userspace_memory_region2, flags);
	MEMBER(kvm_userspace_memory_region2, guest_phys_addr);
	MEMBER(kvm_userspace_memory_region2, memory_size);
	MEMBER(kvm_userspace_memory_region2, userspace_addr);
	MEMBER(kvm_userspace_memory_region2, guest_memfd_offset);
	MEMBER(kvm_userspace_memory_region2, guest_memfd);
	MEMBER(kvm_userspace_memory_region2, pad1);
	MEMBER(kvm_userspace_memory_region2, pad2);
#endif
#ifdef KVM_SET_MEMORY_ATTRIBUTES
	NUMBER(KVM_SET_MEMORY_ATTRIBUTES);
	SIZE(kvm_memory_attributes);
	MEMBER(kvm_memory_attributes, address);
	MEMBER(kvm_memory_attributes, size);
	MEMBER(kvm_memory_attributes, attributes);
	MEMBER(kvm_memory_attributes, flags);
#endif
#ifdef KVM_CREATE_GUEST_MEMFD
	NUMBER(KVM_CREATE_GUEST_MEMFD);
	SIZE(kvm_create_guest_memfd);
	MEMBER(kvm_create_guest_memfd, size);
	MEMBER(kvm_create_guest_memfd, flags);
	MEMBER(kvm_create_guest_memfd, reserved);
#endif
}

static void kvm(void)
{
#ifdef KVM_GET_API_VERSION
	NUMBER(KVM_GET_API_VERSION);
#endif
#ifdef KVM_CREATE_VM
	NUMBER(KVM_CREATE_VM);
#endif
#ifdef KVM_CHECK_EXTENSION
	NUMBER(KVM_CHECK_EXTENSION);
#endif
#ifdef KVM_CAP_USER_MEMORY2
	NUMBER(KVM_CAP_USER_MEMORY2);
#endif
#ifdef KVM_CAP_MEMORY_FAULT_INFO
	NUMBER(KVM_CAP_MEMORY_FAULT_INFO);
#endif
#ifdef KVM_CAP_MEMORY_ATTRIBUTES
	NUMBER(KVM_CAP_MEMORY_ATTRIBUTES);
#endif
#ifdef KVM_CAP_GUEST_MEMFD
	NUMBER(KVM_CAP_GUEST_MEMFD);
#endif
#ifdef KVM_CAP_VM_TYPES
	NUMBER(KVM_CAP_VM_TYPES);
#endif
#ifdef KVM_CAP_PRE_FAULT_MEMORY
	NUMBER(KVM_CAP_PRE_FAULT_MEMORY);
#endif
#ifdef KVM_CAP_GUEST_MEMFD_FLAGS
	NUMBER(KVM_CAP_GUEST_MEMFD_FLAGS);
#endif
#ifdef GUEST_MEMFD_FLAG_MMAP
	NUMBER(GUEST_MEMFD_FLAG_MMAP);
#endif
#ifdef GUEST_MEMFD_FLAG_INIT_SHARED
	NUMBER(GUEST_MEMFD_FLAG_INIT_SHARED);
#endif
#ifdef KVM_MEM_LOG_DIRTY_PAGES
	NUMBER(KVM_MEM_LOG_DIRTY_PAGES);
#endif
#ifdef KVM_MEM_READONLY
	NUMBER(KVM_MEM_READONLY);
#endif
#ifdef KVM_MEM_GUEST_MEMFD
	NUMBER(KVM_MEM_GUEST_MEMFD);
#endif
#ifdef KVM_X86_SW_PROTECTED_VM
	NUMBER(KVM_X86_SW_PROTECTED_VM);
#endif
}

static void magics(void)
{
#ifdef ANON_INODE_FS_MAGIC
	NUMBER(ANON_INODE_FS_MAGIC);
#endif
#ifdef GUEST_MEMFD_MAGIC
	NUMBER(GUEST_MEMFD_MAGIC);
#endif
#ifdef SECRETMEM_MAGIC
	NUMBER(SECRETMEM_MAGIC);
#endif
#ifdef TMPFS_MAGIC
	NUMBER(TMPFS_MAGIC);
#endif
#ifdef HUGETLBFS_MAGIC
	NUMBER(HUGETLBFS_MAGIC);
#endif
#ifdef PIPEFS_MAGIC
	NUMBER(PIPEFS_MAGIC);
#endif
#ifdef SOCKFS_MAGIC
	NUMBER(SOCKFS_MAGIC);
#endif
#ifdef PID_FS_MAGIC
	NUMBER(PID_FS_MAGIC);
#endif
}

static void calls(void)
{
	NUMBER(FALLOC_FL_KEEP_SIZE);
	NUMBER(FALLOC_FL_PUNCH_HOLE);
	NUMBER(MAP_SHARED);
	NUMBER(PROT_READ | PROT_WRITE);
	NUMBER(IN_ALL_EVENTS);
	NUMBER(PR_SET_PDEATHSIG);
	NUMBER(MFD_CLOEXEC);
	NUMBER(MFD_HUGETLB);
	MEMBER(statfs, f_type);
#ifdef MPOL_F_ADDR
	NUMBER(MPOL_F_ADDR);
#endif
#ifdef SYS_mbind
	NUMBER(SYS_mbind);
#endif
#ifdef SYS_get_mempolicy
	NUMBER(SYS_get_mempolicy);
#endif
#ifdef SYS_memfd_secret
	NUMBER(SYS_memfd_secret);
#endif
}

int main(void)
{
	regions();
	kvm();
	magics();
	calls();
	return 0;
}
