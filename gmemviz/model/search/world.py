"""Make a scenario ready for one Design: a program for each actor, and the first state."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gmemviz.facts import Facts
from gmemviz.model.design import Design
from gmemviz.model.machine import Cell, Program, State, Target
from gmemviz.model.road import (
    SKELETON,
    SURROUNDINGS,
    Function,
    bodies,
    cells_of,
    is_listed,
    shared_cells,
)
from gmemviz.model.scenarios import BUILD, Actor, Scenario, deferred_of
from gmemviz.model.search.compiler import compile_program
from gmemviz.shown import shows_itself
from gmemviz.text import one_line

OWN_LINES: Final = "the actor's own lines"


@shows_itself
@dataclass(frozen=True, slots=True)
class World:
    """Hold a scenario made ready for one Design: programs, cells, first state.

    A state is (Acts done, register) of each program in turn, `counters` items, then the cells
    of `names`. `listed` are the inodes on s_inodes, `of_superblock` objects that live with it.
    """

    design: Design
    scenario: Scenario
    programs: tuple[Program, ...]
    names: tuple[str, ...]
    counters: int
    start: State
    objects: tuple[str, ...]
    inodes: tuple[str, ...]
    listed: tuple[str, ...]
    of_superblock: tuple[str, ...] = ()

    @property
    def meaning(self) -> tuple[Any, ...]:
        """Return what a search of it depends on: all but names of functions."""
        programs = tuple(program.meaning for program in self.programs)
        held = self.objects, self.inodes, self.listed
        return self.scenario.sometimes, self.names, self.start, held, programs

    def cells(self, state: State) -> dict[str, Cell]:
        """Return the cells of a state by name."""
        return dict(zip(self.names, state[self.counters :], strict=True))

    def __repr__(self) -> str:
        return f"<World {one_line(self.design.title)}, {self.scenario.name}>"


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
    cells = {**shared_cells(), **bodies.shared_cells_of_bodies(design), **dict(scenario.cells)}
    objects: dict[str, None] = {}
    for actor in (*scenario.actors, *_deferred(design, scenario)):
        if actor not in compiled:
            compiled[actor] = _compile(actor, design, facts, functions)
        target = compiled[actor].target
        cells.update(cells_of(target))
        cells.update(bodies.cells_of_bodies(target))
        objects.update(
            (target.object(kept), None) for kept in design.keeps if kept.kind.owns_object
        )
        programs.append(compiled[actor])
    inodes = tuple(dict.fromkeys(program.target.inode for program in programs))
    listed = tuple(name for name in inodes if any(
        program.target.inode == name and is_listed(program.target) for program in programs
    ))  # fmt: skip
    counters = (0, 0) * len(programs)
    return World(
        design, scenario, tuple(programs), tuple(cells), len(counters),
        counters + tuple(cells.values()), tuple(objects), inodes, listed,
        tuple(kept.kind.cell for kept in design.keeps if kept.placement.holder == "superblock"),
    )  # fmt: skip


def _deferred(design: Design, scenario: Scenario) -> tuple[Actor, ...]:
    """Return who runs what the Design defers, for each inode of a scenario."""
    if scenario is BUILD:
        return ()
    first = {actor.inode: actor for actor in reversed(scenario.actors)}
    return tuple(later for actor in first.values() for later in deferred_of(design, actor))


def _compile(
    actor: Actor, design: Design, facts: Facts, functions: Mapping[str, Function]
) -> Program:
    target = Target(
        design, facts, actor.inode, actor.address or actor.inode, actor.file, actor.name,
        actor.traits,
    )  # fmt: skip
    code = {**functions, OWN_LINES: Function("", actor.lines)}
    return compile_program(actor.name, OWN_LINES, target, code, shown=actor.shown or design.creator)
