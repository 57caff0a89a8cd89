"""What is driven by hand is what the search explores: no step more, no step less."""

import random

import pytest

from gmemviz.errors import GmemvizError, UnknownNameError
from gmemviz.facts import load
from gmemviz.model import check
from gmemviz.model.design import codes_that
from gmemviz.model.drive.drive import along, drive, scenarios_of
from gmemviz.model.search.check import UNREACHABLE
from gmemviz.model.search.explore import explore
from gmemviz.study import designs, gallery
from tests.model.drive.walks import BROKEN, DRIVEN, broken

INSIDE = {"kernel": "7.3", "mount": "own", "placement": "containing-struct"}


@pytest.mark.parametrize(("name", "scenario"), DRIVEN)
def test_every_state_offers_what_the_search_tries(name, scenario):
    begin = drive(gallery(name), scenario)
    found = explore(begin.ground.world, keep_moves=True)
    offered, edges, codes = set(), 0, set()
    for state in found.came_from:
        moves, noted = begin.ground.look(state)
        offered |= {(state, move, after) for move, after in moves if after is not None}
        edges += len(moves)
        codes |= set(noted.found)
    assert offered == set(found.moves)
    assert edges == found.edges
    assert codes == set(found.found)


@pytest.mark.parametrize(("name", "scenario"), DRIVEN)
def test_a_random_walk_stays_within_the_search(name, scenario):
    begin = drive(gallery(name), scenario)
    found = explore(begin.ground.world, keep_moves=True)
    edges, dice = set(found.moves), random.Random(scenario)  # noqa: S311 (a seed, no secret)
    for _ in range(40):
        here = begin
        while here.offers:
            before, offer = here, dice.choice(here.offers)
            here = here.take(offer)
            if here.failed:
                assert here.failed.code in found.found
            else:
                assert (before.states[-1], offer.move, here.states[-1]) in edges
        assert {one.code for one in here.defects} <= set(found.found)
        assert along(here.path, here.ground.facts).states == here.states


def every_code():
    for cell in BROKEN:
        report = check(broken(cell))
        yield from ((report, code) for code in report.defects)
    for name in designs():
        report = check(gallery(name))
        yield from ((report, code) for code in report.defects)


def test_every_defect_can_be_driven_to():
    driven = set()
    for report, code in every_code():
        path = report.path(code)
        here = along(path, report.facts)
        driven.add(code)
        if code == UNREACHABLE:  # no state shows it: the run ends, and the hook was passed by
            assert path.defect.object not in {o.place.hook for o in here.offers}
            continue
        assert code in {one.code for one in here.defects}, (report.design.title, code)
        if code not in codes_that(weight="hazard"):  # at others the run may go on
            assert not here.offers, (report.design.title, code)
        assert here.path.is_at_end == path.is_at_end
        assert here.ends[-1] + path.is_at_end == len(list(_steps(here)))
    assert len(driven) == 18  # every code that the matrix has, and objects-remain


def _steps(here):
    from gmemviz.model.search.run import steps

    return steps(here.path, here.ground.facts)


def test_what_cannot_happen_is_refused_in_a_sentence():
    here = drive(gallery("guest_memfd-7.3"), "gup-fast")
    with pytest.raises(GmemvizError, match="gup cannot go on: no PTE leads to a folio"):
        here.take("gup")
    with pytest.raises(UnknownNameError, match="unknown actor: 'nobody'"):
        here.take("nobody")
    with pytest.raises(GmemvizError, match="task does not come to 'nowhere'"):
        here.go("task", "nowhere")
    with pytest.raises(GmemvizError, match=r"cannot happen now; what can: task, alloc_inode_sb"):
        here.take(here.take("task").offers[0])
    failed = along(check(broken(BROKEN[0])).counterexample, load("7.3"))
    with pytest.raises(GmemvizError, match="task cannot go on: the run has ended: use-after-free"):
        failed.take("task")
    with pytest.raises(UnknownNameError, match="unknown scenario: 'nonsense'"):
        drive(gallery("shmem-7.3"), "nonsense")
    with pytest.raises(GmemvizError, match="not a design"):
        scenarios_of(broken(("7.3", "own", "i_private-flags", "none", "resv_map")))


def test_there_is_a_way_back_from_a_defect():
    failed = along(check(broken(BROKEN[0])).counterexample, load("7.3"))
    before = failed.back()
    assert (before.failed, before.defects) == (None, ())
    assert before.take(failed.moves[-1]).failed == failed.failed
    assert failed.back(0) is failed


def test_what_does_not_compile_can_only_be_built():
    gone = broken(("7.3", "own", "i_private_data", "none", "resv_map"))
    assert scenarios_of(gone) == ("build",)
    here = drive(gone).go("compiler")
    assert here.failed.code == "no-such-field"
