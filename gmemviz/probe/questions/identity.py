"""Ask what a file descriptor is: its file system, its link's name, its device, its mount.

From these follows the mount that guest_memfd's inodes are on: on the anon inode's mount all
four are an eventfd's, on an own mount none is (virt/kvm/guest_memfd.c:kvm_gmem_init_mount@v7.3,
fs/anon_inodes.c:anon_inode_init@v7.3).
"""

import os
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from gmemviz.facts import Observation
from gmemviz.probe import system
from gmemviz.probe.abi import MAGICS, PAGE
from gmemviz.probe.fixture import Bench

OWN_SINCE: Final = (6, 19)
# What memfds are called: nobody looks them up by it.
NAME: Final = "gmemviz"

MFD_CLOEXEC: Final = 1
MFD_HUGETLB: Final = 4

MOUNT: Final = "virt/kvm/guest_memfd.c:kvm_gmem_init_mount@v7.3"
SAME, OTHER = "an eventfd's", "not an eventfd's"


class Sign(NamedTuple):
    """Say where a sign of the mount is read, and what it is on either mount.

    `own` is guest_memfd's own, since 6.19; `shared` the anon inode's, which eventfds are on too.
    """

    call: str
    own: str
    shared: str


SIGNS: Final = {
    "file system": Sign("f_type of fstatfs", "GUEST_MEMFD_MAGIC", "ANON_INODE_FS_MAGIC"),
    "link": Sign(
        "the name that /proc/self/fd gives", "/[kvm-gmem] (deleted)", "anon_inode:[kvm-gmem]"
    ),
    "device": Sign("st_dev of fstat", OTHER, SAME),
    "mount id": Sign("mnt_id of /proc/self/fdinfo", OTHER, SAME),
}

# How a file of each kind is made: every fd that this gives.
KINDS: Final[dict[str, Callable[[], tuple[int, ...]]]] = {
    "memfd": lambda: (os.memfd_create(NAME, MFD_CLOEXEC),),
    "hugetlb memfd": lambda: (os.memfd_create(NAME, MFD_CLOEXEC | MFD_HUGETLB),),
    "secretmem": lambda: (system.memfd_secret(),),
    "pipe": os.pipe,
    "socket": lambda: tuple(end.detach() for end in socket.socketpair()),
    "eventfd": lambda: (os.eventfd(0),),
    "pidfd": lambda: (os.pidfd_open(os.getpid()),),
}


def signs(fd: int, anon_fd: int) -> dict[str, str]:
    """Return what `fd` is, by the names of `SIGNS`; device and mount against an eventfd's.

    Numbers that only tell one file from the next are left out.
    """
    magic = system.fs_magic(fd)
    link = str(Path(f"/proc/self/fd/{fd}").readlink())
    is_anon_device = os.fstat(fd).st_dev == os.fstat(anon_fd).st_dev
    return {
        "file system": MAGICS.get(magic, f"{magic:#x}"),
        "link": re.sub(r"\[\d+\]", "[number]", link),
        "device": SAME if is_anon_device else OTHER,
        "mount id": SAME if _mount(fd) == _mount(anon_fd) else OTHER,
    }


# The number that fs/proc/fd.c:seq_show@v6.12 gives of the file's mount.
def _mount(fd: int) -> str:
    lines = Path(f"/proc/self/fdinfo/{fd}").read_text(encoding="ascii").splitlines()
    return next(line.split()[1] for line in lines if line.startswith("mnt_id:"))


def identified(bench: Bench) -> Iterator[Observation]:
    """Yield what a guest_memfd is, and which mount that means: `own` or `anon-inode`."""
    is_own = bench.kernel.version >= OWN_SINCE
    got = signs(bench.create(PAGE), bench.keep(os.eventfd(0)))
    for name, sign in SIGNS.items():
        expected = (sign.own if is_own else sign.shared,)
        yield Observation("identity", name, sign.call, got[name], expected, MOUNT)
    mount = "unclear"
    if got == {name: sign.own for name, sign in SIGNS.items()}:
        mount = "own"
    elif got == {name: sign.shared for name, sign in SIGNS.items()}:
        mount = "anon-inode"
    expected = ("own" if is_own else "anon-inode",)
    yield Observation("identity", "mount", "the mount that these four tell", mount, expected, MOUNT)


def compared() -> Iterator[Observation]:
    """Yield what files of other kinds are; these need no /dev/kvm.

    So a reader sees which kinds have a mount of their own, and which share the anon inode's, also
    where no guest_memfd can be made.
    """
    anon_fd = os.eventfd(0)
    try:
        for kind, make in KINDS.items():
            yield from _compared(kind, make, anon_fd)
    finally:
        os.close(anon_fd)


def _compared(
    kind: str, make: Callable[[], tuple[int, ...]], anon_fd: int
) -> Iterator[Observation]:
    try:
        fds = make()
    except OSError as error:
        got, note = system.errno_name(error), "this kernel, or the machine, has none"
        yield Observation("comparison", f"{kind}: file system", kind, got, note=note)
        return
    try:
        found = signs(fds[0], anon_fd)
    finally:
        for fd in fds:
            os.close(fd)
    for name in ("file system", "link", "mount id"):
        call = f"{kind}: {SIGNS[name].call}"
        yield Observation("comparison", f"{kind}: {name}", call, found[name])
