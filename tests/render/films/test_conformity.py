"""A recording beside a run of the model: every pair a frame, both sides named, the difference."""

import json
import re
from dataclasses import replace

import pytest

from gmemviz.evidence import conform
from gmemviz.evidence.validate.conformity import Difference, Pair
from gmemviz.facts import load
from gmemviz.facts.records import Event
from gmemviz.record import load_recording
from gmemviz.render import film_of_conformity
from gmemviz.render.theme import ROLES
from gmemviz.study import gallery


@pytest.fixture(scope="module")
def same():
    return conform(load_recording("7.3-gmem"))


@pytest.fixture(scope="module")
def other():
    return conform(load_recording("7.3-gmem"), gallery("guest_memfd-6.12"))


def ids(frame, *roles):
    return {name for name, role in frame["roles"].items() if role in roles}


def of(pair):
    event, step = pair
    names = {f"recorded_{event}"} if event is not None else set()
    return names | ({f"simulated_{step}"} if step is not None else set())


def test_each_frame_is_one_pair_and_the_other_side_stays(same):
    film = film_of_conformity(same)
    assert len(film.frames) == len(same.pairs) > 60
    passed = set()
    for pair, frame in zip(same.pairs, film.frames, strict=True):
        assert ids(frame, "now") == of(pair)
        assert ids(frame, "done") == passed - of(pair)
        passed |= of(pair)
    assert passed == {f"recorded_{n}" for n in range(len(same.recorded.events))} | {
        f"simulated_{n}" for n in range(len(same.model.events))
    }


def test_the_two_functions_of_a_pair_stand_side_by_side(same):
    nodes = {node.id: node for node in film_of_conformity(same).drawings[0].nodes}
    height = {name: dict(node.extra)["pos"].split(",")[1] for name, node in nodes.items()}
    beside = [pair for pair in same.pairs if None not in pair]
    assert len(beside) == 19
    shown = set()
    for event, step in beside:
        one, two = nodes[f"recorded_{event}"], nodes[f"simulated_{step}"]
        assert one.label.split()[2] == two.label.split()[2]
        assert (height[one.id] == height[two.id]) is (step not in shown)  # a second folio's
        shown.add(step)
    assert len([name for name in nodes if name.startswith("same_")]) == len(beside)


def test_a_swapped_pair_is_seen(same):
    pairs = list(same.pairs)
    at = pairs.index(Pair(8, 18))
    pairs[at], pairs[at + 4] = Pair(8, 19), Pair(12, 18)
    swapped = film_of_conformity(replace(same, pairs=tuple(pairs)))
    assert swapped.frames[at]["sentence"].startswith("Recorded and simulated: dput")
    assert swapped.frames != film_of_conformity(same).frames
    assert swapped.drawings[0].dot != film_of_conformity(same).drawings[0].dot


def test_narration_says_which_side(same):
    said = {}
    for pair, frame in zip(same.pairs, film_of_conformity(same).frames, strict=True):
        start = frame["sentence"].partition(":")[0]
        said.setdefault(start, set()).add((pair.event is not None, pair.step is not None))
        sides = []
        if pair.event is not None:
            sides.append(f"recorded {same.recorded.events[pair.event].actor}")
        if pair.step is not None:
            sides.append(f"simulated {same.model.events[pair.step].actor}")
        assert frame["actor"] == " | ".join(sides)
    assert said == {
        "Recorded only": {(True, False)},
        "Simulated only": {(False, True)},
        "Recorded and simulated": {(True, True)},
    }


def test_why_only_one_side_has_it(same):
    film = film_of_conformity(same)
    sentence = {frame["label"]: frame["sentence"] for frame in film.frames}
    assert film.frames[0]["sentence"].startswith("Recorded only: alloc_anon_inode runs; this is b")
    assert "before the road" in sentence["alloc_anon_inode"]
    assert "the model does not name this call" in sentence["locks_remove_file"]
    assert sentence["inode_generic_drop"].endswith("Not recorded: inline.")
    assert not [frame for frame in film.frames if frame["defect"]]
    assert "differs" not in {role for frame in film.frames for role in frame["roles"].values()}


