"""Do what the VFS itself does on an inode's road, and answer its tests.

The road from birth to death is fs/inode.c's: alloc_inode, iput, iput_final, evict, destroy_inode,
i_callback; dput and mntput lead to it. What a Design's hooks may ask for as well is in
`hook_actions`.
"""

from collections.abc import Mapping
from typing import Final

from gmemviz.model.design import is_set_once, may_keep
from gmemviz.model.machine import (
    HELD,
    I_CLEAR,
    I_FREEING,
    I_WILL_FREE,
    Cell,
    Machine,
    NoFunction,
    Target,
    phrase,
    stands_for,
)
from gmemviz.model.road import cells, rcu
from gmemviz.model.road.waiting import waits
from gmemviz.model.road.ways import refuse_poisoned

_I_LOCK: Final = NoFunction("lock", "inode->i_lock is a spinlock, and its code is inlined")


@stands_for("fs/inode.c:inode_init_always_gfp")
def init_always(m: Machine, t: Target) -> None:
    """Overwrite the VFS fields, whatever the slab object held; the LSM blob comes last."""
    m.touch(t.inode, "initialises")
    if not t.design.mount.is_set_up:  # i_uid_write goes through sb->s_user_ns
        m.fail("crash", "superblock", "reads superblock fields that nothing initialised")
    m[f"{t.inode}.i_count"] = 1
    m[f"{t.inode}.i_state"] = 0
    for kept in t.design.keeps:
        # A field of the VFS, which it sets to NULL: i_crypt_info is not among them.
        if kept.placement.holder == "inode" and not is_set_once(kept.placement):
            m[t.slot(kept)] = None


@stands_for("security/security.c:security_inode_alloc")
def allocate_blob(m: Machine, t: Target) -> None:
    """Allocate the LSM blob, or fail to: the one step of inode_init_always that can fail."""
    m.touch(t.inode, "labels")
    m.says("LSM blob", "refused" if "init fails" in t.traits else "allocated")


@stands_for("security/security.c:security_inode_alloc")
def blob_says(t: Target) -> str:
    """Return what came of the LSM blob."""
    return "it fails: -ENOMEM" if "init fails" in t.traits else "the inode has its LSM blob"


@stands_for("fs/inode.c:destroy_inode")
def hook_owns_the_memory(t: Target) -> bool:
    """Return whether destroy_inode is set and free_inode is NULL: then nothing goes to RCU."""
    return "destroy_inode" in t.table and "free_inode" not in t.table


def _put(m: Machine, name: str) -> None:
    m.register = m.add(name, -1)
    m.says(name, f"down to {m.register}")


@stands_for("fs/inode.c:iput_final")
def may_stay(t: Target) -> bool:
    """Return whether the inode is cached when drop_inode says no."""
    body = t.table.get("drop_inode")
    says_no = may_keep(body) if body else t.is_hashed
    return says_no and "I_DONTCACHE" not in t.traits


@stands_for("fs/dcache.c:dput")
def put_dentry(m: Machine, t: Target) -> None:
    """Drop a dentry reference; the last one kills the dentry, which holds the inode.

    That of an inode with a name is dcache.put's.
    """
    _put(m, f"{t.inode}.dentry")


@stands_for(_I_LOCK)
def hold_i_lock(m: Machine, t: Target) -> None:
    """Take i_lock, in scenarios where others want it too: a spinlock, which RCU waits for.

    It matters to who frees behind a grace period, and to a module whose text goes behind one.
    """
    if f"{t.inode}.i_lock" in m:
        m[f"{t.inode}.i_lock"] = t.actor or 1
    if "drop_inode" in t.design.readers or cells.may_go(t):
        rcu.open_section(m, _decides(t))


def _decides(t: Target) -> str:
    return f"{t.actor} under i_lock of {t.inode}"


@stands_for(_I_LOCK)
def drop_i_lock(m: Machine, t: Target) -> None:
    """Drop i_lock."""
    if f"{t.inode}.i_lock" in m:
        m[f"{t.inode}.i_lock"] = 0
    if "drop_inode" in t.design.readers or cells.may_go(t):
        rcu.close_section(m, _decides(t))


def _who_holds(m: Mapping[str, Cell], t: Target) -> str:
    return f"{cells.said(str(m[f'{t.inode}.i_lock']))} holds i_lock"


