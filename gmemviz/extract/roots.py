"""Say where a demand-driven extraction starts, and what it indexes."""

from typing import Final

SCOPE: Final = (
    "fs",
    "mm",
    "virt",
    "ipc",
    "kernel",
    "security",
    "include/linux",
    "net/socket.c",
    "block",
    "lib",
    "arch/x86/kvm",
    "arch/x86/mm",
)
"""What is indexed, x86 where an architecture must be chosen; the files of any other
super_operations come on top."""

HOOK_STRUCTS: Final = (
    "super_operations",
    "address_space_operations",
    "file_operations",
    "dentry_operations",
    "inode_operations",
)
TABLES: Final = (*HOOK_STRUCTS, "file_system_type", "security_list_options")
"""Whose tables a snapshot holds; security_list_options stands for the LSM_HOOK_INIT lists."""

FIELD_STRUCTS: Final = (
    "inode",
    "address_space",
    "super_block",
    "dentry",
    "file",
    "folio",
    "gmem_inode",
    "gmem_file",
    "kvm_gmem",
    "shmem_inode_info",
    "hugetlbfs_inode_info",
    "socket_alloc",
    "sockfs_inode",
    "aio_inode_info",
    "bpf_fs_inode",
    "pipe_inode_info",
    *HOOK_STRUCTS,
)
DEFAULT_ROOTS: Final = (
    "iput",
    "__fput",
    "____fput",
    "delayed_fput",
    "fput",
    "dput",
    "evict_inodes",
    "prune_icache_sb",
    "inode_lru_isolate",
    "delete_from_page_cache_batch",
    "folio_put",
    "alloc_inode",
    "new_inode",
    "alloc_anon_inode",
    "anon_inode_create_getfile",
    "anon_inode_make_secure_inode",
    "alloc_file_pseudo",
    "iget5_locked",
    "iget_locked",
    "kern_mount",
    "kern_unmount",
    "mntput",
    "deactivate_super",
    "kill_anon_super",
    "generic_shutdown_super",
    "pseudo_fs_fill_super",
    "init_pseudo",
    "alloc_super",
    "gup_fast",
    "gup_fast_folio_allowed",
    "security_inode_alloc",
    "security_inode_free",
    # A path stands for every function of that file.
    "fs/aio.c",
    "fs/anon_inodes.c",
    "fs/hugetlbfs/inode.c",
    "fs/inode.c",
    "fs/libfs.c",
    "fs/pipe.c",
    "fs/super.c",
    "mm/secretmem.c",
    "mm/shmem.c",
    "mm/truncate.c",
    "net/socket.c",
    "virt/kvm/guest_memfd.c",
)
TEARDOWN_HOOKS: Final = {
    "super_operations": (
        "alloc_inode",
        "destroy_inode",
        "free_inode",
        "drop_inode",
        "evict_inode",
        "put_super",
    ),
    "address_space_operations": ("free_folio", "invalidate_folio", "release_folio"),
    "file_operations": ("release",),
    "dentry_operations": ("d_iput", "d_release", "d_delete", "d_prune"),
    "file_system_type": ("kill_sb",),
    "security_list_options": (
        "inode_alloc_security",
        "inode_free_security",
        "inode_free_security_rcu",
    ),
}
