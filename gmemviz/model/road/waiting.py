"""Say in words what an actor waits for: a sentence beside each guard of the road.

A guard stands for a lock that is taken, a grace period that is waited for, or for nothing of the
kernel: a scenario lets an actor begin only once there is something for it to find.
"""

from collections.abc import Callable, Mapping
from typing import Final

from gmemviz.model.machine import Act, Cell, NoFunction, Target, Test, stands_for

Words = str | Callable[[Mapping[str, Cell], Target], str]
"""A sentence, or one that depends on the cells."""

UNTIL: Final[dict[Test, Words]] = {}
"""For each guard what is the case where it does not hold."""

BEGINS: Final = NoFunction("scenario", "an actor begins once there is something for it to find")


def waits(words: Words, what: str | NoFunction = BEGINS) -> Callable[[Test], Test]:
    """Note of a guard what is the case where it does not hold, and what it stands for."""

    def note(guard: Test) -> Test:
        UNTIL[guard] = words
        return stands_for(what)(guard)

    return note


def reason(act: Act, cells: Mapping[str, Cell], target: Target) -> str:
    """Return what keeps an actor from an Act whose guard does not hold."""
    assert act.guard is not None
    words = UNTIL[act.guard]
    return words if isinstance(words, str) else words(cells, target)
