"""Name the roads of an inode that has a name: unlink, a want of memory, umount.

The last close leaves such an inode where it is, held by its dentry (fs/dcache.c:dput@v6.12); what
ends it is unlink(2), the shrinker of its superblock (fs/super.c:super_cache_scan@v6.12), or the
end of the superblock itself, which ends every run here. They ask about a Design that is `named`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gmemviz.model.design import Design
from gmemviz.model.machine import HELD, Cell, Trait
from gmemviz.model.road import Chosen, call, cells, dcache, has, until, when
from gmemviz.model.scenarios.scenario import (
    ALLOCATE,
    ATTACH,
    CLOSE,
    FILL,
    RCU,
    READER,
    UNMOUNT,
    Actor,
    actor,
    entry,
    owns_lockless,
    scenario,
    table_of,
    unmounts,
)
from gmemviz.model.scenarios.witnesses import DEAD, DELAYED


def is_asked(design: Design) -> bool:
    """Return whether a Design's inodes have names, on a superblock that can be shut down."""
    return design.named and unmounts(design)


def may_be_reclaimed(design: Design) -> bool:
    """Return whether a want of memory may take dentry and inode: no name holds the dentry."""
    return is_asked(design) and not design.persistent


def _frees_at_unlink(design: Design) -> bool:
    return is_asked(design) and owns_lockless(design) and bool(design.body("unlink"))


def _is_cached_by_name(seen: Mapping[str, Cell]) -> bool:
    return seen["inode"] == HELD and seen["inode.dentry"] == 0 and bool(seen["closed"])


def _is_open_without_name(seen: Mapping[str, Cell]) -> bool:
    is_open = bool(seen["published"]) and seen["inode.dentry"] != 0
    return is_open and seen["inode.d_hash"] == "unhashed"


NAMED: Final[tuple[Trait, ...]] = ("named", "unmounts")
_OPENED: Final = (
    *ALLOCATE,
    when(lambda target: not target.design.attaches_late, ATTACH),
    call("open(2) O_CREAT"),
    when(lambda target: target.design.attaches_late, ATTACH),
    when(has("counted"), Chosen("maps", is_entry=True)),
    *FILL,
)
TASK: Final = actor("task", *_OPENED, *CLOSE, traits=NAMED)
USER: Final = actor("task", *_OPENED, entry("read(2)"), *CLOSE, traits=NAMED)
"""Who makes the inode with its name, and closes the file; one uses it before, name or no name."""
GRACE: Final = Actor("rcu", RCU, shown="grace period", traits=NAMED)
UNLINKER: Final = actor("unlinker", entry("unlink(2)"), shown="unlink", traits=NAMED)
FINDER: Final = actor("finder", entry("stat(2)"), shown="path lookup", traits=NAMED)
UNMOUNTER: Final = Actor("unmounter", UNMOUNT, shown="umount", traits=NAMED)
UNLINKED: Final = until(dcache.is_unlinked, "the name is gone")
AFTER_UNLINK: Final = actor("unmounter", UNLINKED, *UNMOUNT, shown="umount", traits=NAMED)
"""Who unmounts at any time, and who waits for unlink(2) and for all that hold the mount: beside
these a filesystem that goes is the same with a name and without, and asked about elsewhere."""
KSWAPD: Final = actor("kswapd", entry("super_cache_scan"), traits=NAMED)

OF_NAMES: Final = table_of(
    scenario(
        "umount", "a file that was closed goes with its filesystem, at last",
        TASK, GRACE, FINDER, UNMOUNTER,
        path="K U", asks=is_asked, also=(DEAD,), cells=cells.NAMED,
    ),
    # While others have it open the dentry is unhashed only, and the last __fput ends the inode.
    # (fs/dcache.c:d_delete@v6.12)
    scenario(
        "unlink", "a file is unlinked while it is open, or after",
        USER, GRACE, UNLINKER, AFTER_UNLINK,
        asks=is_asked,
        also=(DEAD, ("the file is open and has no name", _is_open_without_name)),
        cells=cells.NAMED,
    ),
    # Without such a hook the name's end frees nothing that a reader could meet.
    scenario(
        "unlink-reader", "a reader under rcu_read_lock looks at the metadata while the name goes",
        TASK, GRACE, UNLINKER, replace(READER, traits=NAMED),
        AFTER_UNLINK,
        asks=_frees_at_unlink, also=(DEAD, DELAYED), cells=cells.NAMED,
    ),
    scenario(
        "reclaim", "a want of memory takes the dentry, then the inode, of a file that was closed",
        TASK, GRACE, KSWAPD, FINDER, UNMOUNTER,
        path="K R U", asks=may_be_reclaimed,
        also=(DEAD, ("the dentry stays unused", _is_cached_by_name)), cells=cells.NAMED,
    ),
)  # fmt: skip
