"""What a hook's actions do to the inode, and which of them a hook can do at all."""

import pytest

from gmemviz.model.design import Action, Verb
from gmemviz.model.machine import (
    ABSENT,
    AWAITING,
    FREED,
    HELD,
    I_CLEAR,
    I_FREEING,
    INODE_CACHEP,
    OWN_CACHE,
    STALE,
)
from gmemviz.model.road import cells, hook_actions
from gmemviz.model.road.hook_actions import guard_of, operations
from gmemviz.model.road.lines import nothing
from tests.model.machine.made import (
    cell_target,
    design_of,
    machine_of,
    noted_by,
    shown_by,
    target_of,
)

T = target_of()
CONTAINER = target_of(
    design_of("containing-struct", more='hooks.alloc_inode = ["alloc container"]')
)


def test_truncation_removes_the_folio_and_frees_it_unless_it_is_pinned():
    for pinned, folio in ((0, FREED), (1, HELD)):
        m = machine_of(T, folio=HELD, folio__mapping="inode", inode__nrpages=1, pinned=pinned)
        hook_actions.truncate(m, T)
        assert (m["inode.nrpages"], m["folio.mapping"], m["folio"]) == (0, None, folio)


def test_truncation_sleeps_and_waits_for_who_has_the_folio_locked():
    under_lock = machine_of(T, "L", inode__nrpages=1)
    assert noted_by(hook_actions.truncate, under_lock, T) == ("sleep-in-atomic", "inode")
    m = machine_of(T, also=(("folio.locked", 1),))
    assert not hook_actions.may_truncate(m, T)
    assert hook_actions.may_truncate(machine_of(T, also=cells.FOLIO_LOCK), T)


@pytest.mark.parametrize(
    ("state", "pages", "text"),
    [(I_FREEING, 1, "BUG_ON(nrpages)"), (0, 0, "BUG_ON(!I_FREEING)"),
     (I_FREEING | I_CLEAR, 0, "BUG_ON(I_CLEAR)")],
)  # fmt: skip
def test_clear_inode_asserts_that_nothing_is_left(state, pages, text):
    m = machine_of(T, inode__i_state=state, inode__nrpages=pages)
    assert shown_by(hook_actions.clear_inode, m, T) == ("assertion", "inode")
    m = machine_of(T, inode__i_state=I_FREEING)
    hook_actions.clear_inode(m, T)
    assert m["inode.i_state"] == I_FREEING | I_CLEAR


def test_a_struct_goes_back_to_the_cache_that_it_came_from():
    m = machine_of(T, inode=ABSENT)
    hook_actions.allocate_default(m, T)
    assert m["inode.cache"] == INODE_CACHEP
    hook_actions.free_default(m, T)
    assert m["inode"] == FREED
    m = machine_of(CONTAINER, inode=ABSENT)
    hook_actions.allocate_container(m, CONTAINER)
    assert m["inode.cache"] == OWN_CACHE
    assert shown_by(hook_actions.free_default, m, CONTAINER) == ("wrong-cache", "inode")
    hook_actions.free_struct(m, CONTAINER)
    assert m["inode"] == FREED


def test_a_container_that_is_used_again_has_what_was_in_it():
    again = target_of(CONTAINER.design, inode="second", address="inode")
    m = machine_of(CONTAINER, also=tuple(cells.cells_of(again).items()), inode__tree="tree")
    hook_actions.allocate_container(m, again)
    assert m["second.tree"] == "tree"


def test_a_destroyed_cache_takes_nothing_back():
    m = machine_of(CONTAINER, cache=FREED, inode__cache=OWN_CACHE)
    assert shown_by(hook_actions.free_struct, m, CONTAINER) == ("use-after-free", "cache")


def test_a_callback_is_queued_once_behind_the_readers():
    m = machine_of(T, readers=("reader of inode",))
    hook_actions.call_rcu(m, T)
    assert (m["inode"], m["inode.waits_for"]) == (AWAITING, ("reader of inode",))
    assert shown_by(hook_actions.call_rcu, m, T) == ("double-free", "inode")


def test_the_two_answers_of_drop_inode():
    m = machine_of(T)
    hook_actions.drop(m, T)
    assert m.register == 1
    hook_actions.keep(m, T)
    assert m.register == 0


def test_a_field_that_the_kernel_lacks_does_not_compile():
    gone = cell_target(placement="i_private_data")
    assert shown_by(hook_actions.compile_fields, machine_of(gone), gone) == (
        "no-such-field", "address_space.i_private_data",
    )  # fmt: skip
    hook_actions.compile_fields(machine_of(T), T)


@pytest.mark.parametrize("verb", ["return 0", "return 1", "truncate", "clear_inode", "free struct"])
def test_a_plain_verb_is_one_operation(verb: Verb):
    (operation,) = operations(Action(verb), "evict_inode", T)
    assert operation is hook_actions._BY_VERB[verb]
    assert (guard_of(Action(verb)) is not None) == (verb == "truncate")


def test_what_may_sleep_goes_two_ways():
    may_sleep = target_of(design_of(needs='release = "may sleep"'))
    ways = operations(Action("free", "tree"), "evict_inode", may_sleep)
    assert [way.keywords["sleeps"] for way in ways] == [False, True]
    assert len(operations(Action("free", "tree"), "evict_inode", T)) == 1


def test_only_release_is_given_the_file_and_only_d_release_the_dentry_beside():
    for place, hooks in (
        ("file-private_data", {"release"}),
        ("d_fsdata", {"release", "d_release"}),
    ):
        t = target_of(design_of(place))
        for hook in ("release", "d_release", "evict_inode", "free_inode"):
            is_idle = operations(Action("free", "tree"), hook, t) == (nothing,)
            assert is_idle == (hook not in hooks), (place, hook)


def test_used_memory_has_what_the_last_owner_left():
    """An object's pointer leads where it led; a word that was set is garbage now."""
    word = 'owns_object = false, release = "clear word"'
    for needs, before, now in (
        ('release = "kfree"', "tree", "tree"),
        (word, "set", STALE),
        (word, "cleared", None),
    ):
        design = design_of(
            "containing-struct", needs, more='hooks.alloc_inode = ["alloc container"]'
        )
        t = target_of(design, inode="second", address="inode")
        cell_of_first = {"inode.tree": before, "second": ABSENT}
        m = machine_of(t, also=cell_of_first.items(), second=ABSENT)
        hook_actions.allocate_container(m, t)
        assert m["second.tree"] == now
