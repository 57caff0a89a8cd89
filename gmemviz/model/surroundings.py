"""Write down the code around the road: system calls, readers, what a module does itself.

Data like the skeleton, but not the kernel's road: nothing here is held against the facts.
"""

from typing import Final

from gmemviz.model import world
from gmemviz.model.actions import free_struct
from gmemviz.model.skeleton import Call, Chosen, Do, Function, ReturnIf, Wait

__all__ = ("SURROUNDINGS",)


def _call(*names: str) -> Call:
    return Call(names)


SURROUNDINGS: Final = {
    "alloc_file_pseudo": Function(
        "makes dentry and struct file",
        (Do(world.open_file, "the file holds the dentry, the dentry holds the inode"),),
    ),
    "filemap_add_folio": Function(
        "puts a folio into the page cache",
        (Do(world.add_folio, "a touched page puts a folio into the mapping"),),
    ),
    "page fault": Function("touches a page of the file", (Chosen("adds_folio"),)),
    "fallocate(2)": Function("fills the file without a mapping", (Chosen("adds_folio"),)),
    "munmap(2)": Function("unmaps the page", (Do(world.unmap, "no PTE leads to the folio now"),)),
    "close(2)": Function(
        "puts the file; task work runs __fput",
        (
            Do(world.unpublish, "no new lockless reader finds the inode"),
            Call(("__fput",)),
            Do(world.note_close, "close(2) is done"),
        ),
    ),
    "open(2) O_PATH": Function(
        "opens /proc/self/fd/N with O_PATH",
        (Do(world.open_path, "a second struct file holds the dentry"),),
    ),
    "rcu_read_lock": Function("opens a read-side section", ()),
    "gup_fast_folio_allowed": Function(
        "looks at the folio's mapping with interrupts off",
        (
            Do(world.load_mapping, "folio->mapping is loaded"),
            ReturnIf(world.found_nothing),
            Do(world.read_mapping, "mapping->a_ops is read, in the memory of the inode"),
        ),
    ),
    "get_user_pages_fast": Function(
        "walks the page table with interrupts off",
        (
            Wait(world.is_mapped, world.grab, "the PTE leads to the folio, which gets a reference"),
            _call("gup_fast_folio_allowed"),
            Do(world.let_go, "the reference is dropped, interrupts are on again"),
        ),
    ),
    "lockless reader": Function(
        "reads the metadata under rcu_read_lock, without a reference",
        (
            Wait(world.is_published, world.enter, "rcu_read_lock; the inode is still in use"),
            _call("peek"),
            Do(world.leave, "rcu_read_unlock"),
        ),
    ),
    "peek": Function(
        "looks at the metadata",
        (
            Do(world.load_metadata, "the pointer to the metadata is loaded"),
            ReturnIf(world.found_nothing),
            Do(world.read_metadata, "the metadata is read"),
        ),
    ),
    "kern_mount": Function(
        "mounts, and makes the root inode",
        (_call("new_inode"), Do(world.mount, "the mount holds the superblock and its root")),
    ),
    "kern_unmount": Function("lets go of the mount", (_call("mntput"),)),
    "rcu_barrier": Function(
        "waits for the callbacks queued so far",
        (Wait(world.no_callback_waits, world.nothing, "no callback is left"),),
    ),
    "kmem_cache_destroy": Function(
        "destroys the cache",
        (Do(world.destroy_cache, "the cache is gone"),),
    ),
    "your_callback": Function(
        "runs as the Design's own callback",
        (Do(free_struct, "the struct is given back to the cache that it came from"),),
    ),
    "vmsplice(2)": Function(
        "puts the page into a pipe",
        (Wait(world.is_mapped, world.pin, "the pipe holds a reference to the folio"),),
    ),
    "folio_put": Function(
        "drops the pipe's reference", (Do(world.unpin, "the pipe lets go of the folio"),)
    ),
    "second file": Function(
        "opens the inode once more",
        (
            Wait(world.is_open, world.open_again, "a second struct file holds the dentry"),
            Do(world.compare_files, "both files show the same metadata"),
        ),
    ),
    "error path": Function("gives up what it made", (_call("iput"),)),
}
"""Code around the road: system calls, readers and the module's own functions."""
for _adder in ("shmem_add_to_page_cache", "hugetlb_add_to_page_cache"):
    SURROUNDINGS[_adder] = SURROUNDINGS["filemap_add_folio"]
