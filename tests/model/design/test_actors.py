"""Actors, callbacks and locks of a Design: what is read, and what is refused."""

import pytest

from gmemviz.errors import DesignError, UnknownNameError
from gmemviz.model.design import Callback, DeclaredActor
from gmemviz.model.design.actions import Action
from gmemviz.model.design.actors import (
    Lock,
    refuse_callback,
    refuse_locks,
    refuse_of_another,
    refuse_unlock,
    refuse_unused,
    refuse_where,
)
from tests.model.machine.made import design_of

SLEEP = Action.parse("sleep")


def body(*lines):
    names = {"LOCK": ["guard", "other"], "CALLBACK": ["work"]}
    return tuple(Action.parse(line, names=names) for line in lines)


def test_an_actor_is_read_with_what_it_holds():
    design = design_of(
        more="""
        locks.guard = "mutex"
        actors.a = { does = ["sleep"] }
        actors.b = { holds = "lock guard", from = "close", until = "umount", times = 1, does = ["sleep"] }
    """
    )
    assert design.actors == (
        DeclaredActor("a", (SLEEP,)),
        DeclaredActor("b", (SLEEP,), "lock", "guard", "close", "umount", 1),
    )
    assert [repr(actor) for actor in design.actors] == [
        "<DeclaredActor a, holds nothing: 1 actions>",
        "<DeclaredActor b, holds guard: 1 actions>",
    ]
    assert repr(Callback("work", (SLEEP,))) == "<Callback work, rcu: 1 actions>"


@pytest.mark.parametrize(
    ("line", "error", "said"),
    [
        ("actors.a = { does = [] }", DesignError, "a does nothing"),
        ('actors.a = { times = 3, does = ["sleep"] }', DesignError, "times must be 1, or 2"),
        ('actors.a = { holds = "dentri", does = ["sleep"] }', UnknownNameError, "dentry"),
        ('actors.a = { holds = "lock l", does = ["sleep"] }', UnknownNameError, "unknown lock"),
        ('callbacks.work = { does = ["sleep"] }', DesignError, "work is never queued"),
    ],
)
def test_what_makes_no_actor_is_refused(line, error, said):
    with pytest.raises(error, match=said):
        design_of(more=line)


def test_a_word_of_a_hook_is_refused_elsewhere():
    refuse_where("hook", "alloc_inode", body("alloc struct"))
    with pytest.raises(DesignError, match="actor a cannot alloc struct: only a hook can"):
        refuse_where("actor", "actor a", body("alloc struct"))


def test_a_body_drops_what_it_takes_and_nothing_else():
    refuse_locks("release", body("lock guard", "lock other", "unlock guard", "unlock other"))
    for lines, said in (
        (("lock guard",), "release takes guard and never drops it"),
        (("unlock guard",), "release drops guard, which it does not hold"),
        (("if symlink: lock guard",), "must not depend on anything"),
    ):
        with pytest.raises(DesignError, match=said):
            refuse_locks("release", body(*lines))


def test_a_callback_is_queued_as_it_runs():
    soft, work = Callback("work", (SLEEP,)), Callback("work", (SLEEP,), "worker")
    refuse_callback(soft, {"release": body("call_rcu work")})
    refuse_callback(work, {"release": body("queue work")})
    with pytest.raises(DesignError, match="is not how work is queued, which runs as worker"):
        refuse_callback(work, {"release": body("call_rcu work")})


def test_what_cannot_be_taken_back_or_waited_for_is_refused():
    for runs, word, said in (
        ("rcu", "cancel", "nobody takes back"), ("timer", "drain", "cancel it"),
    ):  # fmt: skip
        queue = "call_rcu work" if runs == "rcu" else "queue work"
        bodies = {"release": body(queue), "evict_inode": body(f"{word} work")}
        with pytest.raises(DesignError, match=f"evict_inode cannot {word} work: .*{said}"):
            refuse_callback(Callback("work", (SLEEP,), runs), bodies)
        refuse_callback(
            Callback("work", (SLEEP,), "worker"), bodies | {"release": body("queue work")}
        )


def test_a_lock_that_nobody_takes_and_a_list_that_nobody_names_are_refused():
    walks = (Action("walk", name="all"),)
    holder = DeclaredActor("a", (SLEEP,), "lock", "other")
    locks = (Lock("guard"), Lock("other"))
    refuse_unused(locks, ("all",), (holder,), {"release": body("lock guard"), "actor a": walks})
    with pytest.raises(DesignError, match=r"lock other is never taken \(lock other\)"):
        refuse_unused(locks, (), (), {"release": body("lock guard")})
    with pytest.raises(DesignError, match=r"list all is in no body \(walk all\)"):
        refuse_unused((), ("all",), (holder,), {"release": body("lock guard")})


def test_who_ends_a_section_is_in_it():
    for holds, word in (("rcu", "rcu_read_unlock"), ("srcu", "srcu_read_unlock")):
        refuse_unlock(DeclaredActor("a", body(word), holds))
        with pytest.raises(DesignError, match=f'actor a cannot {word}: it holds file .*"{holds}"'):
            refuse_unlock(DeclaredActor("a", body(word), "file"))
        with pytest.raises(DesignError, match="it has left it"):
            refuse_unlock(DeclaredActor("a", body(word, word), holds))


def test_a_lock_that_all_inodes_share_is_no_other_inodes():
    assert Lock.of_word("guard", "mutex of each inode") == Lock("guard", "mutex", of_each=True)
    assert Lock("guard", "mutex", of_each=True).word == "mutex of each inode"
    nested = {"release": body("lock guard of another", "unlock guard of another")}
    refuse_locks("release", nested["release"])
    refuse_of_another((Lock("guard", "mutex", of_each=True),), nested)
    with pytest.raises(DesignError, match=r'share guard \(locks.guard = "mutex of each inode'):
        refuse_of_another((Lock("guard", "mutex"),), nested)
    with pytest.raises(DesignError, match="drops guard, which it does not hold"):
        refuse_locks("release", body("lock guard", "unlock guard of another"))
