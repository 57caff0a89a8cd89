"""Say in words what an actor waits for: a sentence beside each guard of the road.

A guard stands for a lock that is taken, a grace period that is waited for, or for nothing of the
kernel: a scenario lets an actor begin only once there is something for it to find.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, TypeVar

from gmemviz.model.machine import Act, Cell, NoFunction, Target, stands_for

Words = str | Callable[..., str]
"""A sentence, or one that depends on the cells and the target, and on the name that a guard is
given: who holds a lock of the Design is told by the lock's cell (kernel/locking/lockdep.c)."""

Guard = Callable[..., bool]
"""A Test, or what becomes one once a name is given, as ``partial(is_free, name="guard")``."""

UNTIL: Final[dict[Guard, Words]] = {}
"""For each guard what is the case where it does not hold."""

_Guard = TypeVar("_Guard", bound=Guard)

BEGINS: Final = NoFunction("scenario", "an actor begins once there is something for it to find")


def waits(words: Words, what: str | NoFunction = BEGINS) -> Callable[[_Guard], _Guard]:
    """Note of a guard what is the case where it does not hold, and what it stands for."""

    def note(guard: _Guard) -> _Guard:
        UNTIL[guard] = words
        return stands_for(what)(guard)

    return note


def reason(act: Act, cells: Mapping[str, Cell], target: Target) -> str:
    """Return what keeps an actor from an Act whose guard does not hold."""
    assert act.guard is not None
    guard = act.guard
    words = UNTIL[guard.func if isinstance(guard, partial) else guard]
    given = guard.keywords if isinstance(guard, partial) else {}
    return words if isinstance(words, str) else words(cells, target, **given)
