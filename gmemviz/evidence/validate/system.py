"""Say what the model may do next, and what of that a recording would show.

The model's search knows Acts only: steps that change something, each maybe below several functions
that were entered on the way. A tracer shows the entries. So a configuration is a state and, for
each actor, how many of those entries it has behind it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from gmemviz.evidence.validate.alphabet import Seen, steps_of
from gmemviz.evidence.validate.entries import Ahead, Entries, Start, Where
from gmemviz.model.design import codes_that
from gmemviz.model.machine import Act, Defect, DefectFound, Enter, Machine, State, progress
from gmemviz.model.search import Move, apply, look, shown

PER_FOLIO: Final = ("free_folio", "filemap_free_folio", "inode_lru_isolate")
"""The hook that runs once for each folio, and who calls it (mm/filemap.c:filemap_free_folio@v6.12);
and what is asked of each inode on the LRU (fs/inode.c:inode_lru_isolate@v6.12).

A recording has as many folios as its program has touched, the model no more than tell apart: the
last that the model has stands for none, one or many. So with the inodes of the LRU.
"""


SPEAKS: Final = frozenset(codes_that(shown_by="kernel", at_end=False)) - {"deadlock"}
"""Codes of which a kernel says a word wherever they come: none had them that kept silent. A lock
that softirq takes deadlocks only where it has interrupted its holder."""


class Config(NamedTuple):
    """Give a state of the model and how far each actor is on the way to its next Act.

    `entered` counts the functions that it has entered since its last one. `start` is where the
    road began, once it has.
    """

    state: State
    entered: tuple[int, ...]
    start: Start | None = None


class Follower(NamedTuple):
    """Give what one actor has before it, and its place among what it meets up to its next Act."""

    actor: int
    place: int
    ahead: Ahead


class Taken(NamedTuple):
    """Say how a walk came on: by an Act, or by an entry that is an event, or by both at once."""

    actor: int
    place: int
    move: Move | None = None
    event: int | None = None


@dataclass
class System:
    """Give the transitions between configurations: silent ones, and those that show.

    Before the road begins only its first function shows, and only where it begins.
    """

    entries: Entries
    seen: Seen
    starts: frozenset[Start]
    _steps: dict[Start, dict[Where, Where | None]] = field(default_factory=dict)

    def first(self) -> Config:
        """Return where a walk begins."""
        world = self.entries.world
        return self._settled(Config(world.start, (0,) * len(world.programs)))

    def callers(self, start: Start | None) -> dict[Where, Where | None]:
        """Return the entries that show, each with the nearest one above it that does."""
        if start is None:
            return dict.fromkeys(self.starts)
        if start not in self._steps:
            self._steps[start] = steps_of(self.entries, start, self.seen)
        return self._steps[start]

    def shown(self, config: Config) -> Iterator[tuple[Follower, Where]]:
        """Yield what an actor may do next that shows, with its entry."""
        shown = self.callers(config.start)
        for following in self._next(config):
            if (where := following.ahead.where) in shown and where is not None:
                yield following, where

    def silent(self, config: Config) -> Iterator[tuple[Taken, Config]]:
        """Yield what may happen next that does not show."""
        shown = self.callers(config.start)
        for actor, place, (does, where) in self._next(config):
            if isinstance(does, Enter):  # what rests here shows, but where it need not be
                if config.start is None or self._is_per_folio(where):
                    yield Taken(actor, place), self._passed(config, actor, place)
            elif where is None or where not in shown:
                yield from self._acted(config, actor, place)

    def enter(
        self, config: Config, following: Follower, where: Where
    ) -> Iterator[tuple[Taken, Config]]:
        """Yield what may become of entering a function that shows."""
        begun = config if config.start else config._replace(start=where)
        actor, place, (does, _) = following
        if isinstance(does, Act):
            yield from self._acted(begun, actor, place)
            return
        yield Taken(actor, place), self._passed(begun, actor, place)
        if self._is_per_folio(where):
            first = self._first_of_folio(begun, actor)
            yield Taken(actor, place), self._passed(begun, actor, first - 1)

    def begins(self, config: Config, taken: Taken) -> bool:
        """Say whether a road may begin with what an actor did next."""
        return self.entries.ahead(config.state, taken.actor)[taken.place].where in self.starts

    def is_over(self, config: Config) -> bool:
        """Say whether nothing is left to happen."""
        for following in self._next(config):
            if isinstance(following.ahead.does, Enter) or any(self._moves(config, following.actor)):
                return False
        return True

    def failures(self, config: Config) -> Iterator[tuple[Taken, Where | None, Defect]]:
        """Yield the steps that show a defect here, with the entry they make and what they show.

        What a kernel SPEAKS of ends a run here, where a lucky one goes on.
        """
        world = self.entries.world
        for actor, place, (does, where) in self._next(config):
            for move in self._moves(config, actor) if isinstance(does, Act) else ():
                for defect in shown(world, config.state, move):
                    yield Taken(actor, place, move), where, defect

    def held(self, config: Config) -> Defect | None:
        """Return what is left where a run is over, if anything is."""
        _, seen = look(self.entries.world, config.state)
        return next((found.defect for _, found in sorted(seen.found.items(), reverse=True)), None)

    def _is_per_folio(self, where: Where | None) -> bool:
        if where is None:
            return False
        entry = self.entries.entry(where)
        return entry.hook == PER_FOLIO[0] or entry.function in PER_FOLIO[1:]

    # Where the next folio begins, once this one has been shown to the hook.
    def _first_of_folio(self, config: Config, actor: int) -> int:
        ahead = self.entries.ahead(config.state, actor)
        return next(at for at, (_, where) in enumerate(ahead) if self._is_per_folio(where))

    def _next(self, config: Config) -> Iterator[Follower]:
        for actor, place in enumerate(config.entered):
            ahead = self.entries.ahead(config.state, actor)
            if place < len(ahead):
                yield Follower(actor, place, ahead[place])

    # Pass the entries that do not show: an entry changes nothing, so when it comes is no matter.
    def _settled(self, config: Config) -> Config:
        shown = self.callers(config.start)
        entered = list(config.entered)
        for actor, passed in enumerate(config.entered):
            for does, where in self.entries.ahead(config.state, actor)[passed:]:
                if isinstance(does, Act) or where in shown:
                    break
                entered[actor] += 1
        return config._replace(entered=tuple(entered))

    def _passed(self, config: Config, actor: int, place: int) -> Config:
        return self._settled(config._replace(entered=_with(config.entered, actor, place + 1)))

    def _acted(self, config: Config, actor: int, place: int) -> Iterator[tuple[Taken, Config]]:
        world = self.entries.world
        entered = _with(config.entered, actor, 0)
        for move in self._moves(config, actor):
            try:
                state, machine = apply(world, config.state, move, world.cells(config.state))
            except DefectFound:  # no run goes on from there; see `failures`
                continue
            if SPEAKS.isdisjoint(hazard.code for hazard in machine.noted):
                yield Taken(actor, place, move), self._settled(Config(state, entered, config.start))

    # All that an actor may do in its next Act; nothing where that has to wait for somebody.
    def _moves(self, config: Config, actor: int) -> Iterator[Move]:
        world = self.entries.world
        program = world.programs[actor]
        step = program.next(*progress(config.state, actor))
        cells = Machine(world.cells(config.state), "P")
        if step and not (step.act.guard and not step.act.guard(cells, program.target)):
            for way in range(len(step.act.operations)):
                yield Move(actor, step.number, way)


def _with(entered: tuple[int, ...], actor: int, count: int) -> tuple[int, ...]:
    return (*entered[:actor], count, *entered[actor + 1 :])
