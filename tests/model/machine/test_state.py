"""How one moment of a run is packed: two numbers an actor, then the cells."""

import ast
from pathlib import Path

import pytest

import gmemviz.model
from gmemviz.model.machine.state import (
    cell_numbered,
    cells_in,
    cells_numbered,
    changed,
    first_state,
    numbers_of,
    progress,
    progress_as_changes,
    state_after,
)

START = first_state(2, ["allocated", 1])


def test_it_begins_with_two_numbers_for_each_actor():
    assert START == (0, 0, 0, 0, "allocated", 1)
    assert progress((3, 1, 5, 0, "freed"), 0) == (3, 1)
    assert progress((3, 1, 5, 0, "freed"), 1) == (5, 0)


def test_the_cells_stand_behind_them_in_their_order():
    assert dict(cells_in(START, 2, ["inode", "inode.i_count"])) == {
        "inode": "allocated",
        "inode.i_count": 1,
    }
    with pytest.raises(ValueError, match="longer"):
        list(cells_in(START, 2, ["inode"]))


@pytest.mark.parametrize(("actor", "numbers"), [(0, (7, 1, 0, 0)), (1, (0, 0, 7, 1))])
def test_one_actor_goes_on_and_the_others_stay(actor, numbers):
    after = state_after(START, 2, actor, (7, 1), {"inode": "freed", "inode.i_count": 0})
    assert after == (*numbers, "freed", 0)
    assert START == (0, 0, 0, 0, "allocated", 1)


def test_a_few_cells_are_taken_by_their_numbers():
    numbers = numbers_of(2, ["inode", "inode.i_count"])
    assert [cell_numbered(START, number) for number in numbers.values()] == ["allocated", 1]
    for names in ([], ["inode"], ["inode.i_count", "inode"]):
        take = cells_numbered([numbers[name] for name in names])
        other = changed(START, [(numbers["inode"], "freed")])
        assert (take(START) == take(other)) == ("inode" not in names)


@pytest.mark.parametrize("actor", [0, 1])
def test_changes_put_into_a_state_make_the_same_as_a_step_over_all_cells(actor):
    numbers = numbers_of(2, ["inode", "inode.i_count"])
    changes = (*progress_as_changes(actor, (7, 1)), (numbers["inode"], "freed"))
    cells = {"inode": "freed", "inode.i_count": 1}
    assert changed(START, changes) == state_after(START, 2, actor, (7, 1), cells)


def test_nothing_else_of_the_model_looks_inside():
    for file in Path(gmemviz.model.__path__[0]).rglob("*.py"):
        if file.name == "state.py":
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
                assert node.value.id != "state", f"{file.name}:{node.lineno}"
