"""Do what happens around the road to files, pages and mounts, and test what actors wait for.

The roads are those of open, mmap, fault, munmap and close (fs/file_table.c, mm/filemap.c), of
whoever holds a folio without the inode (vmsplice, memory_failure), and of the mount
(fs/namespace.c:kern_mount and mntput, and module exit).
"""

from dataclasses import replace
from typing import Final

from gmemviz.model.design import QUEUES
from gmemviz.model.machine import (
    ABSENT,
    AWAITING,
    FIRST_FILE,
    FREED,
    HELD,
    OWN_CACHE,
    Machine,
    NoFunction,
    Target,
    stands_for,
)
from gmemviz.model.road.cells import batch, runs
from gmemviz.model.road.cells import queued as queued_in
from gmemviz.model.road.folios import has_room, next_free
from gmemviz.model.road.metadata import attach_to_file, attach_to_folio, put_folio, read_all
from gmemviz.model.road.waiting import waits
from gmemviz.model.road.ways import refuse_poisoned

_LINKED: Final = NoFunction("design", "a second file by KVM_LINK_GUEST_MEMFD, which is a proposal")


# --- files and pages ------------------------------------------------------------------


@stands_for("fs/file_table.c:alloc_file_pseudo")
def open_file(m: Machine, t: Target) -> None:
    """Make a file: it holds a dentry and a mount."""
    if "named" not in t.traits:  # else the name's dentry is there, and has its count
        m[f"{t.inode}.dentry"] = 1
    m.add("mount", 1)
    m["published"] = 1
    m.says(t.file, "open")
    if "opened" in m:
        m["opened"] = 1
    if "counted" in t.traits:
        m["f_ref"] = 1
    if "module" in t.traits:
        m.add("module", 1)
    attach_to_file(m, t)


@stands_for(_LINKED)
def open_again(m: Machine, t: Target) -> None:
    """Make a second file of the inode."""
    m.add(f"{t.inode}.dentry", 1)
    m.add("mount", 1)
    m.says(t.file, "open")
    attach_to_file(m, t)


@stands_for(_LINKED)
def compare_files(m: Machine, t: Target) -> None:
    """Look at the inode's metadata through the first file and through this one."""
    for kept in t.design.keeps:
        if kept.placement.holder != "file" or kept.kind.per_file:
            continue
        first = m[f"{FIRST_FILE}.{kept.kind.cell}"]
        if first is not None and (first, FIRST_FILE) != (m[t.slot(kept)], t.file):
            doing = f"sees another {kept.kind.name} than the first file does"
            m.note("per-file", kept.kind.name, doing)


@waits("no file has been made")
def has_file(m: Machine, _: Target) -> bool:
    """Return whether a file has been made."""
    return bool(m["published"]) or bool(m["closed"])


@waits("no file of the inode is open")
def is_open(m: Machine, t: Target) -> bool:
    """Return whether the inode has an open file."""
    return m[f"{t.inode}.dentry"] == 1 and bool(m["published"])


@stands_for("fs/open.c:do_dentry_open")
def open_path(m: Machine, t: Target) -> None:
    """Open the same dentry once more with O_PATH."""
    m.add(f"{t.inode}.dentry", 1)
    m.add("mount", 1)
    m["path"] = 1
    m.says("O_PATH file", "open")


@stands_for("mm/filemap.c:filemap_add_folio")
def add_folio(m: Machine, t: Target) -> None:
    """Put a folio into the mapping and a PTE to it; shmem and hugetlb have their own function."""
    m.touch(t.inode, "adds", "a folio to")
    refuse_poisoned(m, t, "adds a folio to i_mapping of")
    if not has_room(m, t):
        return
    added = next_free(m, t)
    m.allocate(added.folio)
    m[f"{added.folio}.mapping"] = t.inode
    m.add(f"{t.inode}.nrpages", 1)
    m["mapped"] = int(t.design.mappable)
    attach_to_folio(m, added)


@stands_for("fs/splice.c:vmsplice_to_pipe")
def pin(m: Machine, t: Target) -> None:
    """Take a reference to the folio that nobody of the inode knows of."""
    m.add("pinned", 1)
    m.says(t.folio, "pinned")


@stands_for("include/linux/mm.h:folio_put")
def unpin(m: Machine, t: Target) -> None:
    """Drop it; it is the last one where the folio has left the page cache."""
    m.add("pinned", -1)
    m.says(t.folio, "unpinned")
    is_in_batch = m.get(batch(t)) is not None  # truncation has it, and will put it
    if m[f"{t.folio}.mapping"] is None and not m["pinned"] and not is_in_batch:
        put_folio(m, t)


@stands_for("include/linux/pagemap.h:folio_lock")
def lock_folio(m: Machine, t: Target) -> None:
    """Lock a folio of the page cache, as memory_failure does."""
    m[f"{t.folio}.locked"] = 1


@stands_for("mm/memory-failure.c:memory_failure")
def read_by_folio(m: Machine, t: Target) -> None:
    """Read through folio->mapping what truncation of the folio would read."""
    if m[f"{t.folio}.mapping"] is not None:
        m.touch(t.inode, "follows", "the mapping to")
        read_all(m, t)


@stands_for("mm/filemap.c:folio_unlock")
def unlock_folio(m: Machine, t: Target) -> None:
    """Unlock the folio."""
    m[f"{t.folio}.locked"] = 0


@waits("no folio is in the page cache")
def is_in_cache(m: Machine, t: Target) -> bool:
    """Return whether the folio is in the page cache."""
    return m[f"{t.folio}.mapping"] is not None


