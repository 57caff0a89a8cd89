"""Who calls whom in the code of an actor, and what of it a followed inode would show."""

import pytest

from gmemviz.evidence.validate.entries import (
    NOBODY,
    Entries,
    ProgramCode,
    ProgramEntry,
    Where,
)
from gmemviz.facts import load
from gmemviz.model import SCENARIOS
from gmemviz.model.machine import Act, progress
from gmemviz.model.search import world_of
from gmemviz.study import gallery

# start -> iput -> evict -> hook -> free, beside it start -> mntput, and a second root that calls out.
CODE = ProgramCode(
    entries=(
        ProgramEntry("start", "P", NOBODY),
        ProgramEntry("iput", "P", 0),
        ProgramEntry("evict", "P", 1),
        ProgramEntry("my_evict", "P", 2, hook="evict_inode"),
        ProgramEntry("free", "P", 3),
        ProgramEntry("mntput", "P", 0),
        ProgramEntry("deep", "P", 5),
        ProgramEntry("other", "P", NOBODY),
        ProgramEntry("i_callback", "B", NOBODY),
        ProgramEntry("my_free", "B", 8),
    ),
    at={},
)


def test_what_stands_above_an_entry_is_nearest_first():
    assert CODE.above[4] == (3, 2, 1, 0)
    assert CODE.above[0] == CODE.above[7] == ()


def test_what_leads_to_evict_and_what_is_under_it():
    assert CODE.leading == {0, 1, 2}
    assert CODE.under_evict == {3, 4}


def test_a_road_keeps_what_its_functions_call_and_all_under_evict():
    assert list(CODE.kept(0)) == [0, 1, 2, 3, 4, 5]  # and not what mntput calls
    assert list(CODE.kept(1)) == [1, 2, 3, 4]


def test_rcu_calls_what_begins_in_softirq():
    assert list(CODE.called_by_rcu()) == [8, 9]


@pytest.fixture(scope="module")
def entries():
    facts = load("7.3")
    return Entries(world_of(gallery("guest_memfd-7.3"), SCENARIOS["last-close"], facts))


def functions(entries, wheres):
    return [entries.entry(where).function for where in wheres]


def test_the_roads_of_a_last_close_go_from_close_to_iput_final(entries):
    roads = functions(entries, entries.roads())
    assert roads[:3] == ["close(2)", "__fput", "dput"]
    assert roads[-2:] == ["iput", "iput_final"]
    assert "evict" not in roads


def test_a_road_shows_its_hooks_and_the_callback_but_nothing_of_the_birth(entries):
    iput = next(road for road in entries.roads() if entries.entry(road).function == "iput")
    shown = functions(entries, entries.shown(iput))
    assert shown[0] == "iput"
    assert shown[-3:] == ["i_callback", "kvm_gmem_free_inode", "kmem_cache_free"]
    assert "mpol_free_shared_policy" in shown
    assert not {"alloc_inode", "dput", "mntput"} & set(shown)


def test_the_function_of_a_hook_has_it_and_what_it_calls_has_not(entries):
    hooks = {entry.function: entry.hook for entry in entries.codes[0].entries}
    assert hooks["kvm_gmem_destroy_inode"] == "destroy_inode"
    assert hooks["mpol_free_shared_policy"] == ""
    assert hooks["truncate_inode_pages_final"] == ""


def test_an_actor_meets_functions_and_then_one_act(entries):
    start = entries.world.start
    assert progress(start, 0)[0] == 0
    ahead = entries.ahead(start, 0)
    assert isinstance(ahead[-1].does, Act)
    assert not any(isinstance(step.does, Act) for step in ahead[:-1])
    assert functions(entries, [ahead[0].where]) == ["anon_inode_make_secure_inode"]
    assert entries.caller(ahead[1].where) == ahead[0].where
    assert entries.caller(Where(0, 0)) is None
