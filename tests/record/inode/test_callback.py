"""The callback of an inode is found by pointer, by queue or by table, and never guessed."""

import pytest

from gmemviz.record import follow
from gmemviz.record.inode.callback import Finding, find_callback
from gmemviz.record.inode.calls import Calls
from gmemviz.record.inode.hooks import Hooks
from gmemviz.record.inode.lives import Lives
from tests.record.inode.lifetimes import A, B, at, born, dies, freed, mark, trace_of

UNTOLD = "Which i_callback frees this inode, and whether one ran, is not told."


def found(*parts, number=0, in_order=True, is_whole=False, only=None):
    """Find the callback of the evict of that number, and give it as the number of an i_callback."""
    calls = Calls(trace_of(*parts, only=only).events)
    evict = [i for i, name in enumerate(calls.names) if name == "evict"][number]
    parts = calls, Hooks(calls), Lives(calls)
    finding = find_callback(*parts, evict, in_order=in_order, is_whole=is_whole)
    callbacks = [i for i, name in enumerate(calls.names) if name == "i_callback"]
    which = callbacks.index(finding.callback) if finding.callback in callbacks else None
    return which, finding.argument, finding.missing


def without_addresses(rest):
    return "=0x" not in rest


def test_an_address_tells_also_where_the_order_does_not():
    by_pointer = "the address of its rcu_head"
    assert found(dies(A), dies(B), freed(B), freed(A), in_order=False) == (1, by_pointer, "")
    assert found(dies(A), dies(B), freed(B), freed(A), number=1) == (0, by_pointer, "")
    lost = "The recording does not show an i_callback of this inode."
    assert found(dies(A), dies(B), freed(B)) == (None, "", lost)


def test_without_addresses_the_queue_tells():
    lines = (dies(A), dies(B), freed(A), freed(B))
    assert found(*lines, only=without_addresses) == (0, "the order of the RCU queue", "")
    assert found(*lines, number=1, only=without_addresses) == (1, "the order of the RCU queue", "")


def test_a_queue_that_does_not_run_empty_tells_nothing():
    assert found(dies(A), dies(B), freed(A), only=without_addresses) == (None, "", UNTOLD)
    assert found(freed(B), dies(A), freed(A), only=without_addresses) == (None, "", UNTOLD)


def test_without_an_order_only_the_single_callback_of_its_table_can_be_its_own():
    table = "the table of its hooks"
    once = (dies(A), freed(A))
    assert found(*once, in_order=False, only=without_addresses) == (0, table, "")
    rival = (dies(B), dies(A), freed(A))
    assert found(*rival, in_order=False, only=without_addresses) == (None, "", UNTOLD)
    early = (freed(A), dies(A))
    assert found(*early, in_order=False, only=without_addresses) == (None, "", UNTOLD)


def test_another_call_rcu_of_destroy_inode_makes_the_queue_undecided():
    twice = [line for line in dies(A) for _ in range(1 + ("call_rcu() {" in line[2]))]
    assert found(twice, freed(A), freed(A), only=without_addresses) == (None, "", UNTOLD)


def test_a_hook_that_frees_by_itself_leaves_no_callback_to_come():
    death = [line for line in dies(A) if "call_rcu" not in line[2] and "head=" not in line[2]]
    assert found(death, [("a-1", "...1.", "  dput();")]) == (None, "", "")
    assert found(death, [("a-1", "...1.", "  dput();")], only=without_addresses)[2] == UNTOLD
    # Nothing comes behind it, but it is known that it has returned.
    lost = "The recording does not show an i_callback of this inode."
    assert found(death) == (None, "", lost)
    assert found(death, is_whole=True) == (None, "", "")


@pytest.mark.parametrize("in_order", [True, False])
def test_without_destroy_inode_nothing_is_told(in_order):
    calls = Calls(trace_of([("a-1", "...1.", "  evict();")], freed(A)).events)
    parts = calls, Hooks(calls), Lives(calls)
    finding = find_callback(*parts, 0, in_order=in_order, is_whole=True)
    assert finding == Finding(missing="The recording does not show destroy_inode of this inode.")


def test_without_its_own_callback_the_next_ones_is_not_taken():
    trace = follow(trace_of(mark("close"), dies(A), mark("on"), born(A), dies(A), freed(A)))
    assert at(trace, "i_callback") == []
    assert trace.missing == (
        "The recording does not show where this inode was made.",
        "The recording does not show an i_callback of this inode.",
    )


def test_a_head_belongs_to_the_nearest_inode_below_it():
    def is_told(rest):
        return "call_rcu" not in rest

    close = mark("close")
    told = follow(trace_of(born(A), born(A + 0x300), close, dies(A), freed(A), only=is_told))
    assert len(at(told, "i_callback")) == 1
    other = follow(
        trace_of(born(A), born(A + 0x300), close, dies(A), freed(A, 0x328), only=is_told)
    )
    assert at(other, "i_callback") == []
    far = follow(trace_of(born(A), close, dies(A), freed(A, 0x2000), only=is_told))
    assert at(far, "i_callback") == []


def test_the_rcu_head_outweighs_the_names_of_hooks():
    def other(rest):
        return rest.replace("shmem_free", "ext4_free")

    close, renamed = mark("close"), [(a, f, other(rest)) for a, f, rest in freed(A)]
    assert len(at(follow(trace_of(born(A), close, dies(A), renamed)), "i_callback")) == 1
    unqueued = trace_of(born(A), close, dies(A), renamed, only=lambda rest: "call_rcu" not in rest)
    trace = follow(unqueued)
    # By its address it is of this inode, so it is shown, whatever it comes to.
    assert len(at(trace, "i_callback")) == 1
    assert trace.missing[-1].startswith("Which i_callback frees this inode")
