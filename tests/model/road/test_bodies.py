"""The words of a Design's bodies, one by one: what they do to the cells, and what they show."""

import pytest

from gmemviz.model import check
from gmemviz.model.design import GRACE, Action, Design
from gmemviz.model.machine import AWAITING, FREED, HANDED_OVER, HELD
from gmemviz.model.road import bodies, cells
from gmemviz.model.road.lines import Do, If
from tests.model.machine.made import design_of, machine_of, noted_by, shown_by, target_of

MORE = """
lists = ["all"]
locks = { spin = "spinlock", quiet = "irqsave", calm = "mutex" }
kinds = ["regular", "symlink"]
callbacks.soft = { does = ["if tree set: free tree"] }
callbacks.work = { runs = "worker", does = ["sleep"] }
actors.reader = { holds = "rcu", does = ["if tree set: read tree untested", "walk all"] }
hooks.release = ["call_rcu soft", "queue work"]
error_path = [
    "lock spin", "unlock spin", "lock quiet", "unlock quiet", "lock calm", "unlock calm",
]
hooks.evict_inode = ["if nlink 0: take tree off all", "truncate", "clear_inode"]
"""
T = target_of(design_of(more=MORE), actor="task")
TREE = T.kept("tree")
ATTACHED = {"inode__tree": "tree", "tree": HELD}


def made(context="P", **values):
    return machine_of(T, context, also=cells.shared_cells_of_bodies(T.design).items(), **values)


def done(m, text, **words):
    """Do all that a word does, as if no condition turned it away."""
    action = Action.parse(text, {"tree": TREE.kind}, names=NAMES)
    for line in bodies.lines_of(action, T, ()):
        if isinstance(line, Do):
            line.operation(m, T)
        for inner in line.lines if isinstance(line, If) and m.register else ():
            inner.operation(m, T)


NAMES = {
    "LOCK": ["spin", "quiet", "calm"],
    "LIST": ["all"],
    "ACTOR": ["reader"],
    "CALLBACK": ["soft", "work"],
}


def test_a_pointer_is_tested_when_it_is_loaded_and_followed_later():
    m = made()
    done(m, "read tree")  # NULL: nothing is followed
    assert m.register == 0
    assert shown_by(done, made(), "read tree untested") == ("crash", "tree")
    gone = made(inode__tree="tree", tree=FREED)
    assert shown_by(done, gone, "read tree") == ("use-after-free", "tree")


def test_what_is_cleared_is_not_freed_and_what_is_handed_over_is_no_leak():
    m = made(**ATTACHED)
    done(m, "clear tree")
    assert (m["inode.tree"], m["tree"]) == (None, HELD)
    m = made(**ATTACHED)
    done(m, "hand over tree")
    assert (m["inode.tree"], m["tree"]) == (None, HANDED_OVER)


def test_a_deferred_free_waits_for_the_readers_of_that_moment():
    how = GRACE
    m = made(readers=("reader",), **ATTACHED)
    done(m, "free tree after a grace period")
    assert m["tree"] == AWAITING
    assert not bodies.is_due(m, T, kept=TREE, how=how)
    m[cells.deferred("tree", how)] = ()
    assert bodies.is_due(m, T, kept=TREE, how=how)
    bodies.free_deferred(m, T, kept=TREE, how=how)
    assert m["tree"] == FREED
    assert shown_by(done, m, "free tree after a grace period") == ("double-free", "tree")


def test_a_callback_is_queued_once_and_a_work_stays_where_it_is():
    m = made()
    done(m, "call_rcu soft")
    assert shown_by(done, m, "call_rcu soft") == ("double-free", "soft")
    done(m, "queue work")
    done(m, "queue work")
    assert bodies.callback_is_due(m, T, name="work")
    bodies.begin_callback(m, T, name="work")
    assert not bodies.callback_is_due(m, T, name="work")


def begun_and_queued_again(m, word):
    """Begin a work, have it asked for again, and let somebody wait for it."""
    done(m, "queue work")
    bodies.begin_callback(m, DRAINER, name="work")
    if word == "again":
        done(m, "queue work")
    bodies.note_flushed(m, DRAINER, name="work")


