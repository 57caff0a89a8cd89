"""Make text of strangers fit to be shown: printable, on one line, and not without end.

Below every room. Imports nothing of the package.
"""

import re
import unicodedata
from typing import Final

_PERHAPS: Final = re.compile(r"[^ -~]")
"""What is worth a look: not the letters, digits and signs of ASCII."""

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of Unicode: control, format (bidi, zero width), surrogate, unassigned, line ends."""

_BLANK: Final = frozenset("\N{HANGUL FILLER}\N{HANGUL CHOSEONG FILLER}\N{HANGUL JUNGSEONG FILLER}"
                          "\N{HALFWIDTH HANGUL FILLER}\N{BRAILLE PATTERN BLANK}"
                          "\N{COMBINING GRAPHEME JOINER}")  # fmt: skip
"""Letters and marks of which nothing is seen."""

AT_MOST: Final = 80
"""Characters of a stranger's word that are repeated."""

WIDTH: Final = 72
"""Columns of a text that is fit for a mail."""

CUT: Final = "\N{HORIZONTAL ELLIPSIS}"


def printable(text: str, *, keep: str = "\n\t") -> str:
    r"""Return `text` with each character that steers or hides escaped, all but those of `keep`.

    >>> print(printable("leak\x1b[2K\rcorrect \u202eeerf\udc80"))
    leak\x1b[2K\x0dcorrect \u202eeerf\udc80
    """

    def shown(found: re.Match[str]) -> str:
        letter = found[0]
        return letter if letter in keep or not _is_unseen(letter) else _escaped(letter)

    return _PERHAPS.sub(shown, text)


def brief(value: object, at_most: int = AT_MOST) -> str:
    """Return how Python writes `value`, cut: a stranger's value may be as long as a book.

    >>> brief("x" * 1000, 8)
    "'xxxxxxxx'... (1,000 characters)"
    """
    if isinstance(value, str | bytes) and len(value) > at_most:
        return f"{printable(repr(value[:at_most]))}... ({len(value):,} characters)"
    try:
        said = printable(repr(value))
    except (ValueError, RecursionError):  # an integer of more than 4,300 digits, deep lists
        return f"a very long {type(value).__name__}"
    is_cut = len(said) > at_most and not isinstance(value, str | bytes)
    return f"{said[:at_most]}..." if is_cut else said


def one_line(words: str, at_most: int = AT_MOST) -> str:
    """Return `words` as one printable line of at most `at_most` characters, an ellipsis at its cut.

    >>> one_line("a very long name", 7)
    'a very…'
    """
    line = printable(words[: at_most + 1], keep="")
    return line if len(line) <= at_most else f"{line[: at_most - 1]}{CUT}"


def wrap(text: str, *, first: str = "", rest: str = "", width: int = WIDTH) -> list[str]:
    """Return `text`, printable, in lines of at most `width` columns.

    The first line begins with `first` and each other one with `rest`. A name is never cut at its
    hyphen, and a word only where it is longer than a line.

    >>> wrap("held against guest_memfd-7.3", rest="  ", width=20)
    ['held against', '  guest_memfd-7.3']
    """
    import textwrap  # only who prints pays for it

    return textwrap.wrap(
        printable(text), width, initial_indent=first, subsequent_indent=rest,
        break_on_hyphens=False,
    )  # fmt: skip


# A tag or a variation selector can carry a whole message that nobody sees.
def _is_unseen(letter: str) -> bool:
    is_variation = "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef"
    return is_variation or letter in _BLANK or unicodedata.category(letter) in _UNSEEN


def _escaped(letter: str) -> str:
    number = ord(letter)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
