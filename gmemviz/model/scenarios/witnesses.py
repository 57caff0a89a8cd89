"""Name what a run must sometimes reach, so that no scenario passes without having been.

Each stands for a moment that a kernel's own run would have to reach too: an inode that is freed or
on the LRU, a callback that waits for a reader, a superblock that generic_shutdown_super is done
with.
"""

from collections.abc import Callable, Mapping
from typing import Final

from gmemviz.model.machine import ABSENT, FREED, HELD, Cell
from gmemviz.model.road import cells as names

Witness = tuple[str, Callable[[Mapping[str, Cell]], bool]]
"""What is to be reached, in words, and the test of one state's cells."""


def is_cached(cells: Mapping[str, Cell], inode: str = "inode") -> bool:
    """Return whether an inode of a live superblock stays though nobody holds it."""
    unused = cells[f"{inode}.i_count"] == 0 and cells[f"{inode}.i_state"] == 0
    return unused and cells[inode] == HELD and cells["superblock"] == HELD


def inode_ends(cells: Mapping[str, Cell]) -> bool:
    """Return whether the inode is freed, or stays cached."""
    return cells["inode"] == FREED or is_cached(cells)


def reader_delays_rcu(cells: Mapping[str, Cell]) -> bool:
    """Return whether a callback waits for a reader: i_callback, or one of the Design's own."""
    if cells["inode.waits_for"]:
        return True
    queues = (cells[name] for name in cells if name.startswith(names.CALLBACK))
    return any(isinstance(waited, tuple) and waited for waited in queues)


def path_is_last(cells: Mapping[str, Cell]) -> bool:
    """Return whether the real file is closed and O_PATH alone holds the inode."""
    return bool(cells["closed"]) and cells["inode.dentry"] == 1


def superblock_is_dead(cells: Mapping[str, Cell]) -> bool:
    """Return whether the superblock was shut down."""
    return cells["superblock"] == FREED


def pin_outlives(cells: Mapping[str, Cell]) -> bool:
    """Return whether the folio is pinned and the inode freed."""
    return bool(cells["pinned"]) and cells["inode"] == FREED


def second_is_made(cells: Mapping[str, Cell]) -> bool:
    """Return whether a second inode exists, or did."""
    return cells["second"] != ABSENT


def slot_is_freed(cells: Mapping[str, Cell]) -> bool:
    """Return whether the memslot was deleted."""
    return cells["memslot"] == FREED


def folio_is_locked(cells: Mapping[str, Cell]) -> bool:
    """Return whether somebody else has the folio locked."""
    return bool(cells["folio.locked"])


ENDS: Final = ("the struct inode is freed, or stays cached", inode_ends)
DEAD: Final = ("the superblock is dead", superblock_is_dead)
DELAYED: Final = ("the reader is inside while RCU waits", reader_delays_rcu)
OUTLIVED: Final = ("the pinned folio outlives the inode", pin_outlives)
SECOND: Final = ("the second inode is made", second_is_made)
PATH_LAST: Final = ("the O_PATH file is the last to go", path_is_last)
SLOT_FREED: Final = ("the memslot is freed", slot_is_freed)
FOLIO_LOCKED: Final = ("the folio is locked", folio_is_locked)
UNUSED: Final = ("the inode stays unused", is_cached)
