"""Do what happens to an inode that is on the hash and the LRU, or found without a reference.

The road is that of fs/inode.c's inode cache: iget5_locked hashes, iput_final may let an inode stay,
find_inode and igrab take it again, the shrinker and umount evict it at last.
"""

from gmemviz.model.machine import HELD, Machine, NoFunction, Target, stands_for
from gmemviz.model.road import cells
from gmemviz.model.road.metadata import use_all
from gmemviz.model.road.rcu import enter
from gmemviz.model.road.vfs import drop_i_lock, is_i_lock_free
from gmemviz.model.road.waiting import waits


@stands_for("fs/inode.c:inode_sb_list_add")
def is_listed(t: Target) -> bool:
    """Return whether the inode is on s_inodes: the root, what is hashed or made by new_inode."""
    is_special = "root" in t.traits or t.is_hashed
    return is_special or t.design.allocator == "new_inode"


# The kernel asks no more than whether the list is empty, so an inode that somebody else is about to
# evict is busy as well: evict_inodes has passed it by. (fs/super.c:generic_shutdown_super@v6.12)
@stands_for("fs/super.c:generic_shutdown_super")
def look_for_busy(m: Machine, t: Target) -> None:
    """Complain of an inode that is on s_inodes still: "Busy inodes after unmount".

    A kernel that walks the list once more leaves i_sb, i_op and i_mapping poisoned.
    """
    count, listing = m[f"{t.inode}.i_count"], cells.i_sb_list(t)
    is_listed = m[listing] == cells.ON if listing in m else bool(count)
    if m[t.inode] != HELD or not is_listed:
        return
    why = "somebody holds it" if count else "somebody else is about to evict it"
    m.note("busy-inodes", t.inode, f"finds {t.inode} on s_inodes, and {why}")
    if listing in m and _poisons(t):
        m[listing] = cells.POISONED
        m.says(f"{t.inode}.i_sb", cells.POISONED)


@stands_for("fs/super.c:generic_shutdown_super")
def _poisons(t: Target) -> bool:
    calls = t.facts.function("generic_shutdown_super").calls
    return "list_for_each_entry" in {call.callee for call in calls}


@stands_for("fs/inode.c:inode_insert5")
def insert(m: Machine, t: Target) -> None:
    """Put the inode on the hash, unless another task's is there."""
    m.touch(t.inode, "hashes")
    if "lost" not in t.traits:
        m[f"{t.inode}.hashed"] = 1
        m.says(t.inode, "hashed")


@stands_for("fs/inode.c:inode_insert5")
def insert_says(t: Target) -> str:
    """Return what came of it."""
    return "another task was first" if "lost" in t.traits else "the inode is on the hash"


_GENERIC_DROP = {
    "6.12": "include/linux/fs.h:generic_drop_inode",
    "7.3": "include/linux/fs.h:inode_generic_drop",
}


@stands_for(_GENERIC_DROP)
def drop_unhashed(m: Machine, t: Target) -> None:
    """Answer that the inode shall go, unless it is hashed and linked."""
    m.register = int(not t.is_hashed or m.get(cells.nlink(t)) == 0)


@stands_for(_GENERIC_DROP)
def generic_says(t: Target) -> str:
    """Return that answer, and why."""
    if "named" in t.traits and t.is_hashed:
        return "the inode may stay if it is linked, since it is hashed"
    if t.is_hashed:
        return "the inode is hashed and linked, so it may stay"
    return "the inode is unhashed, so it shall go"


@stands_for("fs/inode.c:__remove_inode_hash")
def unhash(m: Machine, t: Target) -> None:
    """Take the inode off the hash and wake who waits for that."""
    m.touch(t.inode, "unhashes")
    m[f"{t.inode}.hashed"] = 0


@stands_for({"6.12": "fs/inode.c:__inode_add_lru", "7.3": "fs/inode.c:__inode_lru_list_add"})
def stay(m: Machine, t: Target) -> None:
    """Put the inode on its superblock's LRU."""
    m.touch(t.inode, "keeps")
    drop_i_lock(m, t)
    m.says(t.inode, "unused")


@stands_for("fs/fs-writeback.c:write_inode_now")
def write_back(m: Machine, t: Target) -> None:
    """Write the inode, which may sleep."""
    m.touch(t.inode, "writes")
    m.sleep(t.inode, "writes")


@waits(
    "the inode is not on the LRU: it is held, going, or not there",
    "fs/inode.c:inode_lru_isolate",
)
def is_unused(m: Machine, t: Target) -> bool:
    """Return whether the inode stays though nobody holds it."""
    unused = m[f"{t.inode}.i_count"] == 0 and m[f"{t.inode}.i_state"] == 0
    return unused and m[t.inode] == HELD and is_i_lock_free(m, t)


@stands_for("fs/inode.c:find_inode")
def look_up(m: Machine, t: Target) -> None:
    """Find the inode by the hash under rcu_read_lock, or nothing."""
    enter(m, t)
    m.register = int(bool(m[f"{t.inode}.hashed"]))
    m.comes_to("the hash leads to the inode" if m.register else "the hash leads to nothing")


@stands_for("fs/inode.c:igrab")
def igrab(m: Machine, t: Target) -> None:
    """Hold an inode found under RCU, unless it is going; find_inode does the same.

    I_FREEING or I_WILL_FREE turn it away. What it looks at must be memory still, so the caller is
    under RCU, or holds a lock without which nobody takes the inode off its list.
    """
    m.touch(t.inode, "looks at", "i_count of")
    m.register = int(not m[f"{t.inode}.i_state"])
    m.comes_to("the inode is held" if m.register else "the inode is going, and is not held")
    if m.register:
        hold(m, t)


@stands_for("fs/inode.c:ihold")
def hold(m: Machine, t: Target) -> None:
    """Take another reference to the inode, as somebody who can count on one."""
    m.add(f"{t.inode}.i_count", 1)
    m.says(t.inode, "held again")


@stands_for(NoFunction("several", "any system call, or a fault"))
def use(m: Machine, t: Target) -> None:
    """Use the inode and all that it owns, with a reference."""
    m.touch(t.inode, "uses")
    use_all(m, t)
