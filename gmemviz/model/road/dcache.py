"""Do what happens to the name of an inode: a dentry of the dcache that leads to it, and holds it.

The road is fs/dcache.c's: d_instantiate gives a dentry its inode, dput leaves one that can still be
looked up where it is, d_delete takes the name away, and shrink_dentry_list kills what nobody uses.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Final

from gmemviz.model.design import Kept
from gmemviz.model.machine import AWAITING, HELD, Machine, NoFunction, Target, stands_for
from gmemviz.model.road import cells, icache, vfs
from gmemviz.model.road.vfs import is_i_lock_free, put_dentry
from gmemviz.model.road.waiting import waits

HASHED: Final = "hashed"
UNHASHED: Final = "unhashed"
NEGATIVE: Final = "negative"
DEAD: Final = "dead"
"""What a dentry is: to be looked up, used without a name, a name without an inode, killed."""

_POSITIVE: Final = 1


def _dentry(t: Target) -> str:
    return f"{t.inode}.dentry"


# 6.12 calls dget beside it where the name shall stay; 7.3 has d_make_persistent for both.
@stands_for("fs/dcache.c:d_instantiate")
def instantiate(m: Machine, t: Target) -> None:
    """Give the dentry its inode: the creator's reference to the inode is the dentry's now."""
    m[cells.name(t)] = HASHED
    m[_dentry(t)] = 1
    if t.design.persistent:
        m[cells.persistent(t)] = 1
        m.add(_dentry(t), 1)
    m.says("dentry", HASHED)


# --- looking up -------------------------------------------------------------------------


@waits("the name is gone, or its mount is", "fs/dcache.c:d_lookup")
def may_look_up(m: Machine, t: Target) -> bool:
    """Return whether the name leads to the inode still, by the dcache or by the disk."""
    return m.count("mount") > 0 and (m[cells.name(t)] == HASHED or _is_on_disk(m, t))


# A name that is not in memory alone is read anew, and iget_locked finds the inode if it is cached.
# One that is gone as well would be another inode, of which no run is searched. The model has one
# d_fsdata, so the dentry that was killed has to be done with its own, and with what frees it later.
def _is_on_disk(m: Machine, t: Target) -> bool:
    if not t.is_hashed or m[cells.name(t)] != DEAD or not m[cells.nlink(t)]:
        return False
    is_cached = m[t.inode] == HELD and not m[f"{t.inode}.i_state"] and is_i_lock_free(m, t)
    return is_cached and not m.get(cells.dying(t)) and not _has_dentry_left(m, t)


def _has_dentry_left(m: Machine, t: Target) -> bool:
    is_held = any(m.get(name) in (HELD, AWAITING) for name in _objects_of_dentry(t))
    queued = (
        cells.queued(t, callback.name)
        for callback in t.design.callbacks
        if cells.is_about(t.design, callback.name, "dentry")
    )
    return is_held or any(m[name] is not None or bool(m[cells.runs(name)]) for name in queued)


def _objects_of_dentry(t: Target) -> Iterator[str]:
    return chain.from_iterable(map(t.objects, _of_dentry(t)))


def _of_dentry(t: Target) -> tuple[Kept, ...]:
    return tuple(kept for kept in t.design.keeps if kept.placement.holder == "dentry")


@stands_for("fs/dcache.c:d_lookup")
def look_up(m: Machine, t: Target) -> None:
    """Hold the dentry and the mount by a path; for one that was killed another is made."""
    is_new = m.get(cells.name(t)) == DEAD
    if is_new:
        m[cells.name(t)] = HASHED
        icache.hold(m, t)
        for kept in _of_dentry(t):
            m[t.slot(kept)] = None
    m.add(_dentry(t), 1)
    m.add("mount", 1)
    m.says("dentry", "another one for the name, held by a path" if is_new else "held by a path")


@stands_for("fs/dcache.c:d_lookup")
def look_up_says(t: Target) -> str:
    """Return what a look-up comes to: a name that is on a disk gets another dentry if need be.

    The one that was killed stays dead; the filesystem's lookup finds the inode by its number, and
    d_splice_alias gives it to the other. (fs/namei.c:__lookup_slow, fs/inode.c:iget5_locked@v6.12)
    """
    again = ", another one if the last was killed" if t.is_hashed else ""
    return f"a path holds mount and dentry{again}"


@stands_for("fs/dcache.c:d_lookup")
def look_up_to_unlink(m: Machine, t: Target) -> None:
    """Hold dentry and mount, and the inode as well, so that its end comes behind the dentry's."""
    look_up(m, t)
    icache.hold(m, t)


# --- taking the name away ---------------------------------------------------------------


@stands_for("fs/inode.c:drop_nlink")
def drop_link(m: Machine, t: Target) -> None:
    """Count the name out of i_nlink."""
    m.touch(t.inode, "counts", "a link out of")
    m[cells.nlink(t)] = 0
    m.says(f"{t.inode}.i_nlink", "0")


@stands_for({"6.12": "fs/libfs.c:simple_unlink", "7.3": "fs/dcache.c:d_make_discardable"})
def unpin(m: Machine, t: Target) -> None:
    """Drop the reference that creation took for the name; who calls it has one of its own."""
    if m.get(cells.persistent(t)):
        m[cells.persistent(t)] = 0
        m.add(_dentry(t), -1)


# Who alone has the dentry keeps it as a name without an inode; else it is the others' till the end.
@stands_for("fs/dcache.c:d_delete")
def delete(m: Machine, t: Target) -> None:
    """Take the inode from a dentry that nobody else uses, or let nobody find it any more."""
    m.register = int(m[_dentry(t)] == 1)
    m[cells.name(t)] = NEGATIVE if m.register else UNHASHED
    unhashed = "the dentry is unhashed, since others use it"
    m.comes_to("the dentry is negative" if m.register else unhashed)
    m.says("dentry", str(m[cells.name(t)]))


