"""A step's cells: taken as it asks for them, and remembered."""

import ast
from pathlib import Path

import pytest

from gmemviz.model import road
from gmemviz.model.machine import LazyMachine, first_state, numbers_of

CELLS = {"inode": "allocated", "inode.i_count": 2, "readers": ()}
STATE = first_state(1, CELLS.values())
AT = numbers_of(1, CELLS)


@pytest.fixture
def lazy():
    return LazyMachine(STATE, AT, "L", 7)


def names(lazy):
    return [name for name in CELLS if AT[name] in lazy.asked]


def test_only_what_is_asked_for_is_looked_at(lazy):
    assert lazy["inode"] == "allocated"
    assert lazy.add("inode.i_count", -1) == 1
    assert names(lazy) == ["inode", "inode.i_count"]
    assert lazy.changes() == ((AT["inode.i_count"], 1),)
    assert (lazy.context, lazy.register, lazy.noted) == ("L", 7, [])


def test_which_cells_there_are_is_known_without_a_look(lazy):
    assert "inode" in lazy
    assert "second" not in lazy
    assert list(lazy) == list(CELLS)
    assert len(lazy) == 3
    assert lazy.get("second", "none") == "none"
    assert names(lazy) == []
    with pytest.raises(KeyError):
        lazy["second"]


def test_whoever_goes_through_all_has_looked_at_all(lazy):
    assert dict(lazy.items()) == CELLS
    assert names(lazy) == list(CELLS)
    assert list(LazyMachine(STATE, AT, "P").values()) == list(CELLS.values())
    assert dict(LazyMachine(STATE, AT, "P")) == {**LazyMachine(STATE, AT, "P")} == CELLS


def test_what_is_put_back_is_no_change_but_what_nobody_looked_at_is_one(lazy):
    lazy["inode"] = lazy["inode"]
    lazy["inode.i_count"] = 2
    assert lazy.changes() == ((AT["inode.i_count"], 2),)
    assert lazy["inode.i_count"] == 2  # its own, so it has not looked
    assert names(lazy) == ["inode"]


def test_no_way_of_a_dict_leads_past_it():
    """What it leaves as a dict has it no step may use: only the cells that are here would count."""
    public = {name for name in dir(dict) if not name.startswith("_")}
    past = {"clear", "copy", "fromkeys", "pop", "popitem", "setdefault", "update"}
    assert public - set(vars(LazyMachine)) == past
    for file in Path(road.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "m":
                assert node.attr not in past, f"{file.name}:{node.lineno}"
