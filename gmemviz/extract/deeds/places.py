"""Say what a variable may hold: an address, a function, NULL, a truth, or something unknown.

    struct toy *toy = NULL;            NULL
    if (inode->i_nlink)
            toy = TOY_I(inode);        here an address, and behind the if one of two

Of what is unknown we keep what it came of: pointer arithmetic may lead anywhere near.
"""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from gmemviz.extract.deeds.formulas import FALSE, MOST, TRUE, Formula, both, bounded, either
from gmemviz.extract.deeds.spots import MemorySpot

MOST_VALUES: Final = 6  # that a variable may have at once; of more we say that it is unknown


class Address(NamedTuple):
    """Point to a place."""

    place: MemorySpot


class Code(NamedTuple):
    """Be a function, as a file at `path` means its name."""

    name: str
    path: str = ""


class Null(NamedTuple):
    """Be NULL, or 0: a number's 0 empties nothing."""

    is_number: bool = False


class Truth(NamedTuple):
    """Be true where a formula holds."""

    holds: Formula
    fails: Formula


class Unknown(NamedTuple):
    """Be something else, known by where it came from; `near` are the places that it came of."""

    origin: str
    near: frozenset[MemorySpot] = frozenset()


class OneOf(NamedTuple):
    """Be one of several values, each where its formula holds."""

    values: tuple[tuple[Formula, "Simple"], ...]


class Places(NamedTuple):
    """Be one of several spots, each where its formula holds: `(a ? x : y)->size` is two."""

    spots: tuple[tuple[Formula, MemorySpot], ...]


Simple = Address | Code | Null | Truth | Unknown
Value = Simple | OneOf

NULL: Final = Null()
ZERO: Final = Null(is_number=True)
NOBODY: Final = MemorySpot("-")
"""What a deed is done to that is done to nothing: to sleep, to wait for RCU."""
NOTHING: Final = Unknown("")
"""A number, a string, whatever no memory is reached by."""


def choices(value: Value) -> tuple[tuple[Formula, Simple], ...]:
    """Return what a value may be, each with its formula."""
    return value.values if isinstance(value, OneOf) else ((TRUE, value),)


def one_of(values: Iterable[tuple[Formula, Value]]) -> Value:
    """Return the value that is each of these where its formula holds; equal ones become one."""
    found: dict[Simple, Formula] = {}
    for formula, value in values:
        for inner, simple in choices(value):
            holds = either(found.get(simple, FALSE), both(formula, inner))
            found[simple] = bounded(holds, MOST)
    if len(found) == 1:
        return next(iter(found))
    if len(found) > MOST_VALUES or not found:
        return Unknown("", frozenset().union(*map(near, found)))
    return OneOf(tuple((formula, simple) for simple, formula in found.items()))


def near(value: Value) -> frozenset[MemorySpot]:
    """Return the places that a value points to or came of."""
    found: set[MemorySpot] = set()
    for _, simple in choices(value):
        if isinstance(simple, Address):
            found.add(simple.place)
        elif isinstance(simple, Unknown):
            found |= simple.near
    return frozenset(found)


def pointed(value: Value) -> MemorySpot | None:
    """Return the only place that a value can point to: what is followed is not NULL."""
    found = [simple for _, simple in choices(value) if not isinstance(simple, Null)]
    if len(found) == 1 and isinstance(found[0], Address):
        return found[0].place
    return None


def led_to(value: Value) -> tuple[tuple[Formula, MemorySpot], ...]:
    """Return where a value that is followed may lead; none if that is not known for sure."""
    found = [(formula, simple) for formula, simple in choices(value) if not is_null(simple)]
    places = tuple((formula, at.place) for formula, at in found if isinstance(at, Address))
    return places if len(places) == len(found) else ()


def is_null(value: Simple) -> bool:
    """Tell whether a value leads nowhere."""
    return isinstance(value, Null)


def mapped(value: Value, change: Callable[[Simple], Value]) -> Value:
    """Return the value with each that it may be changed."""
    if not isinstance(value, OneOf):
        return change(value)
    return one_of((formula, change(simple)) for formula, simple in value.values)
