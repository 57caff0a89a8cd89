"""Explore every interleaving of a scenario, breadth-first, and stop a run at its defect.

Deterministic: actors in the scenario's order, alternatives in theirs. The first
path found to a defect code is a shortest one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from gmemviz.facts import Facts
from gmemviz.model.design import Design
from gmemviz.model.lines import Function
from gmemviz.model.machine import ABSENT, FREED, Cell, Defect, DefectFound, Machine, State
from gmemviz.model.program import Act, Enter, Jump, Program, compile_program
from gmemviz.model.scenario import Actor, Scenario
from gmemviz.model.skeleton import SKELETON
from gmemviz.model.surroundings import SURROUNDINGS
from gmemviz.model.target import Target
from gmemviz.model.world import cells_of, shared_cells

__all__ = ("LIMIT", "Exploration", "Found", "Move", "World", "explore", "world_of")

LIMIT: Final = 200_000
"""States after which a search gives up, and says so."""


class Move(NamedTuple):
    """Name one transition: the actor, its instruction, and the way it went."""

    actor: int
    instruction: int
    way: int


@dataclass(frozen=True, slots=True)
class World:
    """Hold a scenario made ready for one Design: programs, cells, first state.

    A state is (pc, register) of each program in turn, `counters` items, then the cells of `names`.
    """

    design: Design
    scenario: Scenario
    programs: tuple[Program, ...]
    names: tuple[str, ...]
    counters: int
    start: State
    objects: tuple[str, ...]
    inodes: tuple[str, ...]

    def cells(self, state: State) -> dict[str, Cell]:
        """Return the cells of a state by name."""
        return dict(zip(self.names, state[self.counters :], strict=True))


def world_of(
    design: Design,
    scenario: Scenario,
    facts: Facts,
    *,
    skeleton: Mapping[str, Function] = SKELETON,
    compiled: dict[Actor, Program] | None = None,
) -> World:
    """Return the World of a scenario; another `skeleton` makes a mutant for tests.

    `compiled` keeps the programs of actors that several scenarios of one Design share.
    """
    compiled = {} if compiled is None else compiled
    functions = {**skeleton, **SURROUNDINGS}
    programs = []
    cells = {**shared_cells(), **dict(scenario.cells)}
    objects: dict[str, None] = {}
    for actor in scenario.actors:
        if actor not in compiled:
            compiled[actor] = _compile(actor, design, facts, functions)
        target = compiled[actor].target
        cells.update(cells_of(target))
        objects.update(
            (target.object(kept), None) for kept in design.keeps if kept.kind.owns_object
        )
        programs.append(compiled[actor])
    inodes = tuple(dict.fromkeys(program.target.inode for program in programs))
    counters = (0, 0) * len(programs)
    return World(
        design, scenario, tuple(programs), tuple(cells), len(counters),
        counters + tuple(cells.values()), tuple(objects), inodes,
    )  # fmt: skip


def _compile(
    actor: Actor, design: Design, facts: Facts, functions: Mapping[str, Function]
) -> Program:
    target = Target(
        design, facts, actor.inode, actor.address or actor.inode, actor.file, actor.name,
        actor.traits,
    )  # fmt: skip
    code = {**functions, actor.name: Function("", actor.lines)}
    return compile_program(
        actor.name, actor.name, target, code, shown=actor.shown or design.creator
    )


class Found(NamedTuple):
    """Give a state and how far it is: the move that failed there, if one did."""

    defect: Defect | None
    state: State
    move: Move | None
    depth: int


@dataclass
class Exploration:
    """Give what a search saw. `came_from` maps each state to its first way there."""

    world: World
    came_from: dict[State, tuple[State, Move] | None]
    edges: int = 0
    depth: int = 0
    found: dict[str, Found] = field(default_factory=dict)
    witnesses: dict[str, bool] = field(default_factory=dict)
    entered: set[str] = field(default_factory=set)
    passed: dict[str, str] = field(default_factory=dict)
    ended: Found | None = None
    is_complete: bool = True
    moves: list[tuple[State, Move, State]] = field(default_factory=list)

    @property
    def states(self) -> int:
        """Return how many different states were reached."""
        return len(self.came_from)

    @property
    def shortest(self) -> Found | None:
        """Return the nearest defect, or None."""
        return min(self.found.values(), key=lambda found: found.depth, default=None)


class _Next(NamedTuple):
    act: Act
    moves: tuple[Move, ...]
    entered: tuple[str, ...]
    passed: tuple[tuple[str, str], ...]


class _Stepper(dict[State, _Next | None]):
    """Find one actor's next Act past everything silent; it depends on pc and register only."""

    def __init__(self, actor: int, program: Program) -> None:
        super().__init__()
        self.actor = actor
        self.program = program
        self.taken: set[State] = set()

    def __missing__(self, key: State) -> _Next | None:
        self[key] = self.walk(*key)
        return self[key]

    def walk(self, pc: Cell, register: Cell) -> _Next | None:
        places: list[str] = []
        passed: list[tuple[str, str]] = []
        for index, instruction in silent_walk(self.program, pc, register):
            if isinstance(instruction, Act):
                ways = range(len(instruction.operations))
                moves = tuple(Move(self.actor, index, way) for way in ways)
                return _Next(instruction, moves, tuple(places), tuple(passed))
            if instruction.passed:
                passed.append((instruction.passed, instruction.why))
            places.append(instruction.place.hook)
        return None


