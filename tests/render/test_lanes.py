"""Who runs when: a row an actor, a column a step, a shape a context."""

import pytest

from gmemviz.facts import CONTEXTS, Event
from gmemviz.render.lanes import SHAPES, lanes, step_id

EVENTS = (
    Event("close", "task", "P", 0),
    Event("evict_inode", "task", "L", 1, hook="evict_inode"),
    Event("i_callback", "ksoftirqd", "B", 0),
)


def seen(drawing):
    hidden = ("style", "invis")
    return {node.id: node for node in drawing.nodes if hidden not in node.extra}


def test_each_step_has_one_mark_in_the_row_of_its_actor():
    drawing = lanes(EVENTS)
    marks = {name: node for name, node in seen(drawing).items() if name.startswith("lane__")}
    assert list(marks) == [step_id(number) for number in range(3)]
    assert [mark.label for mark in marks.values()] == ["1", "2", "3"]
    assert [mark.shape for mark in marks.values()] == [SHAPES[e.context] for e in EVENTS]
    assert [mark.look for mark in marks.values()] == ["vfs", "hook", "vfs"]
    assert marks["lane__1"].tooltip == f"2. evict_inode ({CONTEXTS['L'].simulated})"
    rows = [node.label for name, node in seen(drawing).items() if name.startswith("lane_of")]
    assert rows == ["task", "ksoftirqd"]


def test_a_column_has_a_node_of_each_row():
    assert lanes(EVENTS).ranks == (
        ("lane_of__0", "lane_of__1"),
        ("lane__0", "lane_gap__1__0"),
        ("lane__1", "lane_gap__1__1"),
        ("lane_gap__0__2", "lane__2"),
    )


def test_nothing_but_names_and_marks_is_seen():
    drawing = lanes(EVENTS)
    assert all(("style", "invis") in edge.extra for edge in drawing.edges)
    assert len(drawing.edges) == 2 * 3 + 1  # along each row, and one that orders the rows


def test_the_words_have_a_line_a_step():
    assert lanes(EVENTS).alt.splitlines() == [
        "1. task P: close",
        "2. task L: evict_inode",
        "3. ksoftirqd B: i_callback",
    ]


@pytest.mark.parametrize("letter", CONTEXTS)
def test_a_recording_s_letters_mean_what_it_says_they_do(letter):
    drawing = lanes([Event("f", "a", letter, 0)], contexts={letter: "as recorded"})
    assert drawing.nodes[1].tooltip == "1. f (as recorded)"
