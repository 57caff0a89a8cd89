"""Explore every interleaving of a scenario, breadth-first, and stop a run where a kernel stops.

It stands for the scheduler, interrupts and RCU's timing: whoever can go on may be the next.
Deterministic: actors in the scenario's order, alternatives in theirs. The first path found to a
defect code is a shortest one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import Any, Final, NamedTuple

from gmemviz.model.design import QUEUES, DefectCode, codes_that, unmarked
from gmemviz.model.machine import (
    ABSENT,
    FREED,
    HANDED_OVER,
    Cell,
    Defect,
    DefectFound,
    Next,
    State,
    progress,
)
from gmemviz.model.road import reason
from gmemviz.model.scenarios import Witness, is_cached
from gmemviz.model.search.moves import Move, Moves, apply
from gmemviz.model.search.world import World
from gmemviz.shown import shows_itself
from gmemviz.text import one_line

LIMIT: Final = 200_000
"""States after which a search gives up, and says so."""


@shows_itself
class Found(NamedTuple):
    """Give a state and how far it is: the move that failed there, if one did."""

    defect: Defect | None
    state: State
    move: Move | None
    depth: int


@shows_itself
@dataclass
class Exploration:
    """Give what a search saw. `came_from` maps each state to its first way there.

    `found` has the first run to each code, `failures` every state and move that showed one, in
    the order of their depth: other runs to the same code are taken from there. `taken` are the
    places in the code that an actor went on from: actor, Acts done, register. `is_endless`: from
    some state no run comes to an end, since a work queues itself again.
    """

    world: World
    came_from: dict[State, tuple[State, Move] | None]
    edges: int = 0
    depth: int = 0
    found: dict[DefectCode, Found] = field(default_factory=dict)
    witnesses: dict[str, bool] = field(default_factory=dict)
    ended: Found | None = None
    is_complete: bool = True
    is_endless: bool = False
    moves: list[tuple[State, Move, State]] = field(default_factory=list)
    taken: set[tuple[int, int, int]] = field(default_factory=set)
    failures: list[Found] = field(default_factory=list)

    def note(self, found: Found) -> None:
        """Take down a defect; the first one of its code has a shortest run."""
        assert found.defect is not None
        self.failures.append(found)
        self.found.setdefault(found.defect.code, found)

    @property
    def states(self) -> int:
        """Return how many different states were reached."""
        return len(self.came_from)

    @property
    def shortest(self) -> Found | None:
        """Return the nearest defect, or None."""
        return min(self.found.values(), key=lambda found: found.depth, default=None)

    @cached_property
    def entered(self) -> frozenset[str]:
        """Return the hooks that some run enters."""
        return frozenset(chain.from_iterable(step.entered for step in self._steps))

    @cached_property
    def passed(self) -> dict[str, str]:
        """Return the hooks of the Design that some run passes by, and why."""
        return dict(chain.from_iterable(step.passed for step in self._steps))

    @cached_property
    def acted(self) -> frozenset[str]:
        """Return the words of the Design's bodies that some run acts on."""
        return frozenset(step.act.word for step in self._steps if step.act.word)

    @cached_property
    def _steps(self) -> list[Next]:
        programs = self.world.programs
        steps = [programs[actor].next(done, answer) for actor, done, answer in sorted(self.taken)]
        return [step for step in steps if step]

    def __repr__(self) -> str:
        found = ", ".join(self.found) or "no defect"
        limit = "" if self.is_complete else ", hit its limit"
        where = f"{self.world.scenario.name}, {self.states} states{limit}"
        return f"<Exploration {one_line(self.world.design.title)}, {where}: {found}>"


def explore(
    world: World,
    *,
    limit: int = LIMIT,
    keep_moves: bool = False,
    shared: dict[tuple[Any, ...], Exploration] | None = None,
) -> Exploration:
    """Return what every interleaving of the World does, or stop soon after `limit` states.

    With `keep_moves` every transition is kept, for pictures of the state space. `shared` has
    what was searched before: a World of the same meaning is not searched again.
    """
    if shared is None:
        return _search(world, limit, keep_moves=keep_moves)
    meaning = world.meaning
    if meaning not in shared:
        shared[meaning] = _search(world, limit, keep_moves=keep_moves)
    return replace(shared[meaning], world=world)


def _search(world: World, limit: int, *, keep_moves: bool) -> Exploration:
    # Level by level, so that the first way to a state is a shortest one.
    known = Moves(world)
    result = Exploration(world, {world.start: None}, taken=known.taken)
    result.witnesses = {name: False for name, _ in world.scenario.sometimes}
    missed = list(world.scenario.sometimes)
    ways: _Ways | None = {} if _may_be_endless(world) else None
    level = [world.start]
    while level and result.is_complete:
        following: list[State] = []
        for state in level:
            missed = _witness(result, known.cells(state), missed) if missed else missed
            moves = _successors(result, state, known)
            if not moves:
                _note_end(result, state, world.cells(state))
            following += _new(result, state, moves)
            if ways is not None:
                _note_ways(ways, state, moves)
            if keep_moves:
                result.moves += [(state, move, after) for move, after in moves if after]
            if result.states >= limit:
                result.is_complete = False
                break
        level = following
        result.depth += bool(level)
    result.is_endless = ways is not None and result.is_complete and _is_endless(result, ways)
    return result


