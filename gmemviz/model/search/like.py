"""Play of one Design the run that takes the turns of another's, as far as it can.

Two Designs are compared at the same instant: the same task creates, the same reader is inside, and
in one of them what fs/inode.c:evict should have freed is still held. A shortest run of the other
Design is no such run, for it may let nobody else come at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from typing import Final, NamedTuple

from gmemviz.model.design import DefectCode
from gmemviz.model.machine import Defect, State
from gmemviz.model.search.explore import look
from gmemviz.model.search.moves import Move, Moves, Outcome
from gmemviz.model.search.run import Path
from gmemviz.model.search.world import World

MOST: Final = 20_000
"""Places that are looked at; a run that is not found by then ends where it got furthest."""

EXTRA: Final = 1
"""What a turn costs that the other run has not."""
OTHER: Final = 2
"""What it costs that whose turn it is does something else, as call_rcu for kmem_cache_free."""
LEFT_OUT: Final = 3
"""What it costs that a turn is not taken."""

Turn = tuple[str, str, int]
"""Whose turn it is, in which function, and which of its ways it goes."""


class _At(NamedTuple):
    # How many turns of the other run are behind, and where this one is.
    turns: int
    state: State


@dataclass
class _Met:
    # What the search knows: the cheapest way to each place, and who led there by which move.
    cost: dict[_At, int]
    came: dict[_At, tuple[_At, Move | None]]


class _Way(NamedTuple):
    # A found way: the place that it leads to, and the move that ends the run there, if one does.
    at: _At
    last: Outcome | None = None


def turn_of(world: World, move: Move) -> Turn:
    """Return whose turn a move is. What the Design calls its own functions does not matter."""
    program = world.programs[move.actor]
    act = program.act(move.act)
    place, (line, via, _) = act.place, act.word.partition(" via ")
    if via or place.kind == "ops":  # one turn for each line of a body, as both bodies have it
        return program.actor, f"{place.hook}: {line.partition(': ')[2]}", move.way
    is_creator = place.function == world.design.creator
    return program.actor, "creator" if is_creator else place.function, move.way


def like(world: World, path: Path) -> Path:
    """Return the run of a World that differs least from `path` in whose turn it is, and where.

    A turn that is not to be had is left out, and one that `path` has not is put in; behind the last
    of them whoever had it finishes. It ends where it shows a defect: that of `path` if it has it.
    """
    turns = [turn_of(path.world, move) for move in path.moves]
    moves = Moves(world)
    way, met = _nearest(world, moves, turns)
    states, taken = _walked(way, met)
    names = [program.actor for program in world.programs]
    if way.last is None and turns and turns[-1][0] in names:
        _go_on(moves, states, taken, names.index(turns[-1][0]))
    wanted = path.defect.code if path.defect else None
    return _ended(world, states, taken, wanted)


# Dijkstra over (turns behind, state): a turn that both take costs nothing.
def _nearest(world: World, moves: Moves, turns: list[Turn]) -> tuple[_Way, _Met]:
    start = _At(0, world.start)
    met = _Met({start: 0}, {})
    number = count()
    queue: list[tuple[int, int, int, _Way]] = [(0, 0, next(number), _Way(start))]
    furthest = _Way(start)
    while queue and len(met.cost) < MOST:
        cost, _, _, way = heappop(queue)
        if way.last or way.at.turns == len(turns):
            return way, met
        furthest = max(furthest, way, key=lambda each: each.at.turns)
        for price, after in _onwards(world, moves, turns, way.at, met):
            total = cost + price
            if after.last is None and met.cost.get(after.at, total + 1) <= total:
                continue
            if after.last is None:
                met.cost[after.at] = total
            # Of two that cost the same, the one that is further on comes first.
            heappush(queue, (total, -after.at.turns, next(number), after))
    return furthest, met


def _onwards(
    world: World, moves: Moves, turns: list[Turn], at: _At, met: _Met
) -> Iterator[tuple[int, _Way]]:
    wanted = turns[at.turns]
    for outcome in moves.of(at.state):
        turn = turn_of(world, outcome.move)
        behind = at.turns + (turn[0] == wanted[0])
        prices = {at.turns: EXTRA, behind: EXTRA if turn[0] != wanted[0] else OTHER}
        if turn == wanted:
            prices = {behind: 0}
        state = outcome.after(at.state)
        for number, price in prices.items():
            if state is None:  # a kernel ends here, so the turns that are left are not taken
                yield price + LEFT_OUT * (len(turns) - number), _Way(at, outcome)
            else:
                yield from _noted(met, at, _At(number, state), outcome.move, price=price)
    yield from _noted(met, at, _At(at.turns + 1, at.state), None, price=LEFT_OUT)


def _noted(
    met: _Met, at: _At, after: _At, move: Move | None, *, price: int
) -> Iterator[tuple[int, _Way]]:
    # A way back is kept only where it is the cheapest so far.
    if met.cost.get(after, met.cost[at] + price + 1) > met.cost[at] + price:
        met.came[after] = at, move
        yield price, _Way(after)


def _walked(way: _Way, met: _Met) -> tuple[list[State], list[Move]]:
    states, taken, at = [way.at.state], [way.last.move] if way.last else [], way.at
    while at in met.came:
        at, move = met.came[at]
        if move is not None:
            states.insert(0, at.state)
            taken.insert(0, move)
    return states, taken


# Whoever had the last turn finishes, such as i_callback after its free_inode. Others who have begun
# do not: what the second creator gives up later is no answer to the run that is followed.
def _go_on(moves: Moves, states: list[State], taken: list[Move], actor: int) -> None:
    seen: set[State] = set()
    while len(taken) < len(states) and states[-1] not in seen:
        seen.add(states[-1])
        own = [each for each in moves.of(states[-1]) if each.move.actor == actor]
        if not own:
            return
        alive = [each for each in own if each.changes is not None]
        taken.append((alive or own)[0].move)
        after = (alive or own)[0].after(states[-1])
        states += [after] if after else []


# A run ends with the defect that it is about, as each does that `path_to` returns.
def _ended(world: World, states: list[State], taken: list[Move], wanted: DefectCode | None) -> Path:
    moves = Moves(world)
    shown: list[tuple[int, Defect]] = []
    for number, (state, move) in enumerate(zip(states, taken, strict=False)):
        outcome = next(each for each in moves.of(state) if each.move == move)
        shown += [(number, defect) for defect in outcome.shown]
    # What it is asked about, else what ends it, else the first hazard that it meets.
    about = [found for found in shown if found[1].code == wanted]
    fatal = shown[-1:] if len(taken) == len(states) else []
    for number, defect in (about or fatal)[:1]:
        return Path(world, tuple(states[: number + 1]), tuple(taken[: number + 1]), defect)
    _, end = look(world, states[-1])
    left = [found.defect for found in end.failures]
    if left:
        return Path(world, tuple(states), tuple(taken), left[0])
    for number, defect in shown[:1]:
        return Path(world, tuple(states[: number + 1]), tuple(taken[: number + 1]), defect)
    return Path(world, tuple(states), tuple(taken))
