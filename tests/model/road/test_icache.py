"""An inode on the hash and the LRU: who finds it, who lets it be, when it goes."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from gmemviz.facts import kernels, load
from gmemviz.model.machine import ABSENT, FREED, I_FREEING
from gmemviz.model.road import cells, files, icache, vfs
from tests.model.machine.made import design_of, machine_of, noted_by, shown_by, target_of

HASHED = target_of(None, "hashed", actor="finder")


def test_who_is_on_the_list_of_the_superblock():
    assert icache.is_listed(HASHED)
    assert icache.is_listed(target_of(None, "root"))
    assert icache.is_listed(target_of(design_of(more='allocator = "new_inode"')))
    assert not icache.is_listed(target_of())


def test_the_first_to_insert_is_found_and_the_second_lost():
    m = machine_of(HASHED)
    icache.insert(m, target_of(None, "hashed", "lost"))
    icache.look_up(m, HASHED)
    assert (m.register, m["readers"]) == (0, ("finder",))
    icache.insert(m, HASHED)
    icache.look_up(m, HASHED)
    assert m.register == 1
    icache.unhash(m, HASHED)
    icache.look_up(m, HASHED)
    assert m.register == 0


def test_the_generic_drop_keeps_what_is_hashed():
    for target, answer in ((HASHED, 0), (target_of(), 1)):
        m = machine_of(target)
        icache.drop_unhashed(m, target)
        assert m.register == answer
    assert icache.generic_says(HASHED) == "the inode is hashed and linked, so it may stay"
    assert icache.generic_says(target_of()) == "the inode is unhashed, so it shall go"


def test_what_is_going_is_not_held_again():
    t = target_of()
    for state, count, register in ((0, 2, 1), (I_FREEING, 1, 0)):
        m = machine_of(t, inode__i_state=state)
        icache.igrab(m, t)
        assert (m["inode.i_count"], m.register) == (count, register)
    assert shown_by(icache.igrab, machine_of(t, inode=FREED), t) == ("use-after-free", "inode")


def test_it_stays_only_where_nobody_holds_it_and_nobody_decides():
    m = machine_of(HASHED, also=cells.I_LOCK, inode__i_count=0)
    assert icache.is_unused(m, HASHED)
    icache.stay(m, HASHED)
    assert icache.is_unused(m, HASHED)
    assert not icache.is_unused(machine_of(HASHED), HASHED)
    assert not icache.is_unused(machine_of(HASHED, inode__i_count=0, inode=ABSENT), HASHED)
    locked = machine_of(HASHED, also=(("inode.i_lock", 1),), inode__i_count=0)
    assert not icache.is_unused(locked, HASHED)


def test_writing_sleeps():
    t = target_of()
    icache.write_back(machine_of(t), t)
    assert noted_by(icache.write_back, machine_of(t, "L"), t) == ("sleep-in-atomic", "inode")


def test_whoever_uses_the_inode_uses_what_it_owns():
    t = target_of()
    icache.use(machine_of(t, inode__tree=None, tree=FREED), t)
    used = machine_of(t, inode__tree="tree", tree=FREED)
    assert shown_by(icache.use, used, t) == ("use-after-free", "tree")


@pytest.mark.parametrize("kernel", kernels())
def test_umount_poisons_what_it_finds_on_the_list(kernel):
    t = target_of(design_of(kernel=kernel, more='allocator = "new_inode"'))
    for count, state, why in ((1, 0, "holds it"), (0, I_FREEING, "about to evict it")):
        m = machine_of(t, also=cells.BUSY, inode__i_count=count, inode__i_state=state)
        assert noted_by(icache.look_for_busy, m, t) == ("busy-inodes", "inode")
        assert why in m.noted[0].doing
        assert m[cells.i_sb_list(t)] == cells.POISONED
        assert shown_by(vfs.read_s_op, m, t) == ("crash", "inode")
        assert shown_by(files.add_folio, m, t) == ("crash", "inode")


def test_what_evict_has_begun_with_is_off_the_list():
    t = target_of()
    m = machine_of(t, also=cells.BUSY, inode__i_count=0, inode__i_state=I_FREEING)
    vfs.assert_freeing(m, t)
    assert m[cells.i_sb_list(t)] == cells.OFF
    icache.look_for_busy(m, t)
    assert m.noted == []
    m["superblock"] = FREED
    assert shown_by(vfs.uncount, m, t) == ("use-after-free", "superblock")


def test_a_kernel_that_does_not_walk_its_busy_inodes_poisons_none():
    t = target_of()
    facts = load("6.12")
    shutdown = facts.function("generic_shutdown_super")
    calls = tuple(call for call in shutdown.calls if call.callee != "list_for_each_entry")
    older = SimpleNamespace(function=lambda name: replace(shutdown, calls=calls))
    m = machine_of(t, also=cells.BUSY)
    icache.look_for_busy(m, replace(t, facts=older))
    assert m[cells.i_sb_list(t)] == cells.ON
    assert m.noted[0].code == "busy-inodes"
