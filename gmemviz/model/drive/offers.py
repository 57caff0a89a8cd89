"""Say what can happen in one state, what cannot and why, and what would have to come first.

It stands for what the scheduler could pick just now, and for the locks and grace periods that keep
the others waiting. Every step offered is one that the search would try; nothing here decides what
may happen.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Final, NamedTuple

from gmemviz.facts import Facts, Source
from gmemviz.model.machine import Act, Place, State, progress
from gmemviz.model.road import reason
from gmemviz.model.search import Exploration, Move, Moves, World, explore, look, source_of
from gmemviz.shown import shows_itself

DONE: Final = "has nothing left to do"
"""Why an actor is blocked whose code has come to its end."""

FAR: Final = 20_000
"""States after which the look ahead gives up."""

Tries = tuple[list[tuple[Move, State | None]], Exploration]
"""What the search tries in a state, and what it notes of it (`search.look`)."""


@shows_itself
class Offer(NamedTuple):
    """Give one step that can happen next; `way` says which, where it may go two ways.

    `through` are the functions entered before it.
    """

    move: Move
    actor: str
    place: Place
    says: str
    way: str
    through: tuple[str, ...]
    source: Source | None

    @property
    def words(self) -> str:
        """Return the step in one line."""
        way = f" ({self.way})" if self.way else ""
        return f"{self.place.function}: {self.says}{way}"


@shows_itself
class Blocked(NamedTuple):
    """Say why an actor cannot go on, and when it can; `place` is None where its code ends."""

    actor: str
    place: Place | None
    why: str
    soonest: str = ""


@shows_itself
@dataclass(frozen=True, eq=False)
class Ground:
    """Hold what all walks over one scenario share; `known` are the states looked at."""

    world: World
    facts: Facts
    known: dict[State, Tries] = field(default_factory=dict)

    def look(self, state: State) -> Tries:
        """Return what the search tries in a state, and what it notes of it."""
        if state not in self.known:
            self.known[state] = look(self.world, state, self._moves)
        return self.known[state]

    @cached_property
    def _moves(self) -> Moves:
        return Moves(self.world)

    @cached_property
    def explored(self) -> Exploration:
        """Return the search of the whole scenario, with its transitions."""
        return explore(self.world, keep_moves=True)


def offers(ground: Ground, state: State) -> tuple[Offer, ...]:
    """Return every step that can happen in a state, in the order of the search."""
    return tuple(_offer(ground, state, move) for move, _ in ground.look(state)[0])


def blocked(ground: Ground, state: State) -> tuple[Blocked, ...]:
    """Return every actor that has no step in a state, each with the reason."""
    free = {move.actor for move, _ in ground.look(state)[0]}
    actors = range(len(ground.world.programs))
    return tuple(_blocked(ground, state, actor) for actor in actors if actor not in free)


def _offer(ground: Ground, state: State, move: Move) -> Offer:
    program = ground.world.programs[move.actor]
    *enters, act = program.walk(*progress(state, move.actor))
    assert isinstance(act, Act)
    function = act.place.function
    entered = (enter.place.function for enter in enters)
    through = tuple(name for name in entered if name != function)
    source = source_of(function, ground.facts)
    return Offer(move, program.actor, act.place, act.says, _way(act, move.way), through, source)


def _way(act: Act, way: int) -> str:
    # What tells two ways of one step apart: whether it sleeps, or the names of the ways.
    if len(act.operations) == 1:
        return ""
    operation = act.operations[way]
    if isinstance(operation, partial) and "sleeps" in operation.keywords:
        return "and sleeps over it" if operation.keywords["sleeps"] else "without sleeping"
    return act.ways[way] if act.ways else f"way {way + 1}"


def _blocked(ground: Ground, state: State, actor: int) -> Blocked:
    program = ground.world.programs[actor]
    step = program.after(progress(state, actor))
    if step is None:
        return Blocked(program.actor, None, DONE)
    why = reason(step.act, ground.world.cells(state), program.target)
    return Blocked(program.actor, step.act.place, why, _soonest(ground, state, actor))


def _soonest(ground: Ground, state: State, actor: int) -> str:
    came_from: dict[State, tuple[State, Move] | None] = {state: None}
    for ahead in _nearest(ground, came_from):
        if any(move.actor == actor for move, _ in ground.look(ahead)[0]):
            return _way_there(ground.world, came_from, ahead)
        if len(came_from) > FAR:
            return ""
    return "no run from here gets there"


def _nearest(ground: Ground, came_from: dict[State, tuple[State, Move] | None]) -> Iterator[State]:
    # The states ahead, the nearest first; `came_from` remembers the way to each.
    level = list(came_from)
    while level:
        following = []
        for state in level:
            yield state
            for move, after in ground.look(state)[0]:
                if after is not None and after not in came_from:
                    came_from[after] = state, move
                    following.append(after)
        level = following


def _way_there(
    world: World, came_from: dict[State, tuple[State, Move] | None], state: State
) -> str:
    moves = []
    while origin := came_from[state]:
        state, move = origin
        moves.append(move)
    last = world.programs[moves[0].actor]
    function = last.act(moves[0].act).place.function
    count = f"{len(moves)} steps" if len(moves) > 1 else "1 step"
    return f"soonest after {count}, by {function} of {last.actor}"
