"""Ask whether a guest_memfd can be mapped, and what its pages then do, in and past the end."""

import ctypes
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from gmemviz.probe import system
from gmemviz.probe.abi import FLAGS, PAGE
from gmemviz.probe.case import Case, Expected, always
from gmemviz.probe.child import answer_in_child
from gmemviz.probe.fixture import Bench
from gmemviz.probe.questions import memory_advice
from gmemviz.probe.questions.file_calls import changed_unseen
from gmemviz.probe.system import KEEP_SIZE, PUNCH_HOLE, READ_WRITE

SIZE: Final = 2 * PAGE
MAP_PRIVATE: Final = 2
MAP_SHARED_VALIDATE: Final = 3
EXECUTE: Final = READ_WRITE | 4
MS_ASYNC, MS_SYNC = 1, 4
MARK: Final = 0x5A

MMAP: Final = FLAGS["GUEST_MEMFD_FLAG_MMAP"]
SHARED: Final = MMAP | FLAGS["GUEST_MEMFD_FLAG_INIT_SHARED"]

GMEM_MMAP: Final = "virt/kvm/guest_memfd.c:kvm_gmem_mmap@v7.3"
DO_MMAP: Final = "mm/mmap.c:do_mmap@v7.3"
FAULT: Final = "virt/kvm/guest_memfd.c:kvm_gmem_fault_user_mapping@v7.3"
GUP: Final = "mm/gup.c:check_vma_flags@v7.3"

Use = Callable[[Bench, int, int], object]
"""What is done with a bench, a guest_memfd, and the address that its two pages are mapped at."""


def cases() -> tuple[Case, ...]:
    """Return the questions, in the order of asking."""
    return (*_mapping(), *_touching(), *_reaching(), *memory_advice.cases())


def _mapping() -> Iterator[Case]:
    no_exec = changed_unseen("ENODEV", "EPERM")
    for name, words, flags, how, length, expected, source in (
        ("mmap shared", "MAP_SHARED", 0, {}, SIZE, always("ENODEV"), GMEM_MMAP),
        ("mmap private", "MAP_PRIVATE", 0, {"flags": MAP_PRIVATE}, SIZE,
         always("ENODEV"), GMEM_MMAP),
        ("mmap validated", "MAP_SHARED_VALIDATE", 0, {"flags": MAP_SHARED_VALIDATE}, SIZE,
         always("ENODEV"), GMEM_MMAP),
        ("mmap executable", "PROT_EXEC", 0, {"protection": EXECUTE}, SIZE, no_exec,
         f"{DO_MMAP}; mm/mmap.c:do_mmap@v6.12"),
        ("mmap of length 0", "length 0", 0, {}, 0, always("EINVAL"), DO_MMAP),
        ("mappable, mmap shared", "MAP_SHARED", MMAP, {}, SIZE, always("0"), GMEM_MMAP),
        ("mappable, mmap private", "MAP_PRIVATE", MMAP, {"flags": MAP_PRIVATE}, SIZE,
         always("EINVAL"), GMEM_MMAP),
        ("mappable, mmap validated", "MAP_SHARED_VALIDATE", MMAP, {"flags": MAP_SHARED_VALIDATE},
         SIZE, always("0"), GMEM_MMAP),
        ("mappable, mmap executable", "PROT_EXEC", MMAP, {"protection": EXECUTE}, SIZE,
         always("EPERM"), DO_MMAP),
        ("mappable, mmap past the end", "MAP_SHARED, twice its size", MMAP, {}, 2 * SIZE,
         always("0"), GMEM_MMAP),
    ):  # fmt: skip
        of = " of a mappable guest_memfd" if flags else ""
        yield Case(name, f"mmap({words}){of}", _map(flags, length, how), expected, source, flags)


def _map(flags: int, length: int, how: Mapping[str, int]) -> Callable[[Bench], None]:
    def run(bench: Bench) -> None:
        bench.pages(bench.create(SIZE, flags), length, **how)

    return run


