"""Know what may come next in a state, and what it does: each step is worked out once.

It stands for the scheduler, which lets any of those go on who wait for nothing. A step looks at few
cells (`machine.lazy_machine`), so a search meets it thousands of times with the same ones before
it: then it does the same again, and what it did the first time is put into the new state.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gmemviz.model.machine import (
    Cell,
    Change,
    Defect,
    DefectFound,
    LazyMachine,
    Machine,
    Next,
    Program,
    State,
    cells_numbered,
    changed,
    progress,
    progress_as_changes,
    state_after,
)
from gmemviz.model.search.world import World


class Move(NamedTuple):
    """Name one transition: the actor, the number of its Act, and the way it went."""

    actor: int
    act: int
    way: int


class Outcome(NamedTuple):
    """Give what a move does where the cells that it looks at are the same.

    `changes` is None where the run ends in it. `shown` are hazards, and last what ends the run.
    """

    move: Move
    changes: tuple[Change, ...] | None
    shown: Sequence[Defect] = ()

    def after(self, state: State) -> State | None:
        """Return the state after it, or None where the run ends."""
        return None if self.changes is None else changed(state, self.changes)


@dataclass
class _Step:
    # One actor's next step. `outcomes` has what it does for each content of the cells at the
    # numbers `asked`, which `key` takes out of a state: () where its guard keeps the actor waiting.
    program: Program
    at: Mapping[str, int]
    actor: int
    register: int
    step: Next
    asked: frozenset[int] = frozenset()
    key: Callable[[State], Any] = field(default_factory=lambda: cells_numbered(()))
    outcomes: dict[Any, tuple[Outcome, ...]] = field(default_factory=dict)

    # Two states may lead it to look at different cells. So all that it was ever seen to look at
    # tell one case from another, and what was learnt by fewer is learnt anew.
    def learn(self, state: State) -> tuple[Outcome, ...]:
        asked: set[int] = set()
        outcomes = tuple(self._do(state, asked))
        if not asked <= self.asked:
            self.asked |= asked
            self.key = cells_numbered(sorted(self.asked))
            self.outcomes.clear()
        self.outcomes[self.key(state)] = outcomes
        return outcomes

    def _do(self, state: State, asked: set[int]) -> list[Outcome]:
        act, target = self.step.act, self.program.target
        if act.guard:
            looks = LazyMachine(state, self.at, "P")
            is_free = act.guard(looks, target)
            asked.update(looks.asked)
            if not is_free:
                return []
        return [self._go(state, way, asked) for way in range(len(act.operations))]

    def _go(self, state: State, way: int, asked: set[int]) -> Outcome:
        number, act = self.step.number, self.step.act
        move = Move(self.actor, number, way)
        machine = LazyMachine(state, self.at, act.place.context, self.register)
        try:
            act.operations[way](machine, self.program.target)
        except DefectFound as end:
            return Outcome(move, None, end.shown)
        finally:
            asked.update(machine.asked)
        now = progress_as_changes(self.actor, (number + 1, machine.register))
        return Outcome(move, now + machine.changes(), machine.noted)


class Moves:
    """Know the moves of a World. What is asked of a state twice is worked out once.

    `taken` are the places in the code that an actor went on from: actor, Acts done, register.
    """

    def __init__(self, world: World) -> None:
        self.taken: set[tuple[int, int, int]] = set()
        self._world = world
        self._at = world.numbers
        self._known: tuple[dict[tuple[int, int], _Step | None], ...] = tuple(
            {} for _ in world.programs
        )

    def of(self, state: State) -> list[Outcome]:
        """Return what each actor may do next: in the scenario's order, ways in theirs."""
        found: list[Outcome] = []
        for actor, known in enumerate(self._known):
            at = progress(state, actor)
            try:
                step = known[at]
            except KeyError:
                step = known[at] = self._meet(actor, at)
            if step is None:
                continue  # it has nothing left to do
            outcomes = step.outcomes.get(step.key(state))
            if outcomes is None:
                outcomes = step.learn(state)
                if outcomes:
                    self.taken.add((actor, *at))
            found += outcomes
        return found

    def cells(self, state: State) -> LazyMachine:
        """Return the cells of a state for whoever looks at few of them."""
        return LazyMachine(state, self._at, "P")

    def _meet(self, actor: int, at: tuple[int, int]) -> _Step | None:
        program = self._world.programs[actor]
        step = program.after(at)
        return step and _Step(program, self._at, actor, at[1], step)


def apply(
    world: World, state: State, move: Move, here: Mapping[str, Cell], *, tells: bool = False
) -> tuple[State, Machine]:
    """Return the state after one move, and the Machine with what it did.

    DefectFound where the move shows a defect. `here` are the state's cells. It knows nothing of
    other states: a run is told by it, and what `Moves` says is held against it.
    """
    program = world.programs[move.actor]
    act = program.act(move.act)
    _, register = progress(state, move.actor)
    machine = Machine(here, act.place.context, register, tells=tells)
    act.operations[move.way](machine, program.target)
    now = move.act + 1, machine.register
    return state_after(state, len(world.programs), move.actor, now, machine), machine
