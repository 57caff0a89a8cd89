"""Write a file whole or not at all, and open one only if it is a regular file."""

import errno
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from gmemviz.errors import OutputError

_KINDS: Final = {
    stat.S_IFDIR: "a folder",
    stat.S_IFBLK: "a block device",
    stat.S_IFCHR: "a character device",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
}
_NEW_MODE: Final = 0o666  # less the umask, as every program makes a file


def write_whole(target: Path, data: bytes, *, reads: Iterable[Path] = ()) -> None:
    """Write `data` to a new file beside `target`, then rename it: nobody sees half a file.

    A symlink stays, and what it leads to is written. The old file's mode is kept, and its owner
    where that is allowed; another hard link to the old file keeps the old text. Into a character
    device or a FIFO, such as /dev/stdout, the bytes are written, and it stays what it is. `reads`
    are files and folders that the bytes were made of, which are never written over.
    OutputError says which file could not be written, and why.
    """
    with _refusals_named(target):
        if _is_stream(target):
            _write_into(target, data)
        else:
            _replace(*_place(target, reads), data)


def refuse_target(target: Path, *, reads: Iterable[Path] = ()) -> None:
    """Raise OutputError where `write_whole` would refuse `target`, before work is done for it."""
    with _refusals_named(target):
        if not _is_stream(target):
            real, _ = _place(target, reads)
            if not real.parent.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, f"there is no folder {target.parent}")


def open_regular(path: Path) -> BinaryIO:
    """Open a file to read its bytes; OSError where it is a folder, a FIFO or a device.

    Those may have no end, or never begin.
    """
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        _refuse_irregular(os.fstat(fd))
    except OSError:
        os.close(fd)
        raise
    return os.fdopen(fd, "rb")


@contextmanager
def _refusals_named(target: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: a name with a null byte in it
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"cannot write {target}: {reason}") from error


def _refuse_irregular(found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        kind = _KINDS.get(stat.S_IFMT(found.st_mode), "something else")
        raise OSError(errno.EINVAL, f"it is {kind}, not a regular file")


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _is_stream(target: Path) -> bool:
    return target.is_char_device() or target.is_fifo()


def _write_into(target: Path, data: bytes) -> None:
    # Without O_NONBLOCK the open of a FIFO waits for ever where nobody reads it.
    try:
        fd = os.open(target, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
        raise OSError(errno.ENXIO, "nobody reads it") from None
    os.set_blocking(fd, True)
    with os.fdopen(fd, "wb") as file:
        if stat.S_ISREG(os.fstat(fd).st_mode):  # it was another a moment ago
            raise OSError(errno.EAGAIN, "it has changed meanwhile")
        file.write(data)


# Where the file really is, and the regular file that stands there.
def _place(target: Path, reads: Iterable[Path]) -> tuple[Path, os.stat_result | None]:
    real, old = Path(os.path.realpath(target)), _stat(target)
    if old is None:
        return real, None
    _refuse_irregular(old)
    there = _stat(real)
    if there is None or not os.path.samestat(old, there):  # such as /dev/stdout, its file removed
        raise FileNotFoundError(errno.ENOENT, "the file has no name")
    for read in reads:
        _refuse_input(real, old, Path(read))
    if not os.access(real, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return real, old


def _refuse_input(real: Path, old: os.stat_result, read: Path) -> None:
    found = _stat(read)
    if found is None:
        return
    is_within = stat.S_ISDIR(found.st_mode) and Path(os.path.realpath(read)) in real.parents
    if is_within or os.path.samestat(old, found):
        raise OSError(errno.EINVAL, f"it is read from ({read}), and would be lost")


def _replace(real: Path, old: os.stat_result | None, data: bytes) -> None:
    unfinished = real.with_name(f".gmemviz-{secrets.token_hex(8)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    # What replaces a private file is private from its first byte on.
    fd = os.open(unfinished, flags, _NEW_MODE if old is None else 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            if old is not None:
                _dress(fd, old)
            os.fsync(fd)  # some disks say only now that they are full: the old file still stands
        _refuse_changed(real, old)
        unfinished.replace(real)
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _dress(fd: int, old: os.stat_result) -> None:
    mode = stat.S_IMODE(old.st_mode)
    try:
        os.fchown(fd, old.st_uid, old.st_gid)
    except PermissionError:  # another's file: who may do what stays, bits that lend rights do not
        mode &= 0o777
    os.fchmod(fd, mode)


# Somebody may have put something else there meanwhile; a rename would put it away unseen.
def _refuse_changed(real: Path, old: os.stat_result | None) -> None:
    try:
        now = real.lstat()
    except FileNotFoundError:
        return
    if old is None:
        _refuse_irregular(now)
    elif not os.path.samestat(now, old):
        raise OSError(errno.EAGAIN, "it has changed meanwhile")
