"""The short forms in which a road is written, and the tests that a line goes by."""

from gmemviz.model.road.lines import (
    Call,
    Do,
    Function,
    Hook,
    If,
    When,
    always,
    call,
    function,
    has,
    hook,
    if_no,
    if_yes,
    lacks,
    no,
    nothing,
    until,
    wait,
    when,
    yes,
)
from tests.model.machine.made import machine_of, target_of


def test_short_forms_are_the_lines_themselves():
    step = Do(nothing, "waits")
    assert function("says", step, call("iput")) == Function("says", (step, Call(("iput",))))
    assert call("new", "old", context="L") == Call(("new", "old"), "L")
    assert hook("free_inode", call("free")) == Hook("free_inode", (Call(("free",)),))
    assert hook("d_release", context="P") == Hook("d_release", (), "P")
    assert if_yes(step) == If(yes, (step,))
    assert if_no(step, step) == If(no, (step, step))
    assert until(no, "not yet") == wait(no, nothing, "not yet") == Do(nothing, "not yet", no)
    test = has("root")
    assert when(test, step) == When(test, (step,))


def test_a_branch_goes_by_the_last_answer():
    t = target_of()
    for register, answered in ((0, False), (1, True), (3, True)):
        m = machine_of(t, register=register)
        assert (yes(m, t), no(m, t), always(m, t)) == (answered, not answered, True)


def test_traits_are_asked_of_the_target():
    rooted = target_of(None, "root")
    assert has("root")(rooted)
    assert not lacks("root")(rooted)
    assert lacks("hashed")(rooted)


def test_only_waiting_changes_nothing():
    m = machine_of(target_of())
    before = dict(m)
    nothing(m, target_of())
    assert dict(m) == before
    assert m.effects == []