@pytest.mark.parametrize(("word", "runs"), [("once", 1), ("again", 2)])
def test_who_drains_waits_for_the_run_that_was_asked_for_last(word, runs):
    m = machine_of(DRAINER, also=cells.shared_cells_of_bodies(DRAINER.design).items())
    begun_and_queued_again(m, word)
    for left in reversed(range(runs)):
        assert not bodies.is_flushed(m, DRAINER, name="work")
        done(m, "queue work")  # which nobody who came before waits for
        bodies.end_callback(m, DRAINER, name="work")
        if left:
            bodies.begin_callback(m, DRAINER, name="work")
    assert bodies.is_flushed(m, DRAINER, name="work")
    assert bodies.callback_is_due(m, DRAINER, name="work")


def test_who_drains_does_not_wait_for_what_is_taken_back():
    m = machine_of(DRAINER, also=cells.shared_cells_of_bodies(DRAINER.design).items())
    done(m, "queue work")
    bodies.note_flushed(m, DRAINER, name="work")
    done(m, "cancel work")
    assert bodies.is_flushed(m, DRAINER, name="work")


@pytest.mark.parametrize(
    ("release", "context", "shown"),
    [
        ("kfree", "B", ()), ("plain lock", "B", ("lock-context", "tree")),
        ("sleeping lock", "B", ("sleep-in-softirq", "tree")), ("sleeping lock", "P", ()),
    ],
)  # fmt: skip
def test_what_was_queued_is_given_back_as_its_kind_is(release, context, shown):
    more = 'hooks.evict_inode = ["free tree after a grace period", "truncate", "clear_inode"]'
    t = target_of(design_of(needs=f'release = "{release}"', more=more), actor="task")
    m = machine_of(t, context, tree=AWAITING)
    words = {"kept": t.kept("tree"), "how": GRACE, "sleeps": release == "sleeping lock"}
    bodies.free_deferred(m, t, **words)
    assert (m["tree"], [(each.code, each.object) for each in m.noted]) == (
        FREED, [shown] if shown else [],
    )  # fmt: skip


def test_rcu_barrier_waits_for_what_was_queued_before_and_not_for_a_worker():
    m = made()
    done(m, "call_rcu soft")
    done(m, "queue work")
    bodies.note_callbacks(m, T)
    assert m[cells.BARRIER] == (cells.queued(T, "soft"),)
    assert not bodies.have_run(m, T)
    bodies.begin_callback(m, T, name="soft")
    assert not bodies.have_run(m, T)
    bodies.end_callback(m, T, name="soft")
    assert bodies.have_run(m, T)


def test_rcu_barrier_tells_a_callback_that_runs_from_the_same_queued_anew():
    m = made()
    done(m, "call_rcu soft")
    bodies.begin_callback(m, T, name="soft")
    done(m, "call_rcu soft")
    bodies.note_callbacks(m, T)
    bodies.end_callback(m, T, name="soft")
    assert not bodies.have_run(m, T)
    bodies.begin_callback(m, T, name="soft")
    bodies.end_callback(m, T, name="soft")
    assert bodies.have_run(m, T)


DRAINER = target_of(
    design_of(more=MORE.replace('"truncate"', '"drain work", "truncate"')), actor="task"
)
WAITER = target_of(
    design_of(more=f'{MORE}\nhooks.destroy_inode = ["synchronize_rcu", "free tree"]'), actor="task"
)


def waiting(*readers):
    also = [*cells.shared_cells_of_bodies(WAITER.design).items(), (cells.awaited(WAITER), ())]
    m = machine_of(WAITER, also=also, readers=readers)
    bodies.note_readers(m, WAITER)
    return m


def test_synchronize_rcu_waits_for_who_is_inside_and_for_nobody_who_comes_later():
    m = waiting("reader")
    bodies.open_section(m, "other")
    assert not bodies.have_left(m, WAITER)
    bodies.close_section(m, "reader")
    assert bodies.have_left(m, WAITER)
    assert m["readers"] == ("other",)


