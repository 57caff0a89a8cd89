"""The dentry by which an inode is found: who keeps it, who takes it away, who kills it."""

import pytest

from gmemviz.facts import kernels, load
from gmemviz.model import Design
from gmemviz.model.machine import AWAITING, FREED, HELD, Machine, Target
from gmemviz.model.road import cells, dcache
from tests.model.machine.made import design_of, machine_of, target_of, told

PERSISTENT = "named = true\npersistent = true"


def named(more="named = true", *, kernel="7.3", place="i_private"):
    return target_of(design_of(place, kernel=kernel, more=more), "named", "unmounts")


def made(target):
    m = machine_of(target, also=cells.NAMED)
    dcache.instantiate(m, target)
    return m


def state(m, t):
    return m["inode.dentry"], m[cells.name(t)], m["inode.i_count"]


def test_the_dentry_takes_the_creator_s_reference_over():
    t = named()
    assert state(made(t), t) == (1, "hashed", 1)
    t = named(PERSISTENT)
    m = made(t)
    assert state(m, t) == (2, "hashed", 1)
    assert m[cells.persistent(t)] == 1


def test_only_what_is_not_persistent_is_on_the_hash_too():
    assert named().is_hashed
    assert named().allocator == "iget5_locked"
    assert not named(PERSISTENT).is_hashed
    assert "inode.hashed" in cells.cells_of(named())
    assert "inode.hashed" not in cells.cells_of(named(PERSISTENT))


@pytest.mark.parametrize(("name", "stays"), [("hashed", 1), ("negative", 1), ("unhashed", 0)])
def test_the_last_put_leaves_what_can_be_looked_up(name, stays):
    t = named()
    m = made(t)
    m[cells.name(t)] = name
    dcache.put(m, t)
    assert (m["inode.dentry"], m.register) == (0, stays)


def test_whoever_has_the_dentry_with_others_hides_it():
    t = named()
    m = made(t)
    dcache.look_up(m, t)
    dcache.delete(m, t)
    assert (m.register, m[cells.name(t)]) == (0, "unhashed")
    alone = made(t)
    dcache.delete(alone, t)
    assert (alone.register, alone[cells.name(t)]) == (1, "negative")


def test_unlink_holds_the_inode_beside_the_dentry():
    t = named()
    m = made(t)
    dcache.look_up_to_unlink(m, t)
    assert (state(m, t), m["mount"]) == ((2, "hashed", 2), 2)
    dcache.drop_link(m, t)
    assert m[cells.nlink(t)] == 0


def test_a_name_holds_its_dentry_once():
    t = named(PERSISTENT)
    m = made(t)
    dcache.unpin(m, t)
    dcache.unpin(m, t)
    assert (m["inode.dentry"], m[cells.persistent(t)]) == (1, 0)
    nameless = target_of()
    dcache.unpin(machine_of(nameless), nameless)  # kill_litter_super of a superblock without names


@pytest.mark.parametrize(
    ("count", "name", "register", "after"),
    [
        (0, "hashed", 1, "dead"),
        (0, "unhashed", 1, "dead"),
        (0, "negative", 2, "dead"),
        (1, "hashed", 0, "hashed"),  # somebody has looked it up meanwhile
        (0, "dead", 0, "dead"),
    ],
)
def test_only_a_dentry_that_nobody_uses_is_killed_once(count, name, register, after):
    t = named()
    m = made(t)
    m["inode.dentry"], m[cells.name(t)] = count, name
    dcache.mark_dead(m, t)
    assert (m.register, m[cells.name(t)]) == (register, after)
    assert dcache.leads_to_inode(m, t) == (register == 1)


def test_a_name_on_a_disk_is_looked_up_anew():
    t = named(place="d_fsdata")
    m = made(t)
    m |= {"inode.dentry": 0, cells.name(t): "dead", "inode.i_count": 0}
    m |= {"dentry.tree": "tree", "tree": HELD}
    assert not dcache.may_look_up(m, t)  # its d_release has not run
    m["tree"] = FREED
    assert dcache.may_look_up(m, t)
    for left in ({"tree": AWAITING}, {cells.dying(t): 1}):
        assert not dcache.may_look_up(Machine({**m, **left}, "P"), t), left
    for gone in ({"inode": FREED}, {"inode.i_state": 1}, {cells.nlink(t): 0}, {"mount": 0}):
        assert not dcache.may_look_up(Machine({**m, **gone}, "P"), t), gone
    dcache.look_up(m, t)
    assert (state(m, t), m["dentry.tree"]) == ((1, "hashed", 1), None)


