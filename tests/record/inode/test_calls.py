"""Who called whom is read from tasks, depths and contexts."""

from gmemviz.facts import Event
from gmemviz.record.inode.calls import NOBODY, Calls, base


def calls_of(text):
    """Make calls of words such as `b:2:dput:B`: task, depth, function, context (P)."""
    events = []
    for word in text.split():
        actor, depth, function, context = f"{word}:P".split(":")[:4]
        events.append(Event(function, actor, context, int(depth)))
    return Calls(events)


def test_a_part_that_the_compiler_cut_has_the_name_of_the_whole():
    assert [base(name) for name in ("dput", "dput.part.0", "iput.constprop.0.isra.0")] == [
        "dput", "dput", "iput",
    ]  # fmt: skip


def test_the_caller_is_the_one_above_in_the_same_task():
    calls = calls_of("a:0:f a:1:g b:0:f b:1:h a:2:k a:1:h")
    assert calls.caller == [NOBODY, 0, NOBODY, 2, 1, 0]
    assert list(calls.of(0)) == [1, 5]
    assert list(calls.of(4)) == []
    assert list(calls.above(4)) == [1, 0]


def test_where_a_depth_is_skipped_nobody_is_known_to_call():
    assert calls_of("a:0:f a:2:g a:3:h").caller == [NOBODY, NOBODY, 1]
    assert calls_of("a:0:f a:1:g a:0:k a:2:h").caller == [NOBODY, 0, NOBODY, NOBODY]


def test_what_lies_below_comes_in_order_and_not_below_a_stop():
    calls = calls_of("a:0:f a:1:g a:2:evict a:3:x a:1:h")
    assert list(calls.below(0)) == [1, 2, 3, 4]
    assert list(calls.below(0, stop=frozenset({"evict"}))) == [1, 2, 4]


def test_a_softirq_is_not_called_by_what_it_interrupts():
    assert calls_of("a:0:f a:1:g:B a:2:h:B").caller == [NOBODY, NOBODY, 1]


def test_i_callback_is_called_by_rcu_or_where_an_allocation_fails():
    assert calls_of("a:0:rcu_core a:1:i_callback a:2:x_free").caller == [NOBODY, NOBODY, 1]
    assert calls_of("a:0:alloc_inode a:1:i_callback").caller == [NOBODY, 0]
    assert calls_of("a:0:alloc_inode a:1:i_callback:B").caller == [NOBODY, NOBODY]


def test_what_a_part_calls_counts_as_the_whole_ones():
    calls = calls_of("a:0:iput a:1:iput.part.0 a:2:evict a:1:other.part.0 a:2:evict")
    assert calls.caller == [NOBODY, 0, 0, 0, 3]


def test_a_task_goes_on_behind_the_callback_that_interrupts_it():
    events = [
        Event("cleanup_mnt", "a-1", "P", 0),
        Event("deactivate_super", "a-1", "P", 1),
        Event("i_callback", "a-1", "B", 0),
        Event("shmem_free_in_core_inode", "a-1", "B", 1),
        Event("put_super", "a-1", "P", 2),
    ]
    assert Calls(events).caller == [-1, 0, -1, 2, 1]


def test_a_hook_that_left_the_softirq_is_still_called_by_the_callback():
    events = [
        Event("__dentry_kill", "a-1", "P", 0),
        Event("i_callback", "a-1", "B", 0),
        Event("x_free", "a-1", "?", 1),
        Event("free_inode_nonrcu", "a-1", "?", 2),
        Event("dput", "a-1", "P", 0),
    ]
    assert Calls(events, {"i_callback": {"x_free"}}).caller == [-1, -1, 1, 2, -1]
    # Of which nobody knows that it is a hook is the task's own, who stood in a caller for it.
    assert Calls(events).caller == [-1, -1, 0, 2, -1]
