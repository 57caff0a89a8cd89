"""A run like another's is a run of its own Design, and differs from it only where it must."""

import pytest

from gmemviz.model import check, design_from_choices
from gmemviz.model.scenarios import SCENARIOS
from gmemviz.model.search import steps
from gmemviz.model.search.explore import look
from gmemviz.model.search.like import turn_of
from gmemviz.study import designs, gallery

LATE = {
    "kernel": "6.12", "mount": "own", "placement": "i_private_data", "metadata": "hugetlb-subpool",
}  # fmt: skip
CLEANUPS = ("none", "release", "evict-after-truncate", "evict-before-truncate", "free-all")


@pytest.fixture(scope="module")
def reports():
    cells = {word: check(design_from_choices(**LATE, cleanup=word)) for word in CLEANUPS}
    return cells | {name: check(gallery(name)) for name in designs()[::9]}


def paths(reports):
    for report in reports.values():
        yield from ((report, report.path(code)) for code in report.found)
        if report.whole:
            yield report, report.whole


def test_of_a_design_itself_it_is_the_same_run(reports):
    for report, path in paths(reports):
        if path.defect:
            found = report.like(path)
            assert (found.states, found.moves, found.defect) == (
                path.states, path.moves, path.defect
            )  # fmt: skip


def test_each_move_is_one_that_a_search_would_try(reports):
    """Told by `look`, which knows nothing of turns: each state follows from the one before."""
    lates = reports["free-all"].path("late-release")
    for report in reports.values():
        found = report.like(lates)
        if found is None:
            continue
        assert found.states[0] == found.world.start
        for at, move in enumerate(found.moves):
            tried = dict(look(found.world, found.states[at])[0])
            after = found.states[at + 1] if at + 1 < len(found.states) else None
            assert tried[move] == after or (after is None and found.defect)


def test_the_thread_asks_and_evict_inode_has_an_answer(reports):
    path = reports["free-all"].path("late-release")
    found = reports["evict-after-truncate"].like(path)
    run = [step.event for step in steps(found, reports["evict-after-truncate"].facts)]
    assert found.defect is None
    assert [event.function for event in run][-2:] == ["i_callback", "free_inode_nonrcu"]
    granted = next(e for e in run if e.actor == "second" and e.effects[-1:] and e.depth == 0)
    assert granted.effects[-1].change == "allocated"


def test_whose_turn_it_is_does_not_hang_on_names():
    merged = gallery("guest_memfd-7.3")
    path = check(merged).whole
    turns = [turn_of(path.world, move)[1] for move in path.moves]
    assert "creator" in turns
    assert "destroy_inode: free shared_policy" in turns


def test_a_scenario_that_was_not_searched_has_no_such_run(reports):
    late = reports["free-all"].path("late-release")
    whole = check(gallery("guest_memfd-7.3"), scenarios=[SCENARIOS["last-close"]])
    assert whole.like(late) is None
    with pytest.raises(TypeError, match="path must be a Path"):
        whole.like("last-close")
