"""Count which filesystems set which hooks of super_operations, and in which combinations."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, TypeVar

from gmemviz.errors import of_kind
from gmemviz.facts.query import callees
from gmemviz.facts.records import OpsTable
from gmemviz.facts.snapshot import Facts
from gmemviz.shown import shows_itself

Counted = TypeVar("Counted", str, tuple[str, ...])

INODE_HOOKS: Final = ("alloc_inode", "drop_inode", "evict_inode", "destroy_inode", "free_inode")
"""The hooks on the road of an inode; combinations are of these."""

_TRUNCATE: Final = "truncate_inode_pages_final"
_ROWS: Final[Mapping[str, tuple[set[str], set[str]]]] = {
    "free without destroy": ({"free_inode"}, {"destroy_inode"}),
    "destroy and free": ({"destroy_inode", "free_inode"}, set()),
    "destroy without free": ({"destroy_inode"}, {"free_inode"}),
    "free without alloc": ({"free_inode"}, {"alloc_inode"}),
    "alloc without free": ({"alloc_inode"}, {"free_inode"}),
    "alloc, destroy and free without evict": (
        {"alloc_inode", "destroy_inode", "free_inode"}, {"evict_inode"},
    ),
}  # fmt: skip
"""The combinations that argue a design, by name: hooks that a table sets, and hooks it does not."""


@shows_itself
@dataclass(frozen=True, slots=True)
class Census:
    """Hold the counts of one kernel's super_operations tables.

    `hooks` says how many tables set each member; `combinations` how many set
    exactly these of `INODE_HOOKS`; `rows` names the tables that argue a design.
    """

    kernel: str
    tables: int
    hooks: dict[str, int]
    combinations: dict[tuple[str, ...], int]
    rows: dict[str, tuple[OpsTable, ...]]

    def __repr__(self) -> str:
        combinations = f"{len(self.combinations)} combinations"
        return f"<Census {self.kernel}: {self.tables} tables, {combinations}>"


def census(facts: Facts) -> Census:
    """Count the super_operations tables of a kernel; the most frequent come first."""
    of_kind("facts", facts, Facts)
    tables = [table for table in facts.tables if table.struct == "super_operations"]
    # A table counts once for a hook that it sets twice, under one #if and another.
    hooks = chain.from_iterable(dict(table.slots) for table in tables)
    return Census(
        facts.kernel,
        len(tables),
        _most_frequent_first(hooks),
        _most_frequent_first(map(combination, tables)),
        _rows(facts, tables),
    )


def _most_frequent_first(words: Iterable[Counted]) -> dict[Counted, int]:
    return dict(Counter(sorted(words)).most_common())  # of as many, in the order of the alphabet


def combination(table: OpsTable) -> tuple[str, ...]:
    """Return those of `INODE_HOOKS` that a table sets, in their order."""
    present = dict(table.slots)
    return tuple(hook for hook in INODE_HOOKS if hook in present)


def _rows(facts: Facts, tables: Sequence[OpsTable]) -> dict[str, tuple[OpsTable, ...]]:
    found = {
        "no hook of the inode's road": tuple(table for table in tables if not combination(table))
    }
    for name, (sets, leaves) in _ROWS.items():
        found[name] = tuple(table for table in tables if _fits(table, sets, leaves))
    evicting = [table for table in tables if _fits(table, {"evict_inode"}, set())]
    reaching = tuple(table for table in evicting if _truncates(facts, table))
    found[f"own evict that reaches {_TRUNCATE}"] = reaching
    others = tuple(table for table in evicting if table not in reaching)
    found[f"own evict that does not reach {_TRUNCATE}"] = others
    return found


def _fits(table: OpsTable, sets: set[str], leaves: set[str]) -> bool:
    present = set(combination(table))
    return sets <= present and not leaves & present


# Itself or a few calls down. No hook of others is followed: of a filesystem's evict_inode, what
# it calls by name decides.
def _truncates(facts: Facts, table: OpsTable) -> bool:
    function = dict(table.slots)["evict_inode"]
    if not facts.has_function(function):
        return False
    edges = callees(facts, function, depth=3, filesystems=(), path=table.path)
    return any(edge.callee == _TRUNCATE for edge in edges)