def test_synchronize_rcu_waits_for_its_own_section_and_not_for_its_own_spinlock():
    assert not bodies.have_left(waiting("task"), WAITER)
    assert bodies.have_left(waiting("task under spin"), WAITER)
    assert not bodies.have_left(waiting("other under spin"), WAITER)


@pytest.mark.parametrize(("release", "waits"), [("kfree", False), ("plain lock", True)])
def test_rcu_barrier_waits_for_no_batch_of_kfree_rcu(release, waits):
    """What does more than free memory is a callback, and kfree_rcu queues none."""
    more = 'hooks.evict_inode = ["free tree after a grace period", "truncate", "clear_inode"]'
    t = target_of(design_of(needs=f'release = "{release}"', more=more), actor="task")
    m = machine_of(t, also=((cells.BARRIER, ()),), tree=AWAITING)
    m[cells.deferred("tree", GRACE)] = ("reader",)
    bodies.note_callbacks(m, t)
    assert bodies.have_run(m, t) != waits
    assert bodies.frees_by_rcu(t)
    assert not bodies.no_batch_waits(m, t)
    m[cells.deferred("tree", GRACE)] = None
    assert bodies.no_batch_waits(m, t)
    assert not bodies.frees_by_rcu(T)


def test_what_is_cancelled_does_not_run():
    m = made()
    done(m, "queue work")
    bodies.begin_callback(m, T, name="work")
    assert not bodies.is_not_running(m, T, name="work")
    done(m, "queue work")
    bodies.end_callback(m, T, name="work")
    assert bodies.is_not_running(m, T, name="work")
    done(m, "cancel work")
    assert not bodies.callback_is_due(m, T, name="work")
    assert noted_by(done, made("L"), "cancel work") == ("sleep-in-atomic", "inode")


def test_a_grace_period_waits_for_a_spinlock_and_a_softirq_not_for_a_mutex():
    for name, waits in (("spin", True), ("quiet", True), ("calm", False)):
        m = made()
        done(m, f"lock {name}")
        assert bool(m["readers"]) == waits
        done(m, "call_rcu soft")
        done(m, f"unlock {name}")
        assert (m["readers"], m[cells.queued(T, "soft")]) == ((), ())
    for name, waits in (("soft", True), ("work", False)):
        m = made()
        bodies.begin_callback(m, T, name=name)
        assert bool(m["readers"]) == waits
        bodies.end_callback(m, T, name=name)
        assert m["readers"] == ()


def test_a_lock_is_taken_as_its_kind_allows():
    for name, context, defect in (
        ("calm", "A", ("sleep-in-atomic", "calm")),
        ("calm", "B", ("sleep-in-softirq", "calm")),
        ("spin", "B", ("deadlock", "spin")),
    ):
        assert noted_by(done, made(context), f"lock {name}") == defect
    m = made("B")
    done(m, "lock quiet")
    assert bodies.is_free(m, T, name="quiet")  # it tries, and never gets it
    assert not bodies.is_free(m, target_of(T.design, actor="other"), name="quiet")
    assert shown_by(done, m, "lock quiet") == ("deadlock", "quiet")
    done(m, "unlock quiet")
    assert m[cells.lock("quiet")] == ""


SHARED = """
kernel = "6.12"
mount = "own"
filled = false
locks.spin = "spinlock"
hooks.release = ["queue tick", "queue work"]
callbacks.tick = { runs = "timer", does = ["lock spin", "unlock spin"] }
callbacks.work = { runs = "worker", does = ["sleep"] }
"""


@pytest.mark.parametrize(
    ("more", "defects"),
    [
        ("", ()),
        ('actors.user = { holds = "lock spin", does = ["read blob"] }', ("deadlock",)),
        ('actors.user = { holds = "rcu", does = ["lock spin", "unlock spin"] }', ("deadlock",)),
        ('hooks.free_inode = ["lock spin", "unlock spin", "free to inode_cachep"]', ("deadlock",)),
    ],
    ids=["softirq alone", "a holder", "an actor", "free_inode, which alloc_inode calls too"],
)
def test_a_softirq_interrupts_whoever_takes_the_lock_outside(more, defects):
    blob = 'metadata.blob = { placement = "i_private" }\nhooks.destroy_inode = ["free blob"]\n'
    found = check(Design.from_text(SHARED + blob + more)).defects
    assert tuple(code for code in found if code == "deadlock") == defects


