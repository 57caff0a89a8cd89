"""A stack a task notices what was entered or left without the other end."""

import pytest

from gmemviz.record.text.stacks import Stacks


@pytest.fixture
def stacks():
    return Stacks()


def counts(stacks):
    return stacks.no_entry, stacks.no_exit, stacks.last_without_exit


def test_what_is_entered_and_left_leaves_nothing(stacks):
    stacks.enter("a-1", 0, ("f", 0), is_leaf=False)
    stacks.enter("a-1", 1, ("g", 1), is_leaf=True)
    assert stacks.depth("a-1") == 1
    assert stacks.innermost("a-1") == ("f", 0)
    assert stacks.leave("a-1", 0, "f") == ("f", 0)
    stacks.finish()
    assert counts(stacks) == (0, 0, "")
    assert stacks.innermost("a-1") is None


def test_an_exit_without_name_is_of_whatever_was_entered(stacks):
    stacks.enter("a-1", 0, ("f", 0), is_leaf=False)
    assert stacks.leave("a-1", 0, None) == ("f", 0)


def test_an_exit_of_another_function_has_lost_both(stacks):
    stacks.enter("a-1", 0, ("f", 0), is_leaf=False)
    assert stacks.leave("a-1", 0, "g") is None
    assert counts(stacks) == (1, 1, "f")


def test_a_depth_that_jumps_counts_what_is_between(stacks):
    stacks.enter("a-1", 2, ("h", 0), is_leaf=False)
    assert stacks.no_entry == 2
    stacks.enter("a-1", 0, ("f", 1), is_leaf=True)
    assert counts(stacks) == (2, 1, "h")
    assert stacks.leave("a-1", 1, "g") is None
    assert stacks.no_entry == 4


def test_what_is_open_at_the_end_has_no_exit(stacks):
    stacks.enter("a-1", 0, ("f", 0), is_leaf=False)
    stacks.enter("b-2", 0, ("g", 1), is_leaf=False)
    stacks.finish()
    assert stacks.no_exit == 2


def test_a_task_keeps_its_stack_under_another_name(stacks):
    stacks.enter("<...>-113", 0, ("f", 0), is_leaf=False)
    assert stacks.leave("drive-113", 0, "f") == ("f", 0)
    stacks.enter("<idle>-0", 0, ("g", 1), is_leaf=False)
    assert stacks.depth("swapper/1-0") == 0


def test_an_unnamed_task_keeps_its_stack_when_it_gets_a_name(stacks):
    stacks.enter("CPU0", 0, ("f", 0), is_leaf=False)
    stacks.rename("CPU0", "a-1")
    assert stacks.leave("a-1", 0, "f") == ("f", 0)
    stacks.rename("CPU1", "b-2")  # of which nothing was seen
    assert stacks.depth("b-2") == 0
