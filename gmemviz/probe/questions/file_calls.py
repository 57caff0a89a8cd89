"""Ask a guest_memfd for what files do: read, write, change, reopen, and what it is by fstat."""

import fcntl
import os
from collections.abc import Callable, Iterator
from typing import Final

from gmemviz.probe import system
from gmemviz.probe.abi import IOCTLS, PAGE
from gmemviz.probe.case import Case, Expected, always
from gmemviz.probe.fixture import Bench, Kernel
from gmemviz.probe.questions import fallocate
from gmemviz.probe.system import KEEP_SIZE

SIZE: Final = 2 * PAGE
OLD, NEW = (6, 13), (6, 18)

READ: Final = "fs/read_write.c:vfs_read@v7.3"
WRITE: Final = "fs/read_write.c:vfs_write@v7.3"
SENDFILE: Final = "fs/read_write.c:do_sendfile@v7.3"
COPY: Final = "fs/read_write.c:generic_copy_file_checks@v7.3"
SPLICE: Final = "fs/splice.c:do_splice@v7.3"
SPLICE_READ: Final = "fs/splice.c:do_splice_read@v7.3"
FADVISE: Final = "mm/fadvise.c:generic_fadvise@v7.3"
SETATTR: Final = "virt/kvm/guest_memfd.c:kvm_gmem_setattr@v7.3"
SEALS: Final = "mm/memfd.c:memfd_file_seals_ptr@v7.3"
NO_OPEN: Final = "fs/inode.c:no_open@v7.3"
O_PATH: Final = "fs/open.c:do_dentry_open@v7.3"
GENERIC_STAT: Final = "fs/stat.c:generic_fillattr@v7.3"
CREATE: Final = "virt/kvm/guest_memfd.c:__kvm_gmem_create@v7.3"

Run = Callable[[Bench], object]


def _on_file(call: Callable[[int], object]) -> Run:
    return lambda bench: call(bench.create(SIZE))


def changed_unseen(before: str, then: str) -> Expected:
    """Expect `before` up to 6.12, `then` since 6.18, and either of kernels between, not read."""

    def expected(kernel: Kernel) -> tuple[str, ...]:
        if kernel.version >= NEW:
            return (then,)
        return (before, then) if kernel.version >= OLD else (before,)

    return expected


def cases() -> tuple[Case, ...]:
    """Return the questions, in the order of asking."""
    return (
        *fallocate.cases(),
        *_reading(),
        *_copying(),
        *_advice(),
        *_changing(),
        *_opening(),
        *_being(),
    )


def _reading() -> Iterator[Case]:
    for name, call, run, expected, source in (
        ("read", "read", lambda fd: os.read(fd, 1), "EINVAL", READ),
        ("write", "write", lambda fd: os.write(fd, b"."), "EINVAL", WRITE),
        ("pread", "pread", lambda fd: os.pread(fd, 1, 0), "ESPIPE", _place("ksys_pread64")),
        ("pwrite", "pwrite", lambda fd: os.pwrite(fd, b".", 0), "ESPIPE", _place("ksys_pwrite64")),
        ("lseek", "lseek to the end", lambda fd: os.lseek(fd, 0, os.SEEK_END), "ESPIPE",
         _place("vfs_llseek")),
    ):  # fmt: skip
        yield Case(name, call, _on_file(run), always(expected), source)


def _place(function: str) -> str:
    return f"fs/read_write.c:{function}@v7.3"