def test_who_walks_a_list_reads_what_was_on_it():
    m = made(**ATTACHED)
    done(m, "put tree on all")
    assert m[cells.members("all")] == ("tree",)
    m["tree"] = FREED
    assert shown_by(done, m, "walk all") == ("use-after-free", "tree")
    assert shown_by(done, m, "take tree off all") == ("use-after-free", "tree")
    m["tree"] = HELD
    done(m, "take tree off all")
    assert m[cells.members("all")] == ()


def test_an_inode_that_is_going_is_not_grabbed():
    m = made()
    done(m, "igrab")
    assert (m.register, m["inode.i_count"]) == (1, 2)
    m["inode.i_state"] = 1
    done(m, "igrab")
    assert (m.register, m["inode.i_count"]) == (0, 2)


def test_where_an_igrab_ends_a_body_its_locks_are_dropped():
    grab = Action.parse("igrab")
    _, drops, _ = bodies.lines_of(grab, T, (("spin", "lock"),))
    assert [line.says for line in drops.lines] == ["spin is dropped"]


def test_a_condition_is_asked_of_the_inode_and_of_metadata():
    asked = (
        ("if tree set: sleep", {}, 0),
        ("if tree set: sleep", ATTACHED, 1),
        ("if tree not set: sleep", {}, 1),
        ("if nlink 0: sleep", {"inode__i_nlink": 0}, 1),
        ("if not symlink: sleep", {"inode__i_mode": "symlink"}, 0),
        ("if symlink and tree set: sleep", {"inode__i_mode": "symlink", **ATTACHED}, 1),
    )
    for text, values, answer in asked:
        m = made(**values)
        bodies.asks(Action.parse(text, {"tree": TREE.kind})).operation(m, T)
        assert m.register == answer, text


def test_a_creator_makes_each_kind_and_a_root_is_a_directory():
    kinds = [made() for _ in bodies.kinds_of(T)]
    for m, operation in zip(kinds, bodies.kinds_of(T), strict=True):
        operation(m, T)
    assert [m["inode.i_mode"] for m in kinds] == ["regular", "symlink"]
    assert len(bodies.kinds_of(target_of(T.design, "root"))) == 1
    assert len(bodies.links_of(T)) == 2


def test_a_page_is_added_where_there_is_none():
    m = made(folio=FREED)
    done(m, "add page")
    assert (m["folio"], m["inode.nrpages"]) == (HELD, 1)
    done(m, "add page")
    assert m["inode.nrpages"] == 1


def test_who_waits_for_an_actor_waits_for_both_of_it():
    m = made()
    assert bodies.is_not_inside(m, T, name="reader")
    m[cells.inside(cells.instances("reader")[1])] = 1
    assert not bodies.is_not_inside(m, T, name="reader")


def test_what_is_put_on_a_list_is_written_into():
    """list_add links the object itself, which may be freed already."""
    gone = made(inode__tree="tree", tree=FREED)
    assert shown_by(done, gone, "put tree on all") == ("use-after-free", "tree")


OWN = """
kernel = "6.12"
mount = "own"
filled = false
metadata.blob = { placement = "containing-struct" }
hooks.alloc_inode = ["alloc container", "init blob"]
hooks.free_inode = ["free blob", "free struct"]
"""


def checked(*more):
    return check(Design.from_text("\n".join((OWN, *more))))


def test_what_was_handed_over_is_no_leak():
    assert checked('hooks.destroy_inode = ["hand over blob"]').verdict == "correct"


# --- what a callback lies in, and what a body detaches ------------------------------------------

