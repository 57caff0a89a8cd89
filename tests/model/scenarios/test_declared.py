"""The scenarios that a Design's own actors make, and who runs what it defers."""

import pytest

from gmemviz.model import Design, check
from gmemviz.model.machine import I_FREEING, Machine
from gmemviz.model.road import cells, marks
from gmemviz.model.scenarios import declared
from gmemviz.model.scenarios.scenario import TASK
from tests.model.machine.made import design_of, machine_of, target_of

ACTORS = """
actors.lister = { holds = "rcu", does = ["sleep"], times = 1 }
actors.writer = { holds = "inode", does = ["add page"], until = "umount" }
"""


def test_each_actor_runs_alone_and_all_of_them_together():
    design = design_of(more=ACTORS)
    found = {scenario.name: scenario for scenario in declared.of_design(design)}
    assert list(found) == ["actor lister", "actor writer", "all actors"]
    names = {name: [actor.name for actor in scenario.actors] for name, scenario in found.items()}
    assert names["actor lister"] == ["task", "rcu", "actor:lister", "unmounter"]
    assert names["actor writer"] == [
        "task", "rcu", "actor:writer", "actor:writer 2", "unmounter",
    ]  # fmt: skip
    assert names["all actors"] == ["task", "rcu", "actor:lister", "actor:writer", "unmounter"]
    assert ("inode.i_lock", 0) not in found["actor lister"].cells
    assert ("inode.i_lock", 0) in found["actor writer"].cells


def test_a_design_without_actors_makes_none():
    assert declared.of_design(design_of()) == ()


def test_what_a_superblock_owns_is_asked_of_mounts_that_fail():
    design = design_of("s_fs_info", 'release = "kfree", before_root = true')
    assert declared.of_design(design) == (declared.MOUNT_FAILS, declared.MOUNT_FAILS_AT_ONCE)


HOLDS = ("nothing", "rcu", "inode", "mark", "dentry", "file", "O_PATH file", "lock guard")


@pytest.mark.parametrize("holds", HOLDS)
def test_an_actor_takes_what_it_holds_and_is_done_once_it_has_put_it(holds):
    more = 'locks.guard = "mutex"\nerror_path = ["lock guard", "unlock guard"]\n'
    more += f'actors.who = {{ holds = "{holds}", does = ["sleep"] }}'
    design = design_of(more=more)
    (who,) = design.actors
    t = target_of(design, actor="actor:who")
    also = dict(cells.COUNTED_FILE) | cells.shared_cells_of_bodies(design)
    also |= {declared.UNMOUNTING: 0, "attached": 1, marks.MARKS: 0, cells.inside(t.actor): 0}
    m = machine_of(t, also=also.items(), published=1, inode__dentry=1, f_ref=1)
    before = Machine(m, "P")
    assert declared.may_begin(m, t, who=who)
    declared.begin(m, t, who=who)
    taken = {name for name in m if m[name] != before[name]} - {cells.inside(t.actor)}
    assert taken == {
        "nothing": set(), "rcu": {"readers"}, "inode": {"inode.i_count"}, "file": {"f_ref"},
        "mark": {"inode.i_count", marks.MARKS}, "dentry": {"inode.dentry", "mount"},
        "O_PATH file": {"inode.dentry", "mount"}, "lock guard": {cells.lock("guard")},
    }[holds]  # fmt: skip
    assert m[cells.inside(t.actor)] == 1
    declared.end(m, t, who=who)
    assert (m[cells.inside(t.actor)], m["readers"], m[cells.lock("guard")]) == (2, (), "")


def test_an_actor_begins_at_its_moment_and_not_once_umount_has_begun():
    moments = {
        "creation": {"attached": 1}, "open": {"published": 1}, "close": {"closed": 1},
        "eviction": {"inode__i_state": I_FREEING}, "umount": {"superblock": "freed"},
    }  # fmt: skip
    for moment, so in moments.items():
        more = f'actors.who = {{ from = "{moment}", until = "umount", does = ["sleep"] }}'
        t = target_of(design_of(more=more))
        (who,) = t.design.actors
        also = {"attached": 0, declared.UNMOUNTING: 0}.items()
        assert not declared.may_begin(machine_of(t, also=also), t, who=who), moment
        m = machine_of(t, also=also, **so)
        assert declared.may_begin(m, t, who=who), moment
        declared.begin_unmount(m, t)
        assert not declared.may_begin(m, t, who=who), moment


def test_umount_waits_for_whom_it_is_said_to_wait():
    t = target_of()
    m = machine_of(t, also=((cells.inside("actor:writer"), 1),), published=1)
    assert declared.may_unmount(m, t, awaited=())
    assert not declared.may_unmount(m, t, awaited=("writer",))
    m[cells.inside("actor:writer")] = 2
    assert declared.may_unmount(m, t, awaited=("writer",))


def test_a_callback_and_each_deferred_free_has_somebody_who_runs_it():
    design = design_of(
        more="""
        callbacks.soft = { does = ["free tree in a worker"] }
        hooks.release = ["call_rcu soft"]
        hooks.destroy_inode = ["free tree after a grace period"]
    """
    )
    names = [actor.name for actor in declared.deferred_of(design, TASK)]
    assert names == [
        "callback:soft", "callback:tree after a grace period", "callback:tree in a worker",
    ]  # fmt: skip
    assert declared.deferred_of(design_of(), TASK) == ()
    acl, device = (design_of(place, kernel="6.12") for place in ("i_acl", "i_cdev"))
    of_vfs = [declared.deferred_of(design, TASK)[0].name for design in (acl, device)]
    assert of_vfs == ["callback:tree after a grace period", "callback:driver of tree"]
    assert declared.cells.own_name("actor", "task") != TASK.name


ALONE = """
kernel = "6.12"
mount = "own"
filled = false
hooks.alloc_inode = ["alloc container"]
hooks.free_inode = ["free struct"]
locks = { g = "mutex", h = "mutex" }
error_path = ["lock g", "unlock g", "lock h", "unlock h"]
"""


CROSSED = """a = { does = ["lock g", "lock h", "unlock h", "unlock g"] }
actors.b = { does = ["lock h", "lock g", "unlock g", "unlock h"] }
"""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ('a = { does = ["wait for b"] }\nactors.b = { does = ["wait for a"] }', "hang"),
        ('a = { does = ["wait for a"] }', "hang"),
        (CROSSED, "hang"),
        ('a = { holds = "dentry", from = "umount", does = ["sleep"] }',
         "no run enters actor a: it holds dentry, and begins once the superblock is dead"),
        ('a = { does = ["if symlink: sleep"] }',
         'in no run does actor a get to: if symlink: sleep (kinds = ["symlink"] would ask it)'),
    ],
    ids=["a circle", "itself", "two locks", "never begins", "never asked"],
)  # fmt: skip
def test_who_waits_in_a_circle_hangs_and_who_never_begins_is_said(words, said):
    report = check(Design.from_text(f"{ALONE}actors.{words}"))
    assert said in (*report.defects, *report.not_asked)
    assert report.verdict != "correct"
