"""What a body attaches, and who counts the references to it."""

import pytest

from gmemviz.model import check
from gmemviz.model.design import GRACE, Action, Design
from gmemviz.model.machine import ABSENT, AWAITING, FREED, HELD, STALE
from gmemviz.model.road import bodies, cells, hook_actions, references
from gmemviz.model.road.lines import Choose, Do, ReturnIf
from tests.model.machine.made import design_of, machine_of, shown_by, target_of

MORE = """
actors.user = { does = [
    "attach tree unless set", "get tree", "get tree unless zero", "read tree", "put tree",
    "put tree after a grace period",
] }
"""
T = target_of(design_of(more=MORE), actor="task")
TREE = T.kept("tree")
ATTACHED = {"inode__tree": "tree", "tree": HELD, "tree references": 1}


def done(m, text):
    """Do all that a word does, up to where the body ends."""
    action = Action.parse(text, {"tree": TREE.kind})
    if text == "attach tree":
        hook_actions.operations(action, "release", T)[0](m, T)
        return
    for line in bodies.lines_of(action, T, ()):
        if isinstance(line, ReturnIf) and line.test(m, T):
            return
        if isinstance(line, Do):
            line.operation(m, T)
        if isinstance(line, Choose):
            line.ways(T)[0](m, T)


def test_two_plain_stores_leave_two_objects_and_one_pointer():
    m = machine_of(T)
    done(m, "attach tree")
    done(m, "attach tree")
    assert (m["inode.tree"], m["tree"], m["tree 2"]) == ("tree 2", HELD, HELD)
    done(m, "attach tree")  # a run has no third: the allocation fails
    assert m["inode.tree"] == "tree 2"


def test_who_loses_a_cmpxchg_leaves_what_is_there():
    m = machine_of(T)
    done(m, "attach tree unless set")
    done(m, "attach tree unless set")
    assert (m["inode.tree"], m["tree"], m["tree 2"]) == ("tree", HELD, ABSENT)
    assert m["tree references"] == 1


def test_memory_that_is_handed_out_again_is_another_object():
    m = machine_of(T, **ATTACHED, **{"tree 2": HELD, "task has loaded": "tree"})
    m["tree"], m["inode.tree"] = FREED, None
    done(m, "attach tree")
    assert (m["inode.tree"], m["tree"], m["task has loaded"]) == ("tree", HELD, STALE)


def test_the_last_put_frees_and_no_other():
    m = machine_of(T, **ATTACHED)
    done(m, "get tree")
    assert (m["tree references"], m[cells.got(T, TREE)]) == (2, ("tree",))
    m["inode.tree"] = None  # it puts what it has got, wherever the pointer leads now
    done(m, "put tree")
    assert (m["tree references"], m[cells.got(T, TREE)], m["tree"]) == (1, (), HELD)
    m["inode.tree"] = "tree"
    done(m, "put tree")
    assert m["tree"] == FREED
    assert shown_by(done, m, "put tree") == ("use-after-free", "tree")


def test_a_last_put_may_leave_the_memory_to_readers():
    m = machine_of(T, readers=("reader",), **ATTACHED)
    done(m, "put tree after a grace period")
    assert (m["tree"], m[cells.deferred("tree", GRACE)]) == (AWAITING, ("reader",))
    done(m, "get tree unless zero")
    assert references.held(m, T, TREE) == ()
    for text in ("get tree", "put tree"):  # refcount_t warns of both
        assert shown_by(done, m, text) == ("use-after-free", "tree")


@pytest.mark.parametrize("text", ["get tree", "get tree unless zero"])
def test_who_finds_no_pointer_ends_there(text):
    m = machine_of(T)
    done(m, text)
    assert (m.register, references.held(m, T, TREE)) == (0, ())
    assert shown_by(done, machine_of(T, inode__tree=STALE), text) == ("use-after-free", "tree")


def test_who_has_a_reference_reads_by_it():
    m = machine_of(T, **ATTACHED)
    done(m, "get tree")
    m["inode.tree"] = None
    bodies.lines_of(Action.parse("read tree", {"tree": TREE.kind}), T, ())[0].operation(m, T)
    assert m[cells.loaded(T)] == "tree"


PLACES = {
    "i_private": ("inode", "hooks.evict_inode = ['truncate', 'clear_inode', 'free blob']"),
    "s_fs_info": ("inode", "hooks.kill_sb = ['kill_anon_super', 'free blob']"),
    "d_fsdata": ("dentry", "hooks.d_release = ['free blob']"),
    "file-private_data": ("file", "hooks.release = ['free blob']"),
}


@pytest.mark.parametrize("place", PLACES)
def test_what_a_body_attaches_the_creator_leaves_alone(place):
    holds, frees = PLACES[place]
    for word, codes in (
        ("attach blob unless set", ()),
        ("if blob not set: attach blob", ("leak",)),
    ):
        text = f"""
            kernel = "6.12"
            mount = "own"
            filled = false
            metadata.blob = {{ placement = "{place}" }}
            {frees}
            actors.user = {{ holds = "{holds}", until = "umount", does = ["{word}"] }}
        """
        report = check(Design.from_text(text))
        assert (report.defects, report.not_asked) == (codes, ())


GIVES = target_of(
    design_of(
        more="""
        hooks.release = ["get tree", "queue puts", "queue looks"]
        hooks.destroy_inode = ["put tree"]
        callbacks.puts = { runs = "worker", does = ["put tree"] }
        callbacks.looks = { runs = "worker", does = ["get tree", "put tree"] }
        """
    ),
    actor="task",
)


def given(*names):
    """Queue works as somebody who has one reference, and say what each has been handed."""
    m = machine_of(GIVES, **ATTACHED)
    m[cells.got(GIVES, TREE)] = ("tree",)
    for name in names:
        for line in bodies.lines_of(Action("queue", name=name), GIVES, ()):
            line.operation(m, GIVES)
    return m, [m[cells.handed(cells.queued(GIVES, name), TREE)] for name in names]


@pytest.mark.parametrize(
    ("names", "handed", "left"),
    [(["puts"], [("tree",)], ()), (["looks"], [()], ("tree",)), (["looks", "puts"], [(), ("tree",)], ())],
)  # fmt: skip
def test_a_callback_that_puts_more_than_it_gets_is_handed_a_reference(names, handed, left):
    m, found = given(*names)
    assert (found, m[cells.got(GIVES, TREE)]) == (handed, left)


def test_who_finds_it_queued_already_keeps_the_reference_and_who_cancels_has_it_back():
    m, _ = given("puts")
    m[cells.got(GIVES, TREE)] = ("tree",)
    assert references.hand_over(m, GIVES, GIVES.design.callbacks[0]) is False  # it puts no more
    (queue,) = bodies.lines_of(Action("queue", name="puts"), GIVES, ())
    queue.operation(m, GIVES)
    assert m[cells.got(GIVES, TREE)] == ("tree",)
    references.receive(m, GIVES, cells.queued(GIVES, "puts"))
    assert m[cells.got(GIVES, TREE)] == ("tree", "tree")
    references.receive(m, GIVES, cells.queued(GIVES, "puts"))  # which has nothing left
    assert m[cells.got(GIVES, TREE)] == ("tree", "tree")
