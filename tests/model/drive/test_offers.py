"""What can happen in one state, what cannot and why: the same as the search tries."""

import random

import pytest

from gmemviz.errors import GmemvizError
from gmemviz.model.drive.drive import drive, reached
from gmemviz.model.drive.offers import Ground
from gmemviz.model.search.explore import explore
from gmemviz.study import gallery
from tests.model.drive.walks import BROKEN, DRIVEN, broken


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


def test_two_ways_have_two_names():
    here = drive(broken(BROKEN[7]), "last-close").go("task")
    while len(here.offers) == 1:
        here = here.take("rcu")
    assert [one.way for one in here.offers] == ["without sleeping", "and sleeps over it"]
    with pytest.raises(GmemvizError, match="rcu may go two ways"):
        here.take("rcu")
    assert [one.code for one in here.take(here.offers[1]).shown] == ["sleep-in-softirq"]
    found = drive(gallery("hugetlbfs-7.3"), "find-inode").go("task").go("finder", "find_inode")
    while len(found.offers) < 3:
        found = found.take("finder")
    ways = [one.way for one in found.offers if one.actor == "finder"]
    assert ways == ["the inode is used", "only held"]


def test_walks_share_what_was_looked_at():
    here = drive(gallery("guest_memfd-7.3"))
    assert isinstance(here.ground, Ground)
    assert here.take("task").ground is here.ground
