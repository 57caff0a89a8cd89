"""Parse what is typed: nothing abbreviated, empty, given twice or unknown is ever answered."""

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NoReturn

from gmemviz.errors import (
    GmemvizError,
    UnknownNameError,
    UsageError,
    meant,
    seconds,
    shown,
    unknown,
)
from gmemviz.text import wrap

NUMBER: Final = re.compile(r"-[0-9.]")
"""What begins like a number below 0: argparse takes it for a value, never for an option."""

EMPTY: Final = re.compile(r"--[^=]+=\s*")
DIGITS: Final = re.compile(r"[0-9]{1,9}")
SECONDS: Final = re.compile(r"[0-9.]+(?:[eE][+-]?[0-9]+)?")
"""A number as it is typed; Python would take other digits, inf and 1_0, too."""


class _Help(argparse.HelpFormatter):
    """Lay help out as argparse does, but never cut a name at its hyphen."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrap(" ".join(text.split()), width=width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        words = " ".join(text.split())
        return "\n".join(wrap(words, first=indent, rest=indent, width=width))


class Parser(argparse.ArgumentParser):
    """Parse as argparse does, and refuse what it would guess at, with the nearest word."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_abbrev": False, "formatter_class": _Help, **options})

    def parse_known_args(  # type: ignore[override]  # whatever namespace is given comes back
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Return the arguments; GmemvizError for a word too many, since no command takes more."""
        words = sys.argv[1:] if args is None else list(args)
        self._refuse(words)
        found, more = super().parse_known_args(self._options_first(words), namespace)
        if more:
            self.error(f"unrecognized arguments: {' '.join(map(shown, more))}")
        return found, more

    def error(self, message: str) -> NoReturn:
        """Raise GmemvizError: one sentence, and no usage block that hides it."""
        raise GmemvizError(f"{message} (see {self.prog} --help)")

    # argparse asks here whether a command is one of its choices; its sentence names no nearest.
    def _check_value(self, action: argparse.Action, value: str) -> None:
        if action.choices is not None and value not in action.choices:
            self.error(str(unknown("command", value, list(action.choices))))

    # Before argparse looks: it says first what is missing, and that may be what was misspelt.
    def _refuse(self, words: Iterable[str]) -> None:
        many = self._registry_get("action", "append")
        given: list[argparse.Action] = []
        for word in words:
            if word == "--" or (self._subparsers and not word.startswith("-")):
                return  # the rest is no option, or another parser's
            if not word.strip() or EMPTY.fullmatch(word):
                self.error(f"{shown(word)} says nothing")
            action = self._option(word)
            if action in given and not isinstance(action, many):
                self.error(f"{'/'.join(action.option_strings)} is given twice")
            given += [action] if action else []

    # argparse gives a list of words what stands before the first option, and refuses the rest:
    # `add --name mine IMAGE` would have no IMAGE.
    def _options_first(self, words: list[str]) -> list[str]:
        if self._subparsers or all(action.nargs != "*" for action in self._actions):
            return words
        options: list[str] = []
        others: list[str] = []
        left = iter(words)
        for word in left:
            action = None if word == "--" else self._option(word)
            if word == "--":
                return [*options, word, *others, *left]
            if action is None:
                others.append(word)
                continue
            takes_next = action.nargs is None and word in action.option_strings
            value = [next(left, "-")] if takes_next else []
            if value[:1] and value[0].startswith("-"):
                return words  # its value is missing, and argparse says so
            options += [word, *value]
        return [*options, *others]

    def _option(self, word: str) -> argparse.Action | None:
        if not word.startswith("-") or word == "-" or " " in word or NUMBER.match(word):
            return None
        known, name = self._option_string_actions, word.partition("=")[0]
        short = name[:2] if not name.startswith("--") else name  # -oFILE
        if name not in known and short not in known:
            self.error(f"unrecognized arguments: {shown(name)}{meant(name, known)}")
        return known.get(name) or known[short]


def refuse(arguments: argparse.Namespace, why: str, words: Iterable[str], *, of: str = "") -> None:
    """Raise UsageError for the first of `words` that is given though nothing would use it.

    `why` begins the sentence, and `of` says what would use it.
    """
    for word in words:
        value = getattr(arguments, word)
        if value is not None and value is not False:
            raise UsageError(f"{why}: it takes no {word}{f', which is for {of}' if of else ''}")


def whole(least: int) -> Callable[[str], int]:
    """Return what reads an option's whole number, from `least` on and of at most nine digits."""

    def read(word: str) -> int:
        if DIGITS.fullmatch(word) and int(word) >= least:
            return int(word)
        raise argparse.ArgumentTypeError(
            f"must be a whole number from {least} on, not {shown(word)}"
        )

    return read


def time_limit(word: str) -> float:
    """Return the seconds that an option says."""
    try:
        return seconds("it", float(word) if SECONDS.fullmatch(word) else 0)
    except (ValueError, UnknownNameError):
        raise argparse.ArgumentTypeError(
            f"must be seconds, more than 0 and at most a day, not {shown(word)}"
        ) from None


def names(word: str) -> tuple[str, ...]:
    """Return the names that an option says, as a,b."""
    found = tuple(name.strip() for name in word.split(","))
    if not all(found):
        raise argparse.ArgumentTypeError(f"must be names as a,b, not {shown(word)}")
    return found