@waits(_who_holds, _I_LOCK)
def is_i_lock_free(m: Machine, t: Target) -> bool:
    """Return whether nobody decides about the inode just now, as iput_final does."""
    return not m.get(f"{t.inode}.i_lock")


@stands_for(NoFunction("hardware", "a load of inode->i_sb->s_op"))
def read_s_op(m: Machine, t: Target, verb: str = "reads", what: str = "s_op through") -> None:
    """Read the superblock's table by way of i_sb, as each step of an inode's end does."""
    refuse_poisoned(m, t, f"{phrase(verb, what)} i_sb of")
    m.touch("superblock", verb, what)


@stands_for("fs/inode.c:iput")
def put_inode(m: Machine, t: Target) -> None:
    """Drop an inode reference; the last one goes on with i_lock held."""
    m.touch(t.inode, "puts")
    _put(m, f"{t.inode}.i_count")
    if not m.register:
        read_s_op(m, t, "", "lets iput_final read s_op through")
        hold_i_lock(m, t)


@stands_for("fs/namespace.c:mntput")
def put_mount(m: Machine, _: Target) -> None:
    """Drop a mount reference; the last one shuts the superblock down."""
    _put(m, "mount")


@stands_for("fs/inode.c:iput_final")
def mark_will_free(m: Machine, t: Target) -> None:
    """Set I_WILL_FREE while the inode is written back, so that nobody takes it meanwhile."""
    m.touch(t.inode, "marks")
    m[f"{t.inode}.i_state"] = m.count(f"{t.inode}.i_state") | I_WILL_FREE
    drop_i_lock(m, t)
    m.says(t.inode, "I_WILL_FREE")


@stands_for("fs/inode.c:iput_final")
def mark_freeing(m: Machine, t: Target) -> None:
    """Set I_FREEING: from here on igrab and find_inode let the inode be."""
    m.touch(t.inode, "marks")
    read_s_op(m, t)
    m[f"{t.inode}.i_state"] = m.count(f"{t.inode}.i_state") & ~I_WILL_FREE | I_FREEING
    drop_i_lock(m, t)
    m.says(t.inode, "I_FREEING")


@stands_for("fs/inode.c:evict")
def assert_freeing(m: Machine, t: Target) -> None:
    """Check what evict checks first, and take the inode off s_inodes as it does then."""
    m.touch(t.inode, "evicts")
    read_s_op(m, t)
    is_freeing = bool(m.count(f"{t.inode}.i_state") & I_FREEING)
    m.bug_on(t.inode, "BUG_ON(!I_FREEING)", condition=not is_freeing)
    if cells.i_sb_list(t) in m:
        m[cells.i_sb_list(t)] = cells.OFF


@stands_for("fs/inode.c:evict")
def assert_cleared(m: Machine, t: Target) -> None:
    """Check what evict checks last, once the hook is back: that clear_inode was called."""
    m.touch(t.inode, "checks")
    is_cleared = m.count(f"{t.inode}.i_state") == I_FREEING | I_CLEAR
    m.bug_on(t.inode, "BUG_ON(i_state != (I_FREEING | I_CLEAR))", condition=not is_cleared)


@stands_for("fs/inode.c:__destroy_inode")
def uncount(m: Machine, t: Target) -> None:
    """Free the LSM blob, marks and ACLs, and count the inode out of inode-nr.

    destroy_inode, which calls it, reads s_op anew: evict_inode may have slept meanwhile.
    """
    m.touch(t.inode, "takes apart")
    read_s_op(m, t, "", "is called by destroy_inode, which reads s_op through")
    m.says("inode-nr", "down by one")


@stands_for("fs/inode.c:evict_inodes")
def pick_unused(m: Machine, t: Target) -> None:
    """Mark an unused inode of s_inodes for eviction; inode_lru_isolate does the same."""
    state = m[f"{t.inode}.i_state"]
    m.register = int(m[t.inode] == HELD and m[f"{t.inode}.i_count"] == 0 and state == 0)
    m.comes_to("no inode is unused")
    if m.register:
        m[f"{t.inode}.i_state"] = I_FREEING
        m.says(t.inode, "I_FREEING")
        m.comes_to("an inode with i_count 0 is marked I_FREEING")


@stands_for("fs/super.c:put_super")
def free_superblock(m: Machine, _: Target) -> None:
    """Let the superblock go."""
    m.free("superblock")
