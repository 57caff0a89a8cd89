"""The film of a confirmed run: the recording beside the model's run, and what the kernel said."""

from dataclasses import replace

import pytest

from gmemviz.errors import GmemvizError
from gmemviz.evidence.confirm.confirm import confirmation
from gmemviz.evidence.confirm.runs import Run, runs_of_design
from gmemviz.model import Design, design_from_choices
from gmemviz.record import load_recording
from gmemviz.render import Film, film_of_confirmation
from gmemviz.widget.play import play

CLEAN = ("containing-struct", "evict-after-truncate", "resv_map")
LEAK = ("i_private", "none", "resv_map")
SOFTIRQ = ("i_private", "free-all", "attributes-tree")
SLEPT = "BUG: scheduling while atomic: rcuc/0/20/0x00000201"
COUNTED = "gmemviz: inode_cache has 128 objects, and had 126 before"
LEFT = "BUG gv-your.1-resv_map (Tainted: G           OE     ): Objects remaining on "
LEFT += "__kmem_cache_shutdown()"


def confirmed(cell, name, line=None, play="last-close"):
    """Return a Confirmation with a shipped recording; `line` is what the judging boot said."""
    placement, cleanup, metadata = cell
    design = design_from_choices(
        kernel="6.12", mount="own", placement=placement, cleanup=cleanup, metadata=metadata
    )
    said = {f"your {run}": () for run in runs_of_design(design)}
    if line:
        said[f"your {play}"] = (line,)
    found = confirmation(design, "6.12.117+deb12-cloud-amd64", said)
    recording = load_recording(name) if name else None
    return replace(found, recording=recording, recorded_run=Run("last-close", play))


def test_a_clean_run_plays_in_step_and_says_who_judged():
    film = film_of_confirmation(confirmed(CLEAN, "6.12-confirmed-clean"))
    assert film.origin == "recorded and simulated"
    assert film.title.startswith("6.12.117+deb12-cloud-amd64, ")
    assert film.note.startswith("agrees on 6.12.117+deb12-cloud-amd64; the kernel said nothing; ")
    assert "conforms: 15 of the 15 events" in film.note
    assert [frame["defect"] for frame in film.frames] == [""] * len(film.frames)
    both = [f for f in film.frames if f["sentence"].startswith("Recorded and simulated")]
    assert "your_evict_inode" in [frame["label"] for frame in both]


def test_the_step_that_fails_has_the_kernels_line_and_what_comes_behind_has_none():
    film = film_of_confirmation(confirmed(SOFTIRQ, "6.12-confirmed-softirq", SLEPT))
    assert f"sleep-in-softirq (last-close, said again in the recorded boot): {SLEPT}" in film.note
    *_, fails, behind = film.frames
    assert (fails["label"], fails["defect"]) == ("your_free_inode", "sleep-in-softirq")
    assert fails["sentence"].endswith(f"in softirq. The kernel said: {SLEPT}")
    assert [name for name, role in fails["roles"].items() if role == "defect"] == ["simulated_31"]
    assert behind["label"] == "free_inode_nonrcu"
    assert "the model's run has ended before" in behind["sentence"]
    assert behind["roles"]["simulated_31"] == "defect"


def test_a_leak_ends_the_film():
    film = film_of_confirmation(confirmed(LEAK, "6.12-confirmed-leak", LEFT))
    last = film.frames[-1]
    assert (last["label"], last["defect"]) == ("end of the run", "leak")
    assert last["sentence"].endswith(LEFT)


def test_what_only_init_counts_comes_from_the_boot_that_judged():
    cell = ("i_private-flags", "free-metadata-only", "flags")
    found = confirmed(cell, "6.12-confirmed-softirq", COUNTED)
    marks = [(n, text) for n, text in found.recording.marks if not text.startswith("console")]
    events = [e for e in found.recording.events if e.function != "free_inode_nonrcu"]
    quiet = replace(found.recording, marks=tuple(marks), events=tuple(events))
    film = film_of_confirmation(replace(found, recording=quiet))
    assert f"inode-leak (last-close): {COUNTED}" in film.note
    assert film.frames[-1]["defect"] == "inode-leak"
    where = "(in the boot that judged, in the run last-close)"
    assert film.frames[-1]["sentence"].endswith(f"The kernel said: {COUNTED} {where}")


def test_a_recording_of_another_design_shows_where_it_differs():
    film = film_of_confirmation(confirmed(LEAK, "6.12-confirmed-clean"))
    assert "does not conform" in film.note
    assert "first difference" in [frame["defect"] for frame in film.frames]


def test_a_run_in_which_no_inode_dies_plays_alone():
    found = confirmed(CLEAN, "6.12-confirmed-clean")
    events = tuple(e for e in found.recording.events if e.function != "evict")
    film = film_of_confirmation(replace(found, recording=replace(found.recording, events=events)))
    assert film.origin == "recorded"
    assert "the recording plays alone: no inode dies after the mark 'close'" in film.note
    labels = [frame["label"] for frame in film.frames]
    assert "your_evict_inode" in labels
    assert len(labels) < len(events) / 2  # neither the mount nor what takes it down
    assert not [frame for frame in film.frames if frame["actor"].startswith("drive-")]


def test_without_a_recording_one_sentence_says_why():
    with pytest.raises(GmemvizError, match=r"no recording: confirm the Design with record=True$"):
        film_of_confirmation(confirmed(CLEAN, ""))
    found = replace(confirmed(CLEAN, ""), unrecorded="the run last-close busy ends the kernel")
    with pytest.raises(GmemvizError, match=r"no recording: the run last-close busy ends the kern"):
        play(found)


def test_the_player_takes_a_confirmation():
    player = play(confirmed(SOFTIRQ, "6.12-confirmed-softirq", SLEPT))
    film = film_of_confirmation(confirmed(SOFTIRQ, "6.12-confirmed-softirq", SLEPT))
    assert isinstance(film, Film)
    assert player.film["note"] == film.note
    assert player.film["pictures"][0]["name"] == "beside"
    player.close()


def test_a_design_of_ones_own_keeps_its_title():
    text = """
        name = "mine"
        kernel = "6.12"
        mount = "own"
        metadata.resv_map = "i_private"
    """
    found = confirmed(LEAK, "6.12-confirmed-leak")
    own = confirmation(Design.from_text(text), found.release, {})
    film = film_of_confirmation(replace(found, report=own.report))
    assert film.title.endswith(" beside mine")