def test_the_first_difference_is_marked_once_and_stays(other):
    film = film_of_conformity(other)
    at = other.pairs.index(Pair(36, None))
    assert [n for n, frame in enumerate(film.frames) if frame["defect"]] == [at]
    frame = film.frames[at]
    assert (frame["label"], frame["defect"]) == ("kvm_gmem_destroy_inode", "first difference")
    assert "leaves destroy_inode NULL" in frame["sentence"]
    assert frame["sentence"].endswith(
        "The model allowed there: P call_rcu, called by destroy_inode."
    )
    for number, one in enumerate(film.frames):
        assert ids(one, "differs") == ({"recorded_36"} if number >= at else set())
    assert "nothing is compared" in film.frames[at + 1]["sentence"]
    nodes = {node.id: node for node in film.drawings[0].nodes}
    beside = [dict(nodes[name].extra)["pos"].split(",")[1] for name in ("allowed_0", "recorded_36")]
    assert beside[0] == beside[1]
    assert len([name for name in nodes if name.startswith("same_")]) == len(other.matched)
    assert nodes["allowed_0"].label.startswith("≠ allowed: ○ call_rcu")
    assert "kvm_gmem_destroy_inode ≠\n" in film.drawings[0].alt


def test_what_the_model_entered_without_a_step_of_its_own_is_no_difference():
    found = conform(load_recording("7.3-tmpfs-umount"), gallery("shmem-7.3"))
    alone = [p.event for p in found.pairs if p.step is None and p.event in found.matched]
    film = film_of_conformity(found)
    for pair, frame in zip(found.pairs, film.frames, strict=False):
        if pair.event in alone:
            assert "the model enters it too" in frame["sentence"]
    labels = [node.id for node in film.drawings[0].nodes if node.id.startswith("entered_")]
    assert len(labels) == len(alone)


def test_a_recording_that_ends_too_soon_has_a_last_frame(same):
    end = Difference(None, "", "The recording ends, and the model goes on.", ())
    film = film_of_conformity(replace(same, difference=end))
    assert len(film.frames) == len(same.pairs) + 1
    assert [frame["defect"] for frame in film.frames if frame["defect"]] == ["first difference"]
    assert film.frames[-1]["roles"]["recorded_end"] == "differs"
    assert "nothing, its run is over" in film.frames[-1]["sentence"]
    assert "recorded_end" in {node.id for node in film.drawings[0].nodes}


def test_both_origins_are_said_and_every_role_has_its_element(other):
    film = film_of_conformity(other, load("7.3"))
    data = film.to_json()
    assert data["origin"] == film.drawings[0].origin == "recorded and simulated"
    assert "recorded" in data["contexts"]["L"]
    assert "simulated" in data["contexts"]["L"]
    assert [one["role"] for one in data["legend"]] == ["now", "done", "differs"]
    there = re.findall(r' id="([^"]+)"', data["pictures"][0]["svg"])
    assert len(there) == len(set(there))
    assert {name for frame in film.frames for name in frame["roles"]} <= set(there)
    assert {role for frame in film.frames for role in frame["roles"].values()} <= ROLES.keys()
    assert all(frame["source"] for frame in film.frames if frame["label"] == "evict")
    assert len(json.dumps(data)) < 200_000  # a notebook keeps two, and its stills


def test_play_is_all_that_a_notebook_needs(other):
    from gmemviz.widget import play

    player = play(other)
    assert "recorded and simulated" in repr(player)
    assert "first difference" in player.still()["text/html"]
    assert "[recorded and simulated]" in player.still()["text/plain"]


def test_hostile_names_stay_text(same):
    bad = '<script>alert(1)</script>"]; evil [label="\\l'
    events = (Event(bad, "a", "P", 0), *same.recorded.events[1:])
    film = film_of_conformity(replace(same, recorded=replace(same.recorded, events=events)))
    svg = film.drawings[0].svg
    assert "&lt;script&gt;" in svg
    assert "<script" not in svg
