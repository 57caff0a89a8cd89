"""Drive the model by hand: take one of the steps that can happen, go back, take another.

The reader stands for the scheduler, which lets one actor after another go on.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

from gmemviz.errors import GmemvizError, choice, of_kind
from gmemviz.facts import Facts, load
from gmemviz.model.design import Design, unfit
from gmemviz.model.drive.offers import Blocked, Ground, Offer, blocked, offers
from gmemviz.model.machine import Cell, Defect, State
from gmemviz.model.scenarios import BUILD, ENDS, SCENARIOS, by_default
from gmemviz.model.search import Move, Path, explore, shown, steps, world_of
from gmemviz.shown import shows_itself
from gmemviz.text import one_line


@shows_itself
@dataclass(frozen=True, eq=False)
class Drive:
    """Hold one walk: the states passed through, and the moves between them.

    `failed` is the defect with which the last move ended the run. A walk never changes: `take`
    and `back` return another, so that branches can be kept side by side.
    """

    ground: Ground
    states: tuple[State, ...]
    moves: tuple[Move, ...] = ()
    failed: Defect | None = None

    @cached_property
    def shown(self) -> tuple[Defect, ...]:
        """Return what the last move has shown; behind a hazard the walk can go on."""
        if not self.moves:
            return ()
        return shown(self.ground.world, self.states[len(self.moves) - 1], self.moves[-1])

    @cached_property
    def left(self) -> tuple[Defect, ...]:
        """Return what is wrong because nothing more can happen."""
        if self.offers or self.failed:
            return ()
        _, noted = self.ground.look(self.states[-1])
        return tuple(found.defect for found in noted.found.values() if found.defect)

    @property
    def defects(self) -> tuple[Defect, ...]:
        """Return both: what the last move has shown, then what is left."""
        return (*self.shown, *self.left)

    @property
    def path(self) -> Path:
        """Return the walk as a Path, with a defect where it has reached one.

        That is what ended it, else what its last move showed, of which a Path has the state before.
        """
        defect = next(iter((*self.shown[::-1], *self.left)), None)
        states = self.states[: len(self.moves)] if self.shown else self.states
        return Path(self.ground.world, states, self.moves, defect)

    @cached_property
    def ends(self) -> tuple[int, ...]:
        """Return how many steps the run has after each move, as a player counts them."""
        counts: list[int] = []
        for at, move in enumerate(self.moves):
            alone = Path(self.ground.world, self.states[at : at + 2], (move,))
            counts.append(len(tuple(steps(alone, self.ground.facts))))
        return tuple(accumulate(counts))

    @cached_property
    def offers(self) -> tuple[Offer, ...]:
        """Return every step that can happen next; none after a defect."""
        return () if self.failed else offers(self.ground, self.states[-1])

    @cached_property
    def blocked(self) -> tuple[Blocked, ...]:
        """Return every actor that has no step now, each with the reason."""
        if not self.failed:
            return blocked(self.ground, self.states[-1])
        why = f"the run has ended: {self.failed.code}"
        programs = self.ground.world.programs
        return tuple(Blocked(program.actor, None, why) for program in programs)

    def offers_of(self, actor: str) -> list[Offer]:
        """Return the steps that one actor can take next."""
        return [offer for offer in self.offers if offer.actor == actor]

    def take(self, step: str | Offer | Move) -> "Drive":
        """Return the walk after one more step: an Offer, its Move, or the only one of an actor.

        GmemvizError where the step cannot happen now, or the actor has two.
        """
        move = _move(self, step)
        tried = () if self.failed else self.ground.look(self.states[-1])[0]
        for possible, after in tried:
            if possible == move and after is not None:
                return replace(self, states=(*self.states, after), moves=(*self.moves, move))
            if possible == move:
                *_, failed = shown(self.ground.world, self.states[-1], move)
                return replace(self, moves=(*self.moves, move), failed=failed)
        raise GmemvizError(f"{move} cannot happen now; what can: {_offered(self)}")

    def back(self, count: int = 1) -> "Drive":
        """Return the walk without its last moves; at the start it stays there."""
        if count <= 0 or not self.moves:
            return self
        left = max(0, len(self.moves) - count)
        return replace(self, states=self.states[: left + 1], moves=self.moves[:left], failed=None)

    def go(self, actor: str, to: str = "") -> "Drive":
        """Return the walk after `actor` went on alone: through a function, or till it waits.

        Where a step may go two ways, it goes the first. GmemvizError where it cannot go, or does
        not come to `to`.
        """
        here = self
        while mine := here.offers_of(actor):
            here = here.take(mine[0])
            if to and mine[0].place.function == to:
                return here
        if to or here is self:
            aim = f"does not come to {to!r}" if to else "cannot go on"
            raise GmemvizError(f"{_actor(self, actor)} {aim}: {_why(here, actor)}")
        return here

    def __repr__(self) -> str:
        world = self.ground.world
        found = ", ".join(defect.code for defect in self.defects)
        where = f"{world.scenario.name}, after {len(self.moves)} moves"
        where += f": {found}" if found else ""
        return f"<Drive {one_line(world.design.title)}, {where}>"


def scenarios_of(design: Design, facts: Facts | None = None) -> tuple[str, ...]:
    """Return the names of the scenarios that can be driven; only the build where that fails.

    GmemvizError where the choices make no Design.
    """
    facts = facts or load(design.kernel)
    if why := unfit(design):
        raise GmemvizError(f"not a design: {why}")
    if explore(world_of(design, BUILD, facts)).found:
        return (BUILD.name,)
    unasked = [scenario.name for scenario in by_default(design)]
    asking = [name for name, scenario in SCENARIOS.items() if scenario.asks(design)]
    return (*unasked, *(name for name in asking if name not in unasked))


def drive(design: Design, scenario: str = "", *, facts: Facts | None = None) -> Drive:
    """Return a walk that has not begun, over a scenario ("" is the first that asks).

    GmemvizError where the choices make no Design, UnknownNameError for a scenario that has
    nothing to ask about it.
    """
    of_kind("design", design, Design)
    facts = facts or load(design.kernel)
    names = scenarios_of(design, facts)
    name = choice("scenario", scenario or names[0], names)
    world = world_of(design, {**SCENARIOS, BUILD.name: BUILD}[name], facts)
    return Drive(Ground(world, facts), (world.start,))


def along(path: Path, facts: Facts) -> Drive:
    """Return the walk that takes the moves of a Path one by one."""
    here = Drive(Ground(path.world, facts), (path.world.start,))
    for move in path.moves:
        here = here.take(move)
    return here


def cells_at(here: Drive) -> dict[str, Cell]:
    """Return the cells of the present state by name."""
    return here.ground.world.cells(here.states[-1])


def reached(here: Drive) -> dict[str, bool]:
    """Return what runs of the scenario sometimes reach on their way, and whether this walk has."""
    world = here.ground.world
    cells = [world.cells(state) for state in here.states]
    on_the_way = [witness for witness in world.scenario.sometimes if witness != ENDS]
    return {name: any(map(test, cells)) for name, test in on_the_way}


def _move(here: Drive, step: str | Offer | Move) -> Move:
    if isinstance(step, Offer):
        return step.move
    if isinstance(step, Move):
        return step
    mine = here.offers_of(_actor(here, step))
    if len(mine) > 1:
        raise GmemvizError(f"{step} may go two ways; take one of the offers: {_offered(here)}")
    if not mine:
        raise GmemvizError(f"{step} cannot go on: {_why(here, step)}")
    return mine[0].move


def _actor(here: Drive, name: str) -> str:
    return choice("actor", name, [program.actor for program in here.ground.world.programs])


def _offered(here: Drive) -> str:
    return "; ".join(f"{offer.actor}, {offer.words}" for offer in here.offers) or "nothing"


def _why(here: Drive, actor: str) -> str:
    return next(blocked.why for blocked in here.blocked if blocked.actor == actor)
