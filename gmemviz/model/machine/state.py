"""Know how one moment of a run is packed: nothing else looks inside a State.

A State is one flat tuple, since a search hashes every one that it meets. It begins with two
numbers for each actor, in the scenario's order: how many Acts it has done, and its register, which
is the last answer or count that it was given (as ``drop_inode``'s answer, or what `dput` has left).
Behind them stand the cells, in the order of the World's names.

    task  rcu   inode        inode.i_count
    4 1 | 0 0 | "allocated" | 1 | ...
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, NewType

Cell = str | int | None | tuple[str, ...]
"""What stands in a cell: a status, a number, a pointer by its object's name, who is inside."""

State = NewType("State", tuple[Cell, ...])
"""One moment of a run, packed; only this module makes one."""

Change = tuple[int, Cell]
"""What a step puts into a State: at which number, and what."""

_EACH: Final = 2  # numbers that a State begins with for each actor


def first_state(actors: int, cells: Iterable[Cell]) -> State:
    """Return the State in which no actor has done anything."""
    return State((*(0,) * (_EACH * actors), *cells))


def progress(state: State, actor: int) -> tuple[int, int]:
    """Return how many Acts an actor has done, and its register."""
    at = _EACH * actor
    return state[at : at + _EACH]  # type: ignore[return-value]  # numbers stand there


def cells_in(state: State, actors: int, names: Iterable[str]) -> Iterable[tuple[str, Cell]]:
    """Return the cells of a state of so many actors, each with its name."""
    return zip(names, state[_EACH * actors :], strict=True)


def cell_at(state: State, actors: int, number: int) -> Cell:
    """Return one cell of a state of so many actors, by its number among the World's names."""
    return state[_EACH * actors + number]


def state_after(
    state: State, actors: int, actor: int, now: tuple[int, int], cells: Mapping[str, Cell]
) -> State:
    """Return the state after one `actor` went on to `now`, its progress, and left `cells`."""
    at = _EACH * actor
    others = state[at + _EACH : _EACH * actors]
    return State((*state[:at], *now, *others, *cells.values()))


# --- one cell, or a few, by their numbers ---------------------------------------------------
#
# A search asks millions of times, and most steps look at three cells of fifty.


def numbers_of(actors: int, names: Iterable[str]) -> dict[str, int]:
    """Return at which number of a State of so many actors each cell stands."""
    return {name: number for number, name in enumerate(names, _EACH * actors)}


def cell_numbered(state: State, number: int) -> Cell:
    """Return the cell at such a number."""
    return state[number]


def cells_numbered(numbers: Sequence[int]) -> Callable[[State], Any]:
    """Return what takes the cells at these numbers out of a State, to be compared or hashed."""
    return itemgetter(*numbers) if numbers else _no_cells


def _no_cells(_: State) -> tuple[()]:
    return ()


def progress_as_changes(actor: int, now: tuple[int, int]) -> tuple[Change, ...]:
    """Return what an actor's going on puts into a State."""
    return tuple(enumerate(now, _EACH * actor))


def changed(state: State, changes: Iterable[Change]) -> State:
    """Return the state after all of these changes."""
    after = list(state)
    for number, cell in changes:
        after[number] = cell
    return State(tuple(after))
