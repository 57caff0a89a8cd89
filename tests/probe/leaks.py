"""Say what a process holds: its fds, children and mappings, and so what something left behind."""

import os
import time
from contextlib import contextmanager
from pathlib import Path

WORKERS = (b"gmemviz.probe.worker", b"tests.probe.calls")
SECONDS = 2.0  # that an orphan may take to die, and memory to come back
OTHERS_KIB = 8 << 10  # unevictable memory that the rest of the machine may take meanwhile


def fds():
    """Return {number: what it is}, but for the one that reading needs."""
    found = {}
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found[int(entry.name)] = str(entry.readlink())
        except FileNotFoundError:
            continue
    return found


def children():
    """Return this process's children, those not yet waited for among them."""
    tasks = Path("/proc/self/task").iterdir()
    return sorted(int(pid) for task in tasks for pid in (task / "children").read_text().split())


def workers(pid=None):
    """Return processes that a probe of a process started, whoever their parent is by now."""
    mine = str(pid or os.getpid()).encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:  # it ended
            continue
        if mine in words and any(worker in word for worker in WORKERS for word in words):
            found.append(int(entry.name))
    return found


def mappings():
    """Return every mapping with its size in bytes: (permissions, file, size)."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        addresses, permissions, _, _, _, *name = line.split(maxsplit=5)
        start, end = (int(part, 16) for part in addresses.split("-"))
        yield permissions, (name or [""])[0], end - start


def named_mappings():
    """Return the mappings that are no memory of the allocator's."""
    return sorted(one for one in mappings() if one[1] not in {"", "[heap]"})


def resident_kib():
    """Return how much memory of this process is there."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


@contextmanager
def left_behind():
    """Give a list, which says afterwards what the block left behind."""
    before = fds(), children(), named_mappings()
    left = []
    yield left
    for what, old, new in zip(
        ("fds", "children", "mappings"), before, (fds(), children(), named_mappings()), strict=True
    ):
        if old != new:
            left.append(f"{what} were {old} and are {new}")
    deadline = time.monotonic() + SECONDS
    while (alive := workers()) and time.monotonic() < deadline:
        time.sleep(0.01)
    if alive:
        left.append(f"processes {alive} still run")


def unevictable_kib():
    """Return the memory that cannot be swapped, the pages of all guest_memfds among it."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Unevictable"))


@contextmanager
def memory_is_back():
    """Give a list, which says afterwards how much memory was not given back."""
    before, more = unevictable_kib(), []
    yield more
    deadline = time.monotonic() + SECONDS
    while (now := unevictable_kib()) > before + OTHERS_KIB and time.monotonic() < deadline:
        time.sleep(0.01)
    if now > before + OTHERS_KIB:
        more.append(f"{now - before} KiB that cannot be swapped")
