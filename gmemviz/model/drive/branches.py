"""Keep the walks that were tried side by side, and say where each leaves another.

Two walks are two orders in which one kernel could have run the same actors.
"""

from collections.abc import Sequence
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
    longer: list[Drive] = []
    for walk in walks:
        common = _shared(walk, here)
        if common == len(here.moves):  # `here` is the beginning of this one
            return tuple(walks)
        longer.append(here if common == len(walk.moves) else walk)
    return tuple(longer) if here in longer else (*walks, here)


def _shared(walk: Drive, other: Drive) -> int:
    # How many moves two walks share from the start.
    pairs = zip(walk.moves, other.moves, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def branches(walks: Sequence[Drive]) -> tuple[Branch, ...]:
    """Return the tree of the walks, each below the one that it leaves latest."""
    tree: list[Branch] = []
    for number, walk in enumerate(walks):
        common = [_shared(walk, earlier) for earlier in walks[:number]]
        if not common:
            tree.append(Branch(number, -1, 0, 0))
            continue
        nearest = common.index(max(common))
        tree.append(Branch(number, nearest, common[nearest], tree[nearest].depth + 1))
    return tuple(tree)


def turns(walk: Drive, after: int = 0) -> tuple[Turn, ...]:
    """Return whose turn it was when, from the moves after `after` on."""
    stretches = groupby(range(after, len(walk.moves)), lambda at: walk.moves[at].actor)
    return tuple(_turn(walk, actor, list(moves)) for actor, moves in stretches)


def _turn(walk: Drive, actor: int, moves: Sequence[int]) -> Turn:
    ground = walk.ground
    is_open = any(len(ground.look(walk.states[at])[0]) > 1 for at in moves)
    return Turn(ground.world.programs[actor].actor, moves[0] + 1, moves[-1] + 1, is_open)