CARRIES = """
locks.own = "mutex of each inode"
hooks.release = ["call_rcu put", "queue tidy", "call_srcu gone", "lock own", "unlock own"]
hooks.put_super = ["synchronize_srcu", "srcu_barrier"]
callbacks.put = { does = ["free tree"] }
callbacks.tidy = { runs = "worker", does = ["if tree set: free tree"] }
callbacks.gone = { runs = "srcu", does = ["sleep"] }
actors.setter = { does = ["detach tree", "free tree after a grace period"] }
actors.reader = { holds = "srcu", does = ["read tree"] }
"""
OF = target_of(design_of(more=CARRIES), actor="task")
PUT = target_of(OF.design, "carries", actor="callback:put")


def carrying(**values):
    also = dict(cells.shared_cells_of_bodies(OF.design)) | cells.cells_of(PUT)
    return machine_of(OF, also=also.items(), **values)


def do(m, text, t=OF):
    names = {"LOCK": ["own"], "CALLBACK": ["put", "tidy", "gone"]}
    action = Action.parse(text, {"tree": t.kept("tree").kind}, names=names)
    for line in bodies.lines_of(action, t, ()):
        line.operation(m, t)


def test_a_callback_has_what_it_frees_by_its_own_address():
    assert OF.design.carried == {"put": {"tree"}}
    m = carrying(**ATTACHED)
    do(m, "call_rcu put")
    do(m, "clear tree")
    m["inode"] = FREED  # nobody goes by it any more
    bodies.begin_callback(m, PUT, name="put")
    assert m[PUT.slot(PUT.kept("tree"))] == "tree"
    bodies.end_callback(m, PUT, name="put")
    assert m[PUT.slot(PUT.kept("tree"))] is None


def test_without_what_it_would_free_no_callback_is_queued():
    m = carrying(tree=HELD)
    do(m, "call_rcu put")
    assert m[cells.queued(OF, "put")] is None
    assert shown_by(do, carrying(inode__tree="tree", tree=FREED), "call_rcu put") == (
        "use-after-free", "tree",
    )  # fmt: skip


def test_what_is_detached_is_found_by_the_body_alone():
    m = carrying(**ATTACHED)
    do(m, "detach tree")
    own = cells.having(OF, OF.kept("tree"))
    assert (m[OF.slot(OF.kept("tree"))], m[own.slot(OF.kept("tree"))]) == (None, "tree")
    (way,) = bodies.by_own(frozenset({"tree"}), (lambda m, t: m.says("own", str(t.own)),))
    way(m, OF)
    assert bodies.by_own(frozenset(), (way,)) == (way,)


# --- SRCU, and a lock of each inode -------------------------------------------------------------


def test_srcu_waits_for_its_own_readers_and_for_nobody_else():
    m = carrying()
    m["readers"], m[cells.SRCU_READERS] = ("walker",), ("actor:reader",)
    bodies.note_srcu_readers(m, OF)
    assert not bodies.have_left(m, OF)
    do(m, "call_srcu gone")
    assert m[cells.queued(OF, "gone")] == ("actor:reader",)
    reader = target_of(OF.design, actor="actor:reader")
    bodies.leave_srcu(m, reader)
    assert bodies.have_left(m, OF)
    assert m["readers"] == ("walker",)
    bodies.note_srcu_callbacks(m, OF)
    assert not bodies.have_srcu_run(m, OF)
    bodies.begin_callback(m, OF, name="gone")
    bodies.end_callback(m, OF, name="gone")
    assert bodies.have_srcu_run(m, OF)


def test_each_inode_has_a_lock_of_its_own_and_both_are_taken_in_one_order():
    second = target_of(OF.design, inode="second")
    assert cells.locks(OF, "own") == ("lock own",)
    assert cells.locks(second, "own") == ("lock own of second",)
    assert cells.locks(OF, "own", "lock of another") == ("lock own of second",)
    assert cells.locks(second, "own", "lock of another") == ("lock own",)
    both = ("lock own", "lock own of second")
    assert cells.locks(OF, "own", "lock both") == cells.locks(second, "own", "lock both") == both
    m = carrying()
    do(m, "lock own of another")  # there is no other inode here
    do(m, "unlock own of another")
    do(m, "lock own")
    assert m["lock own"] == "task"
