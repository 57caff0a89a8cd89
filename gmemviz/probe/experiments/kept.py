"""Try what keeps an inode and its pages after the last close, and what does not.

Who has a reference to the struct file, a path or the inode puts off fs/inode.c:evict@v7.3, which
truncates the pages; who has one to a page keeps that page alone.
"""

import ctypes
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from gmemviz.probe import system
from gmemviz.probe.abi import MAPPABLE, PAGE, TOUCHABLE
from gmemviz.probe.experiments.rounds import SIZE, Read, kept
from gmemviz.probe.fixture import Bench

# Two pages fit into every pipe: fs/pipe.c:alloc_pipe_info@v7.3 gives nobody less.
SPLICED: Final = 2 * PAGE

DATA: Final = (b"written after the vmsplice " * SPLICED)[:SPLICED]


def _filled(bench: Bench, read: Read, flags: int = 0) -> int:
    fd = bench.create(SIZE, flags)
    system.fallocate(fd, system.KEEP_SIZE, 0, SIZE)
    read("fallocate", held=True)
    return fd


# The last fput evicts: fs/file_table.c:__fput@v7.3, fs/inode.c:evict@v7.3.
def _close(bench: Bench, read: Read) -> str:
    bench.close(_filled(bench, read))
    read("close", held=False)
    return ""


# The inode's number is compared, as an fd that showed another inode would tell nothing of this one.
# An O_PATH fd is a struct file too, with the same dentry: fs/open.c:do_dentry_open@v7.3.
def _o_path(bench: Bench, read: Read) -> str:
    fd = _filled(bench, read)
    path = bench.keep(os.open(f"/proc/self/fd/{fd}", os.O_PATH | os.O_CLOEXEC))
    number = os.fstat(fd).st_ino
    bench.close(fd)
    read("close", held=True)
    same = os.fstat(path).st_ino == number
    bench.close(path)
    read("close of the O_PATH fd", held=False)
    return "" if same else "the O_PATH fd did not show the same inode"


# No fd of the file is left, so only the instance's fdinfo can say that the inode is still there
# (fs/notify/fdinfo.c:inotify_fdinfo@v6.12 shows the inode of each mark).
# A mark takes a reference to the inode: fs/notify/mark.c:fsnotify_update_iref@v7.3.
def _inotify(bench: Bench, read: Read) -> str:
    fd = _filled(bench, read)
    number, device = os.fstat(fd).st_ino, os.fstat(fd).st_dev
    watching = bench.keep(system.inotify_watch(f"/proc/self/fd/{fd}"))
    bench.close(fd)
    read("close", held=True)
    # The kernel writes its own form of the device: include/linux/kdev_t.h:MKDEV@v7.3.
    sign = f"ino:{number:x} sdev:{os.major(device) << 20 | os.minor(device):x}"
    shown = Path(f"/proc/self/fdinfo/{watching}").read_text(encoding="ascii")
    watch = re.search(rf"^inotify wd:([0-9a-f]+) {sign} ", shown, re.MULTILINE)
    if not watch:
        return "the fdinfo of the inotify fd did not show the inode and its device"
    system.inotify_forget(watching, int(watch[1], 16))
    read("inotify_rm_watch", held=False)
    return ""


# No page is touched, so this needs no shared memory, and runs where only mmap is given.
# A vma has a reference to the file, not the fd: mm/vma.c:__mmap_new_file_vma@v7.3.
def _mapping(bench: Bench, read: Read) -> str:
    fd = _filled(bench, read, MAPPABLE)
    with _mapped(fd, PAGE):
        bench.close(fd)
        read("close", held=True)
    read("munmap", held=False)
    return ""


# The pages are filled only after the vmsplice, and read from the pipe after the inode is gone.
# A pipe has references to pages, and none to their file: fs/splice.c:iter_to_pipe@v7.3.
def _vmsplice(bench: Bench, read: Read) -> str:
    fd = _filled(bench, read, TOUCHABLE)
    reading, writing = (bench.keep(end) for end in os.pipe())
    with _mapped(fd, SPLICED) as address:
        length = system.vmsplice(writing, address, SPLICED)
        # Only the page itself can bring this to the pipe, no copy.
        ctypes.memmove(address, DATA, SPLICED)
    read("munmap", held=True)
    bench.close(fd)
    read("close", held=False)
    got = os.read(reading, length)
    return "" if got == DATA[:length] else "the pipe did not give what was in the pages"


# A file has a reference to its VM, no VM to a file: virt/kvm/guest_memfd.c:__kvm_gmem_create@v7.3.
def _vm_first(bench: Bench, read: Read) -> str:
    fd = _filled(bench, read)
    bench.close(bench.vm)
    read("close of the VM", held=True)
    punch = system.KEEP_SIZE | system.PUNCH_HOLE
    for step, mode in (("punch hole", punch), ("fallocate again", system.KEEP_SIZE)):
        try:
            system.fallocate(fd, mode, 0, SIZE)
        except OSError as error:
            return f"{step} gave {error.strerror!r}"
        read(step, held=mode != punch)
    bench.close(fd)
    read("close", held=False)
    return ""


@contextmanager
def _mapped(fd: int, length: int) -> Iterator[int]:
    address = system.map_pages(fd, length)
    try:
        yield address
    finally:
        system.unmap(address, length)


KEPT: Final = {
    "close": kept("The memory comes with fallocate and goes with the last close.", _close),
    "o-path": kept(
        "An O_PATH fd keeps the inode and all its pages after the last real close, until it is "
        "closed too.",
        _o_path,
    ),
    "inotify": kept(
        "An inotify mark keeps the inode, which its fdinfo still shows, and all its pages after "
        "the last close, until the watch is removed.",
        _inotify,
    ),
    "mapping": kept(
        "A mapping of one page, which need not even be touched, keeps the inode and all its pages "
        "after the last close, until it is unmapped.",
        _mapping,
        MAPPABLE,
    ),
    "vmsplice": kept(
        "A page outlives its inode: after munmap and close all other memory is gone, and the pipe "
        "still gives what was in the pages.",
        _vmsplice,
        TOUCHABLE,
    ),
    "vm-first": kept(
        "When the VM's fd is closed first, the guest_memfd goes on working: a hole can be punched, "
        "and fallocate gives memory again.",
        _vm_first,
    ),
}
