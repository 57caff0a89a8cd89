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
from gmemviz.probe.case import since
from gmemviz.probe.fixture import Bench

OWN_SINCE: Final = "6.19"
NAME: Final = "gmemviz"
MFD_CLOEXEC: Final = 1
MFD_HUGETLB: Final = 4


class Identity(NamedTuple):
    """Say what one file descriptor is."""

    file_system: str
    link: str
    device: int
    mount: str


def identify(fd: int) -> Identity:
    """Return what `fd` is; numbers that only tell one file from the next are left out."""
    magic = system.fs_magic(fd)
    link = re.sub(r"\[\d+\]", "[number]", str(Path(f"/proc/self/fd/{fd}").readlink()))
    return Identity(MAGICS.get(magic, f"{magic:#x}"), link, os.fstat(fd).st_dev, _mount(fd))


def _mount(fd: int) -> str:
    lines = Path(f"/proc/self/fdinfo/{fd}").read_text(encoding="ascii").splitlines()
    return next(line.split()[1] for line in lines if line.startswith("mnt_id:"))


def identified(bench: Bench) -> Iterator[Observation]:
    """Yield what a guest_memfd is, and which mount that means: `own` or `anon-inode`."""
    anon = identify(bench.keep(os.eventfd(0)))
    gmem = identify(bench.create(PAGE))
    has = {
        "file system": gmem.file_system,
        "link": gmem.link,
        "device": _same(gmem.device, anon.device),
        "mount id": _same(gmem.mount, anon.mount),
    }
    for what, (call, own, shared) in ASKED.items():
        expected = since(OWN_SINCE, own, shared)(bench.kernel)
        yield Observation("identity", what, call, has[what], expected, MOUNT)
    told = {
        name
        for name, signs in (("own", 1), ("anon-inode", 2))
        if all(has[what] == row[signs] for what, row in ASKED.items())
    }
    yield Observation(
        "identity", "mount", "the mount that these four tell", "".join(told) or "unclear",
        since(OWN_SINCE, "own", "anon-inode")(bench.kernel), MOUNT,
    )  # fmt: skip


MOUNT: Final = "virt/kvm/guest_memfd.c:kvm_gmem_init_mount@v7.3"
SAME, OTHER = "an eventfd's", "not an eventfd's"
ASKED: Final = {
    "file system": ("f_type of fstatfs", "GUEST_MEMFD_MAGIC", "ANON_INODE_FS_MAGIC"),
    "link": ("the name that /proc/self/fd gives", "/[kvm-gmem] (deleted)", "anon_inode:[kvm-gmem]"),
    "device": ("st_dev of fstat", OTHER, SAME),
    "mount id": ("mnt_id of /proc/self/fdinfo", OTHER, SAME),
}


def _same(mine: object, other: object) -> str:
    return SAME if mine == other else OTHER


def compared() -> Iterator[Observation]:
    """Yield what files of other kinds are; these need no /dev/kvm."""
    anon_fd = os.eventfd(0)
    try:
        anon = identify(anon_fd)
    finally:
        os.close(anon_fd)
    for kind, make in KINDS.items():
        try:
            fds = make()
        except OSError as error:
            got, note = system.answer(_raises(error)), "this kernel, or the machine, has none"
            yield Observation("comparison", f"{kind}: file system", kind, got, note=note)
            continue
        try:
            found = identify(fds[0])
        finally:
            for fd in fds:
                os.close(fd)
        rows = (found.file_system, found.link, _same(found.mount, anon.mount))
        for what, got in zip(("file system", "link", "mount id"), rows, strict=True):
            yield Observation("comparison", f"{kind}: {what}", f"{kind}: {ASKED[what][0]}", got)


def _raises(error: OSError) -> Callable[[], object]:
    def call() -> None:
        raise error

    return call


def _sockets() -> tuple[int, ...]:
    return tuple(one.detach() for one in socket.socketpair())


KINDS: Final[dict[str, Callable[[], tuple[int, ...]]]] = {
    "memfd": lambda: (os.memfd_create(NAME, MFD_CLOEXEC),),
    "hugetlb memfd": lambda: (os.memfd_create(NAME, MFD_CLOEXEC | MFD_HUGETLB),),
    "secretmem": lambda: (system.memfd_secret(),),
    "pipe": os.pipe,
    "socket": _sockets,
    "eventfd": lambda: (os.eventfd(0),),
    "pidfd": lambda: (os.pidfd_open(os.getpid()),),
}
