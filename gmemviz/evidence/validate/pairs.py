"""Lay a recording beside the run of the model that fits it: events and steps in pairs."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from gmemviz.evidence.validate.conformity import Pair
from gmemviz.evidence.validate.entries import Entries, Where
from gmemviz.evidence.validate.replay import Walked
from gmemviz.model.machine import Act, Enter


class _Passed(NamedTuple):
    where: Where | None
    step: int


def pairs(
    walked: Walked, entries: Entries, events: int, end: int | None = None
) -> tuple[Pair, ...]:
    """Return every event and every step of the run once, in order, those that fit together.

    Where an event fits a step they are one pair; several folios' events share the step of the
    model's one folio. A step that only the end of the recording cut off is not among them. The
    run is over before the event `end`.
    """
    passed = _passed(walked, entries)
    step_of = {index: passed[at].step for index, at in _matched(walked).items() if at in passed}
    steps = 1 + max((one.step for one in passed.values()), default=-1)
    steps += walked.path.is_at_end  # what was left has a step of its own
    return tuple(_merged(events, steps, step_of, end))


def entered(walked: Walked, entries: Entries) -> tuple[Where, ...]:
    """Return the entries that the run makes, in its order."""
    return tuple(one.where for one in _passed(walked, entries).values() if one.where)


_At = tuple[int, int, int]
"""An actor, how many moves it has made, and the place among what it meets up to the next."""


# The numbers are those of gmemviz.model.search.run.steps; a test holds the two together.
def _passed(walked: Walked, entries: Entries) -> dict[_At, _Passed]:
    found: dict[_At, _Passed] = {}
    moved: dict[int, int] = {}
    step = 0
    for state, move in zip(walked.path.states, walked.path.moves, strict=False):
        done, register = state[2 * move.actor : 2 * move.actor + 2]
        ahead = entries.ahead(move.actor, done, register)  # type: ignore[arg-type]
        ordinal = moved.get(move.actor, 0)
        for place, (one, following) in enumerate(pairwise(ahead)):
            found[move.actor, ordinal, place] = _Passed(one.where, step)
            step += _has_own_step(one.does, following.does)
        found[move.actor, ordinal, len(ahead) - 1] = _Passed(ahead[-1].where, step)
        step += 1
        moved[move.actor] = ordinal + 1
    return found


def _has_own_step(one: Enter | Act, following: Enter | Act) -> bool:
    acts_at_once = isinstance(following, Act) and following.place == one.place
    return bool(one.place.hook) or not acts_at_once


def _matched(walked: Walked) -> dict[int, _At]:
    found: dict[int, _At] = {}
    moved: dict[int, int] = {}
    for one in walked.taken:
        ordinal = moved.get(one.actor, 0)
        if one.event is not None:
            found[one.event] = (one.actor, ordinal, one.place)
        if one.move:
            moved[one.actor] = ordinal + 1
    return found


def _merged(events: int, steps: int, step_of: dict[int, int], end: int | None) -> Iterator[Pair]:
    matched = set(step_of.values())
    told = 0
    for event in range(events):
        if event == end:
            yield from (Pair(None, n) for n in range(told, steps) if n not in matched)
            told = steps
        step = step_of.get(event)
        if step is not None:
            yield from (Pair(None, n) for n in range(told, step) if n not in matched)
            told = max(told, step)
        yield Pair(event, step)
    yield from (Pair(None, n) for n in range(told, steps) if n not in matched)
