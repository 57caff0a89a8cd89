"""Results that are plain in all but how they show: their line, their text, what stays as it was."""

import json
import pickle
import subprocess
import sys
from copy import deepcopy
from dataclasses import dataclass
from typing import NamedTuple

import pytest

from gmemviz.errors import MissingToolError
from gmemviz.shown import (
    LINES,
    MOST,
    Group,
    Rows,
    Several,
    Table,
    Text,
    bundle,
    picture,
    plain,
    shows_itself,
)
from gmemviz.text import one_line, printable

MANY = [f"name {number}" for number in range(99)]
BOTH = [
    (Several, tuple, MANY),
    (Rows, list, MANY),
    (Table, dict, dict.fromkeys(MANY, 1)),
    (Group, frozenset, MANY),
    (Text, str, "word \n" * 99),
]


@shows_itself
@dataclass(frozen=True)
class Pair:
    """Hold two things."""

    one: object
    two: object = None


@shows_itself
class Twice(NamedTuple):
    """Hold two words."""

    one: str
    two: str


@pytest.mark.parametrize(("ours", "its", "what"), BOTH)
def test_all_but_the_line_is_as_it_was(ours, its, what):
    shown, was = ours(what), its(what)
    assert shown == was
    assert isinstance(shown, its)
    assert len(shown) == len(was)
    assert list(shown) == list(was)
    assert its is frozenset or f"{shown}" == str(was)
    copied = pickle.loads(pickle.dumps(shown))  # noqa: S301 (made here)
    assert copied == deepcopy(shown) == was
    assert type(copied) is ours
    if its is not frozenset:
        assert json.dumps(shown) == json.dumps(was)
    if its.__hash__:
        assert hash(shown) == hash(was)


@pytest.mark.parametrize(("ours", "its", "what"), BOTH)
def test_what_has_room_is_shown_whole_and_else_counted(ours, its, what):
    few = {"name 0": 1} if its is dict else what[:1] if its is frozenset else what[:2]
    assert repr(ours(few)) == repr(its(few))
    assert len(repr(ours(what))) <= MOST < len(repr(its(what)))
    if its is not str:
        assert repr(ours(what)).startswith(f"99 in a {its.__name__}: ")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("plain", "plain"),
        ("", ""),
        ("a\x1b[31mb", r"a\x1b[31mb"),
        ("a\nb\r", r"a\x0ab\x0d"),
        ("a\u202eb\u200b", r"a\u202eb\u200b"),
        ("\ud800", r"\ud800"),
        ("né→", "né→"),
    ],
)
def test_what_a_terminal_would_obey_is_escaped(words, line):
    assert printable(words, keep="") == line
    assert one_line(words) == line


def test_what_has_no_order_is_shown_in_one():
    assert repr(Group("cab")) == "frozenset({'a', 'b', 'c'})"
    assert bundle(Group(MANY))["text/plain"].startswith("name 0\nname 1\nname 10\n")


def test_a_cut_ends_with_an_ellipsis():
    assert one_line("abcdef", 6) == "abcdef"
    assert one_line("abcdefg", 6) == "abcde…"
    assert one_line("\x1b" * 9_000_000, 6) == r"\x1b\…"


def test_lines_stay_lines():
    assert plain("a\tb\n\x07c") == "a       b\n\\x07c"


def test_a_class_keeps_its_own_line_within_the_bound():
    assert repr(Pair(1)) == "Pair(one=1, two=None)"
    assert len(repr(Pair("x" * 999))) == MOST
    assert repr(Twice("a\n", "b")) == r"Twice(one='a\n', two='b')"


def test_a_line_that_is_cut_is_told_field_by_field():
    assert bundle(Twice("a", "b")) == {"text/plain": "Twice(one='a', two='b')"}
    long = "b" * 999
    assert bundle(Twice("a", long))["text/plain"] == f"one: a\ntwo: {long}"
    assert bundle(Pair("a", long))["text/plain"] == f"one: a\ntwo: {long}"


def test_of_a_long_list_the_first_are_told_and_the_others_counted():
    lines = bundle(Several(MANY))["text/plain"].split("\n")
    assert lines == [*MANY[:LINES], f"... and {99 - LINES} more"]
    assert bundle(Table(a=1, b="x" * 99))["text/plain"] == f"a: 1\nb: {'x' * 99}"
    few = Table(dict.fromkeys(MANY[:2], "x" * 99))
    assert bundle(few)["text/plain"].split("\n") == [f"{name}: {'x' * 99}" for name in few]
    assert bundle(Several("ab")) == {"text/plain": "('a', 'b')"}


@pytest.mark.parametrize("error", [MissingToolError("no engine"), ValueError("dot refused it")])
def test_without_a_picture_the_text_stands_alone(error):
    class Odd:
        text = "in <words>\n"

    picture.register(Odd)(lambda _: "<img>")
    assert bundle(Odd()) == {
        "text/plain": "in <words>", "text/html": "<pre>in &lt;words&gt;</pre><img>"
    }  # fmt: skip

    def fails(_):
        raise error

    picture.register(Odd)(fails)
    assert bundle(Odd()) == {"text/plain": "in <words>"}


@pytest.mark.dot
def test_whoever_made_a_result_gets_its_text_and_picture():
    code = (
        "import sys; from gmemviz.model import check, design_from_choices as of\n"
        "report = check(of(kernel='7.3', mount='own', placement='i_private', cleanup='none',"
        " metadata='resv_map'))\n"
        "repr(report); assert 'gmemviz.render' not in sys.modules\n"
        "print(*report._repr_mimebundle_().values())"
    )
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Verdict:    leak" in said
    assert '<img src="data:image/svg+xml;base64,' in said
