"""Do what the VFS itself does on the road, and answer its tests.

Kept apart from `actions`, which a Design's hooks may ask for as well.
"""

from gmemviz.model.machine import HELD, I_CLEAR, I_FREEING, Machine
from gmemviz.model.target import Target

__all__ = (
    "allocate_blob",
    "assert_cleared",
    "assert_freeing",
    "blob_says",
    "found_none",
    "free_superblock",
    "has_root",
    "hook_owns_the_memory",
    "init_always",
    "is_initialised",
    "is_kept",
    "is_still_used",
    "mark_freeing",
    "mount_outlives_it",
    "pick_unused",
    "put_dentry",
    "put_inode",
    "put_mount",
    "uncount",
)


def init_always(m: Machine, t: Target) -> None:
    """Overwrite the VFS fields; its last action may fail. (fs/inode.c:inode_init_always_gfp)"""
    m.touch(t.inode, "initialises")
    if not t.design.mount.is_set_up:  # i_uid_write goes through sb->s_user_ns
        m.fail("crash", "superblock", "reads superblock fields that nothing initialised")
    m[f"{t.inode}.i_count"] = 1
    m[f"{t.inode}.i_state"] = 0
    for kept in t.design.keeps:
        if kept.placement.holder == "inode":  # a field of the VFS, which it sets to NULL
            m[t.slot(kept)] = None


def allocate_blob(m: Machine, t: Target) -> None:
    """Allocate the LSM blob, or fail to. (security/security.c:security_inode_alloc)"""
    m.touch(t.inode, "labels")
    m.says("LSM blob", "refused" if t.init_fails else "allocated")


def blob_says(t: Target) -> str:
    """Return what came of the LSM blob."""
    return "it fails: -ENOMEM" if t.init_fails else "the inode has its LSM blob"


def is_initialised(t: Target) -> bool:
    """Return whether inode_init_always goes well. (fs/inode.c:alloc_inode)"""
    return not t.init_fails


def mount_outlives_it(t: Target) -> bool:
    """Return whether kern_mount's own reference stays, so no put is the last."""
    return not t.unmounts


def has_root(t: Target) -> bool:
    """Return whether this actor's inode is the mount's root. (fs/libfs.c:pseudo_fs_fill_super)"""
    return t.is_root


def hook_owns_the_memory(t: Target) -> bool:
    """Return whether destroy_inode is set and free_inode is NULL. (fs/inode.c:destroy_inode)"""
    return "destroy_inode" in t.table and "free_inode" not in t.table


def _put(m: Machine, name: str) -> None:
    m[name] = m.count(name) - 1
    m.register = m.count(name)
    m.says(name, f"down to {m.register}")


def put_dentry(m: Machine, t: Target) -> None:
    """Drop a dentry reference. (fs/dcache.c:dput)"""
    _put(m, f"{t.inode}.dentry")


def put_inode(m: Machine, t: Target) -> None:
    """Drop an inode reference. (fs/inode.c:iput)"""
    m.touch(t.inode, "puts")
    _put(m, f"{t.inode}.i_count")


def put_mount(m: Machine, _: Target) -> None:
    """Drop a mount reference. (fs/namespace.c:mntput)"""
    _put(m, "mount")


def is_still_used(m: Machine, _: Target) -> bool:
    """Return whether the put just made was not the last."""
    return m.register > 0


def is_kept(m: Machine, _: Target) -> bool:
    """Return whether drop_inode said no: the inode stays, unused. (fs/inode.c:iput_final)"""
    return not m.register


def mark_freeing(m: Machine, t: Target) -> None:
    """Set I_FREEING. (fs/inode.c:iput_final)"""
    m.touch(t.inode, "marks")
    m.touch("superblock", "reads s_op through")
    m[f"{t.inode}.i_state"] = m.count(f"{t.inode}.i_state") | I_FREEING
    m.says(t.inode, "I_FREEING")


def assert_freeing(m: Machine, t: Target) -> None:
    """Check what evict checks first. (fs/inode.c:evict)"""
    m.touch(t.inode, "evicts")
    m.touch("superblock", "reads s_op through")
    state = m.count(f"{t.inode}.i_state")
    m.bug_on(t.inode, "BUG_ON(!I_FREEING)", condition=not state & I_FREEING)


def assert_cleared(m: Machine, t: Target) -> None:
    """Check what evict checks last. (fs/inode.c:evict)"""
    m.touch(t.inode, "checks")
    state = m.count(f"{t.inode}.i_state")
    text = "BUG_ON(i_state != (I_FREEING | I_CLEAR))"
    m.bug_on(t.inode, text, condition=state != I_FREEING | I_CLEAR)


def uncount(m: Machine, t: Target) -> None:
    """Free the LSM blob, marks and ACLs. (fs/inode.c:__destroy_inode)"""
    m.touch(t.inode, "takes apart")
    m.says("inode-nr", "down by one")


def pick_unused(m: Machine, t: Target) -> None:
    """Mark an unused inode of s_inodes for eviction. (fs/inode.c:evict_inodes)"""
    state = m[f"{t.inode}.i_state"]
    m.register = int(m[t.inode] == HELD and m[f"{t.inode}.i_count"] == 0 and state == 0)
    if m.register:
        m[f"{t.inode}.i_state"] = I_FREEING
        m.says(t.inode, "I_FREEING")


def found_none(m: Machine, _: Target) -> bool:
    """Return whether evict_inodes had nothing to evict."""
    return not m.register


def free_superblock(m: Machine, _: Target) -> None:
    """Let the superblock go. (fs/super.c:kill_anon_super)"""
    m.free("superblock")
