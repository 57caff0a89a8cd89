"""The bar: late, seldom, with the time left, gone at the end, and for a terminal alone."""

import io
import sys

import pytest

from gmemviz.cli.line.progress import Bar, progress
from gmemviz.processes import Workers


class Looked(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def look(monkeypatch):
    """Return what makes stderr a terminal from then on: pytest puts its own there between."""
    return lambda: _looked(monkeypatch)


def _looked(monkeypatch):
    found = Looked()
    monkeypatch.setattr(sys, "stderr", found)
    monkeypatch.setattr(sys, "__stderr__", found)
    return found


def test_it_comes_after_a_second_with_the_time_left_and_is_wiped_away(look):
    looked = look()
    times = iter((0.0, 0.9, 2.0, 2.01, 3.0, 4.0))
    bar = Bar(lambda: next(times))
    for done in (0, 1, 2, 3, 30, 40):
        bar("checking", done, 40)
    first = f"checking   [{'#' * 1}{'.' * 29}] 2/40, 38 s left"
    second = f"checking   [{'#' * 22}{'.' * 8}] 30/40, 1 s left"
    assert looked.getvalue() == f"\r{first}\r{second:{len(first)}}\r{'':{len(second)}}\r"


def test_minutes_are_said_as_minutes(look):
    looked = look()
    times = iter((0.0, 10.0))
    bar = Bar(lambda: next(times))
    bar("reading", 0, 100)
    bar("reading", 1, 100)
    assert "16 min left" in looked.getvalue()


def test_another_search_begins_anew(look):
    looked = look()
    times = iter((0.0, 5.0, 5.5))
    bar = Bar(lambda: next(times))
    bar("files", 0, 9)
    bar("functions", 1, 9)
    bar("functions", 2, 9)
    assert looked.getvalue() == ""


def test_who_is_quick_or_no_terminal_sees_nothing(look, monkeypatch):
    looked = look()
    times = iter((0.0, 0.5, 0.0, 100.0))
    bar = Bar(lambda: next(times))
    bar("files", 0, 2)
    bar("files", 2, 2)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    bar("files", 0, 2)
    bar("files", 1, 2)
    assert looked.getvalue() == ""


def test_workers_tell_it_and_answer_the_same(look):
    look()
    said = []
    workers = Workers(2, progress=lambda done, total: said.append((done, total)))
    assert workers.map(str, range(7), chunksize=2) == list(map(str, range(7)))
    assert (said[0], said[-1]) == ((0, 7), (7, 7))
    assert [done for done, _ in said] == sorted(done for done, _ in said)
    assert Workers(1, progress=progress.for_workers("checking")).map(abs, [1]) == [1]
