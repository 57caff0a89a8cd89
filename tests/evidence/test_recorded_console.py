"""Recordings of judged runs against their Designs: what the kernel said is where the model ends."""

from dataclasses import replace

import pytest

from gmemviz.errors import UnknownNameError
from gmemviz.evidence.recorded_console import said_in
from gmemviz.evidence.validate.conform import conform
from gmemviz.facts.records import Trace
from gmemviz.model import design_from_choices
from gmemviz.record import load_recording
from gmemviz.study import gallery

SLEPT = "BUG: scheduling while atomic: rcuc/0/20/0x00000201"
ENDS = {
    "6.12-confirmed-clean": ("", ""),
    "6.12-confirmed-leak": ("leak", "Objects remaining on __kmem_cache_shutdown()"),
    "6.12-confirmed-softirq": ("sleep-in-softirq", "BUG: scheduling while atomic: rcuc/0/"),
}


def edited(name, edit):
    """Return a recording with other marks; `edit` returns a mark's new text, or "" for none."""
    trace = load_recording(name)
    marks = tuple((at, text) for at, old in trace.marks if (text := edit(old)))
    return replace(trace, marks=marks)


def moved(name, function):
    """Return a recording in which the kernel says its first word right after `function`."""
    trace = load_recording(name)
    at = next(n for n, event in enumerate(trace.events) if event.function == function) + 1
    marks = [(at if text.startswith("console: BUG") else n, text) for n, text in trace.marks]
    return replace(trace, marks=tuple(marks))


@pytest.mark.parametrize("name", ENDS)
def test_each_conforms_and_ends_as_its_kernel_said(name):
    found = conform(load_recording(name))
    code, line = ENDS[name]
    assert found.verdict == "conforms", found.text
    assert found.matched == found.named
    assert len(found.named) >= 13
    assert (found.untold, found.recorded.missing) == (0, ())
    assert found.defect == code
    assert (found.ended.code if found.ended else "") == code
    assert line in (found.ended.line if found.ended else "")
    assert found.told.startswith("the mark 'design own ")
    assert found.why_scenario == "the mark 'scenario last-close' names it"


def test_the_model_ends_within_the_callback_where_the_kernel_complained():
    found = conform(load_recording("6.12-confirmed-softirq"))
    *_, last = found.model.events
    assert (last.function, last.context) == ("your_free_inode", "B")
    assert "sleeps to release attributes-tree in softirq" in last.sentence
    behind = found.recorded.events[found.ended.event :]
    assert [event.function for event in behind] == ["free_inode_nonrcu"]
    assert found.sign(found.ended.event) == ""
    # The step that fails comes before what the kernel did nevertheless.
    steps = [pair.step for pair in found.pairs]
    assert steps.index(len(found.model.events) - 1) < len(steps) - len(behind)
    assert found.answer()["ended"] == {
        "event": found.ended.event, "code": "sleep-in-softirq", "line": SLEPT,
    }  # fmt: skip
    assert f"Ends:       the model's run with sleep-in-softirq: {SLEPT[:20]}" in found.text
    assert "1 come behind the end of its run" in " ".join(found.text.split())


def test_a_kernel_that_says_nothing_there_differs_from_the_model():
    silent = edited("6.12-confirmed-softirq", lambda text: "console:" not in text and text)
    found = conform(silent)
    assert found.ended is None
    assert found.verdict == "does not conform"
    assert "the model's run ends with sleep-in-softirq" in found.difference.sentence


def test_a_kernel_that_says_it_too_early_differs_from_the_model():
    found = conform(moved("6.12-confirmed-softirq", "destroy_inode"))
    assert (found.ended, found.verdict) == (None, "does not conform")


def test_another_word_than_the_models_is_no_end():
    other = "console: gmemviz: x is read when its memory is freed: 6b"
    found = conform(edited("6.12-confirmed-softirq", lambda t: other if "BUG" in t else t))
    assert found.ended is None
    assert not found.conforms


def test_a_leak_that_the_kernel_did_not_name_is_the_models_alone():
    found = conform(edited("6.12-confirmed-leak", lambda text: "console:" not in text and text))
    assert (found.verdict, found.defect, found.ended) == ("conforms", "leak", None)
    assert found.model.events[-1].function == "end of the run"
    assert "the recording does not say so" in " ".join(found.text.split())


def test_what_is_said_while_all_is_taken_down_is_of_the_root_inode():
    trace = load_recording("6.12-confirmed-softirq")
    first, *others = [text for _, text in trace.marks if text.startswith("console: ")]
    assert others  # and it does say so once more
    late = edited("6.12-confirmed-softirq", lambda text: text != first and text)
    assert said_in(late, Trace("", "", "recorded", ())) == ()


@pytest.mark.parametrize("name", ["shmem-6.12", "secretmem-6.12"])
def test_a_module_calls_no_function_of_the_filesystem_that_it_stands_for(name):
    found = conform(load_recording("6.12-confirmed-clean"), gallery(name))
    assert {name for _, hook in found.design.functions for name in hook} == set()
    assert not [a.via for _, body in found.design.hooks for a in body if a.via]


def test_another_designs_recording_differs_at_the_hook_that_it_lacks():
    cell = {"placement": "i_private", "cleanup": "none", "metadata": "resv_map"}
    design = design_from_choices(kernel="6.12", mount="own", **cell)
    found = conform(load_recording("6.12-confirmed-clean"), design)
    assert not found.conforms
    assert "the Design leaves evict_inode NULL" in found.difference.sentence


def test_a_scenario_that_nobody_knows_is_refused_with_the_known_ones():
    bad = edited("6.12-confirmed-clean", lambda text: text.replace("last-close", "first-close"))
    with pytest.raises(UnknownNameError, match=r"unknown scenario: 'first-close' .*last-close"):
        conform(bad)


def test_where_it_only_may_go_wrong_model_and_a_lucky_kernel_go_on():
    cell = {"placement": "i_private", "cleanup": "free-all", "metadata": "shared_policy"}
    design = design_from_choices(kernel="6.12", mount="own", **cell)
    silent = edited("6.12-confirmed-softirq", lambda text: "console:" not in text and text)
    found = conform(silent, design)
    assert (found.verdict, found.defect, found.ended) == ("conforms", "", None)
    assert any("plain lock" in event.sentence for event in found.model.events)
