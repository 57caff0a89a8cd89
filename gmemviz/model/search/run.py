"""Turn a state that the search reached into the run that leads there, step by step.

A run stands for what function_graph would show of a kernel that took the same turns: functions
entered, their context and depth, and what each did to the objects.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, NamedTuple

from gmemviz.facts import Effect, Event, Facts, InHook, Source, Trace
from gmemviz.model.design import Chain, unmarked
from gmemviz.model.machine import (
    FREED,
    REFUSED,
    Act,
    Cell,
    Defect,
    DefectFound,
    Enter,
    Machine,
    Place,
    State,
    Touch,
    progress,
)
from gmemviz.model.road import allocate_used_container, cells
from gmemviz.model.search.explore import Exploration, Found
from gmemviz.model.search.moves import Move, apply
from gmemviz.model.search.world import World
from gmemviz.shown import shows_itself
from gmemviz.text import one_line


@shows_itself
@dataclass(frozen=True, slots=True)
class Path:
    """Give one run: the states passed through, and the move out of each.

    `moves` is as long as `states` where the last move found the defect, else one
    shorter.
    """

    world: World
    states: tuple[State, ...]
    moves: tuple[Move, ...]
    defect: Defect | None = None

    def __len__(self) -> int:
        return len(self.moves)

    @property
    def is_at_end(self) -> bool:
        """Return whether the defect shows only when no step is left."""
        return self.defect is not None and len(self.moves) < len(self.states)

    def __repr__(self) -> str:
        end = f", {self.defect.code} of {self.defect.object}" if self.defect else ""
        where = f"{self.world.scenario.name}: {len(self.moves)} moves{end}"
        return f"<Path {one_line(self.world.design.title)}, {where}>"


@shows_itself
class Step(NamedTuple):
    """Give an Event with the cells as they are after it, and its effects on them.

    An Event names objects as the Design does; `effects` and `touches` name cells. `at` are the
    statements that the Design says an action comes from; its Event points at the last of them.
    `passed` is the hook that is passed by here, `word` what a body of the Design says, as
    "free_inode: free tree".
    """

    event: Event
    cells: dict[str, Cell]
    place: Place
    effects: tuple[Effect, ...] = ()
    at: Chain = ()
    touches: tuple[Touch, ...] = ()
    passed: InHook = ""
    word: str = ""

    @property
    def freed(self) -> tuple[str, ...]:
        """Return the cells of what it freed."""
        return tuple(effect.object for effect in self.effects if effect.change == FREED)

    def __repr__(self) -> str:
        return f"<Step {self.event.actor} {self.event.context}: {self.event.sentence}>"


def path_to(exploration: Exploration, found: Found) -> Path:
    """Return the way from the start to `found`, a shortest one for its defect."""
    states, moves = [found.state], []
    while origin := exploration.came_from[states[-1]]:
        before, move = origin
        states.append(before)
        moves.append(move)
    states.reverse()
    moves.reverse()
    if found.move:
        moves.append(found.move)
    return Path(exploration.world, tuple(states), tuple(moves), found.defect)


def uses_old_memory(path: Path) -> bool:
    """Return whether a run takes memory from a slab that an earlier inode has left something in."""
    for move in path.moves:
        act = path.world.programs[move.actor].act(move.act)
        if act.operations[move.way] is allocate_used_container:
            return True
    return False


def outlives_busy_umount(path: Path) -> bool:
    """Return whether a run goes on with inodes that an umount found busy, and poisoned."""
    return any(cells.POISONED in path.world.cells(state).values() for state in path.states)


def steps(path: Path, facts: Facts) -> Iterator[Step]:
    """Yield the steps of a run: functions entered, and what was done in them."""
    world = path.world
    for state, move in zip(path.states, path.moves, strict=False):
        program = world.programs[move.actor]
        before = world.cells(state)
        # What an actor passes silently, then what it does: the last, if it has anything left to do.
        walked = list(program.walk(*progress(state, move.actor)))
        for instruction, following in pairwise(walked):
            # A function that acts at once is one step, not two; a hook keeps its entry.
            acts_at_once = isinstance(following, Act) and following.place == instruction.place
            if isinstance(instruction, Enter) and (instruction.place.hook or not acts_at_once):
                joint = " " if instruction.place.hook else ": "
                sentence = f"{instruction.place.function}{joint}{instruction.says}."
                event = _event(instruction, program.shown, sentence, (), facts)
                yield Step(event, before, instruction.place, passed=instruction.passed)
        if isinstance(walked[-1], Act):
            yield _acted(path, state, move, walked[-1], facts)
    if path.defect and path.is_at_end:
        yield _ended(path, path.defect)


# Such as a leak: the run is over, and nothing was done that anybody could point at.
def _ended(path: Path, defect: Defect) -> Step:
    # What shows only when nothing is left to run has a step of its own.
    place = Place(END, "", "?", 0)
    event = Event(
        END, END, "?", 0, effects=(Effect(defect.object, defect.code),),
        sentence=f"{defect.object} {defect.doing}.",
    )  # fmt: skip
    return Step(event, path.world.cells(path.states[-1]), place, _shows(defect))


END: Final = "end of the run"


def _acted(path: Path, state: State, move: Move, act: Act, facts: Facts) -> Step:
    actor = path.world.programs[move.actor].shown
    try:
        _, machine = apply(path.world, state, move, path.world.cells(state), tells=True)
    except DefectFound as end:
        told = path.defect if path.defect in end.shown else None
        shown = _wrong(path, state, act, told or end.defect, facts)
        return shown._replace(touches=end.touches)
    is_last = move is path.moves[-1] and path.defect in machine.noted
    if is_last and path.defect and not path.is_at_end:
        shown = _wrong(path, state, act, path.defect, facts)
        return shown._replace(touches=tuple(machine.touches))
    said = machine.came or (act.ways[move.way] if act.ways else act.says)
    said = _unattached(act, machine) or said
    sentence = f"{act.place.function}: {said}{_refused(machine)}"
    sentence += "".join(f", and {hazard.doing}" for hazard in machine.noted) + "."
    effects = tuple(machine.effects)
    for hazard in machine.noted:  # at which the run goes on
        effects += _shows(hazard)
    at = path.world.design.chain(act.word)
    event = _pointed(_event(act, actor, sentence, effects, facts), at)
    touches = tuple(machine.touches)
    return Step(event, machine, act.place, effects, at, touches, word=act.word)


def _wrong(path: Path, state: State, act: Act, defect: Defect, facts: Facts) -> Step:
    # The step that shows the defect; the cells are as they were before it.
    sentence = f"{act.place.function} {defect.doing}."
    effects = (Effect(defect.object, defect.code),)
    actor = path.world.programs[path.moves[-1].actor].shown
    at = path.world.design.chain(act.word)
    event = _pointed(_event(act, actor, sentence, effects, facts), at)
    cells = path.world.cells(state)
    return Step(event, cells, act.place, _shows(defect), at, word=act.word)


def _shows(defect: Defect) -> tuple[Effect, ...]:
    return (Effect(defect.cell or defect.object, defect.code),)


# A creator says what it wants; where another inode has all that there is, that is not what it gets.
def _refused(machine: Machine) -> str:
    for effect in machine.effects:
        holder = machine.get(f"{effect.object}.holder")
        if effect.change == REFUSED and holder:
            return f", but is refused: {holder} still holds {unmarked(effect.object)}"
    return ""


# An action of a hook says what it does; where the pointer is NULL it does nothing.
def _unattached(act: Act, machine: Machine) -> str:
    action = act.action
    if action is None or action.verb != "free" or action.is_word or machine.effects:
        return ""
    return f"no {action.metadata} is attached, and nothing is freed"


def _event(
    instruction: Act | Enter,
    actor: str,
    sentence: str,
    effects: tuple[Effect, ...],
    facts: Facts,
) -> Event:
    place = instruction.place
    return Event(
        function=place.function,
        actor=actor,
        context=place.context,
        depth=place.depth,
        hook=place.hook,
        effects=tuple(Effect(*map(unmarked, effect)) for effect in effects),
        sentence=sentence,
        source=source_of(place.function, facts),
    )


# The statement that a Design was read from says more than where its function begins.
def _pointed(event: Event, at: Chain) -> Event:
    return replace(event, source=at[-1]) if at else event


def source_of(function: str, facts: Facts) -> Source | None:
    """Return where the facts have a function, or None for one that is not the kernel's."""
    return facts.source(function) if facts.has_function(function) else None


def trace(path: Path, facts: Facts) -> Trace:
    """Return a run as a Trace, for the player and for comparison with a recording."""
    design, scenario = path.world.design, path.world.scenario
    return Trace(
        title=f"{design.title}: {scenario.name}",
        kernel=facts.release,
        origin="simulated",
        events=tuple(step.event for step in steps(path, facts)),
    )