# Whatever touches a page does so in a child, which may be killed for it.
def _touching() -> Iterator[Case]:
    sigbus = always("SIGBUS")
    for name, call, flags, use, expected in (
        ("touch private", "reading a page of private memory", MMAP, _in_child(_read), sigbus),
        ("touch private past the end", "reading a page past the end of private memory",
         MMAP, _in_child(_read, SIZE), sigbus),
        ("touch shared", "reading a page", SHARED, _in_child(_read), always("0")),
        ("touch the last byte", "reading the last byte", SHARED, _in_child(_read, SIZE - 1),
         always("0")),
        ("touch past the end", "reading the first byte past the end", SHARED,
         _in_child(_read, SIZE), sigbus),
        ("touch and write", "writing a page, then reading it", SHARED,
         _in_child(_write_and_read), always(str(MARK))),
        ("touch and write past the end", "writing a page past the end", SHARED,
         _in_child(_write_and_read, SIZE), sigbus),
        ("touch after close", "reading a page after close of the fd", SHARED,
         _closed_first, always("0")),
    ):  # fmt: skip
        yield Case(name, call, _mapped(use, flags), expected, FAULT, flags)
    yield Case(
        "touch a punched page", "writing a page, then a hole, then reading it",
        _mapped(_punched, SHARED), always("0"),
        "virt/kvm/guest_memfd.c:kvm_gmem_punch_hole@v7.3", SHARED,
    )  # fmt: skip


def _mapped(use: Use, flags: int, length: int = 2 * SIZE) -> Callable[[Bench], object]:
    def run(bench: Bench) -> object:
        fd = bench.create(SIZE, flags)
        return use(bench, fd, bench.pages(fd, length))

    return run


def _in_child(call: Callable[[int], object], offset: int = 0) -> Use:
    return lambda _bench, _fd, address: answer_in_child(lambda: call(address + offset))


def _read(address: int) -> int:
    return ctypes.string_at(address, 1)[0]


def _write_and_read(address: int) -> int:
    ctypes.memset(address, MARK, PAGE)
    return _read(address)


def _closed_first(bench: Bench, fd: int, address: int) -> str:
    bench.close(fd)
    return answer_in_child(lambda: _read(address))


def _punched(_bench: Bench, fd: int, address: int) -> str:
    written = answer_in_child(lambda: _write_and_read(address))
    if written != str(MARK):
        return f"{written} before the hole"
    system.fallocate(fd, KEEP_SIZE | PUNCH_HOLE, 0, PAGE)
    return answer_in_child(lambda: _read(address))


# The kernel's own ways to a page: a fault there is an errno, not a signal.
def _reaching() -> Iterator[Case]:
    def by_mem(bench: Bench, _fd: int, address: int) -> int:
        memory = bench.keep(os.open("/proc/self/mem", os.O_RDONLY | os.O_CLOEXEC))
        return len(os.pread(memory, PAGE, address))

    def spliced(offset: int) -> Use:
        def use(bench: Bench, _fd: int, address: int) -> int:
            _, writing = map(bench.keep, os.pipe())
            return system.vmsplice(writing, address + offset, PAGE)

        return use

    page, mem = str(PAGE), "fs/proc/base.c:mem_rw@v7.3"
    table: tuple[tuple[str, str, int, Use, Expected, str], ...] = (
        ("/proc/self/mem", "pread of a page by /proc/self/mem", SHARED, by_mem, always(page), mem),
        ("/proc/self/mem of private", "pread of private memory by /proc/self/mem", MMAP, by_mem,
         always("EIO"), mem),
        ("vmsplice", "vmsplice of a page to a pipe", SHARED, spliced(0), always(page), GUP),
        ("vmsplice past the end", "vmsplice of a page past the end", SHARED, spliced(SIZE),
         always("EFAULT"), FAULT),
        ("msync MS_SYNC", "msync(MS_SYNC)", SHARED,
         lambda _b, _f, at: system.msync(at, PAGE, MS_SYNC), always("EINVAL"),
         "fs/sync.c:vfs_fsync_range@v7.3"),
        ("msync MS_ASYNC", "msync(MS_ASYNC)", SHARED,
         lambda _b, _f, at: system.msync(at, PAGE, MS_ASYNC), always("0"), "mm/msync.c:msync@v7.3"),
    )  # fmt: skip
    for name, call, flags, use, expected, source in table:
        yield Case(name, call, _mapped(use, flags), expected, source, flags)
    for name, call, offset, got, source in (
        ("mlock", "mlock of a page", 0, "0", "mm/mlock.c:do_mlock@v7.3"),
        ("mlock past the end", "mlock of a page past the end", SIZE, "ENOMEM",
         "mm/mlock.c:__mlock_posix_error_return@v7.3"),
    ):  # fmt: skip
        yield Case(
            name, call, _mapped(_locked(offset), SHARED), always(got, "EPERM"), source, SHARED,
            note="EPERM where the process may lock nothing (RLIMIT_MEMLOCK)",
        )  # fmt: skip


def _locked(offset: int) -> Use:
    return lambda _bench, _fd, address: system.mlock(address + offset, PAGE)
