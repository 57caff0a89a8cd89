"""Say under which conditions a statement is reached: any of several, each of tests that all hold.

    if (!inode->i_nlink)
            goto gone;                 gone:  {nlink 0}
    if (is_bad_inode(inode))
            goto gone;                 gone:  {nlink 0} or {not nlink 0, bad}, so {nlink 0} or {bad}
    truncate(inode);                   here:  {not nlink 0, not bad}

Only the tests' classes leave this package. What two formulas have in common is joined again, so
that behind an if and its else nothing is left of its test.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import sha256
from typing import Final, NamedTuple

from gmemviz.extract.deeds.spots import MemorySpot
from gmemviz.facts import TestKind

MOST: Final = 4  # ways in one formula, and tests of one way, that a called function keeps
LARGEST: Final = 24  # ways of a formula on its way to being a small one
FEW: Final = 2  # tests without a class that one way keeps apart
MOST_OF_HOOK: Final = 12  # and that a hook itself keeps: which of its ways exclude others matters
KEPT: Final = 100_000  # results that are kept: the same questions are joined again and again
CLASSED: Final = frozenset({"set", "symlink", "directory", "regular", "special", "bad", "nlink 0"})
"""Tests with a meaning of their own; of several others on one way, one is made."""


class Atom(NamedTuple):
    """Be one test: its class, the place that it asks about, and what tells it from others.

    `key` is of one run of the reader and leaves no trace: two questions with the same key have
    the same answer. `at` is where it is asked, as path:line.
    """

    kind: TestKind
    about: MemorySpot | None = None
    key: str = ""
    at: str = ""


Literal = int
"""A test with its answer, as a number: two for each test, of which the even one is yes.

Formulas are compared all the time, and numbers are compared faster than what they stand for.
"""
Way = frozenset[Literal]
Formula = frozenset[Way]

TRUE: Final[Formula] = frozenset({frozenset()})
FALSE: Final[Formula] = frozenset()

_NUMBERS: Final[dict[Atom, int]] = {}
_ATOMS: Final[list[Atom]] = []


def literal(test: Atom, answer: bool) -> Literal:  # noqa: FBT001 - the answer is what it is of
    """Return the number of a test with its answer; `literal ^ 1` is the other answer's."""
    number = _NUMBERS.get(test)
    if number is None:
        number = _NUMBERS[test] = 2 * len(_ATOMS)
        _ATOMS.append(test)
    return number if answer else number + 1


def said_by(number: Literal) -> tuple[Atom, bool]:
    """Return the test that a number stands for, and its answer."""
    return _ATOMS[number >> 1], not number & 1


def atom(test: Atom) -> tuple[Formula, Formula]:
    """Return the formulas where a test holds, and where it fails."""
    number = literal(test, True)
    return frozenset({frozenset({number})}), frozenset({frozenset({number ^ 1})})


@lru_cache(maxsize=KEPT)
def both(left: Formula, right: Formula) -> Formula:
    """Return where both hold."""
    if left == TRUE or right == FALSE:
        return right
    if right == TRUE or left == FALSE:
        return left
    found: set[Way] = set()
    for second in right:
        others = frozenset(number ^ 1 for number in second)
        found.update(first | second for first in left if others.isdisjoint(first))
    return simplified(found) if len(found) <= LARGEST else coarse(frozenset(found))


@lru_cache(maxsize=KEPT)
def either(left: Formula, right: Formula) -> Formula:
    """Return where any of the two holds."""
    if left == FALSE or right in (TRUE, left):
        return right
    if right == FALSE or left == TRUE:
        return left
    found = left | right
    return simplified(set(found)) if len(found) <= LARGEST else coarse(found)


def negated(formula: Formula) -> Formula:
    """Return where it fails."""
    found = TRUE
    for way in _ordered(formula):
        failing = frozenset(frozenset({number ^ 1}) for number in way)
        found = both(found, failing)
    return found


def simplified(ways: set[Way]) -> Formula:
    """Join `x and y` with `x and not y`, and drop a way that another one covers."""
    if len(ways) < 2:
        return frozenset(ways)
    numbers: Way = frozenset().union(*ways)
    if numbers.isdisjoint([number ^ 1 for number in numbers]):
        return _uncovered(ways)  # no test has both answers, so nothing can be joined
    todo = _ordered(ways)
    kept: set[Way] = set()
    while todo:
        way = todo.pop(0)
        if any(other <= way for other in kept):
            continue
        joined = _joined(way, kept)
        if joined is None:
            kept = {other for other in kept if not way <= other} | {way}
        else:
            todo.insert(0, joined)
    return frozenset(kept)


