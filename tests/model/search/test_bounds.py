"""Bounds: what is said to be the most is counted in what was searched."""

import pytest

from gmemviz.model import SCENARIOS, check
from gmemviz.model.search.bounds import Bounds, bounds_from, bounds_of, most
from gmemviz.study import gallery
from tests.model.search.designs import READ_LATE, made


def alone(name, scenario):
    return check(gallery(name), scenarios=[SCENARIOS[scenario]]).bounds


def test_one_inode_with_one_file_is_closed():
    assert alone("guest_memfd-7.3", "last-close") == Bounds(1, 1, 1, 1, 2, ())


@pytest.mark.parametrize(
    ("name", "scenario", "more"),
    [
        ("guest_memfd-7.3", "o-path", {"files": 2, "processors": 3}),
        ("guest_memfd-7.3", "linked-file", {"files": 2, "processors": 3}),
        ("shmem-7.3", "stale-root", {"inodes": 2, "lives": 2, "processors": 6}),
        ("rfc-v1-hugetlb", "second-creation", {"inodes": 2, "processors": 4}),
    ],
)
def test_what_a_scenario_has_more_of_is_counted(name, scenario, more):
    assert alone(name, scenario) == Bounds(1, 1, 1, 1, 2, ())._replace(**more)


def test_an_inode_whose_cache_is_never_filled_has_no_folio():
    assert check(made(READ_LATE, filled="false")).bounds.folios == 0
    adds = READ_LATE.replace('"if blob set: read blob"', '"add page"').replace("rcu", "inode")
    assert check(made(adds, filled="false")).bounds.folios == 2  # where an actor adds pages


@pytest.mark.parametrize(("times", "said"), [(1, "once"), (2, "twice")])
def test_how_often_an_actor_is_there_is_said(times, said):
    text = READ_LATE.replace('holds = "rcu"', f'holds = "rcu", times = {times}')
    report = check(made(text))
    assert report.bounds.actors == (("actor permission", times),)
    assert f"actor permission {said}" in str(report.bounds)


def test_the_most_of_all_searches_is_said_and_of_none_nothing():
    report = check(gallery("shmem-7.3"))
    worlds = [search.world for search in report.explorations]
    assert report.bounds == bounds_of(worlds)
    assert report.bounds.processors == max(len(world.programs) for world in worlds)
    assert bounds_of(()) == Bounds()


def test_of_several_answers_the_most_of_each_thing_is_said():
    some = Bounds(2, 1, 1, 1, 3, (("actor a", 1), ("actor b", 2)))
    other = Bounds(1, 2, 1, 1, 5, (("actor a", 2),))
    assert most([some, other]) == Bounds(2, 2, 1, 1, 5, (("actor a", 2), ("actor b", 2)))
    assert most([some]) == some
    assert most([]) == Bounds()


def test_what_is_said_as_data_is_read_back():
    for name in ("guest_memfd-7.3", "mappability-v7"):
        bounds = check(gallery(name)).bounds
        assert bounds_from(bounds.answer()) == bounds
