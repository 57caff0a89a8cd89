"""Name what can go wrong outside the model, one class a cause.

Every word, number and object that comes from outside is held against what is allowed by one of
the functions below. A property that a design violates is a result, never an exception.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from gmemviz.text import AT_MOST, brief

MOST: Final = 20
"""Allowed words that are all named; of more, the nearest are, and how many others there are."""

FEW: Final = 6
A_DAY: Final = 86_400

Word = TypeVar("Word", bound=str)


class GmemvizError(Exception):
    """Stand above every error that gmemviz raises on purpose."""


class WordError(GmemvizError, ValueError):
    """Stand above errors about words that somebody wrote; `about` is the word, or its key."""

    def __init__(self, sentence: str, about: str = "") -> None:
        super().__init__(sentence)
        self.about = about


class UnknownNameError(WordError):
    """Refuse a word that is not one of the allowed ones."""


class UsageError(GmemvizError):
    """Refuse words of a command line that say too little, or do not go together."""


class DesignError(WordError):
    """Refuse a Design that says what cannot be meant."""


class UnusedError(DesignError):
    """Refuse what a Design declares and never says again; of a part of a page that is no fault."""


class FaultsError(DesignError):
    """Refuse a page with several faults: `faults` has each with its line, in their order."""

    def __init__(self, faults: Sequence[WordError]) -> None:
        super().__init__("; ".join(map(str, faults)), faults[0].about)
        self.faults = tuple(faults)


class FactsError(GmemvizError, ValueError):
    """Refuse a facts snapshot that is damaged or of another schema."""


class RecordingError(GmemvizError, ValueError):
    """Refuse text that is not a function_graph recording."""


class ProbeError(GmemvizError, RuntimeError):
    """Refuse a probe that cannot run, or a file that is not a probe's report."""


class FetchError(GmemvizError, RuntimeError):
    """Say why a kernel's packages could not be fetched, or were not taken."""


class DrawingError(GmemvizError, ValueError):
    """Say what an engine did instead of drawing."""


class UndecidedError(GmemvizError):
    """Say that a search hit its limit before there was anything to show."""


class MissingToolError(GmemvizError, RuntimeError):
    """Say which tool the machine lacks and how to get it."""


class OutputError(GmemvizError, OSError):
    """Say which file could not be written, and why."""


def choice(what: str, value: str, allowed: Iterable[Word]) -> Word:
    """Return `value` if it is allowed, else raise UnknownNameError naming the nearest, and all."""
    names = tuple(allowed)
    for name in names:
        if value == name:
            return name
    raise unknown(what, value, names)


def choices(what: str, values: Iterable[str], allowed: Iterable[Word]) -> tuple[Word, ...]:
    """Return `values` if each is allowed and none is there twice; UnknownNameError says which not.

    One text is no list of words: its letters are not what was meant.
    """
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise UnknownNameError(f"{what} must be a list of words, not {shown(values)}")
    names = tuple(allowed)
    found = tuple(choice(what, value, names) for value in values)
    for name in found:
        if found.count(name) > 1:
            raise UnknownNameError(f"{what} {name!r} is named twice")
    return found


@contextmanager
def under(key: str) -> Iterator[None]:
    """Say the key of a file under which a word stands that is refused in here."""
    try:
        yield
    except WordError as refused:
        raise type(refused)(f"{key}: {refused}", refused.about) from None


def unknown(what: str, value: object, allowed: Iterable[str]) -> UnknownNameError:
    """Return the error for a word that is not one of `allowed`; many of them are cut to a few.

    >>> print(unknown("cleanup", "desroy", ["none", "destroy+free", "free-all"]))
    unknown cleanup: 'desroy' (must be one of none, destroy+free, free-all); did you mean \
destroy+free?
    """
    names = tuple(allowed)
    no_text = "" if isinstance(value, str) else ", which is no text"
    few = names if len(names) <= MOST else nearest(value, names) or names[:FEW]
    left = len(names) - len(few)
    others = f" or {left} others" if left else ""
    rule = f"must be one of {', '.join(few)}{others}" if names else "there is none to choose"
    return UnknownNameError(
        f"unknown {what}: {shown(value)}{no_text} ({rule}){meant(value, names)}",
        "" if no_text else str(value),
    )


def meant(value: object, allowed: Iterable[str]) -> str:
    """Return the question that ends a refusal, or "" where nothing allowed is like `value`.

    >>> meant("--kernle", ["--kernel", "--mount"])
    '; did you mean --kernel?'
    """
    near = nearest(value, allowed)
    return f"; did you mean {near[0]}?" if near else ""


def nearest(value: object, allowed: Iterable[str]) -> tuple[str, ...]:
    """Return the few of `allowed` that `value` may have been meant for, the likeliest first.

    >>> nearest("SHMME", ["ext4", "shmem", "tmpfs"])
    ('shmem',)
    """
    from difflib import get_close_matches  # only who misspells pays for it

    if value is None:  # nothing was meant by it
        return ()
    word = (value[:AT_MOST] if isinstance(value, str) else brief(value)).strip().casefold()
    names = {name.casefold(): name for name in reversed(tuple(allowed))}
    close = get_close_matches(word, names, FEW)
    # Two letters the other way round are the likeliest slip: --staeg is --stage, and not --state.
    close.sort(key=lambda name: sorted(name) != sorted(word))
    begun = [name for name in reversed(names) if len(word) > 2 and word in name]
    return tuple(names[name] for name in dict.fromkeys((*close, *begun)))[:FEW]


def shown(value: object) -> str:
    """Return `value` as an error repeats it: printable, not without end, and with its kind."""
    is_plain = value is None or isinstance(value, str | bool | int | float)
    return brief(value) if is_plain else f"the {type(value).__name__} {brief(value)}"


def of_kind(what: str, value: Any, *kinds: type) -> None:
    """Raise TypeError where `value` is no instance of any of `kinds`."""
    if not isinstance(value, kinds):
        names = " or a ".join(kind.__name__ for kind in kinds)
        raise TypeError(f"{what} must be a {names}, not {shown(value)}")


def whole_number(what: str, value: int, *, least: int, most: int | None = None) -> int:
    """Return `value` if it is a whole number in its bounds, else raise UnknownNameError."""
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if is_whole and least <= value and (most is None or value <= most):
        return value
    end = "on" if most is None else f"to {most}"
    raise UnknownNameError(f"{what} must be a whole number from {least} {end}, not {shown(value)}")


def seconds(what: str, value: float) -> float:
    """Return `value` if it is a time to wait that ends, else raise UnknownNameError."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= A_DAY:
        return value
    raise UnknownNameError(
        f"{what} must be seconds, more than 0 and at most {A_DAY}, not {shown(value)}"
    )
