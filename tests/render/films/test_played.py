"""Whatever can be played becomes a film; what cannot is refused."""

from dataclasses import replace

import pytest

from gmemviz.evidence import conform
from gmemviz.facts import load
from gmemviz.model import check
from gmemviz.record import load_recording
from gmemviz.render import film_of, film_of_conformity, film_of_recording, film_of_report, lanes
from gmemviz.study import gallery


def test_a_design_and_its_report_play_the_same():
    design = gallery("guest_memfd-6.12")
    whole = film_of_report(check(design, keep_moves=True))
    assert film_of(design) == film_of(check(design)) == whole
    assert film_of(whole) is whole


def test_a_recording_plays_with_the_facts_of_its_kernel():
    trace = load_recording("7.3-pipe")
    film = film_of(trace)
    assert film.origin == "recorded"
    assert "fs/pipe.c:" in film.drawings[0].dot
    assert "fs/pipe.c:" not in film_of_recording(trace).drawings[0].dot


def test_a_conformity_plays_both_sides_with_the_places_of_what_was_recorded():
    found = conform(load_recording("7.3-gmem"))
    events = tuple(replace(event, source=None) for event in found.recorded.events)
    bare = replace(found, recorded=replace(found.recorded, events=events))
    film, without = film_of(bare), film_of_conformity(bare)
    assert film == film_of_conformity(bare, load("7.3"))
    assert film.drawings == without.drawings
    placed, other = ([frame["source"] for frame in one.frames] for one in (film, without))
    assert placed.count("") < other.count("")


def test_a_picture_plays_as_one_step():
    assert len(film_of(lanes(load_recording("7.3-pipe").events)).frames) == 1


@pytest.mark.parametrize("other", [3, None, "guest_memfd-7.3"])
def test_what_cannot_be_played_is_refused(other):
    with pytest.raises(TypeError, match="what is shown must be"):
        film_of(other)
