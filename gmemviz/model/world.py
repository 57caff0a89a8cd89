"""Do what happens around the road: files, mounts, pages, readers, grace periods.

Also the tests that scenarios wait for, and the witnesses that they must reach.
"""

from gmemviz.model.holding import attach_to_file, put_folio
from gmemviz.model.machine import ABSENT, AWAITING, FREED, HELD, Cell, Machine
from gmemviz.model.target import FIRST_FILE, Target

__all__ = ("cells_of", "shared_cells")


def cells_of(target: Target) -> dict[str, Cell]:
    """Return the initial cells of one inode and all that it may own."""
    inode = target.inode
    cells: dict[str, Cell] = {
        inode: ABSENT,
        f"{inode}.cache": "",
        f"{inode}.i_count": None,  # not initialised
        f"{inode}.i_state": 0,
        f"{inode}.nrpages": 0,
        f"{inode}.dentry": 0,
        f"{inode}.waits_for": None,
        target.folio: ABSENT,
        f"{target.folio}.mapping": None,
    }
    for kept in target.design.keeps:
        cells[target.slot(kept)] = None
        if kept.kind.owns_object:
            cells[target.object(kept)] = ABSENT
        if kept.kind.scarce:
            cells[f"{kept.kind.name}.holder"] = None
            cells[f"{kept.kind.name}.refused"] = 0
    return cells


def shared_cells() -> dict[str, Cell]:
    """Return the initial cells that all actors share."""
    return {
        "superblock": HELD,
        "mount": 1,  # kern_mount's own reference
        "cache": HELD,
        "mapped": 0,
        "published": 0,
        "path": 0,
        "closed": 0,
        "pinned": 0,
        "readers": (),
        "pointer": None,  # what the lockless reader has loaded
    }


def nothing(_: Machine, __: Target) -> None:
    """Only wait."""


# --- files and pages ------------------------------------------------------------------


def open_file(m: Machine, t: Target) -> None:
    """Make a file: it holds a dentry and a mount. (fs/file_table.c:alloc_file_pseudo)"""
    m[f"{t.inode}.dentry"] = 1
    m["mount"] = m.count("mount") + 1
    m["published"] = 1
    m.says(t.file, "open")
    attach_to_file(m, t)


def open_again(m: Machine, t: Target) -> None:
    """Make a second file of the inode, as KVM_LINK_GUEST_MEMFD was proposed to."""
    m[f"{t.inode}.dentry"] = m.count(f"{t.inode}.dentry") + 1
    m["mount"] = m.count("mount") + 1
    m.says(t.file, "open")
    attach_to_file(m, t)


def compare_files(m: Machine, t: Target) -> None:
    """Look at the inode's metadata through the first file and through this one."""
    for kept in t.design.keeps:
        first = m[f"{FIRST_FILE}.{kept.kind.name}"]
        if first is not None and (first, FIRST_FILE) != (m[t.slot(kept)], t.file):
            m.fail(
                "per-file", kept.kind.name,
                f"sees another {kept.kind.name} than the first file does",
            )  # fmt: skip


def has_file(m: Machine, _: Target) -> bool:
    """Return whether a file has been made."""
    return bool(m["published"]) or bool(m["closed"])


def is_open(m: Machine, t: Target) -> bool:
    """Return whether the inode has an open file."""
    return m[f"{t.inode}.dentry"] == 1 and not m["closed"]


def open_path(m: Machine, t: Target) -> None:
    """Open the same dentry once more with O_PATH. (fs/open.c:do_dentry_open)"""
    m[f"{t.inode}.dentry"] = m.count(f"{t.inode}.dentry") + 1
    m["mount"] = m.count("mount") + 1
    m["path"] = 1
    m.says("O_PATH file", "open")


def add_folio(m: Machine, t: Target) -> None:
    """Put a folio into the mapping and a PTE to it. (mm/filemap.c:filemap_add_folio)"""
    m.touch(t.inode, "adds a folio to")
    m.allocate(t.folio)
    m[f"{t.folio}.mapping"] = t.inode
    m[f"{t.inode}.nrpages"] = 1
    m["mapped"] = int(t.design.mappable)


def pin(m: Machine, t: Target) -> None:
    """Take a reference to the folio that nobody of the inode knows of."""
    m["pinned"] = m.count("pinned") + 1
    m.says(t.folio, "pinned")


def unpin(m: Machine, t: Target) -> None:
    """Drop it; it is the last one where the folio has left the page cache."""
    m["pinned"] = m.count("pinned") - 1
    m.says(t.folio, "unpinned")
    if m[f"{t.folio}.mapping"] is None and not m["pinned"]:
        put_folio(m, t)


def unmap(m: Machine, _: Target) -> None:
    """Take the PTE away: no new lockless walk finds the folio."""
    m["mapped"] = 0
    m.says("PTE", "gone")


