"""Name the scenarios that the driver can run in a real kernel."""

from typing import Final, NamedTuple


class Scenario(NamedTuple):
    """Say what a scenario does, and what its recording needs of the kernel.

    `sources` are the files whose tables of hooks are its filesystem's, `modules` are
    loaded before (with what they depend on), `further` functions are recorded too.
    """

    driver: str
    sources: tuple[str, ...]
    modules: tuple[str, ...] = ()
    further: tuple[str, ...] = ()


_KVM: Final = ("kvm-amd",)
_GMEM: Final = ("virt/kvm/guest_memfd.c",)
_VM: Final = (
    "kvm_put_kvm",
    "kvm_destroy_vm",
    "kvm_gmem_create",
    "kvm_gmem_bind",
    "kvm_gmem_unbind",
)
_TMPFS: Final = ("mm/shmem.c",)
_UMOUNT: Final = (
    "cleanup_mnt", "deactivate_super", "deactivate_locked_super", "generic_shutdown_super",
    "shrink_dcache_for_umount", "evict_inodes", "kill_anon_super", "kill_litter_super",
)  # fmt: skip
_WATCH: Final = ("inotify_rm_watch", "fsnotify_destroy_mark", "fsnotify_put_mark")


def _gmem(driver: str, *further: str) -> Scenario:
    return Scenario(driver, _GMEM, _KVM, (*_VM, *further))


SCENARIOS: Final[dict[str, Scenario]] = {
    "eventfd": Scenario(
        "an eventfd is made and closed; its inode is the one of all anonymous fds, and lives on",
        ("fs/eventfd.c",),
    ),
    "gmem": _gmem("a guest_memfd with two touched pages is closed after its VM"),
    "gmem-bound-fd-first": _gmem(
        "a guest_memfd bound to a memslot is closed, its VM is still open"
    ),
    "gmem-bound-vm-first": _gmem("a guest_memfd bound to a memslot is closed after its VM"),
    "gmem-fd-first": _gmem("a guest_memfd with two touched pages is closed, its VM is still open"),
    "gmem-inotify": _gmem(
        "an inotify watch holds the inode of a guest_memfd beyond its last close", *_WATCH
    ),
    "gmem-opath": _gmem("an O_PATH fd holds the inode of a guest_memfd beyond its last real close"),
    "gmem-private": _gmem("a guest_memfd with two private pages is closed after its VM"),
    "gmem-punched": _gmem(
        "a guest_memfd loses one of two pages to a punched hole and is closed after its VM"
    ),
    "hugetlb": Scenario(
        "a memfd of huge pages is made and touched, the last fd closed", ("fs/hugetlbfs/inode.c",)
    ),
    "kvm-unload": Scenario(
        "the KVM modules are unloaded, nobody uses them",
        _GMEM,
        _KVM,
        (*_UMOUNT, "kvm_gmem_exit", "kern_unmount", "kmem_cache_destroy"),
    ),
    "memfd-policy": Scenario("a memfd gets a NUMA policy by mbind, the last fd is closed", _TMPFS),
    "pipe": Scenario("a pipe is made and both of its ends are closed", ("fs/pipe.c",)),
    "secretmem": Scenario(
        "a memfd_secret is made and touched, the last fd closed", ("mm/secretmem.c",)
    ),
    "socket": Scenario("a Unix socket is made and closed", ("net/socket.c",)),
    "tmpfs-umount": Scenario(
        "a tmpfs with a closed file of two pages is unmounted", _TMPFS, (), _UMOUNT
    ),
    "tmpfs-unlink": Scenario("a tmpfs file is unlinked while open, then closed", _TMPFS),
}
"""Every scenario, by the name that the driver knows too."""
