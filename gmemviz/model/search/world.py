"""Make a scenario ready for one Design: a program for each actor, and the first state.

It stands for a kernel at the moment before the first system call: the mount is there, no inode is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from gmemviz.facts import Facts
from gmemviz.model.design import Design
from gmemviz.model.machine import (
    Cell,
    Program,
    State,
    Target,
    cell_at,
    cells_in,
    first_state,
    numbers_of,
)
from gmemviz.model.road import SKELETON, SURROUNDINGS, Function, cells, is_listed
from gmemviz.model.scenarios import BUILD, Actor, Scenario, deferred_of
from gmemviz.model.search.compiler import compile_program
from gmemviz.shown import shows_itself
from gmemviz.text import one_line

OWN_LINES: Final = "the actor's own lines"


@shows_itself
@dataclass(frozen=True, slots=True)
class World:
    """Hold a scenario made ready for one Design: programs, cells, first state.

    `names` are those of the cells, in the order in which a State has them (`machine.state`).
    `objects` are metadata's memory, `of_superblock` those of them that live with the superblock,
    and `listed` the inodes on s_inodes.
    """

    design: Design
    scenario: Scenario
    programs: tuple[Program, ...]
    names: tuple[str, ...]
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
        return dict(cells_in(state, len(self.programs), self.names))

    def cell(self, state: State, name: str) -> Cell:
        """Return one cell of a state: a walk along a run looks at thousands of states."""
        return cell_at(state, len(self.programs), self.names.index(name))

    @property
    def numbers(self) -> dict[str, int]:
        """Return at which number of a State each cell stands."""
        return numbers_of(len(self.programs), self.names)

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
    actors = (*scenario.actors, *_deferred(design, scenario))
    for actor in actors:
        if actor not in compiled:
            compiled[actor] = _compile(actor, design, facts, functions)
    programs = tuple(compiled[actor] for actor in actors)
    targets = [program.target for program in programs]
    start: dict[str, Cell] = dict(cells.SHARED)
    start |= cells.shared_cells_of_bodies(design)
    start |= dict(scenario.cells)
    objects: dict[str, None] = {}
    for target in targets:
        start |= cells.cells_of(target)
        owned = [kept for kept in design.keeps if kept.kind.owns_object]
        for each in target.each_folio:
            objects |= dict.fromkeys(chain.from_iterable(map(each.objects, owned)))
    inodes = tuple(dict.fromkeys(target.inode for target in targets))
    on_list = {target.inode for target in targets if is_listed(target)}
    listed = tuple(inode for inode in inodes if inode in on_list)
    shared = (kept for kept in design.keeps if kept.placement.holder == "superblock")
    of_superblock = tuple(chain.from_iterable(map(targets[0].objects, shared)))
    first = first_state(len(programs), start.values())
    return World(
        design, scenario, programs, tuple(start), first, tuple(objects), inodes, listed,
        of_superblock,
    )  # fmt: skip


def _deferred(design: Design, scenario: Scenario) -> tuple[Actor, ...]:
    # Who runs what the Design defers, for each inode of a scenario, and for each file of it.
    if scenario is BUILD:
        return ()
    first = {(actor.inode, actor.file): actor for actor in reversed(scenario.actors)}
    later: list[Actor] = []
    for actor in first.values():
        later += deferred_of(design, actor)
    return tuple(later)


def _compile(
    actor: Actor, design: Design, facts: Facts, functions: Mapping[str, Function]
) -> Program:
    target = Target(
        design, facts, actor.inode, actor.address or actor.inode, actor.file, actor.name,
        actor.traits, actor.folio_number,
    )  # fmt: skip
    code = {**functions, OWN_LINES: Function("", actor.lines)}
    return compile_program(actor.name, OWN_LINES, target, code, shown=actor.shown or design.creator)
