"""What is driven by hand is what the search explores: no step more, no step less."""

import random

import pytest

from gmemviz.errors import GmemvizError, UnknownNameError
from gmemviz.facts import load
from gmemviz.model import SCENARIOS, check, design_from_choices
from gmemviz.model.drive.branches import branches, turns, with_walk
from gmemviz.model.drive.drive import along, drive, reached, scenarios_of
from gmemviz.model.drive.inode_state import standings, until_change
from gmemviz.model.drive.offers import Ground
from gmemviz.model.machine.program import Act
from gmemviz.model.road.waiting import UNTIL
from gmemviz.model.search.check import UNREACHABLE
from gmemviz.model.search.explore import explore
from gmemviz.model.search.world import world_of
from gmemviz.study import designs, gallery

INSIDE = {"kernel": "7.3", "mount": "own", "placement": "containing-struct"}
DRIVEN = [
    ("guest_memfd-7.3", "gup-fast"),
    ("guest_memfd-7.3", "memslot-creation"),
    ("guest_memfd-7.3", "module-exit"),
    ("hugetlbfs-7.3", "find-inode"),
    ("hugetlbfs-6.12", "second-creation"),
    ("rfc-v1-free_inode", "creation-fails-late"),
    ("bpffs-destroy-only", "rcu-reader"),
    ("shmem-7.3", "stale-root"),
]
# One cell for each code of the matrix that the gallery's Designs do not show.
BROKEN = [
    ("7.3", "own", "containing-struct", "evict-before-truncate", "resv_map"),
    ("7.3", "own", "containing-struct", "none", "resv_map"),
    ("7.3", "own", "containing-struct", "destroy-leaves-memory", "shared_policy"),
    ("7.3", "own", "containing-struct", "evict-without-clear", "flags"),
    ("7.3", "own", "containing-struct", "drop-returns-1", "shareability-tree"),
    ("7.3", "own", "containing-struct", "free-all", "shareability-tree"),
    ("7.3", "own", "containing-struct", "free-all", "shared_policy"),
    ("7.3", "own", "containing-struct", "free-all", "hugetlb-subpool"),
    ("7.3", "own", "global-xarray", "none", "resv_map"),
    ("7.3", "own", "global-xarray", "free-all", "resv_map"),
    ("7.3", "own", "file-private_data", "release", "shareability-tree"),
    ("7.3", "own", "i_private_data", "none", "resv_map"),
    ("7.3", "own", "i_private-flags", "evict-before-truncate", "flags"),
    ("7.3", "anon-inode", "containing-struct", "destroy+free", "shared_policy"),
    ("7.3", "anon-inode", "i_private", "destroy+free", "shared_policy"),
    ("7.3", "static-superblock", "i_private", "destroy+free", "shared_policy"),
    ("6.12", "own", "i_private_data", "destroy-frees-now", "shared_policy"),
]


def broken(cell):
    names = ("kernel", "mount", "placement", "cleanup", "metadata")
    return design_from_choices(**dict(zip(names, cell, strict=True)))


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
        assert not here.offers, (report.design.title, code)
        assert code in {one.code for one in here.defects}, (report.design.title, code)
        assert here.path.is_at_end == path.is_at_end
        assert here.ends[-1] + path.is_at_end == len(list(_steps(here)))
    assert len(driven) == 16  # every code that the matrix has


def _steps(here):
    from gmemviz.model.search.run import steps

    return steps(here.path, here.ground.facts)


@pytest.mark.parametrize(("name", "scenario"), DRIVEN)
def test_each_actor_is_offered_or_blocked_and_the_look_ahead_is_right(name, scenario):
    begin = drive(gallery(name), scenario)
    found = explore(begin.ground.world, keep_moves=True)
    onward = {}
    for state, _, after in found.moves:
        onward.setdefault(state, []).append(after)
    actors = [program.actor for program in begin.ground.world.programs]
    dice = random.Random(7)  # noqa: S311 (a seed, no secret)
    for state in dice.sample(sorted(found.came_from, key=str), 12):
        here = begin.__class__(begin.ground, (state,))
        names = {one.actor for one in here.offers} | {one.actor for one in here.blocked}
        assert sorted(names) == sorted(actors)
        for one in here.blocked:
            assert one.why
            if one.place is None:
                assert one.why == "has nothing left to do"
                continue
            count = distance(begin.ground, onward, state, actors.index(one.actor))
            if count is None:
                assert one.soonest == "no run from here gets there"
            else:
                assert one.soonest.startswith(f"soonest after {count} step")


def distance(ground, onward, state, actor):
    """Count the moves to a state where the actor has a step, over the search's own edges."""
    level, known, count = {state}, {state}, 0
    while level:
        for at in level:
            if any(move.actor == actor for move, _ in ground.look(at)[0]):
                return count
        level = {after for at in level for after in onward.get(at, ())} - known
        known |= level
        count += 1
    return None