def _uncovered(ways: set[Way]) -> Formula:
    kept: list[Way] = []
    for way in sorted(ways, key=len):
        if not any(other <= way for other in kept):
            kept.append(way)
    return frozenset(kept)


# `x` and `not x, y` are `x` and `y`: the test that a longer way makes besides says nothing.
def _joined(way: Way, ways: set[Way]) -> Way | None:
    # By what is asked, not by number: that depends on what else was read before.
    for number in _in_order(way):
        flipped = frozenset((number ^ 1,))
        rest = None
        for other in ways:
            if number ^ 1 in other:
                rest = way - {number} if rest is None else rest
                if other - flipped <= rest:
                    return rest
    return None


# Which two ways come together first shows in what is left of many, so the order is that of what
# they say: a set's own order would be that of the numbers, and so of what else was read before.
def _ordered(ways: Iterable[Way]) -> list[Way]:
    return sorted(ways, key=_place)


@lru_cache(maxsize=KEPT)
def _place(way: Way) -> tuple[int, list[str]]:
    return len(way), sorted(map(_spelled, way))


@lru_cache(maxsize=KEPT)
def _in_order(way: Way) -> tuple[Literal, ...]:
    return tuple(sorted(way, key=_spelled))


@lru_cache(maxsize=KEPT)
def _spelled(literal: Literal) -> str:
    test, answer = said_by(literal)
    return f"{test.kind} {test.about} {test.key} {test.at} {answer}"


def is_classed(way: Way) -> bool:
    """Tell whether all tests of a way have a class."""
    return classed_of(way) == way


def classed_of(way: Way) -> Way:
    """Return the tests of a way that have a class."""
    return frozenset(number for number in way if _ATOMS[number >> 1].kind in CLASSED)


def only_classed(formula: Formula, instead: Formula) -> Formula:
    """Return the formula with `instead` on each way that had tests without a class."""
    found: set[Way] = set()
    for way in formula:
        classed = classed_of(way)
        if classed == way:
            found.add(way)
        else:
            found.update(classed | other for other in instead)
    return simplified(found)


def bounded(formula: Formula, most: int) -> Formula:
    """Return the formula, coarser where it has more than `most` ways, or tests on one of them."""
    if len(formula) <= most:
        for way in formula:
            if len(way) > most:
                return coarse(formula)
        return formula
    return coarse(formula)


@lru_cache(maxsize=KEPT)
def coarse(formula: Formula) -> Formula:
    """Return the formula with what has no class made one question: somehow, from there on.

    {nlink 0, if, if} and {nlink 0, member} become {nlink 0, if}. So a caller has to carry no more
    than a few tests of each function.
    """
    groups: dict[Way, list[Way]] = {}
    for way in formula:
        classed = classed_of(way)
        groups.setdefault(classed, []).append(way - classed)
    if len(groups) > MOST:
        common = frozenset.intersection(*groups)
        groups = {common: [way - common for way in formula]}
    return frozenset(classed | _somehow(others) for classed, others in groups.items())


# A few tests on one way stay as they are, so that whoever asks one of them anew is on another way;
# what any of several ways allows is one question, which nobody else asks.
# Which side of a branch all of them are on stays, too: it is there to exclude those on the other.
def _somehow(others: list[Way]) -> Way:
    if len(others) == 1 and len(others[0]) <= FEW:
        return others[0]
    common = frozenset.intersection(*others)
    sides = frozenset(number for number in common if _ATOMS[number >> 1].kind == "branch")
    if sides in others:
        return sides
    said = [said_by(number) for way in others for number in way - sides]
    words = sorted(f"{test.kind} {test.key} {test.at} {answer}" for test, answer in said)
    place = min(test.at for test, _ in said)
    return sides | {literal(Atom("if", None, hash_of(words), place), True)}


def hash_of(words: list[str]) -> str:
    """Return a short name for a list of words, the same in each run."""
    return sha256("\n".join(words).encode()).hexdigest()[:12]


def replaced(formula: Formula, change: Callable[[Atom], tuple[Formula, Formula]]) -> Formula:
    """Return the formula with each test asked anew, as of a caller's arguments."""
    found = FALSE
    for way in _ordered(formula):
        here = TRUE
        for test, answer in map(said_by, _in_order(way)):
            holds, fails = change(test)
            here = bounded(both(here, holds if answer else fails), MOST_OF_HOOK)
        found = bounded(either(found, here), MOST_OF_HOOK)
    return found
