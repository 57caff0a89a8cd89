"""Make the system calls that Python has no words for; each raises OSError with its errno.

Nothing is checked before the kernel sees it: the kernel's answer is the point.
"""

import ctypes
import errno
import os
from collections.abc import Callable
from ctypes import c_char_p, c_int, c_int64, c_long, c_size_t, c_ssize_t, c_uint, c_ulong, c_void_p
from functools import cache
from typing import Any, Final

KEEP_SIZE: Final = 1
PUNCH_HOLE: Final = 2
MAP_SHARED: Final = 1
READ_WRITE: Final = 3
MPOL_F_ADDR: Final = 2
IN_ALL_EVENTS: Final = 0xFFF

# What the kernel calls these; Python knows them by the other name.
KERNEL_NAMES: Final = {errno.EOPNOTSUPP: "EOPNOTSUPP", errno.EDEADLK: "EDEADLK"}

# By machine, as arch/*/include/generated/uapi/asm/unistd*.h number them.
SYSCALLS: Final = {
    "x86_64": {"mbind": 237, "get_mempolicy": 239, "memfd_secret": 447},
    "aarch64": {"mbind": 235, "get_mempolicy": 236, "memfd_secret": 447},
}


def answer(call: Callable[[], object]) -> str:
    """Return what `call` gave as text ("0" for None), or the name of its errno."""
    try:
        value = call()
    except OSError as error:
        return errno_name(error)
    return "0" if value is None else str(value)


def errno_name(error: OSError) -> str:
    """Return the kernel's name of an errno; the error itself is raised where it has none."""
    if error.errno is None:
        raise error
    name = errno.errorcode.get(error.errno, str(error.errno))
    return KERNEL_NAMES.get(error.errno, name)


@cache
def _function(name: str, result: Any, *arguments: Any) -> Any:
    function = getattr(ctypes.CDLL(None, use_errno=True), name)
    function.restype, function.argtypes, function.errcheck = result, arguments, _checked
    return function


# Every one of these gives -1 where the kernel refuses; mmap's, too, as no address is that high.
def _checked(value: int, _function: object, _arguments: object) -> int:
    if value == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return value


def _syscall(name: str, *arguments: object) -> int:
    number = SYSCALLS.get(os.uname().machine, {}).get(name)
    if number is None:
        raise OSError(errno.ENOSYS, f"no number known for {name} on {os.uname().machine}")
    given: int = _function("syscall", c_long)(c_long(number), *arguments)
    return given


def fallocate(fd: int, mode: int, offset: int, length: int) -> None:
    """Give a file room, or punch a hole into it."""
    _function("fallocate64", c_int, c_int, c_int, c_int64, c_int64)(fd, mode, offset, length)


def map_pages(
    fd: int, length: int, *, protection: int = READ_WRITE, flags: int = MAP_SHARED
) -> int:
    """Map a file from its start, by mmap(2); return the address."""
    function = _function("mmap64", c_ssize_t, c_void_p, c_size_t, c_int, c_int, c_int, c_int64)
    address: int = function(None, length, protection, flags, fd, 0)
    return address


def unmap(address: int, length: int) -> None:
    """Unmap memory, by munmap(2)."""
    _function("munmap", c_int, c_void_p, c_size_t)(address, length)


def madvise(address: int, length: int, advice: int) -> None:
    """Give the kernel advice about mapped memory."""
    _function("madvise", c_int, c_void_p, c_size_t, c_int)(address, length, advice)


def mlock(address: int, length: int) -> None:
    """Lock mapped memory."""
    _function("mlock", c_int, c_void_p, c_size_t)(address, length)


def msync(address: int, length: int, flags: int) -> None:
    """Write mapped memory back to its file."""
    _function("msync", c_int, c_void_p, c_size_t, c_int)(address, length, flags)


def readahead(fd: int, offset: int, length: int) -> None:
    """Read a part of a file into the page cache."""
    _function("readahead", c_ssize_t, c_int, c_int64, c_size_t)(fd, offset, length)


class _StatFs(ctypes.Structure):
    # f_type leads in every 64-bit layout of struct statfs; the rest is room.
    _fields_ = [("f_type", c_long), ("rest", ctypes.c_char * 256)]


def fs_magic(fd: int) -> int:
    """Return f_type of fstatfs(2): which file system the file is of."""
    buffer = _StatFs()
    _function("fstatfs", c_int, c_int, c_void_p)(fd, ctypes.byref(buffer))
    return int(buffer.f_type) & 0xFFFFFFFF


def memfd_secret() -> int:
    """Make secret memory; return its file descriptor."""
    return _syscall("memfd_secret", c_uint(os.O_CLOEXEC))


def set_policy(address: int, length: int, *, mode: int, node: int = 0, flags: int = 0) -> None:
    """Set the policy of mapped memory to one NUMA node, by mbind(2)."""
    nodes = c_ulong(1 << node)
    _syscall(
        "mbind", c_void_p(address), c_ulong(length), c_long(mode), ctypes.byref(nodes),
        c_ulong(8 * ctypes.sizeof(nodes)), c_uint(flags),
    )  # fmt: skip


def policy_at(address: int) -> int:
    """Return the NUMA policy's mode at an address, by get_mempolicy(2); 0 is MPOL_DEFAULT."""
    mode = c_int()
    _syscall(
        "get_mempolicy", ctypes.byref(mode), c_void_p(None), c_ulong(0), c_void_p(address),
        c_ulong(MPOL_F_ADDR),
    )  # fmt: skip
    return mode.value


class _Span(ctypes.Structure):
    _fields_ = [("base", c_void_p), ("length", c_size_t)]


def vmsplice(fd: int, address: int, length: int) -> int:
    """Put mapped pages into a pipe without copying; return how many bytes."""
    span = _Span(address, length)
    function = _function("vmsplice", c_ssize_t, c_int, c_void_p, c_size_t, c_uint)
    given: int = function(fd, ctypes.byref(span), 1, 0)
    return given


def inotify_watch(path: str) -> int:
    """Watch a file's every event on an inotify instance of its own; return that one's fd."""
    fd: int = _function("inotify_init1", c_int, c_int)(os.O_CLOEXEC)
    try:
        function = _function("inotify_add_watch", c_int, c_int, c_char_p, ctypes.c_uint32)
        function(fd, os.fsencode(path), IN_ALL_EVENTS)
    except OSError:
        os.close(fd)
        raise
    return fd


def inotify_forget(fd: int, watch: int) -> None:
    """Remove a watch from an inotify instance, by inotify_rm_watch(2)."""
    _function("inotify_rm_watch", c_int, c_int, c_int)(fd, watch)
