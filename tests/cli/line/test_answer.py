"""What a command found: its status, and the same as text and as data."""

import json
from pathlib import Path

import pytest

from gmemviz import __version__
from gmemviz.cli.line.answer import (
    BAD,
    FINE,
    FOUND,
    STATUSES,
    UNDECIDED,
    Answer,
    of_reports,
    of_verdict,
    say,
)
from gmemviz.model import check
from gmemviz.study import gallery

ROOT = Path(__file__).parents[3]
CLEAN, BROKEN = "guest_memfd-7.3", "rfc-v2"


def test_the_same_table_stands_in_the_help_and_in_the_docs(run):
    status, out, _ = run("--help")
    said = " ".join(out.split())
    assert status == 0
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for status, meaning in STATUSES.items():
        assert f"{status} {meaning}" in said
        assert f"| {status} | {meaning}" in page
    assert list(STATUSES) == [0, 1, 2, 3, 70]


@pytest.mark.parametrize(
    ("is_found", "is_decided", "status"),
    [(True, True, FOUND), (True, False, FOUND), (False, True, FINE), (False, False, UNDECIDED)],
)
def test_what_was_found_counts_also_where_not_all_was_searched(is_found, is_decided, status):
    assert of_verdict(is_found=is_found, is_decided=is_decided) == status


def test_reports_are_as_bad_as_the_worst_and_as_undecided_as_any():
    clean, broken = check(gallery(CLEAN)), check(gallery(BROKEN))
    hurried = check(gallery(CLEAN), limit=20)
    assert of_reports([clean, clean]) == FINE
    assert of_reports([hurried, broken]) == FOUND
    assert of_reports([clean, hurried]) == UNDECIDED
    assert of_reports([]) == FINE


FULL = Answer("two\nlines\n\n", {"b": [1], "a": None}, FOUND, indent=1, output="report")
STAMP = {"schema": "gmemviz.report/1", "version": __version__}


def test_text_ends_in_one_line_end(capsys):
    assert FULL.show(as_json=False) == FOUND
    assert capsys.readouterr() == ("two\nlines\n", "")


def test_data_keeps_its_order_and_its_indent(capsys):
    assert FULL.show(as_json=True) == FOUND
    first = "".join(f' "{key}": "{word}",\n' for key, word in STAMP.items())
    assert capsys.readouterr().out == f'{{\n{first} "b": [\n  1\n ],\n "a": null\n}}\n'


def test_each_object_of_several_says_what_it_is(capsys):
    Answer("", [{"a": 1}, {"a": 2, "schema": 1}], output="report").show(as_json=True)
    assert json.loads(capsys.readouterr().out) == [{**STAMP, "a": 1}, {"a": 2, **STAMP}]


def test_nothing_is_no_line_but_as_data_it_is_something(capsys):
    assert Answer("", []).show(as_json=False) == FINE
    assert capsys.readouterr() == ("", "")
    Answer("", [], output="report").show(as_json=True)
    assert capsys.readouterr().out == "[]\n"


@pytest.mark.parametrize("as_json", [True, False])
def test_a_complaint_goes_to_stderr_with_its_status(capsys, as_json):
    assert (
        Answer("x", {}, BAD, complaint="nobody to ask", output="probe").show(as_json=as_json) == BAD
    )
    assert capsys.readouterr().err == "gmemviz: nobody to ask\n"


def test_progress_is_no_part_of_the_answer(capsys):
    say("booting")
    assert capsys.readouterr() == ("", "booting\n")