# A program has no loop but a callback's, which is due anew once somebody has queued it again. Where
# callbacks do that themselves a run may go on for ever, and what is a leak shows only at an end.
def _may_be_endless(world: World) -> bool:
    callbacks = world.design.callbacks
    return any(action.verb in QUEUES for each in callbacks for action in each.does)


_Ways = dict[State | None, list[State]]
"""From which states each is reached; None is any end, also one by a defect."""


def _note_ways(ways: _Ways, state: State, moves: Sequence[tuple[Move, State | None]]) -> None:
    for after in {after for _, after in moves} or {None}:
        ways.setdefault(after, []).append(state)


def _is_endless(result: Exploration, ways: _Ways) -> bool:
    # Whether some state leads to no end: backwards from the ends it is not met.
    met: set[State | None] = {None}
    level: list[State | None] = [None]
    while level:
        before: set[State | None] = set()
        for after in level:
            before.update(ways.get(after, ()))
        level = list(before - met)
        met |= before
    return not met.issuperset(result.came_from)


# The first way to a state is kept, since no later one is shorter.
def _new(
    result: Exploration, state: State, moves: Sequence[tuple[Move, State | None]]
) -> list[State]:
    # Those of the states after this one that no shorter run has reached.
    new: list[State] = []
    for move, after in moves:
        way = (state, move)
        if after is not None and result.came_from.setdefault(after, way) is way:
            new.append(after)
    return new


def _successors(result: Exploration, state: State, moves: Moves) -> list[tuple[Move, State | None]]:
    found: list[tuple[Move, State | None]] = []
    for outcome in moves.of(state):
        found.append((outcome.move, outcome.after(state)))
        for defect in outcome.shown:
            result.note(Found(defect, state, outcome.move, result.depth + 1))
    result.edges += len(found)
    return found


def shown(world: World, state: State, move: Move) -> tuple[Defect, ...]:
    """Return what a move shows: hazards, at which the run goes on, and last what ends it."""
    try:
        _, machine = apply(world, state, move, world.cells(state))
    except DefectFound as end:
        return end.shown
    return tuple(machine.noted)


def look(
    world: World, state: State, moves: Moves | None = None
) -> tuple[list[tuple[Move, State | None]], Exploration]:
    """Return what a search tries from one state, and what it notes of that state.

    After a move that shows a defect there is no state. `moves` know the World from looks before.
    """
    moves = moves or Moves(world)
    result = Exploration(world, {state: None})
    found = _successors(result, state, moves)
    if not found:
        _note_end(result, state, world.cells(state))
    return found, result


def _witness(result: Exploration, cells: dict[str, Cell], missed: list[Witness]) -> list[Witness]:
    # Return what is still to be seen.
    seen = [name for name, test in missed if test(cells)]
    if not seen:
        return missed
    result.witnesses.update(dict.fromkeys(seen, True))
    return [witness for witness in missed if witness[0] not in seen]


def _note_end(result: Exploration, state: State, cells: Mapping[str, Cell]) -> None:
    depth, world = result.depth, result.world
    result.ended = result.ended or Found(None, state, None, depth)
    stuck = _stuck(world, state)
    if stuck:
        (actor, doing), *others = stuck
        doing = "".join((doing, *(f"; {other} {waits}" for other, waits in others)))
        result.note(Found(Defect("hang", actor, doing), state, None, depth))
    if any(is_cached(cells, inode) for inode in world.listed):
        return  # umount, or a want of memory, evicts it one day
    # kmem_cache_destroy warns of such objects; a leak of metadata nobody notices.
    objects: dict[DefectCode, Sequence[str]] = {"leak": world.objects, "inode-leak": world.inodes}
    for code in codes_that(at_end=True):
        if code not in objects:
            continue
        names = objects[code]
        if cells["superblock"] != FREED:
            names = [name for name in names if name not in world.of_superblock]
        held = _held(cells, names)
        if held:
            doing = "is still allocated when no step is left to free it"
            lost = Defect(code, unmarked(held), doing, held)
            result.note(Found(lost, state, None, depth))


# Somebody who has never begun waits for nobody: a reader that came too late is no hang, and neither
# is a callback that nobody queued. Of the others each says who keeps it, as a kernel's hung task
# detector does of a lock. (kernel/hung_task.c:check_hung_task@v6.12)
def _stuck(world: World, state: State) -> list[tuple[str, str]]:
    # Who has begun, and for whom it waits though no step is left to anybody.
    found: list[tuple[str, str]] = []
    cells = world.cells(state)
    for actor, program in enumerate(world.programs):
        at = progress(state, actor)
        step = program.after(at) if at[0] else None
        if step is not None and step.number:  # a callback that waits for its next turn is idle
            place = step.act.place
            where = f" in {place.hook}" if place.hook else ""
            why = reason(step.act, cells, program.target)
            found.append((program.shown, f"waits for ever{where}, as {why}"))
    return found


# What was handed over is for somebody else to free.
_GONE: Final = (ABSENT, FREED, HANDED_OVER)


def _held(cells: Mapping[str, Cell], names: Sequence[str]) -> str:
    return next((name for name in names if cells[name] not in _GONE), "")
