"""Give one step the cells that it asks for, and remember which these were.

A step of the kernel looks at few words of memory: iput at i_count and i_state, rcu_read_lock at
none (fs/inode.c:iput@v6.12). What it does depends on these alone, so where they hold the same
again it does the same, whatever stands elsewhere.
"""

from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import Any

from gmemviz.facts import Context
from gmemviz.model.machine.heap import Machine
from gmemviz.model.machine.state import Cell, Change, State, cell_numbered


class LazyMachine(Machine):
    """Take cells out of a State one by one, as a step asks for them.

    `at` says where in the State each stands. `asked` has the numbers of those that were looked at,
    and the dict itself these and what was written. Which cells there are is the same in every
    state of a scenario, so to ask that (`in`, or a loop over names) is to look at none.
    """

    __slots__ = ("asked", "at", "state")

    def __init__(
        self, state: State, at: Mapping[str, int], context: Context, register: int = 0
    ) -> None:
        super().__init__((), context, register)
        self.state = state
        self.at = at
        self.asked: list[int] = []

    def __missing__(self, name: str) -> Cell:
        number = self.at[name]
        self.asked.append(number)
        self[name] = value = cell_numbered(self.state, number)
        return value

    def changes(self) -> tuple[Change, ...]:
        """Return what was written, but not what was only put back as it had been found.

        What nobody looked at before is written whatever stood there: in another state that may
        be something else.
        """
        state, at, asked = self.state, self.at, self.asked
        new: list[Change] = []
        for name, value in super().items():
            number = at[name]
            if number not in asked or cell_numbered(state, number) != value:
                new.append((number, value))
        return tuple(new)

    # What a dict does without asking for each key would miss the cells that are not here yet.

    def __contains__(self, name: object) -> bool:
        return name in self.at

    def __iter__(self) -> Iterator[str]:
        return iter(self.at)

    def __len__(self) -> int:
        return len(self.at)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a cell, or `default` where the scenario has no such cell."""
        return self[name] if name in self.at else default

    def keys(self) -> KeysView[str]:  # type: ignore[override]  # a view of the same
        """Return the names of all cells; none is looked at."""
        return KeysView(self)

    def items(self) -> ItemsView[str, Cell]:  # type: ignore[override]  # a view of the same
        """Return all cells with their names; all are looked at."""
        return ItemsView(self)

    def values(self) -> ValuesView[Cell]:  # type: ignore[override]  # a view of the same
        """Return all cells; all are looked at."""
        return ValuesView(self)
