"""What the VFS does on an inode's road: counts, i_state, and its two assertions."""

import pytest

from gmemviz.model.machine import FREED, HELD, I_CLEAR, I_FREEING, I_WILL_FREE
from gmemviz.model.road import cells, vfs
from tests.model.machine.made import (
    cell_target,
    design_of,
    machine_of,
    shown_by,
    target_of,
    told,
)


def test_birth_sets_what_the_slab_object_held():
    t = target_of()
    m = machine_of(t, inode__i_count=None, inode__i_state=I_FREEING | I_CLEAR, inode__tree="old")
    vfs.init_always(m, t)
    assert (m["inode.i_count"], m["inode.i_state"], m["inode.tree"]) == (1, 0, None)


def test_a_superblock_that_nobody_set_up_crashes_the_birth():
    t = cell_target(mount="static-superblock")
    assert shown_by(vfs.init_always, machine_of(t), t) == ("crash", "superblock")


def test_the_lsm_blob_is_what_can_fail():
    t, failing = target_of(), target_of(None, "init fails")
    m = machine_of(t)
    vfs.allocate_blob(m, t)
    vfs.allocate_blob(m, failing)
    assert told(m) == [("LSM blob", "allocated"), ("LSM blob", "refused")]
    assert vfs.blob_says(t) == "the inode has its LSM blob"
    assert vfs.blob_says(failing) == "it fails: -ENOMEM"


def test_the_last_put_holds_i_lock_where_others_want_it():
    t = target_of()
    m = machine_of(t, also=cells.I_LOCK, inode__i_count=2)
    vfs.put_inode(m, t)
    assert (m.register, m["inode.i_lock"], vfs.is_i_lock_free(m, t)) == (1, 0, True)
    vfs.put_inode(m, t)
    assert (m.register, m["inode.i_lock"], vfs.is_i_lock_free(m, t)) == (0, 1, False)
    vfs.mark_freeing(m, t)
    assert (m["inode.i_state"], m["inode.i_lock"]) == (I_FREEING, 0)


def test_a_last_put_reads_through_the_superblock():
    t = target_of()
    m = machine_of(t, superblock=FREED)
    assert shown_by(vfs.put_inode, m, t) == ("use-after-free", "superblock")
    vfs.put_inode(machine_of(t, superblock=FREED, inode__i_count=2), t)  # another one does not


def test_i_will_free_stands_while_the_inode_is_written_and_goes_then():
    t = target_of()
    m = machine_of(t)
    vfs.mark_will_free(m, t)
    assert m["inode.i_state"] == I_WILL_FREE
    vfs.mark_freeing(m, t)
    assert m["inode.i_state"] == I_FREEING


@pytest.mark.parametrize("state", [0, I_WILL_FREE, I_CLEAR])
def test_evict_wants_i_freeing_first(state):
    t = target_of()
    assert shown_by(vfs.assert_freeing, machine_of(t, inode__i_state=state), t)[0] == "assertion"
    vfs.assert_freeing(machine_of(t, inode__i_state=I_FREEING), t)


@pytest.mark.parametrize("state", [0, I_FREEING, I_CLEAR, I_FREEING | I_CLEAR | I_WILL_FREE])
def test_evict_wants_both_bits_and_no_other_last(state):
    t = target_of()
    assert shown_by(vfs.assert_cleared, machine_of(t, inode__i_state=state), t)[0] == "assertion"
    vfs.assert_cleared(machine_of(t, inode__i_state=I_FREEING | I_CLEAR), t)


def test_only_an_unused_inode_is_picked():
    t = target_of()
    for count, state, picked in ((0, 0, 1), (1, 0, 0), (0, I_FREEING, 0)):
        m = machine_of(t, inode__i_count=count, inode__i_state=state)
        vfs.pick_unused(m, t)
        assert (m.register, m["inode.i_state"]) == (picked, I_FREEING if picked else state)


@pytest.mark.parametrize(
    ("cleanup", "traits", "stays"),
    [
        ("none", (), False),
        ("none", ("hashed",), True),
        ("none", ("hashed", "I_DONTCACHE"), False),
        ("drop-returns-0", (), True),
        ("drop-returns-1", ("hashed",), False),
    ],
)
def test_drop_inode_decides_where_it_is_set_and_the_hash_where_not(cleanup, traits, stays):
    assert vfs.may_stay(target_of(cell_target(cleanup).design, *traits)) == stays


@pytest.mark.parametrize(
    ("body", "stays"),
    [
        (["if nlink 0: return 1", "return 0"], True),
        (["if nlink 0: return 0", "return 1"], True),
        (["if nlink 0: return 1", "return 1"], False),
        (["if nlink 0: return 1"], True),
    ],
)
def test_an_inode_may_stay_where_some_way_through_drop_inode_says_so(body, stays):
    assert vfs.may_stay(target_of(design_of(more=f"hooks.drop_inode = {body}"))) == stays


def test_i_lock_holds_up_a_grace_period_for_a_drop_inode_that_reads():
    late = 'hooks.evict_inode = ["truncate", "clear_inode", "free tree after a grace period"]'
    reads = f'{late}\nhooks.drop_inode = ["read tree", "return 1"]'
    for more, waits in ((reads, True), (late, False)):
        t = target_of(design_of(more=more), actor="task")
        m = machine_of(t)
        vfs.hold_i_lock(m, t)
        assert bool(m["readers"]) == waits
        vfs.drop_i_lock(m, t)
        assert m["readers"] == ()


def test_destroy_inode_alone_takes_the_memory_over():
    assert vfs.hook_owns_the_memory(cell_target("destroy-leaves-memory"))
    assert not vfs.hook_owns_the_memory(cell_target("destroy+free"))
    assert not vfs.hook_owns_the_memory(cell_target("free-all"))


def test_dentry_mount_and_superblock_are_counted_down():
    t = target_of()
    m = machine_of(t, inode__dentry=2)
    vfs.put_dentry(m, t)
    assert m.register == m["inode.dentry"] == 1
    vfs.put_mount(m, t)
    assert m.register == m["mount"] == 0
    vfs.uncount(m, t)
    vfs.free_superblock(m, t)
    assert (m["superblock"], m["inode"]) == (FREED, HELD)
