"""Tell which functions of a recording ran as a filesystem's hooks.

What the callers of hooks do beside is in `hooks.toml`: the destruction of fs/inode.c:evict,
destroy_inode, i_callback@v6.12, and what comes before it.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

from gmemviz.errors import choice
from gmemviz.facts import HOOKS, Facts, HookName, OpsTable
from gmemviz.record.inode.calls import NOBODY, Calls

# Functions of one filesystem begin alike, if only this far (nfs4_evict_inode, nfs_free_inode).
SHARED_LETTERS = 3


class TableSlot(NamedTuple):
    """Give the hook that a caller calls, what it calls itself, and what it calls after the hook."""

    hook: HookName
    own: frozenset[str]
    until: frozenset[str]


def _slot(table: dict[str, Any]) -> TableSlot:
    hook = choice("hook", table["hook"], HOOKS)
    return TableSlot(hook, frozenset(table["own"]), frozenset(table["until"]))


_TABLES: Final = tomllib.loads(
    (files("gmemviz.record.inode") / "hooks.toml").read_text(encoding="utf-8")
)
CALLERS: Final = {name: _slot(table) for name, table in _TABLES["callers"].items()}
ENDING: Final = frozenset({"evict_inode", "destroy_inode", "free_inode"})
"""Hooks that an inode meets once, at its end (fs/inode.c:destroy_inode@v6.12)."""
OF_MODULE: Final = "your_"
"""How the hooks of a Design that was made a module begin; behind it stands the hook's name."""
NOISE: Final = tuple(_TABLES["noise"])
"""How the names of functions begin that stand for locks, preemption and freed memory."""


@cache
def hooks_called(facts: Facts | None) -> Mapping[str, set[str]]:
    """Return for each caller of a hook the functions that stand in that slot of some table.

    A Design that was made a module has a table that no facts have.
    """
    called = {name: {OF_MODULE + caller.hook} for name, caller in CALLERS.items()}
    for table in facts.tables if facts else ():
        slots = dict(table.slots)
        for name, caller in CALLERS.items():
            called[name].update({slots[caller.hook]} if caller.hook in slots else ())
    return called


class Hooks:
    """Name the hook that each event of a recording ran as.

    The structure tells: what `evict` calls before destroy_inode and is not its own
    default is the evict_inode hook, and so on through `CALLERS`; if more than one
    function is left over, none is named. A free_folio hook runs below any of the
    truncating functions, so there the function's own name must end in that word.
    With facts, a function that they know must also stand in such a slot of a table.
    """

    def __init__(self, calls: Calls, facts: Facts | None = None) -> None:
        self._calls = calls
        self._facts = facts
        self._tables = _tables_with(facts)
        self.named = dict(self._find())
        self._ending = {calls.names[i] for i, hook in self.named.items() if hook in ENDING}

    def may_end(self, function: str) -> bool:
        """Say whether a function is a hook by which an inode ends, here or in some table."""
        return function in self._ending or not ENDING.isdisjoint(self._slots(function))

    def related(self, function: str, other: str) -> bool:
        """Say whether two functions belong to one table, or by name to one filesystem."""
        if function in self._tables and other in self._tables:
            return any(table in self._tables[function] for table in self._tables[other])
        return function[:SHARED_LETTERS] == other[:SHARED_LETTERS]

    def _find(self) -> Iterator[tuple[int, HookName]]:
        for index, name in enumerate(self._calls.names):
            if slot := CALLERS.get(name):
                left = list(self._left_over(index, slot))
                if len(left) == 1:
                    yield left[0], slot.hook
            if self._calls.caller[index] != NOBODY and self._frees_folio(name):
                yield index, "free_folio"

    def _left_over(self, index: int, slot: TableSlot) -> Iterator[int]:
        names = self._calls.names
        for callee in self._calls.of(index):
            if names[callee] in slot.until:
                break
            is_part = names[callee] == names[index]  # dput.part.0
            is_own = names[callee] in slot.own or names[callee].startswith(NOISE)
            if not (is_part or is_own) and self._may_be(slot.hook, callee):
                yield callee

    def _may_be(self, hook: HookName, index: int) -> bool:
        name = self._calls.names[index]
        if self._is_known(name):
            return hook in self._slots(name)
        # iput_final calls drop_inode with i_lock held; what runs without is no hook.
        return hook != "drop_inode" or self._calls.events[index].context in ("L", "?")

    def _frees_folio(self, name: str) -> bool:
        if self._is_known(name):
            return "free_folio" in self._slots(name)
        return name.endswith("_free_folio") and name != "filemap_free_folio"

    def _is_known(self, name: str) -> bool:
        return self._facts is not None and self._facts.has_function(name)

    # The hooks as which a function stands in some table.
    def _slots(self, function: str) -> set[str]:
        slots: set[str] = set()
        for table in self._tables.get(function, ()):
            slots.update(hook for hook, its in table.slots if its == function)
        return slots


# Of each function the tables that it stands in: a kernel has 25,000 slots, and is asked often.
@cache
def _tables_with(facts: Facts | None) -> Mapping[str, list[OpsTable]]:
    found: defaultdict[str, list[OpsTable]] = defaultdict(list)
    for table in facts.tables if facts else ():
        for _, function in table.slots:
            found[function].append(table)
    return dict(found)
