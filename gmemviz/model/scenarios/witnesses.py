"""Name what a run must sometimes reach, so that no scenario passes without having been."""

from collections.abc import Mapping

from gmemviz.model.machine import ABSENT, FREED, HELD, Cell


def reader_delays_rcu(cells: dict[str, Cell]) -> bool:
    """Return whether a callback waits for a reader."""
    return bool(cells["inode.waits_for"])


def path_is_last(cells: dict[str, Cell]) -> bool:
    """Return whether the real file is closed and O_PATH alone holds the inode."""
    return bool(cells["closed"]) and cells["inode.dentry"] == 1


def superblock_is_dead(cells: dict[str, Cell]) -> bool:
    """Return whether the superblock was shut down."""
    return cells["superblock"] == FREED


def pin_outlives(cells: dict[str, Cell]) -> bool:
    """Return whether the folio is pinned and the inode freed."""
    return bool(cells["pinned"]) and cells["inode"] == FREED


def second_is_made(cells: dict[str, Cell]) -> bool:
    """Return whether a second inode exists, or did."""
    return cells["second"] != ABSENT


def is_cached(cells: Mapping[str, Cell], inode: str = "inode") -> bool:
    """Return whether an inode of a live superblock stays though nobody holds it."""
    unused = cells[f"{inode}.i_count"] == 0 and cells[f"{inode}.i_state"] == 0
    return unused and cells[inode] == HELD and cells["superblock"] == HELD


def inode_ends(cells: Mapping[str, Cell]) -> bool:
    """Return whether the inode is freed, or stays cached."""
    return cells["inode"] == FREED or is_cached(cells)


def slot_is_freed(cells: dict[str, Cell]) -> bool:
    """Return whether the memslot was deleted."""
    return cells["memslot"] == FREED


def folio_is_locked(cells: dict[str, Cell]) -> bool:
    """Return whether somebody else has the folio locked."""
    return bool(cells["folio.locked"])
