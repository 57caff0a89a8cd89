"""Do what happens around the road to files, pages and mounts, and test what actors wait for."""

from gmemviz.model.machine import (
    ABSENT,
    AWAITING,
    FIRST_FILE,
    FREED,
    HELD,
    OWN_CACHE,
    Cell,
    Machine,
    Target,
)
from gmemviz.model.road.metadata import attach_to_file, attach_to_folio, put_folio, read_all


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
        # What a superblock owns is there with the mount, unless that fails half way.
        is_there = kept.placement.holder == "superblock" and "mount fails" not in target.traits
        is_object = kept.kind.owns_object
        there = target.object(kept) if is_object else "set"
        cells[target.slot(kept)] = there if is_there else None
        if is_object:
            cells[target.object(kept)] = HELD if is_there else ABSENT
        if kept.kind.scarce:
            cells[f"{kept.kind.cell}.holder"] = None
            cells[f"{kept.kind.cell}.refused"] = 0
    if "hashed" in target.traits:
        cells[f"{inode}.hashed"] = 0
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
    if "opened" in m:
        m["opened"] = 1
    if "counted" in t.traits:
        m["f_ref"] = 1
    if "module" in t.traits:
        m["module"] = m.count("module") + 1
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
        if kept.placement.holder != "file":
            continue
        first = m[f"{FIRST_FILE}.{kept.kind.cell}"]
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
    return m[f"{t.inode}.dentry"] == 1 and bool(m["published"])


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
    attach_to_folio(m, t)


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


def lock_folio(m: Machine, t: Target) -> None:
    """Lock a folio of the page cache, as memory_failure does. (mm/memory-failure.c)"""
    m[f"{t.folio}.locked"] = 1


def read_by_folio(m: Machine, t: Target) -> None:
    """Read through folio->mapping what truncation of the folio would read."""
    if m[f"{t.folio}.mapping"] is not None:
        m.touch(t.inode, "follows the mapping to")
        read_all(m, t)


def unlock_folio(m: Machine, t: Target) -> None:
    """Unlock the folio."""
    m[f"{t.folio}.locked"] = 0


def is_in_cache(m: Machine, t: Target) -> bool:
    """Return whether the folio is in the page cache."""
    return m[f"{t.folio}.mapping"] is not None


def is_out_of_cache(m: Machine, t: Target) -> bool:
    """Return whether the folio has left the page cache and is freed."""
    return m[t.folio] == FREED


def add_unasked(m: Machine, t: Target) -> None:
    """Put a new folio into the mapping without a reference to the inode."""
    m[t.folio] = ABSENT
    add_folio(m, t)
    m["mapped"] = 0


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


def mount_half(m: Machine, t: Target) -> None:
    """Hold the root dentry once: there is no mount yet. (fs/super.c:get_tree_nodev)"""
    m[f"{t.inode}.dentry"] = 1
    m.says("mount", "fails")


def _is_out(m: Machine, inode: str) -> bool:
    """Return whether an inode is held, or on its way back; one that never comes is a leak."""
    if m[inode] == HELD:
        return bool(m[f"{inode}.i_count"])
    queued = [name for name in m if name == f"{inode}.waits_for" or name.startswith("callback ")]
    return m[inode] == AWAITING and any(m[name] not in (None, 0) for name in queued)


def destroy_cache(m: Machine, _: Target) -> None:
    """Destroy the slab cache; one with objects stays. (mm/slab_common.c:kmem_cache_destroy)"""
    own = [name for name, cache in m.items() if name.endswith(".cache") and cache == OWN_CACHE]
    left = [name for name in (cell.removesuffix(".cache") for cell in own) if _is_out(m, name)]
    if left:
        m.note(
            "objects-remain", left[0], f"destroys the cache, and {left[0]} has not come back to it"
        )
    else:
        m.free("cache")


def may_mount(m: Machine, t: Target) -> bool:
    """Return whether a file is or was there, and the mount is still alive."""
    return has_file(m, t) and m.count("mount") > 0


def hold_mount(m: Machine, _: Target) -> None:
    """Hold the mount, as a path does. (fs/namespace.c:mntget)"""
    m["mount"] = m.count("mount") + 1


def is_dead(m: Machine, _: Target) -> bool:
    """Return whether the superblock was shut down."""
    return m["superblock"] == FREED


def set_root_null(m: Machine, t: Target) -> None:
    """Set what the maker of the root inode sets, as hugetlbfs_get_root does."""
    for kept in t.design.keeps:
        if kept.kind.name in t.design.root_sets:
            m.touch(t.inode, "initialises")
            m[t.slot(kept)] = None


def is_freed(m: Machine, _: Target) -> bool:
    """Return whether the first inode's memory is free to be used again."""
    return m["inode"] == FREED


def is_freed_and_closed(m: Machine, t: Target) -> bool:
    """Return whether that is so, and close(2) has returned as well."""
    return is_freed(m, t) and bool(m["closed"])
