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
    steps = 1 + max((at.step for at in passed.values()), default=-1)
    steps += walked.path.is_at_end  # what was left has a step of its own
    return tuple(_merged(events, steps, step_of, end))


def entered(walked: Walked, entries: Entries) -> tuple[Where, ...]:
    """Return the entries that the run makes, in its order."""
    return tuple(at.where for at in _passed(walked, entries).values() if at.where)


_At = tuple[int, int, int]
"""An actor, how many moves it has made, and the place among what it meets up to the next."""


# The numbers are those of gmemviz.model.search.run.steps; a test holds the two together.
def _passed(walked: Walked, entries: Entries) -> dict[_At, _Passed]:
    found: dict[_At, _Passed] = {}
    moved: dict[int, int] = {}
    step = 0
    for state, move in zip(walked.path.states, walked.path.moves, strict=False):
        ahead = entries.ahead(state, move.actor)
        ordinal = moved.get(move.actor, 0)
        for place, (first, following) in enumerate(pairwise(ahead)):
            found[move.actor, ordinal, place] = _Passed(first.where, step)
            step += _has_own_step(first.does, following.does)
        found[move.actor, ordinal, len(ahead) - 1] = _Passed(ahead[-1].where, step)
        step += 1
        moved[move.actor] = ordinal + 1
    return found


# A function that acts at once has one step with its Act, but a hook is always told of by itself.
def _has_own_step(entered: Enter | Act, following: Enter | Act) -> bool:
    acts_at_once = isinstance(following, Act) and following.place == entered.place
    return bool(entered.place.hook) or not acts_at_once


# The events that some step of the run made, and where that actor was then.
def _matched(walked: Walked) -> dict[int, _At]:
    found: dict[int, _At] = {}
    moved: dict[int, int] = {}
    for taken in walked.taken:
        ordinal = moved.get(taken.actor, 0)
        if taken.event is not None:
            found[taken.event] = (taken.actor, ordinal, taken.place)
        if taken.move:
            moved[taken.actor] = ordinal + 1
    return found


# What the recording does not show comes before the next step that it does.
def _merged(events: int, steps: int, step_of: dict[int, int], end: int | None) -> Iterator[Pair]:
    matched = set(step_of.values())
    paired = 0  # steps before this one are behind us

    def steps_until(step: int) -> Iterator[Pair]:
        nonlocal paired
        yield from (Pair(None, number) for number in range(paired, step) if number not in matched)
        paired = max(paired, step)

    for event in range(events):
        if event == end:
            yield from steps_until(steps)
        step = step_of.get(event)
        if step is not None:
            yield from steps_until(step)
        yield Pair(event, step)
    yield from steps_until(steps)