def _copying() -> Iterator[Case]:
    def piped(call: Callable[[int, int, int], object]) -> Run:
        def run(bench: Bench) -> object:
            reading, writing = map(bench.keep, os.pipe())
            os.write(writing, b".")
            return call(bench.create(SIZE), reading, writing)

        return run

    def copied(call: Callable[[int, int], object], other: Callable[[Bench], int]) -> Run:
        return lambda bench: call(bench.create(SIZE), bench.keep(other(bench)))

    def memfd(_bench: Bench) -> int:
        return os.memfd_create("gmemviz", os.MFD_CLOEXEC)

    for name, call, run, expected, source in (
        ("sendfile", "sendfile from it to a pipe",
         piped(lambda fd, _r, w: os.sendfile(w, fd, None, PAGE)),
         "EINVAL", SPLICE_READ),
        ("sendfile at an offset", "sendfile from it to a pipe, with an offset",
         piped(lambda fd, _r, w: os.sendfile(w, fd, 0, PAGE)), "ESPIPE", SENDFILE),
        ("splice from", "splice from it to a pipe",
         piped(lambda fd, _r, w: os.splice(fd, w, PAGE)), "EINVAL", SPLICE_READ),
        ("splice from an offset", "splice from it to a pipe, with an offset",
         piped(lambda fd, _r, w: os.splice(fd, w, PAGE, offset_src=0)), "EINVAL", SPLICE),
        ("splice to", "splice from a pipe to it",
         piped(lambda fd, r, _w: os.splice(r, fd, 1)), "EINVAL", "fs/splice.c:do_splice_from@v7.3"),
        ("copy_file_range to its like", "copy_file_range to another guest_memfd",
         copied(lambda fd, to: os.copy_file_range(fd, to, PAGE), lambda b: b.create(SIZE)),
         "EINVAL", SPLICE_READ),
        ("copy_file_range to a memfd", "copy_file_range to a memfd",
         copied(lambda fd, to: os.copy_file_range(fd, to, PAGE), memfd), "EXDEV", COPY),
        ("copy_file_range from a memfd", "copy_file_range from a memfd",
         copied(lambda fd, of: os.copy_file_range(of, fd, PAGE), memfd), "EXDEV", COPY),
    ):  # fmt: skip
        yield Case(name, call, run, always(expected), source)


def _advice() -> Iterator[Case]:
    yield Case(
        "readahead", "readahead", _on_file(lambda fd: system.readahead(fd, 0, PAGE)),
        changed_unseen("0", "EINVAL"),
        "mm/readahead.c:ksys_readahead@v7.3; mm/readahead.c:ksys_readahead@v6.12",
        note="refused since files on anonymous inodes are marked",
    )  # fmt: skip
    yield Case(
        "fadvise", "posix_fadvise(WILLNEED)",
        _on_file(lambda fd: os.posix_fadvise(fd, 0, PAGE, os.POSIX_FADV_WILLNEED)),
        always("0"), FADVISE, note="the advice is ignored",
    )  # fmt: skip
    yield Case(
        "fadvise unknown", "posix_fadvise with unknown advice",
        _on_file(lambda fd: os.posix_fadvise(fd, 0, PAGE, 99)), always("EINVAL"), FADVISE,
    )  # fmt: skip


def _changing() -> Iterator[Case]:
    get_seals, add_seals = fcntl.F_GET_SEALS, fcntl.F_ADD_SEALS
    for name, call, run, expected, source in (
        ("ftruncate smaller", "ftruncate to one page",
         lambda fd: os.ftruncate(fd, PAGE), "EINVAL", SETATTR),
        ("ftruncate larger", "ftruncate to four pages",
         lambda fd: os.ftruncate(fd, 2 * SIZE), "EINVAL", SETATTR),
        ("ftruncate same", "ftruncate to the size it has",
         lambda fd: os.ftruncate(fd, SIZE), "EINVAL", SETATTR),
        ("fchmod", "fchmod(0600)", lambda fd: os.fchmod(fd, 0o600), "EINVAL", SETATTR),
        ("fchown", "fchown(-1, -1)", lambda fd: os.fchown(fd, -1, -1), "EINVAL", SETATTR),
        ("futimens", "futimens", os.utime, "EINVAL", SETATTR),
        ("fsync", "fsync", os.fsync, "EINVAL", "fs/sync.c:vfs_fsync_range@v7.3"),
        ("ioctl", "an ioctl of KVM on it",
         lambda fd: fcntl.ioctl(fd, IOCTLS["KVM_GET_API_VERSION"], 0),
         "ENOTTY", "fs/ioctl.c:vfs_ioctl@v7.3"),
        ("get seals", "fcntl(F_GET_SEALS)", lambda fd: fcntl.fcntl(fd, get_seals), "EINVAL", SEALS),
        ("add seals", "fcntl(F_ADD_SEALS, F_SEAL_GROW)",
         lambda fd: fcntl.fcntl(fd, add_seals, fcntl.F_SEAL_GROW), "EINVAL", SEALS),
        ("fgetxattr", "fgetxattr(user.gmemviz)",
         lambda fd: os.getxattr(fd, "user.gmemviz"),
         "EOPNOTSUPP", "fs/xattr.c:xattr_resolve_name@v7.3"),
        ("flock", "flock(LOCK_EX)", lambda fd: fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB), "0",
         "fs/locks.c:flock_lock_inode@v7.3"),
    ):  # fmt: skip
        yield Case(name, call, _on_file(run), always(expected), source)