def test_every_guard_has_its_words():
    guards = set()
    for name in designs():
        design, facts = gallery(name), load(gallery(name).kernel)
        for scenario in SCENARIOS.values():
            if scenario.asks(design):
                world = world_of(design, scenario, facts)
                codes = [one for program in world.programs for one in program.code]
                guards |= {one.guard for one in codes if isinstance(one, Act) and one.guard}
    assert guards == set(UNTIL)


def test_why_rcu_waits_changes_with_what_it_waits_for():
    here = drive(gallery("guest_memfd-7.3"), "gup-fast")
    assert [one.why for one in here.blocked] == [
        "no callback is queued with RCU", "no PTE leads to a folio",
    ]  # fmt: skip
    here = here.go("task", "filemap_add_folio").take("gup").go("task")
    (waits,) = (one for one in here.blocked if one.actor == "rcu")
    assert waits.why == "RCU waits for a reader who was inside when the callback was queued"
    assert waits.soonest == "soonest after 2 steps, by get_user_pages_fast of gup"
    assert reached(here) == {"the reader is inside while RCU waits": True}
    here = here.go("gup").go("rcu")
    assert here.offers == ()
    assert here.defects == ()


def test_who_comes_too_late_never_goes():
    here = drive(gallery("guest_memfd-7.3"), "gup-fast").go("task", "munmap(2)")
    (late,) = (one for one in here.blocked if one.actor == "gup")
    assert (late.why, late.soonest) == ("no PTE leads to a folio", "no run from here gets there")


def test_what_an_inode_goes_through_when_it_is_found_again():
    here = drive(gallery("hugetlbfs-7.3"), "find-inode").go("task").go("finder").go("unmounter")
    told = [(one.i_count, one.i_state, one.counted) for one in standings(here.go("rcu"))]
    assert told == [
        ("", "", ""), ("", "", ""), ("1", "0", "a caller"), ("1", "0", "a caller"),
        ("1", "0", "dentry"), ("1", "0", "dentry"), ("1", "0", "a caller"), ("0", "0", ""),
        ("0", "0", ""), ("1", "0", "a caller"), ("1", "0", "a caller"), ("0", "0", ""),
        ("0", "I_FREEING", ""), ("0", "I_FREEING", ""), ("0", "I_FREEING | I_CLEAR", ""),
        ("0", "I_FREEING | I_CLEAR", ""), ("0", "I_FREEING | I_CLEAR", ""),
        ("0", "I_FREEING | I_CLEAR", ""), ("", "", ""),
    ]  # fmt: skip
    assert [one.memory for one in standings(here)][-1] == "waits for RCU"


def test_written_back_with_i_will_free():
    here = drive(gallery("hugetlbfs-7.3"), "dontcache").go("task")
    flags = [one.i_state for one in standings(here)]
    assert flags.index("I_WILL_FREE") < flags.index("I_FREEING")


def test_until_change_stops_where_somebody_else_may_go():
    here = until_change(drive(gallery("guest_memfd-7.3"), "gup-fast"), "task")
    assert standings(here)[-1].memory == "allocated"
    while len(here.offers) == 1:
        here = until_change(here, "task")
    assert {one.actor for one in here.offers} == {"task", "gup"}
    assert standings(here)[-1].after == "filemap_add_folio (task)"


def test_two_ways_have_two_names():
    here = drive(broken(BROKEN[7]), "last-close").go("task")
    while len(here.offers) == 1:
        here = here.take("rcu")
    assert [one.way for one in here.offers] == ["without sleeping", "and sleeps over it"]
    with pytest.raises(GmemvizError, match="rcu may go two ways"):
        here.take("rcu")
    assert here.take(here.offers[1]).failed.code == "sleep-in-softirq"
    found = drive(gallery("hugetlbfs-7.3"), "find-inode").go("task").go("finder", "find_inode")
    while len(found.offers) < 3:
        found = found.take("finder")
    ways = [one.way for one in found.offers if one.actor == "finder"]
    assert ways == ["the inode is used", "only held"]


def test_back_and_branch():
    begin = drive(gallery("guest_memfd-7.3"), "gup-fast")
    first = begin.go("task", "dput")
    second = begin.go("task", "filemap_add_folio").take("gup").go("task", "dput")
    assert first.back(99).moves == begin.moves
    walks = with_walk(with_walk(with_walk((begin,), first), second), first.back())
    assert walks == (first, second)
    (trunk, fork) = branches(walks)
    assert (fork.leaves, fork.after, fork.depth) == (0, 8, trunk.depth + 1)
    assert [turn.actor for turn in turns(second, fork.after)] == ["gup", "task"]
    assert [turn.is_open for turn in turns(second)] == [False, True, True]


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


def test_walks_share_what_was_looked_at():
    here = drive(gallery("shmem-7.3"))
    assert isinstance(here.ground, Ground)
    assert here.take("task").ground is here.ground
