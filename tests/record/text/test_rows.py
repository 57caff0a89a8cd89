"""Rows keep their numbers, their arguments, and what only a probe shows until it is told twice."""

from gmemviz.record.text.context import Contexts
from gmemviz.record.text.rows import RecordedRows

PLAIN = ("...1.", "a-1")


def filled(*functions):
    rows = RecordedRows()
    for depth, function in enumerate(functions):
        rows.append(function, PLAIN, depth, f"{depth}.5")
    return rows


def events_of(rows, count=None, names=None):
    contexts = Contexts(rows.situations, rows.under_probe)
    count = len(rows) if count is None else count
    return list(rows.events(count, contexts, names or {}, rows.graphed))


def test_a_row_becomes_an_event():
    rows = filled("f", "g")
    rows.add_arguments(1, (("n", "1"),))
    assert [(e.function, e.actor, e.context, e.depth, e.time) for e in events_of(rows)] == [
        ("f", "a-1", "P", 0, 0.5), ("g", "a-1", "P", 1, 1.5),
    ]  # fmt: skip
    assert [event.arguments for event in events_of(rows)] == [(), (("n", "1"),)]
    assert events_of(rows, names={"a-1": "sh-1"})[0].actor == "sh-1"


def test_no_time_is_none():
    rows = RecordedRows()
    assert rows.append("f", PLAIN, 0, None) == 0
    assert events_of(rows)[0].time is None


def test_an_argument_is_told_once_in_the_order_of_telling():
    rows = filled("f")
    for pair in (("n", "1"), ("m", "2"), ("n", "1"), ("n", "3")):
        rows.add_arguments(0, (pair,))
    assert events_of(rows)[0].arguments == (("n", "1"), ("m", "2"), ("n", "3"))


def test_numbers_stay_when_rows_are_forgotten():
    rows = filled("f", "g", "h")
    rows.forget(2)
    assert (rows.first, len(rows), rows.next) == (2, 1, 3)
    rows.add_arguments(0, (("n", "1"),))  # of a row that is gone
    rows.add_arguments(2, (("m", "2"),))
    assert rows.append("k", PLAIN, 0, None) == 3
    assert [(e.function, e.arguments) for e in events_of(rows)] == [("h", (("m", "2"),)), ("k", ())]


def test_what_only_a_probe_shows_is_left_out_where_the_graph_has_the_function():
    rows = filled("f")
    assert rows.append_alone("born", "a-1", 1, "2.0") == 1
    assert rows.append_alone("f", "a-1", 1, "2.0") == 2
    assert rows.doubles(rows.graphed) == [2]
    assert [(e.function, e.context) for e in events_of(rows)] == [("f", "P"), ("born", "?")]


def test_a_probe_by_ftrace_is_noted_with_the_count_of_its_row():
    rows = filled("f")
    rows.append("g", ("...2.", "a-1"), 0, None)
    rows.add_arguments(1, (), by_ftrace=True)
    assert rows.under_probe == {("...2.", "a-1")}
    assert [event.context for event in events_of(rows)] == ["P", "P"]
    alone = rows.append_alone("born", "a-1", 0, None)
    rows.add_arguments(alone, (), by_ftrace=True)
    assert rows.under_probe == {("...2.", "a-1")}
