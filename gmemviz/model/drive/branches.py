"""Keep the walks that were tried side by side, and say where each leaves another."""

from collections.abc import Iterable, Sequence
from itertools import groupby, takewhile
from typing import NamedTuple

from gmemviz.model.drive.drive import Drive


class Turn(NamedTuple):
    """Give a stretch of a walk that one actor goes: its moves from `first` to `last`, from 1.

    `is_open` says whether somebody else, or another way, was open at one of them.
    """

    actor: str
    first: int
    last: int
    is_open: bool


class Branch(NamedTuple):
    """Give a walk by its number, the one that it leaves (-1: none), and after how many moves."""

    walk: int
    leaves: int
    after: int
    depth: int


def with_walk(walks: Sequence[Drive], here: Drive) -> tuple[Drive, ...]:
    """Return the walks with `here` among them: longer than one, it stands in its place."""
    if any(shared(one, here) == len(here.moves) for one in walks):
        return tuple(walks)
    longer = [here if shared(one, here) == len(one.moves) else one for one in walks]
    return tuple(longer) if here in longer else (*walks, here)


def shared(one: Drive, other: Drive) -> int:
    """Return how many moves two walks share from the start."""
    pairs = zip(one.moves, other.moves, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def branches(walks: Sequence[Drive]) -> tuple[Branch, ...]:
    """Return the tree of the walks, each below the one that it leaves latest."""
    told: list[Branch] = []
    for number, walk in enumerate(walks):
        common = [shared(walk, one) for one in walks[:number]]
        if not common:
            told.append(Branch(number, -1, 0, 0))
            continue
        nearest = common.index(max(common))
        told.append(Branch(number, nearest, common[nearest], told[nearest].depth + 1))
    return tuple(told)


def turns(walk: Drive, after: int = 0) -> tuple[Turn, ...]:
    """Return whose turn it was when, from the moves after `after` on."""
    numbered = list(enumerate(walk.moves, 1))[after:]
    return tuple(_turn(walk, list(group)) for _, group in groupby(numbered, lambda n: n[1].actor))


def _turn(walk: Drive, group: Sequence[tuple[int, tuple[int, int, int]]]) -> Turn:
    actor = walk.ground.world.programs[group[0][1][0]].actor
    first, last = group[0][0], group[-1][0]
    return Turn(actor, first, last, _is_open(walk, range(first - 1, last)))


def _is_open(walk: Drive, moves: Iterable[int]) -> bool:
    return any(len(walk.ground.look(walk.states[at])[0]) > 1 for at in moves)
