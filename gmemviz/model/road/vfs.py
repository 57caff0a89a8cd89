"""Do what the VFS itself does on the road, and answer its tests.

Kept apart from `actions`, which a Design's hooks may ask for as well.
"""

from gmemviz.model.machine import HELD, I_CLEAR, I_FREEING, I_WILL_FREE, Machine, Target


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
    m.says("LSM blob", "refused" if "init fails" in t.traits else "allocated")


def blob_says(t: Target) -> str:
    """Return what came of the LSM blob."""
    return "it fails: -ENOMEM" if "init fails" in t.traits else "the inode has its LSM blob"


def hook_owns_the_memory(t: Target) -> bool:
    """Return whether destroy_inode is set and free_inode is NULL. (fs/inode.c:destroy_inode)"""
    return "destroy_inode" in t.table and "free_inode" not in t.table


def _put(m: Machine, name: str) -> None:
    m[name] = m.count(name) - 1
    m.register = m.count(name)
    m.says(name, f"down to {m.register}")


def may_stay(t: Target) -> bool:
    """Return whether the inode is cached when drop_inode says no. (fs/inode.c:iput_final)"""
    body = t.table.get("drop_inode", ())
    says_no = body[-1].verb == "return 0" if body else "hashed" in t.traits
    return says_no and "I_DONTCACHE" not in t.traits


def put_dentry(m: Machine, t: Target) -> None:
    """Drop a dentry reference. (fs/dcache.c:dput)"""
    _put(m, f"{t.inode}.dentry")


def hold_i_lock(m: Machine, t: Target) -> None:
    """Take i_lock, in scenarios where others want it too."""
    if f"{t.inode}.i_lock" in m:
        m[f"{t.inode}.i_lock"] = 1


def drop_i_lock(m: Machine, t: Target) -> None:
    """Drop i_lock."""
    if f"{t.inode}.i_lock" in m:
        m[f"{t.inode}.i_lock"] = 0


def is_i_lock_free(m: Machine, t: Target) -> bool:
    """Return whether nobody decides about the inode just now. (fs/inode.c:iput_final)"""
    return not m.get(f"{t.inode}.i_lock")


def put_inode(m: Machine, t: Target) -> None:
    """Drop an inode reference. (fs/inode.c:iput)"""
    m.touch(t.inode, "puts")
    _put(m, f"{t.inode}.i_count")
    if not m.register:
        m.touch("superblock", "lets iput_final read s_op through")
        hold_i_lock(m, t)


def put_mount(m: Machine, _: Target) -> None:
    """Drop a mount reference. (fs/namespace.c:mntput)"""
    _put(m, "mount")


def mark_will_free(m: Machine, t: Target) -> None:
    """Set I_WILL_FREE while the inode is written back. (fs/inode.c:iput_final)"""
    m.touch(t.inode, "marks")
    m[f"{t.inode}.i_state"] = m.count(f"{t.inode}.i_state") | I_WILL_FREE
    drop_i_lock(m, t)
    m.says(t.inode, "I_WILL_FREE")


def mark_freeing(m: Machine, t: Target) -> None:
    """Set I_FREEING. (fs/inode.c:iput_final)"""
    m.touch(t.inode, "marks")
    m.touch("superblock", "reads s_op through")
    m[f"{t.inode}.i_state"] = m.count(f"{t.inode}.i_state") & ~I_WILL_FREE | I_FREEING
    drop_i_lock(m, t)
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


def free_superblock(m: Machine, _: Target) -> None:
    """Let the superblock go. (fs/super.c:kill_anon_super)"""
    m.free("superblock")
