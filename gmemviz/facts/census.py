"""Count which filesystems set which hooks of super_operations, and in which combinations."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from gmemviz.errors import of_kind
from gmemviz.facts.query import callees
from gmemviz.facts.records import OpsTable
from gmemviz.facts.snapshot import Facts
from gmemviz.shown import shows_itself

INODE_HOOKS: Final = ("alloc_inode", "drop_inode", "evict_inode", "destroy_inode", "free_inode")
"""The hooks on the road of an inode; combinations are of these."""

TRUNCATE: Final = "truncate_inode_pages_final"


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
    hooks = Counter(hook for table in tables for hook in {hook for hook, _ in table.slots})
    sets = Counter(_combination(table) for table in tables)
    return Census(
        facts.kernel,
        len(tables),
        dict(sorted(hooks.items(), key=lambda item: (-item[1], item[0]))),
        dict(sorted(sets.items(), key=lambda item: (-item[1], item[0]))),
        rows(facts, tables),
    )


def _combination(table: OpsTable) -> tuple[str, ...]:
    present = {hook for hook, _ in table.slots}
    return tuple(hook for hook in INODE_HOOKS if hook in present)


def rows(facts: Facts, tables: list[OpsTable]) -> dict[str, tuple[OpsTable, ...]]:
    """Name the combinations that a discussion of hooks refers to."""

    def where(has: str, lacks: str = "") -> tuple[OpsTable, ...]:
        return tuple(
            table
            for table in tables
            if set(has.split()) <= set(_combination(table))
            and not set(lacks.split()) & set(_combination(table))
        )

    evicting = where("evict_inode")
    truncating = tuple(table for table in evicting if truncates(facts, table))
    return {
        "no hook of the inode's road": tuple(t for t in tables if not _combination(t)),
        "free without destroy": where("free_inode", "destroy_inode"),
        "destroy and free": where("destroy_inode free_inode"),
        "destroy without free": where("destroy_inode", "free_inode"),
        "free without alloc": where("free_inode", "alloc_inode"),
        "alloc without free": where("alloc_inode", "free_inode"),
        "alloc, destroy and free without evict": where(
            "alloc_inode destroy_inode free_inode", "evict_inode"
        ),
        f"own evict that reaches {TRUNCATE}": truncating,
        f"own evict that does not reach {TRUNCATE}": tuple(
            table for table in evicting if table not in truncating
        ),
    }


def truncates(facts: Facts, table: OpsTable) -> bool:
    """Tell whether a table's evict_inode calls TRUNCATE, itself or a few calls down."""
    function = dict(table.slots)["evict_inode"]
    if not facts.has_function(function):
        return False
    edges = callees(facts, function, depth=3, filesystems=(), path=table.path)
    return any(edge.callee == TRUNCATE for edge in edges)
