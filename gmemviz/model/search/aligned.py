"""Lay two runs beside each other by function, so that equal acts stand at the same beat.

Counted by number they drift apart at the first hook that only one of them sets: at step 25 one is
in fs/inode.c:evict, the other still in its evict_inode. What only one does is a gap in the other.
"""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple

from gmemviz.model.design import Design
from gmemviz.model.machine import FREED
from gmemviz.model.search.run import Step
from gmemviz.shown import shows_itself


@shows_itself
class Beat(NamedTuple):
    """Give the step of either run at one beat, from 0; None where it has none there.

    `is_same`: both do the same to the same objects.
    """

    a: int | None
    b: int | None
    is_same: bool


class Doing(NamedTuple):
    """Say who does what in a step, without what a Design calls its own functions."""

    actor: str
    name: str
    depth: int


def doing(step: Step, design: Design) -> Doing:
    """Return who does what: the hook with the line of its body, the creator, or the function."""
    event = step.event
    line, via, _ = step.word.partition(" via ")
    name = event.function
    if via or step.place.kind == "ops":  # a line of a body, whatever function it is done through
        name = f"{event.hook}: {line.partition(': ')[2]}"
    elif name == design.creator:
        name = "creator"
    return Doing(event.actor, name, event.depth)


def aligned(a: Sequence[Step], b: Sequence[Step], of_a: Design, of_b: Design) -> tuple[Beat, ...]:
    """Return two runs beat by beat; every step of either is in one beat, in its order."""
    does_a = [doing(step, of_a) for step in a]
    does_b = [doing(step, of_b) for step in b]
    # By actor and name alone: in a hook the same function lies one call deeper.
    keys_a, keys_b = ([each[:2] for each in does] for does in (does_a, does_b))
    found: list[Beat] = []
    matcher = SequenceMatcher(None, keys_a, keys_b, autojunk=False)
    for word, at, end, other, other_end in matcher.get_opcodes():
        if word == "equal":
            both = zip(range(at, end), range(other, other_end), strict=True)
            found += [Beat(i, j, a[i].effects == b[j].effects) for i, j in both]
        else:
            found += _apart(does_a, does_b, range(at, end), range(other, other_end))
    return tuple(found)


# Two calls in the same place are two ways to do one thing, such as alloc_inode_sb and alloc_inode
# of the Design (fs/inode.c:alloc_inode@v6.12): they share a beat. Any other stands alone.
def _apart(
    does_a: Sequence[Doing], does_b: Sequence[Doing], own: range, others: range
) -> Iterator[Beat]:
    pairs = list(zip_longest(own, others))
    for i, j in pairs:
        is_place = i is not None and j is not None and _place(does_a[i]) == _place(does_b[j])
        if not is_place:
            yield from (Beat(each, None, is_same=False) for each, _ in pairs if each is not None)
            yield from (Beat(None, each, is_same=False) for _, each in pairs if each is not None)
            return
        pairs = pairs[1:]
        yield Beat(i, j, is_same=False)


def _place(does: Doing) -> tuple[str, int]:
    return does.actor, does.depth


def frees(step: Step) -> bool:
    """Return whether a step gives memory back, which is what two Designs mostly differ in."""
    return any(effect.change == FREED for effect in step.effects)
