"""A refusal names the value, what is allowed and what may have been meant."""

import pytest

from gmemviz.errors import (
    FEW,
    GmemvizError,
    UnknownNameError,
    choice,
    choices,
    meant,
    nearest,
    of_kind,
    seconds,
    shown,
    under,
    unknown,
    whole_number,
)

COLOURS = ("red", "green", "dark green", "blue")
MANY = [f"name{number}" for number in range(40)]


def test_what_is_allowed_is_returned():
    assert choice("colour", "red", COLOURS) == "red"
    assert choices("colour", ["blue", "red"], iter(COLOURS)) == ("blue", "red")
    assert choices("colour", [], COLOURS) == ()


ALL = "(must be one of red, green, dark green, blue)"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("gren", f"unknown colour: 'gren' {ALL}; did you mean green?"),
        ("zzz", f"unknown colour: 'zzz' {ALL}"),
        (7, f"unknown colour: 7, which is no text {ALL}"),
        (["red"], f"unknown colour: the list ['red'], which is no text {ALL}; did you mean red?"),
    ],
)
def test_what_is_not_allowed_is_said_with_all_that_is(value, message):
    with pytest.raises(UnknownNameError) as caught:
        choice("colour", value, COLOURS)
    assert str(caught.value) == message
    assert isinstance(caught.value, GmemvizError)
    assert isinstance(caught.value, ValueError)


def test_of_many_only_the_nearest_are_named():
    assert str(unknown("word", "name7x", MANY)).endswith("others); did you mean name7?")
    assert str(unknown("word", "?", MANY)) == (
        "unknown word: '?' (must be one of name0, name1, name2, name3, name4, name5 or 34 others)"
    )
    assert "(there is none to choose)" in str(unknown("word", "x", []))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("red", "colour must be a list of words, not 'red'"),
        (7, "colour must be a list of words, not 7"),
        (["red", "red"], "colour 'red' is named twice"),
        (["red", "rad"], "unknown colour: 'rad'"),
    ],
)
def test_a_list_of_words_is_refused_as_such(values, message):
    with pytest.raises(UnknownNameError, match=f"^{message}"):
        choices("colour", values, COLOURS)


@pytest.mark.parametrize(
    ("value", "near"),
    [
        ("GREEN", ("green", "dark green")),
        (" blue ", ("blue",)),
        ("dark", ("dark green",)),
        ("re", ("red",)),
        (None, ()),
        ("", ()),
        ("x" * 10**6, ()),
    ],
)
def test_the_nearest_come_first(value, near):
    assert nearest(value, COLOURS) == near
    assert meant(value, COLOURS) == (f"; did you mean {near[0]}?" if near else "")


def test_no_more_than_a_few_are_near():
    assert len(nearest("name", MANY)) == FEW


def test_a_value_is_repeated_with_its_kind():
    assert [shown(value) for value in (None, True, 1.5, "a\x1b", [1], {})] == [
        "None", "True", "1.5", r"'a\x1b'", "the list [1]", "the dict {}",
    ]  # fmt: skip


@pytest.mark.parametrize("value", [0, 10, True, 1.0, "1", None, -(10**20)])
def test_whole_numbers_have_bounds(value):
    assert whole_number("depth", 9, least=1, most=9) == 9
    with pytest.raises(UnknownNameError, match="depth must be a whole number from 1 to 9, not "):
        whole_number("depth", value, least=1, most=9)


def test_a_number_may_have_no_upper_bound():
    assert whole_number("depth", 10**9, least=1) == 10**9
    with pytest.raises(UnknownNameError, match="from 1 on, not 0"):
        whole_number("depth", 0, least=1)


@pytest.mark.parametrize("value", [0, -1, 86_401, True, "1", float("nan"), float("inf")])
def test_a_wait_ends(value):
    assert (seconds("limit", 0.5), seconds("limit", 86_400)) == (0.5, 86_400)
    with pytest.raises(UnknownNameError, match="limit must be seconds, more than 0 and at most "):
        seconds("limit", value)


def test_kinds():
    of_kind("title", "x", str)
    with pytest.raises(TypeError, match=r"^title must be a str or a bytes, not 7$"):
        of_kind("title", 7, str, bytes)


def test_a_key_is_said_before_what_is_refused():
    with pytest.raises(UnknownNameError) as caught, under("paint"), under("colours"):
        choice("colour", "gren", COLOURS)
    assert str(caught.value).startswith("paint: colours: unknown colour: 'gren'")
    assert caught.value.about == "gren"
