"""The heap: what a step may do to an object, and which defect it shows where it may not."""

import pytest

from gmemviz.model.machine import ABSENT, AWAITING, FREED, HELD, Machine
from tests.model.machine.made import noted_by, shown_by, told


def machine(context="P", **cells):
    return Machine({"inode": HELD, "inode.cache": "", "n": 3, **cells}, context, tells=True)


def test_what_is_allocated_touched_and_freed_in_turn_shows_nothing():
    m = machine(inode=ABSENT)
    m.allocate("inode", cache="mine")
    m.touch("inode", "reads")
    m.free("inode", cache="mine")
    assert m["inode"] == FREED
    assert told(m) == [("inode", "allocated"), ("inode", "freed")]


@pytest.mark.parametrize("status", [HELD, AWAITING])
def test_a_pointer_that_is_written_over_leaks(status):
    assert noted_by(machine(inode=status).allocate, "inode") == ("leak", "inode")


def test_freed_memory_is_not_touched_and_not_freed_again():
    assert shown_by(machine(inode=FREED).touch, "inode", "reads") == ("use-after-free", "inode")
    assert shown_by(machine(inode=FREED).free, "inode") == ("double-free", "inode")


def test_nothing_counts_by_what_nobody_has_set():
    """Before inode_init_always an inode has no i_count."""
    assert shown_by(machine(n=None).add, "n", 1) == ("crash", "n")


def test_memory_goes_back_to_the_cache_that_it_came_from():
    m = machine(**{"inode.cache": "inode_cachep"})
    assert shown_by(m.free, "inode", cache="its own cache") == ("wrong-cache", "inode")
    assert m["inode"] == HELD


SLEEPS = {"P": None, "L": "sleep-in-atomic", "A": "sleep-in-atomic", "B": "sleep-in-softirq"}


@pytest.mark.parametrize("context", SLEEPS)
def test_only_process_context_sleeps(context):
    m = machine(context)
    if SLEEPS[context] is None:
        m.sleep("tree", "locks")
    else:
        assert noted_by(m.sleep, "tree", "locks") == (SLEEPS[context], "tree")


def test_a_plain_lock_is_none_for_softirq():
    for context in ("P", "L", "A"):
        machine(context).lock("tree")
        machine(context).shared_lock("xa_lock")
    assert noted_by(machine("B").lock, "tree") == ("lock-context", "tree")
    assert noted_by(machine("B").shared_lock, "xa_lock") == ("deadlock", "xa_lock")


def test_an_assertion_fires_where_its_condition_holds():
    machine().bug_on("inode", "BUG_ON(x)", condition=False)
    assert shown_by(machine().bug_on, "inode", "BUG_ON(x)", condition=True) == (
        "assertion",
        "inode",
    )


def test_counting_returns_what_is_left():
    m = machine()
    assert (m.add("n", -1), m.count("n"), m["n"]) == (2, 2, 2)
    with pytest.raises(AssertionError, match="inode"):
        m.count("inode")


def test_a_copy_is_changed_and_a_silent_machine_notes_nothing():
    cells = {"inode": HELD}
    silent = Machine(cells, "P")
    silent.free("inode")
    assert (cells["inode"], silent["inode"], silent.effects) == (HELD, FREED, [])


def test_what_came_of_a_step_is_noted_for_who_tells_it():
    loud, silent = machine(), Machine({}, "P")
    for m in (loud, silent):
        m.comes_to("the inode is held")
    assert (loud.came, silent.came) == ("the inode is held", "")
