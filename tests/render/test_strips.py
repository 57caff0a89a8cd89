"""Runs as strips: acts alike in one column, lives that end where their memory goes, one defect."""

from dataclasses import replace

import pytest

from gmemviz import check, conform, design_from_choices, gallery, load_recording
from gmemviz.frontend import checked_film
from gmemviz.model import CLEANUPS, METADATA
from gmemviz.model.drive import drive
from gmemviz.render import engine
from gmemviz.render.strips import (
    SECOND,
    TEXT,
    DrawnAct,
    Strip,
    columns,
    draw_strips,
    film_of_strips,
    in_lines,
    strip_of_recording,
    strip_of_report,
    strip_of_run,
)

SEED = {"kernel": "6.12", "mount": "own", "placement": "i_private_data"}
INSIDE = {"kernel": "7.3", "mount": "own", "placement": "containing-struct"}


def labels(strip):
    return [act.label for act in strip.acts]


def walked(cleanup):
    """Return the strip of the task's turns, then the second's, then RCU's."""
    report = check(design_from_choices(**SEED, cleanup=cleanup, metadata="hugetlb-subpool"))
    walk = drive(report.design, "second-creation").go("task").go("second").go("rcu")
    return strip_of_run(walk.path, report.facts, cleanup, (*report.defects, "correct")[0])


EARLY, LATE = walked("evict-after-truncate"), walked("free-all")


def life(strip, name):
    return next(one for one in strip.lives if one.name == name)


def test_both_sides_of_the_question_stand_in_the_same_columns():
    table = columns([EARLY, LATE])
    assert [n for n, acts in enumerate(table) if acts[1] is None] == [2]
    assert EARLY.acts[2].label == "your_evict_inode"
    shared = [acts for acts in table[:-1] if None not in acts]
    assert all(EARLY.acts[a].label == LATE.acts[b].label for a, b in shared)


def test_the_second_creation_is_granted_above_and_refused_below():
    early, late = (next(a for a in s.acts if a.label == SECOND) for s in (EARLY, LATE))
    assert (early.look, late.look) == ("vfs", "defect")
    assert "refused" in late.sentence
    assert life(LATE, "hugetlb-subpool").wrong == LATE.acts.index(late)
    assert life(EARLY, "hugetlb-subpool").wrong is None


def test_what_evict_frees_is_gone_before_rcu_and_what_free_frees_is_not():
    for strip, at_call_rcu in ((EARLY, "freed"), (LATE, "held")):
        at = labels(strip).index("call_rcu")
        assert life(strip, "hugetlb-subpool").roles[at] == at_call_rcu
        assert life(strip, "inode").roles[at] == "awaiting"
        assert life(strip, "inode").roles[-1] == "freed"


def test_the_film_opens_at_the_refusal_and_says_it():
    film = film_of_strips("both", EARLY, LATE)
    frame = film.frames[film.moment]
    assert (frame["label"], frame["defect"]) == (SECOND, "late-release")
    assert "refused" in frame["sentence"]
    assert len(film.frames) == len(columns([EARLY, LATE]))
    assert checked_film(film.to_json())["moment"] == film.moment


def test_the_picture_says_the_acts_in_words_and_no_word_is_small():
    drawing = draw_strips("both", EARLY, LATE)
    assert all(label in drawing.alt for label in labels(LATE))
    written = [node for node in drawing.nodes if node.label]
    assert min(float(dict(node.extra)["fontsize"]) for node in written) == TEXT
    assert engine.svg(drawing.dot).startswith("<svg")


@pytest.mark.parametrize("metadata", ["shared_policy", "rcu-blob", "folio-put-state", "resv_map"])
@pytest.mark.parametrize("cleanup", CLEANUPS)
def test_every_defect_has_one_act_that_is_it(cleanup, metadata):
    assert metadata in METADATA
    report = check(design_from_choices(**INSIDE, cleanup=cleanup, metadata=metadata))
    strip = strip_of_report(report)
    wrong = [act for act in strip.acts if act.look == "defect"]
    assert len(wrong) == bool(report.defects), labels(strip)
    assert strip.look == (report.counterexample.defect.code if report.defects else "correct")


def test_a_leak_is_marked_where_it_is_let_go():
    report = check(design_from_choices(**INSIDE, cleanup="release", metadata="resv_map"))
    strip = strip_of_report(report, path=report.path("leak"))
    (wronged,) = [one for one in strip.lives if one.wrong is not None]
    assert (wronged.name, wronged.wrong_role) == ("resv_map", "leaked")


def test_hooks_of_a_whole_run_come_in_its_order_and_context():
    strip = strip_of_report(check(gallery("shmem-7.3")))
    hooks = [(act.label, act.context) for act in strip.acts if act.look == "hook"]
    assert hooks == [
        ("inode_just_drop", "L"), ("shmem_evict_inode", "P"), ("shmem_destroy_inode", "P"),
        ("shmem_free_in_core_inode", "B"),
    ]  # fmt: skip


def test_a_recording_stands_in_the_columns_of_its_model():
    held = conform(load_recording("7.3-gmem"))
    model = strip_of_report(check(held.design), "simulated")
    seen = tuple(held.recorded.events[number] for number in held.matched)
    recorded = strip_of_recording(replace(held.recorded, events=seen), "recorded", model)
    assert labels(recorded) == [label for label in labels(model) if label in labels(recorded)]
    assert {act.context for act in recorded.acts} == {"P", "B"}
    assert len(recorded.acts) >= 5
    assert film_of_strips("held", recorded, model).origin == "recorded"


def act(label):
    return DrawnAct(label, "P", 0, 0)


def test_of_two_that_have_nothing_in_common_each_has_its_columns():
    strips = [Strip("a", "correct", tuple(map(act, "xy"))), Strip("b", "leak", (act("z"),))]
    assert columns(strips) == [(0, 0), (1, None)]
    assert columns([Strip("a", "correct", ()), strips[1]]) == [(None, 0)]


def test_a_long_name_breaks_and_a_longer_one_is_cut():
    assert in_lines("evict", 100) == "evict"
    assert in_lines("gup_fast_folio_allowed", 110) == "gup_fast_\nfolio_\nallowed"
    assert in_lines("x" * 64, 100).endswith("…")
    assert in_lines("a_" * 32, 60).count("\n") == 2