@waits("no folio has been freed")
def is_out_of_cache(m: Machine, t: Target) -> bool:
    """Return whether the folio has left the page cache and is freed."""
    return m[t.folio] == FREED


@stands_for(NoFunction("design", "a worker that holds no inode, which no kernel may have"))
def add_unasked(m: Machine, t: Target) -> None:
    """Put a new folio into the mapping without a reference to the inode."""
    m[next_free(m, t).folio] = ABSENT
    add_folio(m, t)
    m["mapped"] = 0


@stands_for("mm/memory.c:zap_pte_range")
def unmap(m: Machine, _: Target) -> None:
    """Take the PTE away: no new lockless walk finds the folio."""
    m["mapped"] = 0
    m.says("PTE", "gone")


@stands_for(NoFunction("scenario", "others begin once close(2) has returned"))
def note_close(m: Machine, _: Target) -> None:
    """Let others know that close(2) has returned."""
    m["closed"] = 1
    m["path"] = 2 if m["path"] else 0


@waits("close(2) has not returned")
def has_closed(m: Machine, _: Target) -> bool:
    """Return whether close(2) has returned."""
    return bool(m["closed"])


@waits("the O_PATH file is not open")
def has_path(m: Machine, _: Target) -> bool:
    """Return whether the O_PATH file is open."""
    return bool(m["path"])


# --- mounts -----------------------------------------------------------------------------


@stands_for("fs/namespace.c:kern_mount")
def mount(m: Machine, t: Target) -> None:
    """Hold the root dentry twice: s_root and mnt_root."""
    m[f"{t.inode}.dentry"] = 2
    m.says("mount", "made")


@stands_for("fs/super.c:get_tree_nodev")
def mount_half(m: Machine, t: Target) -> None:
    """Hold the root dentry once: there is no mount yet, and fill_super fails behind it."""
    m[f"{t.inode}.dentry"] = 1
    m.says("mount", "fails")


@stands_for("mm/slab_common.c:kmem_cache_destroy")
def destroy_cache(m: Machine, t: Target) -> None:
    """Destroy the slab cache at module exit; one that objects came from is warned of, and stays."""
    own = [name for name, cache in m.items() if name.endswith(".cache") and cache == OWN_CACHE]
    for inode in (name.removesuffix(".cache") for name in own):
        if _is_out(m, replace(t, inode=inode)):
            doing = f"destroys the cache, and {inode} has not come back to it"
            m.note("objects-remain", inode, doing)
            m.comes_to("the cache is warned of, and stays")
            return
    m.free("cache")


# An inode is held, or on its way back, be its callback queued or at work; one that never comes is a
# leak, and said to be one at the end.
def _is_out(m: Machine, t: Target) -> bool:
    if m[t.inode] == HELD:
        return bool(m[f"{t.inode}.i_count"]) or _is_on_its_way(m, t)
    return m[t.inode] == AWAITING and not never_frees(t)


# destroy_inode may have left the struct to a work of its own, as xfs does for its reclaim.
def _is_on_its_way(m: Machine, t: Target) -> bool:
    for callback in t.design.callbacks:
        queued = queued_in(t, callback.name)
        is_under_way = m.get(queued) is not None or bool(m.get(runs(queued)))
        if is_under_way and _frees_struct(t, callback.name):
            return True
    return False


# A work may hand the struct on to another one, or to RCU.
def _frees_struct(t: Target, name: str, seen: tuple[str, ...] = ()) -> bool:
    body = next(callback.does for callback in t.design.callbacks if callback.name == name)
    if any(action.verb in _FREES_STRUCT for action in body):
        return True
    queues = [action.name for action in body if action.verb in QUEUES]
    further = (other for other in queues if other not in (*seen, name))
    return any(_frees_struct(t, other, (*seen, name)) for other in further)


@stands_for(NoFunction("design", "what the Design's free_inode does"))
def never_frees(t: Target) -> bool:
    """Return whether free_inode leaves the struct where it is: the callback runs, and no more."""
    body = t.table.get("free_inode")
    frees = (*_FREES_STRUCT, *QUEUES)
    return body is not None and not any(action.verb in frees for action in body)


_FREES_STRUCT: Final = ("free struct", "free to inode_cachep")


@waits("no file has been made, or the mount is gone")
def may_mount(m: Machine, t: Target) -> bool:
    """Return whether a file is or was there, and the mount is still alive."""
    return has_file(m, t) and m.count("mount") > 0


@stands_for("fs/namespace.c:mntget")
def hold_mount(m: Machine, _: Target) -> None:
    """Hold the mount, as a path does."""
    m.add("mount", 1)


@waits("the superblock is alive")
def is_dead(m: Machine, _: Target) -> bool:
    """Return whether the superblock was shut down."""
    return m["superblock"] == FREED


@stands_for("fs/hugetlbfs/inode.c:hugetlbfs_get_root")
def set_root_null(m: Machine, t: Target) -> None:
    """Set what the maker of the root inode sets, as hugetlbfs does."""
    for kept in t.design.keeps:
        if kept.kind.name in t.design.root_sets:
            m.touch(t.inode, "initialises")
            m[t.slot(kept)] = None


@waits("the memory of the first inode is not free")
def is_freed(m: Machine, _: Target) -> bool:
    """Return whether the first inode's memory is free to be used again."""
    return m["inode"] == FREED


@waits("the memory of the first inode is not free, or close(2) runs still")
def is_freed_and_closed(m: Machine, t: Target) -> bool:
    """Return whether that is so, and close(2) has returned as well."""
    return is_freed(m, t) and bool(m["closed"])
