"""What a terminal would obey, or nobody would see, is shown by its number."""

import pytest

from gmemviz.text import brief, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", r"\x1b[2J"),
        ("\x9b2J", r"\x9b2J"),
        ("a\rb", r"a\x0db"),
        ("a\bb\x7f\0", r"a\x08b\x7f\x00"),
        ("\x85", r"\x85"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("\u202a\u202e\u2066\u2069\u200e\u061c", r"\u202a\u202e\u2066\u2069\u200e\u061c"),
        ("\u200b\u200d\u2060\ufeff\xad", r"\u200b\u200d\u2060\ufeff\xad"),
        ("\udcff\ud800", r"\udcff\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("\ufe0f\U000e0100", r"\ufe0f\U000e0100"),
        ("\u3164\u2800\u034f", r"\u3164\u2800\u034f"),
        ("\ue000\uffff", r"\ue000\uffff"),
    ],
)
def test_what_steers_or_hides_is_escaped(text, shown):
    assert printable(text) == shown
    assert printable(printable(text)) == shown


def test_what_can_be_read_stays():
    text = "Größe 漢字 ✓ ⚠ … →\ttab\nline e\u0301 \U0001f427"
    assert printable(text) == text
    assert printable("a\n\tb", keep="") == r"a\x0a\x09b"


def test_every_character_of_unicode_is_printable_or_escaped():
    every = "".join(map(chr, range(0x110000)))
    shown = printable(every, keep="")
    assert "\x1b" not in shown
    assert shown.encode()  # no surrogate is left
    assert all(letter.isprintable() or letter.isspace() for letter in shown)


LONG = {
    "text": "x" * 10**6,
    "bytes": b"x" * 10**6,
    "int": 10**5000,
    "list": [[1] * 10**5],
    "table": {"a": "\x1b" * 999},
}


@pytest.mark.parametrize("value", LONG.values(), ids=LONG)
def test_a_long_value_is_cut(value):
    assert len(brief(value)) < 120
    assert brief(value, 20) != brief("")
    assert "\x1b" not in brief(value)


def test_a_short_value_is_told_whole():
    assert (brief("x"), brief(3), brief([1])) == ("'x'", "3", "[1]")
