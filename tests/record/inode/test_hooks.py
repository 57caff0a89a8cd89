"""What is left over of a caller's calls is the hook, or none is named."""

from typing import get_args

from gmemviz.facts import HookName, load
from gmemviz.record import follow
from gmemviz.record.inode.calls import Calls
from gmemviz.record.inode.hooks import CALLERS, Hooks
from tests.record.inode.lifetimes import A, born, dies, freed, mark, trace_of


def hooks_of(*rests, facts=None):
    trace = trace_of([("a-1", "...1.", f"  {rest}") for rest in rests])
    calls = Calls(trace.events)
    named = Hooks(calls, facts).named
    return {calls.names[index]: hook for index, hook in named.items()}


def test_the_callers_are_those_of_the_kernel_and_their_hooks_are_words_of_ours():
    assert set(CALLERS) == {
        "alloc_inode", "__fput", "iput", "iput_final", "evict", "destroy_inode", "i_callback",
    }  # fmt: skip
    assert {slot.hook for slot in CALLERS.values()} < set(get_args(HookName))
    assert CALLERS["iput"] == CALLERS["iput_final"]
    assert "dput" in CALLERS["__fput"].until


def test_what_evict_calls_before_destroy_inode_and_is_not_its_own_is_the_hook():
    lines = ("evict() {", "  inode_wait_for_writeback();", "  x_evict();", "  destroy_inode();",
             "  late();", "}")  # fmt: skip
    assert hooks_of(*lines) == {"x_evict": "evict_inode"}


def test_of_two_that_are_left_over_none_is_named():
    assert hooks_of("evict() {", "  x_evict();", "  y_evict();", "}") == {}
    assert hooks_of("evict() {", "  x_evict();", "  _raw_spin_lock();", "}") == {
        "x_evict": "evict_inode"
    }


def test_drop_inode_runs_with_a_lock_held():
    assert hooks_of("iput() {", "  x_drop();", "}") == {}
    lines = [
        ("a-1", "...1.", "  iput() {"),
        ("a-1", "...2.", "    x_drop();"),
        ("a-1", "...1.", "  }"),
    ]
    calls = Calls(trace_of(lines).events)
    assert Hooks(calls).named == {1: "drop_inode"}


def test_a_folio_is_freed_by_a_function_that_is_named_so_and_called():
    lines = ("truncate() {", "  x_free_folio();", "  filemap_free_folio();", "}", "y_free_folio();")
    assert hooks_of(*lines) == {"x_free_folio": "free_folio"}


def test_facts_overrule_the_names():
    lines = ("evict() {", "  iput();", "  shmem_evict_inode();", "}")
    assert hooks_of(*lines) == {}
    assert hooks_of(*lines, facts=load("7.3")) == {"shmem_evict_inode": "evict_inode"}


def test_functions_are_related_by_a_table_or_else_by_name():
    by_name = Hooks(Calls([]))
    assert by_name.related("nfs4_evict_inode", "nfs_free_inode")
    assert not by_name.related("shmem_evict_inode", "ext4_free_inode")
    by_table = Hooks(Calls([]), load("7.3"))
    assert by_table.related("shmem_evict_inode", "shmem_free_in_core_inode")
    assert not by_table.related("shmem_evict_inode", "hugetlbfs_evict_inode")


def test_a_truncation_that_evict_reaches_by_a_jump_is_no_hook():
    def jumped(rest):
        return rest.replace("shmem_evict_inode", "truncate_inode_pages_range")

    death = [(actor, flags, jumped(rest)) for actor, flags, rest in dies(A)]
    trace = follow(trace_of(born(A), mark("close"), death, freed(A)))
    assert [e.hook for e in trace.events if e.hook] == [
        "alloc_inode", "destroy_inode", "free_inode",
    ]  # fmt: skip


def test_freed_memory_is_no_free_inode_hook():
    plain = [
        (a, f, rest.replace("shmem_free_in_core_inode", "kmem_cache_free"))
        for a, f, rest in freed(A)
    ]
    trace = follow(trace_of(mark("close"), dies(A), plain))
    assert [e.hook for e in trace.events if e.hook] == ["evict_inode", "destroy_inode"]
    assert trace.events[-1].function == "kmem_cache_free"