def test_a_killed_dentry_is_done_with_its_callback_before_another_one_is_made():
    """Also where the Design was cut down to what that callback reads of the superblock."""
    more = """
        named = true
        metadata.info = { placement = "s_fs_info" }
        callbacks.late = { does = ["read info", "free tree"] }
        hooks.d_release = ["call_rcu late"]
    """
    whole = named(more, place="d_fsdata").design
    for design in (whole, *map(whole.only, whole.keeps)):
        t = target_of(design, "named", "unmounts")
        m = made(t)
        m |= {"inode.dentry": 0, cells.name(t): "hashed", "inode.i_count": 0}
        dcache.mark_dead(m, t)
        assert not dcache.may_look_up(m, t)
        dcache.release(m, t)
        assert dcache.may_look_up(m, t)
        for cell, value in ((cells.queued(t, "late"), ("reader",)), (cells.running(t, "late"), 1)):
            assert not dcache.may_look_up(Machine({**m, cell: value}, "P"), t), design.title


def test_a_name_in_memory_alone_is_not():
    t = named(PERSISTENT)
    m = made(t)
    assert dcache.may_look_up(m, t)
    m[cells.name(t)] = "dead"
    assert not dcache.may_look_up(m, t)


def test_shrinker_and_umount_take_turns():
    t = named()
    m = made(t)
    assert not dcache.is_unused(m, t)  # somebody has it
    dcache.put(m, t)
    assert dcache.is_unused(m, t)
    dcache.lock_super(m, t)
    assert not dcache.is_unused(m, t)
    assert not dcache.is_unscanned(m, t)
    dcache.unlock_super(m, t)
    assert dcache.is_unscanned(m, t)


def test_a_superblock_that_goes_caches_no_inode():
    t = named()
    m = made(t)
    dcache.ask_active(m, t)
    assert m.register == 1
    dcache.deactivate(m, t)
    dcache.ask_active(m, t)
    assert m.register == 0


@pytest.mark.parametrize("kernel", kernels())
def test_who_unpins_the_names_at_umount_is_the_facts_to_say(kernel):
    t = named(PERSISTENT, kernel=kernel)
    assert dcache.has_litter(t) == load(kernel).has_function("kill_litter_super")
    assert dcache.has_litter(t) != dcache.unpins_at_umount(t)
    for other in (named(kernel=kernel), Target(t.design, t.facts)):
        assert not dcache.has_litter(other)
        assert not dcache.unpins_at_umount(other)


def test_umount_waits_for_unlink_and_whoever_holds_the_mount():
    t = named()
    m = made(t)
    assert not dcache.is_unlinked(m, t)
    dcache.note_unlinked(m, t)
    assert dcache.is_unlinked(m, t)
    m["mount"] = 2
    assert not dcache.is_unlinked(m, t)


def test_a_name_that_is_looked_up_again_has_another_dentry():
    t = named()
    m = made(t)
    m["inode.dentry"], m[cells.name(t)] = 0, "dead"
    dcache.look_up(m, t)
    assert state(m, t) == (1, "hashed", 2)
    assert told(m)[-1] == ("dentry", "another one for the name, held by a path")
    dcache.look_up(m, t)
    assert told(m)[-1] == ("dentry", "held by a path")
    assert "another one if the last was killed" in dcache.look_up_says(t)
    assert "another" not in dcache.look_up_says(named(PERSISTENT))


@pytest.mark.parametrize(
    ("more", "traits", "asks"),
    [
        ("", ("mount fails",), True),
        ('actors.who = { does = ["sleep"] }', (), True),
        ('hooks.release = ["igrab", "iput"]', (), True),
        ("", (), False),
        ('mount = "anon-inode"\nactors.who = { does = ["sleep"] }', (), False),
    ],
)
def test_only_who_may_put_beside_umount_asks_whether_it_has_begun(more, traits, asks):
    text = f'kernel = "7.3"\nmetadata.tree = {{ placement = "i_private" }}\n{more}\n'
    own = "" if "mount" in more else 'mount = "own"\n'
    keeps, drops = (f'hooks.drop_inode = ["return {answer}"]\n' for answer in (0, 1))
    own_table = Design.from_text(own + text + keeps)
    assert dcache.asks_active(target_of(own_table, *traits)) == asks
    assert not dcache.asks_active(target_of(Design.from_text(own + text + drops), *traits))
