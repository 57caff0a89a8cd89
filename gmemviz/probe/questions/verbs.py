"""Do what a step of a question calls by a name of its own: more than one call of the kernel's.

Each gets the Bench first and raises OSError where the kernel refuses. What gives an fd that no
later step needs closes it and returns None, which is shown as 0.
"""

import ctypes
import fcntl
import os
import re
import resource
from pathlib import Path
from typing import Final

from gmemviz.probe import system
from gmemviz.probe.abi import (
    IOCTLS,
    MEM_FLAGS,
    PAGE,
    CreateGuestMemfd,
    MemoryAttributes,
    MemoryRegion,
    MemoryRegion2,
)
from gmemviz.probe.child import answer_in_child
from gmemviz.probe.fixture import Bench

SIZE: Final = 2 * PAGE
# The byte that a touched page is filled with.
MARK: Final = 0x5A

MPOL_BIND: Final = 2
BOUND: Final = MEM_FLAGS["KVM_MEM_GUEST_MEMFD"]


def create(bench: Bench, size: int, flags: int = 0, reserved: int = 0) -> None:
    """Make a guest_memfd, and close it: its memory is only taken when it is touched."""
    bench.close(bench.create(size, flags, reserved))


def create_on(bench: Bench, fd: int) -> int:
    """Ask another fd than the VM's for a guest_memfd."""
    return bench.call("KVM_CREATE_GUEST_MEMFD", CreateGuestMemfd(size=PAGE), on=fd)


def create_without_fds(bench: Bench) -> None:
    """Make a guest_memfd while no fd is free, which comes first (get_unused_fd_flags)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.dup(bench.vm)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, hard))
    try:
        create(bench, PAGE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def make_vm(bench: Bench, vm_type: int) -> None:
    """Make a VM of another type than the Bench's, and close it."""
    os.close(fcntl.ioctl(bench.device, IOCTLS["KVM_CREATE_VM"], vm_type))


def set_attributes(bench: Bench, address: int, size: int, attributes: int, flags: int) -> int:
    """Say what a range of guest memory is: private, or nothing."""
    given = MemoryAttributes(address, size, attributes, flags)
    return bench.call("KVM_SET_MEMORY_ATTRIBUTES", given)


def bind_padded(bench: Bench, fd: int) -> int:
    """Make a memslot of a guest_memfd with the struct's last 112 bytes not zero."""
    region = MemoryRegion2(flags=BOUND, memory_size=PAGE, guest_memfd=fd)
    region.pad2 = (1,) * len(region.pad2)
    return bench.call("KVM_SET_USER_MEMORY_REGION2", region)


def bind_by_older_call(bench: Bench) -> int:
    """Ask for a guest_memfd by the call whose struct has no room to name one."""
    return bench.call("KVM_SET_USER_MEMORY_REGION", MemoryRegion(flags=BOUND, memory_size=PAGE))


def open_again(bench: Bench, fd: int, how: int) -> None:
    """Open a file that is open by its link in /proc, and close it."""
    bench.close(bench.keep(os.open(f"/proc/self/fd/{fd}", how | os.O_CLOEXEC)))


def watch(bench: Bench, fd: int) -> None:
    """Watch a file by inotify; an fsnotify mark holds the inode."""
    bench.keep(system.inotify_watch(f"/proc/self/fd/{fd}"))


def sendfile(_bench: Bench, to: int, of: int) -> int:
    """Send a page from where the file's own position is: no offset is given."""
    return os.sendfile(to, of, None, PAGE)


def stat(_bench: Bench, fd: int, name: str) -> object:
    """Return a field of fstat(2); the mode in octal."""
    value = getattr(os.fstat(fd), name)
    return oct(value) if name == "st_mode" else value


def map_file(bench: Bench, fd: int, length: int, **how: int) -> None:
    """Map a file; no page is touched."""
    bench.pages(fd, length, **how)


def read(_bench: Bench, address: int) -> str:
    """Read a byte in a child, which a fault there kills (SIGBUS)."""
    return answer_in_child(lambda: _byte_at(address))


def write(_bench: Bench, address: int) -> str:
    """Fill a page with MARK in a child, and read it back there."""

    def fill() -> int:
        ctypes.memset(address, MARK, PAGE)
        return _byte_at(address)

    return answer_in_child(fill)


def _byte_at(address: int) -> int:
    return ctypes.string_at(address, 1)[0]


def read_hole(bench: Bench, fd: int, address: int) -> str:
    """Fill the first page, punch it out, and read what is there then."""
    written = write(bench, address)
    if written != str(MARK):
        return f"{written} before the hole"
    system.fallocate(fd, system.KEEP_SIZE | system.PUNCH_HOLE, 0, PAGE)
    return read(bench, address)


def read_by_mem(bench: Bench, address: int) -> int:
    """Read a page of our own by way of the kernel, so that a fault is an errno; return its size."""
    memory = bench.keep(os.open("/proc/self/mem", os.O_RDONLY | os.O_CLOEXEC))
    return len(os.pread(memory, PAGE, address))


def bind_policy(_bench: Bench, address: int, mode: int = MPOL_BIND, flags: int = 0) -> None:
    """Bind two mapped pages to the first NUMA node that this process may use."""
    system.set_policy(address, SIZE, mode=mode, node=_allowed_node(), flags=flags)


# A container or a cluster's scheduler may keep a process from some nodes, node 0 among them.
def _allowed_node() -> int:
    status = Path("/proc/self/status").read_text(encoding="utf-8", errors="replace")
    found = re.search(r"^Mems_allowed_list:\s*(\d+)", status, re.MULTILINE)
    return int(found[1]) if found else 0


def policy_after_remap(bench: Bench, fd: int) -> int:
    """Set a policy by one mapping, and return what another one, made later, has."""
    address = system.map_pages(fd, SIZE)
    try:
        bind_policy(bench, address)
    finally:
        system.unmap(address, SIZE)
    return system.policy_at(bench.pages(fd, SIZE))
