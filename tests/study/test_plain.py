"""A result is said in one way, as data and as text."""

import json
from typing import NamedTuple

from gmemviz.shown import Table, Text
from gmemviz.study import gallery
from gmemviz.study.plain import data, kept_where, labelled, mail_text, placements


class Pair(NamedTuple):
    """Pair an event with a step."""

    event: int
    step: int | None


def test_data_is_what_json_gives_back():
    fields = {"pair": Pair(1, None), "many": (Pair(2, 3),), "set": frozenset("ba"), "x": ("y",)}
    assert data(fields) == {
        "pair": {"event": 1, "step": None}, "many": [{"event": 2, "step": 3}], "set": ["a", "b"],
        "x": ["y"],
    }  # fmt: skip
    assert json.loads(json.dumps(data(fields))) == data(fields)


def test_data_keeps_its_order_and_shows_itself():
    assert list(data({"b": 1, "a": 2})) == ["b", "a"]
    assert type(data({})) is Table


def test_a_text_ends_with_one_line_end():
    assert mail_text(["one", "two"]) == "one\ntwo\n"
    assert isinstance(mail_text([]), Text)


def test_a_label_stands_before_its_words_and_the_rest_below_them():
    lines = labelled("Why", "word " * 20)
    assert lines[0].startswith("Why:        word")
    assert lines[1].startswith(" " * 12 + "word")
    assert max(map(len, lines)) <= 72
    assert labelled("", "word " * 20, more=2)[1].startswith(" " * 14 + "word")


def test_a_design_says_where_it_keeps_what():
    design = gallery("guest_memfd-7.3")
    assert placements(design) == {
        "flags": "containing-struct",
        "shared_policy": "containing-struct",
    }
    assert kept_where(design) == "flags in containing-struct, shared_policy in containing-struct"