def silent_walk(program: Program, pc: Cell, register: Cell) -> Iterator[tuple[int, Enter | Act]]:
    """Yield the Enters that an actor passes from `pc` on, then its Act, if any."""
    assert isinstance(pc, int)
    assert isinstance(register, int)
    m = Machine({}, "P", register)
    while pc < len(program.code):
        instruction = program.code[pc]
        if isinstance(instruction, Jump):
            holds = instruction.test(m, program.target) != instruction.unless
            pc = instruction.to if holds else pc + 1
            continue
        yield pc, instruction
        if isinstance(instruction, Act):
            return
        pc += 1


def explore(world: World, *, limit: int = LIMIT, keep_moves: bool = False) -> Exploration:
    """Return what every interleaving of the World does, or stop soon after `limit` states.

    With `keep_moves` every transition is kept, for pictures of the state space.
    """
    result = Exploration(world, {world.start: None})
    result.witnesses = {name: False for name, _ in world.scenario.sometimes}
    steppers = [_Stepper(actor, program) for actor, program in enumerate(world.programs)]
    missed = list(world.scenario.sometimes)
    level = [world.start]
    while level and result.is_complete:
        following: list[State] = []
        for state in level:
            here = Machine(world.cells(state), "P")
            missed = _witness(result, here, missed) if missed else missed
            moves = _successors(result, steppers, state, here)
            if not moves:
                _note_end(result, state, here)
            following += _new(result, state, moves)
            if keep_moves:
                result.moves += [(state, move, after) for move, after in moves if after]
            if result.states >= limit:
                result.is_complete = False
                break
        level = following
        result.depth += bool(level)
    _note_hooks(result, steppers)
    return result


def _new(
    result: Exploration, state: State, moves: Sequence[tuple[Move, State | None]]
) -> list[State]:
    # Return those of the states after this one that no shorter run has reached.
    new: list[State] = []
    for move, after in moves:
        way = (state, move)
        if after is not None and result.came_from.setdefault(after, way) is way:
            new.append(after)
    return new


def _successors(
    result: Exploration, steppers: Sequence[_Stepper], state: State, here: Machine
) -> list[tuple[Move, State | None]]:
    moves: list[tuple[Move, State | None]] = []
    for at, stepper in enumerate(steppers):
        key = state[2 * at : 2 * at + 2]
        step = stepper[key]
        target = stepper.program.target
        # A guard only looks, so it may have the cells themselves.
        if step is None or (step.act.guard and not step.act.guard(here, target)):
            continue
        stepper.taken.add(key)
        for move in step.moves:
            try:
                moves.append((move, apply(result.world, state, move, here)[0]))
            except DefectFound as end:
                found = Found(end.defect, state, move, result.depth + 1)
                result.found.setdefault(end.defect.code, found)
                moves.append((move, None))
    result.edges += len(moves)
    return moves


def apply(
    world: World, state: State, move: Move, here: Mapping[str, Cell], *, tells: bool = False
) -> tuple[State, Machine]:
    """Return the state after one move, and the Machine with what it did.

    DefectFound where the move shows a defect. `here` are the state's cells.
    """
    program = world.programs[move.actor]
    act = program.code[move.instruction]
    assert isinstance(act, Act)
    at = 2 * move.actor
    register = state[at + 1]
    m = Machine(here, act.place.context, register, tells=tells)  # type: ignore[arg-type]
    act.operations[move.way](m, program.target)
    rest = state[at + 2 : world.counters]
    return (*state[:at], move.instruction + 1, m.register, *rest, *m.values()), m


def _note_hooks(result: Exploration, steppers: Iterable[_Stepper]) -> None:
    # Say which hooks were entered, and which were passed by.
    for stepper in steppers:
        for key in sorted(stepper.taken):
            if step := stepper[key]:
                result.entered.update(step.entered)
                result.passed.update(step.passed)


Witness = tuple[str, Callable[[dict[str, Cell]], bool]]


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
    for code, names in (("leak", world.objects), ("inode-leak", world.inodes)):
        held = _held(cells, names)
        if held and code not in result.found:
            doing = "is still allocated when no step is left to free it"
            result.found[code] = Found(Defect(code, held, doing), state, None, depth)


def _held(cells: Mapping[str, Cell], names: Sequence[str]) -> str:
    return next((name for name in names if cells[name] not in (ABSENT, FREED)), "")