@stands_for(NoFunction("scenario", "umount begins once unlink(2) has returned"))
def note_unlinked(m: Machine, _: Target) -> None:
    """Let the unmounter know that unlink(2) has returned."""
    m[cells.UNLINKED] = 1


@waits("unlink(2) has not returned, or somebody holds the mount")
def is_unlinked(m: Machine, _: Target) -> bool:
    """Return whether unlink(2) has returned, and nobody but the unmounter holds the mount."""
    return bool(m[cells.UNLINKED]) and m["mount"] == 1


# --- killing ----------------------------------------------------------------------------


# The count goes to 0 and the dentry is on the LRU in one step: between the two a kernel lets others
# look it up, which takes it as the LRU has it, so that nobody could tell. (fs/dcache.c:dput@v6.12)
@stands_for("fs/dcache.c:dput")
def put(m: Machine, t: Target) -> None:
    """Drop a reference to the dentry; the last one leaves it on the LRU if it can be looked up."""
    put_dentry(m, t)
    m.comes_to(f"the dentry's count goes down to {m.register}")
    if not m.register and _is_retained(m, t):
        m.register = 1
        m.says("dentry", "unused")
        m.comes_to("the dentry's count goes down to 0, and it stays, as it has a name")


def _is_retained(m: Machine, t: Target) -> bool:
    return m[cells.name(t)] in (HASHED, NEGATIVE)


@waits(
    "somebody uses the dentry, or it is dead, or umount has begun", "fs/dcache.c:prune_dcache_sb"
)
def is_unused(m: Machine, t: Target) -> bool:
    """Return whether the shrinker finds the dentry on the superblock's LRU."""
    return not m[_dentry(t)] and _is_retained(m, t) and not m[cells.S_UMOUNT]


# A dentry on the shrinker's list may have been looked up before its turn comes: the count is asked
# again under d_lock. Nor is one killed twice that unlink and the shrinker have both put.
@stands_for("fs/dcache.c:lock_for_kill")
def mark_dead(m: Machine, t: Target) -> None:
    """Kill a dentry that nobody uses, and tell whether it leads to an inode."""
    m.register = 0
    if m[_dentry(t)] or m[cells.name(t)] == DEAD:
        m.says("dentry", "left alone")
        m.comes_to("the dentry is in use, or dead already, and is left alone")
        return
    m.register = 2 if m[cells.name(t)] == NEGATIVE else _POSITIVE
    m[cells.name(t)] = DEAD
    if cells.dying(t) in m:
        m[cells.dying(t)] = 1
    m.says("dentry", DEAD)
    m.comes_to("the dentry is dead")


@stands_for("fs/dcache.c:dentry_free")
def release(m: Machine, t: Target) -> None:
    """Let the memory of a killed dentry go; what it kept goes as its d_release said."""
    m[cells.dying(t)] = 0


@stands_for(NoFunction("model", "a branch by what the dentry was when it was killed"))
def leads_to_inode(m: Machine, _: Target) -> bool:
    """Return whether the dentry that was killed leads to an inode."""
    return m.register == _POSITIVE


# --- umount, and a want of memory -------------------------------------------------------


@stands_for("fs/super.c:deactivate_locked_super")
def has_litter(t: Target) -> bool:
    """Return whether this kernel unpins the names before it shuts down, by kill_litter_super."""
    return "named" in t.traits and t.design.persistent and t.facts.has_function("kill_litter_super")


@stands_for({"6.12": "fs/super.c:kill_litter_super", "7.3": "fs/dcache.c:shrink_dcache_tree"})
def unpins_at_umount(t: Target) -> bool:
    """Return whether this kernel unpins the names as it collects dentries to be killed."""
    return "named" in t.traits and t.design.persistent and not has_litter(t)


@waits("the shrinker has s_umount", "fs/super.c:super_lock")
def is_unscanned(m: Machine, _: Target) -> bool:
    """Return whether nobody scans the superblock for unused dentries and inodes."""
    return not m[cells.S_UMOUNT]


@stands_for("fs/super.c:super_lock")
def lock_super(m: Machine, _: Target) -> None:
    """Take s_umount; who shuts the superblock down keeps it."""
    m[cells.S_UMOUNT] = 1


@stands_for("fs/super.c:super_cache_scan")
def unlock_super(m: Machine, _: Target) -> None:
    """Drop s_umount."""
    m[cells.S_UMOUNT] = 0


@stands_for("fs/super.c:generic_shutdown_super")
def deactivate(m: Machine, _: Target) -> None:
    """Clear SB_ACTIVE: an inode that is put for the last time is cached no more."""
    m[cells.SB_ACTIVE] = 0


@stands_for("fs/inode.c:iput_final")
def ask_active(m: Machine, _: Target) -> None:
    """Ask whether the superblock is active, so that an unused inode may stay."""
    m.register = m.count(cells.SB_ACTIVE)


# Who puts the last reference when SB_ACTIVE is not set holds the inode beyond the dentry tree, or
# is a mount that fails and has never set it. To all others the answer is yes.
# (fs/super.c:vfs_get_super@v6.12)
@stands_for("fs/inode.c:iput_final")
def asks_active(t: Target) -> bool:
    """Return whether an inode that drop_inode keeps may be put while SB_ACTIVE is not set."""
    if "named" in t.traits:
        return True
    return vfs.may_stay(t) and (cells.may_be_busy(t.design) or "mount fails" in t.traits)