def note_close(m: Machine, _: Target) -> None:
    """Let others know that close(2) has returned."""
    m["closed"] = 1
    m["path"] = 2 if m["path"] else 0


def has_closed(m: Machine, _: Target) -> bool:
    """Return whether close(2) has returned."""
    return bool(m["closed"])


def has_path(m: Machine, _: Target) -> bool:
    """Return whether the O_PATH file is open."""
    return bool(m["path"])


# --- mounts -----------------------------------------------------------------------------


def mount(m: Machine, t: Target) -> None:
    """Hold the root dentry twice: s_root and mnt_root. (fs/namespace.c:kern_mount)"""
    m[f"{t.inode}.dentry"] = 2
    m.says("mount", "made")


def destroy_cache(m: Machine, _: Target) -> None:
    """Destroy the slab cache at module exit. (mm/slab_common.c:kmem_cache_destroy)"""
    m.free("cache")


# --- readers and RCU ----------------------------------------------------------------------


def _reader(t: Target) -> str:
    return f"reader of {t.inode}"


def is_mapped(m: Machine, _: Target) -> bool:
    """Return whether a lockless walk can still find the inode."""
    return bool(m["mapped"])


def enter(m: Machine, t: Target) -> None:
    """Open a read-side section."""
    m["readers"] = (_reader(t),)


def leave(m: Machine, t: Target) -> None:
    """Close the read-side section; whoever waited for it waits no more."""
    m["readers"] = ()
    if m[f"{t.inode}.waits_for"]:
        m[f"{t.inode}.waits_for"] = ()


def grab(m: Machine, t: Target) -> None:
    """Turn interrupts off and take a reference to the folio. (mm/gup.c:gup_fast_pte_range)"""
    enter(m, t)
    pin(m, t)


def let_go(m: Machine, t: Target) -> None:
    """Drop the reference and turn interrupts on."""
    unpin(m, t)
    leave(m, t)


def is_published(m: Machine, _: Target) -> bool:
    """Return whether a new reader can still find the inode."""
    return bool(m["published"])


def unpublish(m: Machine, t: Target) -> None:
    """Let no new reader find the inode by the file that is closing."""
    if not t.is_path_only:
        m["published"] = 0


def load_mapping(m: Machine, t: Target) -> None:
    """Load folio->mapping, which truncation sets to NULL. (mm/gup.c:gup_fast_folio_allowed)"""
    m["pointer"] = m[f"{t.folio}.mapping"]
    m.register = int(m["pointer"] is not None)


def read_mapping(m: Machine, _: Target) -> None:
    """Read mapping->a_ops, embedded in the inode. (mm/gup.c:gup_fast_folio_allowed)"""
    m.touch(str(m["pointer"]), "reads a_ops in")


def load_metadata(m: Machine, t: Target) -> None:
    """Load the pointer to the metadata from where it is placed."""
    kept = next(kept for kept in t.design.keeps if kept.kind.read_without_reference)
    if kept.placement.holder != "xarray":
        m.touch(t.inode, "reads the pointer in")
    m["pointer"] = m[t.slot(kept)]
    m.register = int(m["pointer"] is not None)


def read_metadata(m: Machine, _: Target) -> None:
    """Read through the pointer that was loaded."""
    m.touch(str(m["pointer"]), "reads")


def found_nothing(m: Machine, _: Target) -> bool:
    """Return whether the reader loaded NULL."""
    return not m.register


def grace_is_over(m: Machine, t: Target) -> bool:
    """Return whether a callback is queued and all its readers have left."""
    return m[f"{t.inode}.waits_for"] == ()


def end_grace(m: Machine, t: Target) -> None:
    """Take the callback off the queue."""
    m[f"{t.inode}.waits_for"] = None
    m.says("grace period", "over")


def no_callback_waits(m: Machine, t: Target) -> bool:
    """Return whether the callback has been queued and run, or never will be."""
    return m[t.inode] != AWAITING


# --- witnesses ----------------------------------------------------------------------------


def reader_delays_rcu(cells: dict[str, Cell]) -> bool:
    """Return whether a callback waits for a reader."""
    return bool(cells["inode.waits_for"])


def path_is_last(cells: dict[str, Cell]) -> bool:
    """Return whether the real file is closed and O_PATH alone holds the inode."""
    return bool(cells["closed"]) and cells["inode.dentry"] == 1


def superblock_is_dead(cells: dict[str, Cell]) -> bool:
    """Return whether the superblock was shut down."""
    return cells["superblock"] == FREED


def is_freed(m: Machine, _: Target) -> bool:
    """Return whether the first inode's memory is free to be used again."""
    return m["inode"] == FREED


def pin_outlives(cells: dict[str, Cell]) -> bool:
    """Return whether the folio is pinned and the inode freed."""
    return bool(cells["pinned"]) and cells["inode"] == FREED


def second_is_made(cells: dict[str, Cell]) -> bool:
    """Return whether a second inode exists, or did."""
    return cells["second"] != ABSENT
