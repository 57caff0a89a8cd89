"""Films: golden DOT and words of runs, and frames that are complete in themselves."""

import re

import pytest

from gmemviz.errors import UndecidedError, UnknownNameError
from gmemviz.facts import Event, Trace, load
from gmemviz.model import check
from gmemviz.model.drive import drive
from gmemviz.record import load_recording
from gmemviz.render import (
    facts_of,
    film_of_drawing,
    film_of_drive,
    film_of_recording,
    film_of_report,
)
from gmemviz.render.drawing import Drawing, Node
from gmemviz.render.films.film import Trail, frame_of
from gmemviz.study import gallery

PLAIN = re.compile(r"[A-Za-z0-9_]+")


@pytest.mark.parametrize("picture", ["calls", "states", "memory", "lanes"])
def test_golden_dot(golden, merged, broken, picture):
    golden(f"merged-{picture}.dot", merged.still(picture, 1).dot)
    golden(f"broken-{picture}.dot", broken.still(picture).dot)


def test_golden_words(golden, merged, broken):
    golden("merged.txt", merged.text + "\n")
    golden("broken.txt", broken.text + "\n")


def test_every_element_that_a_frame_names_is_in_the_svg(merged, broken):
    for shown in (merged, broken):
        ids = [name for d in shown.drawings for name in re.findall(r' id="([^"]+)"', d.svg)]
        assert len(ids) == len(set(ids))
        assert all(map(PLAIN.fullmatch, ids))
        named = {name for frame in shown.frames for name in frame["roles"]}
        missing = named - set(ids)
        # What happens outside the picture of the teardown has no node there.
        assert all(name.startswith(("calls_", "mem_")) for name in missing), missing
        assert len(named - missing) > 60


def test_a_frame_is_complete_in_itself(merged):
    for number, frame in enumerate(merged.frames):
        now = [
            name
            for name, role in frame["roles"].items()
            if name.startswith("lane_") and role == "now"
        ]
        assert now == [f"lane__{number}"]
    assert merged.frames[-1]["roles"]["mem__shared_policy"] == "freed"
    assert merged.frames[-1]["roles"]["mem__inode"] == "freed"


def test_the_last_frame_shows_the_defect(broken):
    last = broken.frames[-1]
    assert last["defect"] == "use-after-free"
    assert last["roles"]["mem__shareability_tree"] == "defect"
    assert last["roles"]["state__use_after_free"] == "defect"
    assert broken.frames[-2]["roles"]["mem__shareability_tree"] == "freed"


def test_what_has_run_stays_as_it_is_left():
    trail = Trail()
    assert trail.step("a", "b") == {"a": "now", "b": "now"}
    assert trail.step("c", role="defect") == {"a": "done", "b": "done", "c": "defect"}
    assert trail.step("b", role="differs", after="differs")["b"] == "differs"
    assert trail.step() == {"a": "done", "b": "differs", "c": "done"}


def test_a_frame_does_not_name_its_function_twice():
    event = Event("evict", "close", "P", 2, hook="", sentence="evict: marks the inode")
    frame = frame_of(event, {"a": "now"}, "leak")
    assert (frame["label"], frame["sentence"]) == ("evict", "marks the inode")
    assert (frame["source"], frame["roles"], frame["defect"]) == ("", {"a": "now"}, "leak")


def test_a_still_is_of_a_step_that_there_is(merged):
    first, last = merged.still("lanes", 1), merged.still("lanes")
    assert first.roles["lane__0"] == "now"
    assert last.roles["lane__0"] == "done"
    with pytest.raises(ValueError, match="step"):
        merged.still("lanes", len(merged.frames) + 1)
    with pytest.raises(UnknownNameError, match="unknown picture: 'lane'"):
        merged.still("lane")


def test_a_run_without_an_end_is_refused():
    undecided = check(gallery("guest_memfd-7.3"), limit=2)
    with pytest.raises(UndecidedError, match=r"^no run of guest_memfd-7\.3 has an end: "):
        film_of_report(undecided)


def test_a_walk_that_has_not_begun_is_one_frame_and_then_a_frame_a_step():
    here = drive(gallery("guest_memfd-7.3"), "last-close")
    film = film_of_drive(here)
    assert [drawing.name for drawing in film.drawings] == ["states", "memory"]
    assert [frame["label"] for frame in film.frames] == ["start"]
    assert film.frames[0]["roles"]["state__not_there"] == "now"
    on = film_of_drive(here.take(here.offers[0]))
    assert [drawing.name for drawing in on.drawings] == ["states", "memory", "lanes"]
    assert len(on.frames) == len(on.still("lanes").ranks) - 1 > 0  # the names are a rank, too
    assert "start" not in [frame["label"] for frame in on.frames]


def test_a_picture_alone_plays_as_one_step_in_its_own_roles():
    drawing = Drawing("x", "one box", "alt", (Node("a", "A"),), roles={"a": "held"})
    film = film_of_drawing(drawing)
    assert film.frames[0]["roles"] == {"a": "held"}
    assert film.frames[0]["sentence"] == "one box"
    assert film.drawings[0].roles == {}


def test_a_recording_says_what_it_does_not_show():
    film = film_of_recording(load_recording("7.3-pipe"), facts=load("7.3"))
    assert film.note.startswith("recorded on 7.3")
    assert "not seen" in film.note
    trace = Trace("t", "7.3.4", "recorded", (Event("f", "a", "P", 0),), missing=("this",))
    assert film_of_recording(trace).note.endswith("; missing: this")


@pytest.mark.parametrize(
    ("release", "kernel"), [("7.3.4+deb13-amd64", "7.3"), ("6.12.117", "6.12"), ("5.10.1", None)]
)
def test_the_facts_are_those_of_the_kernel_that_was_recorded(release, kernel):
    facts = facts_of(Trace("t", release, "recorded", ()))
    assert (facts and facts.kernel) == kernel
