"""Say from where a way leads to metadata, and note who needs it where none does; `out-of-reach`.

A way is a chain of pointers. An inode leads to the struct around it, to its mapping and to its
superblock, and an xarray can be asked for its address. A file leads to its dentry, and that one to
its inode (include/linux/fs.h:struct file), but an inode may have many of both, and knows of none
which has the metadata.
"""

from collections.abc import Mapping
from functools import cache, partial
from typing import Final

from gmemviz.facts import InHook
from gmemviz.model.design import Action, Holder, Holds, Kept
from gmemviz.model.machine import Machine, NoFunction, Operation, Target, stands_for
from gmemviz.model.road import cells

# The same operation is the same object, so that programs can be compared.
_partial = cache(partial)

FAR: Final[Mapping[Holder, str]] = {"file": "file's private_data", "dentry": "dentry's d_fsdata"}
"""Who holds what the inode does not lead to, in words."""

_GIVEN: Final[Mapping[Holder, tuple[InHook, ...]]] = {
    "file": ("release",),
    "dentry": ("release", "d_release", "unlink"),
}
"""The hooks that are given what leads there: release has the file, and by it the dentry, which
unlink is given as well.

(include/linux/fs.h:struct file_operations, include/linux/dcache.h:struct dentry_operations)
"""

_HELD: Final[Mapping[Holder, tuple[Holds, ...]]] = {
    "file": ("nothing", "lock", "rcu", "srcu", "file"),
    "dentry": ("nothing", "lock", "rcu", "srcu", "file", "dentry", "O_PATH file"),
}
"""What an actor may hold that leads there. An O_PATH file has no private_data but its own. Under
RCU a path walk has the dentry, and who looks into another task's table of files has the file.
(fs/namei.c:link_path_walk, include/linux/fdtable.h:files_lookup_fd_raw@v6.12)

Who holds nothing, or a lock alone, has its pointer from elsewhere: whether it leads to memory still
is what the search finds out. (fs/open.c:do_dentry_open@v6.12)
"""


def is_far(kept: Kept) -> bool:
    """Return whether no way leads from the inode to a kind of metadata."""
    return kept.placement.holder in FAR


def is_given(hook: InHook, kept: Kept) -> bool:
    """Return whether a hook is given what leads to a kind of metadata."""
    return not is_far(kept) or hook in _GIVEN[kept.placement.holder]


@stands_for(NoFunction("design", "code that nobody can write: it has no pointer to begin with"))
def note_out_of_reach(m: Machine, _: Target, *, kept: Kept, having: str = "the inode") -> None:
    """Note who needs metadata and has only what leads elsewhere; it goes on without."""
    name, where = kept.kind.name, FAR[kept.placement.holder]
    m.note("out-of-reach", name, f"needs {name}, and {having} leads to no {where}")


# An umount that finds an inode on s_inodes lets i_sb, i_op and i_mapping lead nowhere, so that who
# comes later crashes before it reads what is freed. (fs/super.c:generic_shutdown_super@v6.12)
@stands_for(NoFunction("hardware", "a load through inode->i_sb, i_op or i_mapping"))
def refuse_poisoned(m: Machine, t: Target, doing: str) -> None:
    """Check that no umount has poisoned the pointer that is followed; `crash`."""
    if m.get(cells.i_sb_list(t)) == cells.POISONED:
        doing = f"{doing} {t.inode}, which umount found busy and poisoned"
        m.fail("crash", t.inode, doing)


def out_of_reach(action: Action, hook: InHook, title: str, t: Target) -> Operation | None:
    """Return what becomes of an action whose body has no way to what it is about, or None.

    What a hook is to free and cannot is no matter of this one: such a hook is of no use, and called
    unreachable. Nor what alloc_inode makes, before there is a file that could hold it.
    """
    is_birth = hook == "alloc_inode" and action.verb in ("attach", "init")
    is_spared = is_birth or (hook and action.verb == "free")
    names = action.names - {action.metadata} if is_spared else action.names
    for kept in (t.kept(name) for name in sorted(names)):
        if having := _lacks_way(hook, title, kept, t):
            return _partial(note_out_of_reach, kept=kept, having=having)
    return None


# A callback has what its rcu_head lies in, and a creator all that it has made.
def _lacks_way(hook: InHook, title: str, kept: Kept, t: Target) -> str:
    if hook:
        return "" if is_given(hook, kept) else "what it is given"
    for actor in t.design.actors:
        if title == f"actor {actor.name}" and is_far(kept):
            leads_there = actor.holds in _HELD[kept.placement.holder]
            return "" if leads_there else f"what it holds ({actor.holds})"
    return ""
