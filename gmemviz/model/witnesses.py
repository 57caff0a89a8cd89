"""Name what a run must sometimes reach, so that no scenario passes without having been."""

from gmemviz.model.machine import ABSENT, FREED, Cell


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


def is_unused(cells: dict[str, Cell]) -> bool:
    """Return whether the inode stays though nobody holds it."""
    return cells["inode.i_count"] == 0 and cells["inode.i_state"] == 0


def slot_is_freed(cells: dict[str, Cell]) -> bool:
    """Return whether the memslot was deleted."""
    return cells["memslot"] == FREED
