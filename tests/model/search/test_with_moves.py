"""What did not keep its transitions is searched once more; what has them is left alone."""

from dataclasses import replace

from gmemviz.model import SCENARIOS, check
from gmemviz.model.search import with_moves
from gmemviz.study import gallery

DESIGN = gallery("guest_memfd-6.12")


def moves(report):
    return [len(search.moves) for search in report.explorations]


def test_a_design_and_a_report_without_moves_are_searched_with_them():
    bare, kept = check(DESIGN), check(DESIGN, keep_moves=True)
    assert not any(moves(bare))
    assert sum(moves(kept)) > 100
    assert moves(with_moves(bare)) == moves(with_moves(DESIGN)) == moves(kept)


def test_only_the_scenarios_that_were_searched_are_searched_again():
    alone = check(DESIGN, scenarios=[SCENARIOS["last-close"]])
    again = with_moves(alone)
    assert [s.world.scenario.name for s in again.explorations] == ["last-close"]
    assert again.states == alone.states


def test_a_whole_report_stays_whole():
    assert with_moves(check(DESIGN)).is_whole
    assert not with_moves(check(DESIGN, scenarios=[SCENARIOS["last-close"]])).is_whole


def test_a_report_that_has_them_is_returned_as_it_is():
    kept = check(DESIGN, scenarios=[SCENARIOS["last-close"]], keep_moves=True)
    assert with_moves(kept) is kept


def test_a_scenario_of_one_s_own_cannot_be_searched_again():
    own = replace(SCENARIOS["last-close"], name="mine")
    report = check(DESIGN, scenarios=[own])
    assert with_moves(report) is report
