"""The recorded run of a confirmed Design: beside the model's run, or alone, with the reason."""

from dataclasses import replace

import pytest

from gmemviz.errors import GmemvizError
from gmemviz.evidence import Confirmation, recorded_run
from gmemviz.evidence.confirm.confirmation import Heard
from gmemviz.evidence.confirm.runs import Run
from gmemviz.evidence.console import Word
from gmemviz.model import check, design_from_choices
from gmemviz.record import load_recording

RUN = Run("last-close", "last-close")
COUNTED = "gmemviz: inode_cache has 128 objects, and had 126 before"


def confirmed(recording, word=None, cell=("containing-struct", "evict-after-truncate", "resv_map")):
    """Return a Confirmation of a cell on 6.12 in whose judging boot the kernel said `word`."""
    placement, cleanup, metadata = cell
    design = design_from_choices(
        kernel="6.12", mount="own", placement=placement, cleanup=cleanup, metadata=metadata
    )
    heard = (Heard(RUN, (word,) if word else ()),)
    trace = load_recording(recording) if recording else None
    return Confirmation(check(design), "6.12.117", heard, recording=trace, recorded_run=RUN)


def test_a_clean_run_conforms_and_nothing_is_said_again():
    found = confirmed("6.12-confirmed-clean")
    run = recorded_run(found)
    assert run.recording is found.recording
    assert (run.beside.verdict, run.beside.design) == ("conforms", found.report.design)
    assert (run.alone, run.again) == ("", frozenset())


def test_what_the_recorded_boot_says_too_is_named_by_code():
    softirq = ("i_private", "free-all", "attributes-tree")
    run = recorded_run(confirmed("6.12-confirmed-softirq", cell=softirq))
    assert run.again >= {"sleep-in-softirq"}
    assert run.beside.ended.code == "sleep-in-softirq"


def quiet(found):
    """Return it without the words of the recorded boot, and without the event behind them."""
    trace = found.recording
    marks = tuple((at, text) for at, text in trace.marks if not text.startswith("console"))
    events = tuple(e for e in trace.events if e.function != "free_inode_nonrcu")
    return replace(found, recording=replace(trace, marks=marks, events=events))


def test_what_init_counts_is_the_word_of_the_boot_that_judged():
    leaky = ("i_private-flags", "free-metadata-only", "flags")
    word = Word("inode-leak", COUNTED)
    run = recorded_run(quiet(confirmed("6.12-confirmed-softirq", word, leaky)))
    assert run.beside.ended == (
        len(run.beside.recorded.events),
        "inode-leak",
        f"{COUNTED} (in the boot that judged, in the run last-close)",
    )
    unsaid = recorded_run(quiet(confirmed("6.12-confirmed-softirq", cell=leaky)))
    assert (unsaid.beside.defect, unsaid.beside.ended) == ("inode-leak", None)


def test_where_no_inode_dies_the_recording_is_alone_and_the_reason_is_said():
    found = confirmed("6.12-confirmed-clean")
    events = tuple(e for e in found.recording.events if e.function != "evict")
    run = recorded_run(replace(found, recording=replace(found.recording, events=events)))
    assert run.beside is None
    assert run.alone.startswith("no inode dies after the mark 'close'")


def test_without_a_recording_one_sentence_says_why():
    with pytest.raises(GmemvizError, match=r"no recording: confirm the Design with record=True$"):
        recorded_run(confirmed(""))
    with pytest.raises(GmemvizError, match=r"no recording: it ends the kernel$"):
        recorded_run(replace(confirmed(""), unrecorded="it ends the kernel"))