def _opening() -> Iterator[Case]:
    def opened(bench: Bench, fd: int, how: int) -> int:
        return bench.keep(os.open(f"/proc/self/fd/{fd}", how | os.O_CLOEXEC))

    def again(how: int) -> Run:
        return lambda bench: bench.close(opened(bench, bench.create(SIZE), how))

    def by_path(call: Callable[[Bench, int], object]) -> Run:
        return lambda bench: call(bench, opened(bench, bench.create(SIZE), os.O_PATH))

    def watch(bench: Bench, fd: int) -> None:
        bench.keep(system.inotify_watch(f"/proc/self/fd/{fd}"))

    link = "open(/proc/self/fd/N, {})"
    for name, call, run, expected, source in (
        ("reopen O_RDWR", link.format("O_RDWR"), again(os.O_RDWR), "ENXIO", NO_OPEN),
        ("reopen O_RDONLY", link.format("O_RDONLY"), again(os.O_RDONLY), "ENXIO", NO_OPEN),
        ("reopen O_PATH", link.format("O_PATH"), again(os.O_PATH), "0", O_PATH),
        ("O_PATH fstat", "st_size of fstat on an O_PATH fd of it",
         by_path(lambda _bench, fd: os.fstat(fd).st_size), str(SIZE), "fs/stat.c:vfs_fstat@v7.3"),
        ("O_PATH fallocate", "fallocate on an O_PATH fd of it",
         by_path(lambda _bench, fd: system.fallocate(fd, KEEP_SIZE, 0, PAGE)), "EBADF",
         "fs/file.c:fdget@v7.3"),
        ("O_PATH mmap", "mmap of an O_PATH fd of it",
         by_path(lambda bench, fd: bench.pages(fd, PAGE)), "EBADF", "fs/file.c:fget@v7.3"),
        ("O_PATH reopen", "open(/proc/self/fd/N, O_RDWR) of an O_PATH fd of it",
         by_path(lambda bench, fd: opened(bench, fd, os.O_RDWR)), "ENXIO", NO_OPEN),
        ("inotify watch", "inotify_add_watch(/proc/self/fd/N)",
         lambda bench: watch(bench, bench.create(SIZE)), "0",
         "fs/notify/inotify/inotify_user.c:inotify_find_inode@v7.3"),
    ):  # fmt: skip
        yield Case(name, call, run, always(expected), source)


def _being() -> Iterator[Case]:
    def blocks(fd: int) -> int:
        system.fallocate(fd, KEEP_SIZE, 0, SIZE)
        return os.fstat(fd).st_blocks

    for name, call, run, expected, source in (
        ("st_mode", "st_mode of fstat", lambda fd: oct(os.fstat(fd).st_mode), "0o100600", CREATE),
        ("st_size", "st_size of fstat", lambda fd: os.fstat(fd).st_size, str(SIZE), CREATE),
        ("st_nlink", "st_nlink of fstat", lambda fd: os.fstat(fd).st_nlink, "1",
         "fs/inode.c:inode_init_always_gfp@v7.3"),
        ("st_blksize", "st_blksize of fstat", lambda fd: os.fstat(fd).st_blksize, str(PAGE),
         "fs/libfs.c:pseudo_fs_fill_super@v7.3"),
        ("st_blocks", "st_blocks after fallocate of two pages", blocks, "0", GENERIC_STAT),
    ):  # fmt: skip
        yield Case(name, call, _on_file(run), always(expected), source)
