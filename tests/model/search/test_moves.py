"""What is worked out once is what each step does anew: the same moves, states and defects."""

import os

import pytest

from gmemviz.errors import GmemvizError
from gmemviz.model import Design, check
from gmemviz.model.machine import DefectFound, Machine, progress
from gmemviz.model.search.moves import Move, Moves, apply
from gmemviz.study import designs, gallery
from tests.bugs.test_bugs import CASES
from tests.fuzz.made_up import Maker, toml_of

SEED = os.environ.get("GMEMVIZ_SEED", "0")
DESIGNS = int(os.environ.get("GMEMVIZ_DESIGNS", "30"))
LIMIT = 300
"""States of one search here."""


def anew(world, state):
    """Return what each actor may do next, each guard and step asked over all cells."""
    cells = world.cells(state)
    for actor, program in enumerate(world.programs):
        step = program.after(progress(state, actor))
        if step and (not step.act.guard or step.act.guard(Machine(cells, "P"), program.target)):
            for way in range(len(step.act.operations)):
                yield once(world, state, Move(actor, step.number, way), cells)


def once(world, state, move, cells):
    try:
        after, machine = apply(world, state, move, cells)
    except DefectFound as end:
        return move, None, tuple(end.shown)
    return move, after, tuple(machine.noted)


def assert_same(design):
    """Forwards and backwards: in another order each step is learnt from other states."""
    for search in check(design, limit=LIMIT).explorations:
        states, world = list(search.came_from), search.world
        expected = {state: list(anew(world, state)) for state in states}
        for order in (states, states[::-1]):
            moves = Moves(world)
            for state in order:
                outcomes = moves.of(state)
                known = [
                    (outcome.move, outcome.after(state), tuple(outcome.shown))
                    for outcome in outcomes
                ]
                assert known == expected[state], (design.title, world.scenario.name)


@pytest.mark.parametrize("name", designs())
def test_of_the_gallery(name):
    assert_same(gallery(name))


@pytest.mark.parametrize("key", list(CASES)[::6])
def test_of_real_bugs(key):
    assert_same(Design.from_table(key, CASES[key]["broken"]))


def test_of_designs_made_up():
    for number in range(DESIGNS):
        try:
            design = Design.from_text(toml_of(Maker(f"{SEED} moves {number}").table()))
            assert_same(design)
        except GmemvizError:
            continue


def test_a_step_is_worked_out_once_for_the_same_cells():
    search = check(gallery("guest_memfd-7.3")).explorations[0]
    moves = Moves(search.world)
    first = [outcome for state in search.came_from for outcome in moves.of(state)]
    again = [outcome for state in search.came_from for outcome in moves.of(state)]
    assert all(one is other for one, other in zip(first, again, strict=True))
    assert moves.taken == search.taken
    assert len({id(outcome) for outcome in first}) < len(first) == search.edges
