"""A recording may be cut, damaged or none at all: it gives what it holds, or is refused."""

import re

import pytest

from gmemviz.errors import RecordingError
from gmemviz.record import parse
from tests.record.old_recordings import load_recording, text_of

NAME = "7.3-memfd-policy"


TEXT = text_of(NAME)


def graph_lines(text):
    return [line for line in text.splitlines() if re.match(r" +\d+\.\d{6} \|", line)]


def shape(trace):
    return [(event.function, event.depth) for event in trace.events]


def test_lost_events_and_lost_lines_are_named():
    lines = graph_lines(TEXT)
    trace = parse([*lines[1:12], "CPU:0 [LOST 42 EVENTS]", "  no such line", lines[30]])
    assert trace.missing == (
        "No header line names the kernel.",
        "The kernel's ring buffer lost events: 42.",
        "Functions ran whose entry is not there: 1.",
        "Functions were entered whose exit is not there: 1, the last one is __fput.",
        "Lines are damaged or not function_graph: 1, the first one is line 13.",
    )


@pytest.mark.parametrize("cut", range(0, len(TEXT.splitlines()), 3))
def test_a_recording_cut_at_either_end_gives_what_it_holds(cut):
    lines = TEXT.splitlines()
    whole = load_recording(NAME).events
    for part in (lines[:cut], lines[cut:]):
        if not graph_lines("\n".join(part)):
            continue
        try:
            held = [(e.function, e.time, e.depth) for e in parse(part).events]
        except RecordingError:
            held = []
        expected = [(e.function, e.time, e.depth) for e in whole]
        assert held in (expected[: len(held)], expected[len(expected) - len(held) :])


def test_a_cut_inside_a_function_says_so():
    text = TEXT[: TEXT.index("dentry_kill() {") + 5]
    assert parse(text).missing == (
        "Functions were entered whose exit is not there: 2, the last one is dput.",
        "Lines are damaged or not function_graph: 1, the first one is line 54.",
    )


def test_a_first_line_without_its_columns_was_cut():
    lines = graph_lines(TEXT)[:3]
    trace = parse(["   6.589 us    |    dput();", *lines])
    assert shape(trace) == [("__fput", 0), ("dput", 1)]
    assert trace.missing[-1] == (
        "Lines are damaged or not function_graph: 1, the first one is line 1."
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "Dear list,\n\nplease find attached\n",
        "\x00\x01\x7fELF\x02" * 50,
        "int main(void) {\n    dput(dentry);\n}\n",
        "# tracer: function_graph\n#\n",
        "# tracer: function\n   bash-1994  [002] ....  3082.063030: mutex_unlock <-rb_simple\n",
    ],
)
def test_foreign_text_is_refused_in_one_sentence(text):
    with pytest.raises(RecordingError, match=r"^no function_graph line in \d+ lines") as refused:
        parse(text)
    assert "\n" not in str(refused.value)
