"""Do what happens to an inode that is on the hash and the LRU, or found without a reference."""

from gmemviz.model.machine import HELD, Machine, Target
from gmemviz.model.road.metadata import use_all
from gmemviz.model.road.rcu import enter
from gmemviz.model.road.vfs import drop_i_lock, is_i_lock_free


def is_listed(t: Target) -> bool:
    """Return whether the inode is on s_inodes: the root, what is hashed or made by new_inode."""
    is_special = "root" in t.traits or "hashed" in t.traits
    return is_special or t.design.allocator == "new_inode"


def look_for_busy(m: Machine, t: Target) -> None:
    """Complain of a listed inode that somebody holds. (fs/super.c:generic_shutdown_super)"""
    if m[t.inode] == HELD and m[f"{t.inode}.i_count"]:
        m.note("busy-inodes", t.inode, f"finds {t.inode} on s_inodes, and somebody holds it")


def insert(m: Machine, t: Target) -> None:
    """Put the inode on the hash, unless another task's is there. (fs/inode.c:inode_insert5)"""
    m.touch(t.inode, "hashes")
    if "lost" not in t.traits:
        m[f"{t.inode}.hashed"] = 1
        m.says(t.inode, "hashed")


def insert_says(t: Target) -> str:
    """Return what came of it."""
    return "another task was first" if "lost" in t.traits else "the inode is on the hash"


def generic_says(t: Target) -> str:
    """Return the answer of inode_generic_drop, and why."""
    if "hashed" in t.traits:
        return "the inode is hashed and linked, so it may stay"
    return "the inode is unhashed, so it shall go"


def unhash(m: Machine, t: Target) -> None:
    """Take the inode off the hash and wake who waits for that. (fs/inode.c:evict)"""
    m.touch(t.inode, "unhashes")
    m[f"{t.inode}.hashed"] = 0


def stay(m: Machine, t: Target) -> None:
    """Put the inode on its superblock's LRU. (fs/inode.c:iput_final)"""
    m.touch(t.inode, "keeps")
    drop_i_lock(m, t)
    m.says(t.inode, "unused")


def write_back(m: Machine, t: Target) -> None:
    """Write the inode. (fs/fs-writeback.c:write_inode_now)"""
    m.touch(t.inode, "writes")
    m.sleep(t.inode, "writes")


def is_unused(m: Machine, t: Target) -> bool:
    """Return whether the inode stays though nobody holds it."""
    unused = m[f"{t.inode}.i_count"] == 0 and m[f"{t.inode}.i_state"] == 0
    return unused and m[t.inode] == HELD and is_i_lock_free(m, t)


def look_up(m: Machine, t: Target) -> None:
    """Find the inode by the hash under rcu_read_lock, or nothing. (fs/inode.c:find_inode)"""
    enter(m, t)
    m.register = int(bool(m[f"{t.inode}.hashed"]))


def igrab(m: Machine, t: Target) -> None:
    """Hold an inode found under RCU, unless it is going. (fs/inode.c:igrab)"""
    m.touch(t.inode, "looks at i_count of")
    m.register = int(not m[f"{t.inode}.i_state"])
    if m.register:
        _hold(m, t)


def _hold(m: Machine, t: Target) -> None:
    m[f"{t.inode}.i_count"] = m.count(f"{t.inode}.i_count") + 1
    m.says(t.inode, "held again")


def use(m: Machine, t: Target) -> None:
    """Use the inode and all that it owns, with a reference."""
    m.touch(t.inode, "uses")
    use_all(m, t)
