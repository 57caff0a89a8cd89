"""Take inotify marks away at umount: fs/super.c:generic_shutdown_super, fs/notify/fsnotify.c.

A mark holds its inode. fsnotify_sb_delete takes the marks away and waits until none is left; 6.12's
finds them by s_inodes, on which an inode of new_inode_pseudo never is, 7.3's by the superblock.
"""

from typing import Final

from gmemviz.model.machine import Machine, NoFunction, Target, stands_for
from gmemviz.model.road.icache import is_listed
from gmemviz.model.road.waiting import waits

MARKS: Final = "marks"
"""The cell that counts the marks that hold the inode."""
TAKEN: Final = "marks are taken away"
"""The cell that says whether umount has taken away those that it finds."""

_DESIGN: Final = NoFunction("design", "whether an actor of the Design holds the inode by a mark")
_DELETE: Final = "fs/notify/fsnotify.c:fsnotify_sb_delete"


@stands_for(_DESIGN)
def has_marks(t: Target) -> bool:
    """Return whether some actor of the Design holds the inode by a mark."""
    return any(actor.holds == "mark" for actor in t.design.actors)


@stands_for("fs/super.c:generic_shutdown_super")
def finds_by_list(t: Target) -> bool:
    """Return whether this kernel looks for marks on s_inodes: evict_inodes comes before then."""
    names = [call.callee for call in t.facts.function("generic_shutdown_super").calls]
    return names.index("evict_inodes") < names.index("fsnotify_sb_delete")


@stands_for(_DESIGN)
def has_marks_late(t: Target) -> bool:
    """Return whether marks are taken away behind evict_inodes."""
    return has_marks(t) and finds_by_list(t)


@stands_for(_DESIGN)
def has_marks_early(t: Target) -> bool:
    """Return whether marks are taken away before the dentry tree goes."""
    return has_marks(t) and not finds_by_list(t)


@stands_for(_DELETE)
def take_away(m: Machine, t: Target) -> None:
    """Take the marks away that this kernel finds."""
    if TAKEN in m and (not finds_by_list(t) or is_listed(t)):
        m[TAKEN] = 1


@waits("no umount has taken the marks away", _DELETE)
def is_taken(m: Machine, _: Target) -> bool:
    """Return whether the marks were taken away."""
    return bool(m[TAKEN])


@waits("a mark holds an inode of the superblock", _DELETE)
def none_is_left(m: Machine, _: Target) -> bool:
    """Return whether no mark holds an inode of the superblock."""
    return not m.get(MARKS)
