"""Hold what a run through a body knows: which conditions hold, and what each variable has.

struct toy *toy = NULL;            toy: NULL
if (inode->i_nlink)
toy = TOY_I(inode);        toy: the container, where not nlink 0
put(toy);                          toy: one of the two, each where its formula holds
"""

from collections.abc import Iterable
from typing import NamedTuple

from gmemviz.extract.deeds.formulas import FALSE, MOST, TRUE, Formula, both, bounded, either
from gmemviz.extract.deeds.places import NOBODY, NULL, Address, Unknown, Value, one_of
from gmemviz.extract.deeds.spots import DEEPEST, NEW, POINTED, MemorySpot

Known = dict[MemorySpot, Value]


class Arrival(NamedTuple):
    """Be one way to a place in the body: when it is taken, and what is known there."""

    reach: Formula
    known: Known


class RunState:
    """Change as statements are read; `reach` is FALSE where nobody comes by."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self.reach: Formula = TRUE
        self.known: Known = {}
        self.variables: set[str] = set()
        self.zeroed: set[str] = set()
        self.stored_in: set[str] = set()
        self.changes: dict[MemorySpot, int] = {}

    @property
    def here(self) -> Arrival:
        """Return the state as it is, to be taken up again."""
        return Arrival(self.reach, dict(self.known))

    def go(self, way: Arrival) -> None:
        """Go on from a state that was kept."""
        self.reach = way.reach
        self.known = dict(way.known)

    def load(self, spot: MemorySpot) -> Value:
        """Return what is in a spot: what was stored, or else what it pointed to from the start."""
        found = self.known.get(spot)
        return found if found is not None else self.unchanged(spot)

    def unchanged(self, spot: MemorySpot) -> Value:
        """Return what a spot has where this body has stored nothing in it."""
        if spot.root in self.zeroed and spot.steps:
            return NULL
        if spot.root in self.variables:
            return Unknown(f"{spot.root} unset")
        if len(spot.steps) >= DEEPEST:
            return Unknown("", frozenset({spot}))
        return Address(spot.to(POINTED))

    def put(self, spot: MemorySpot, value: Value) -> None:
        """Store a value; what was known of whatever the old one led to is forgotten."""
        length = len(spot.steps)
        for other in [key for key in self.known if key.root == spot.root]:
            if len(other.steps) > length and other.steps[:length] == spot.steps:
                del self.known[other]
        self.known[spot] = value
        self.stored_in.add(spot.root)
        self.changes[spot] = self.changes.get(spot, 0) + 1

    def join(self, ways: Iterable[Arrival]) -> None:
        """Go on where several ways meet."""
        met = [way for way in ways if way.reach != FALSE]
        if len(met) < 2:
            self.go(met[0] if met else Arrival(FALSE, {}))
            return
        known: Known = {}
        for spot in sorted({spot for way in met for spot in way.known}):
            values = [(way.reach, self.found(way, spot)) for way in met]
            first = values[0][1]
            is_same = all(value == first for _, value in values)
            known[spot] = first if is_same else one_of(values)
        self.known = known
        reach = FALSE
        for way in met:
            reach = either(reach, way.reach)
        self.reach = bounded(reach, self.most)

    def found(self, way: Arrival, spot: MemorySpot) -> Value:
        """Return what a way has in a spot."""
        value = way.known.get(spot)
        return value if value is not None else self.unchanged(spot)

    def under(self, formula: Formula) -> Formula:
        """Narrow the reach, and return what it was."""
        before = self.reach
        self.reach = bounded(both(before, formula), self.most)
        return before


def is_reachable(spot: MemorySpot) -> bool:
    """Tell whether a spot lies where the caller gets to: an argument's, or new memory."""
    return spot.root.isdigit() or spot.root.startswith(NEW) or spot == NOBODY
