"""Hold what was read for one table, and what it comes to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gmemviz.facts import FunctionDeeds, HookName, OpsTable, Source, Unread
from gmemviz.model import Design
from gmemviz.shown import shows_itself


@shows_itself
@dataclass(frozen=True)
class TableRead:
    """Hold the deeds of a table's hooks, of its readers, of its module's exit.

    `beside` are the hooks that path walk calls: (member of inode_operations, deeds) by function.
    `has_pages`: there are address_space_operations beside, so that its page cache is filled.
    `ends` are put_super and kill_sb. `creators` make inodes, `constructor` is the slab's; both are
    read where alloc_inode leaves something unset.
    """

    table: OpsTable
    kernel: str
    hooks: Mapping[HookName, FunctionDeeds]
    beside: Mapping[str, tuple[str, FunctionDeeds]] = field(default_factory=dict)
    module_exit: FunctionDeeds | None = None
    has_pages: bool = True
    creators: tuple[FunctionDeeds, ...] = ()
    constructor: FunctionDeeds | None = None
    ends: Mapping[HookName, FunctionDeeds] = field(default_factory=dict)

    @property
    def place(self) -> tuple[str, int]:
        """Return the path and the line of the table."""
        return self.table.path, self.table.line

    def __repr__(self) -> str:
        return f"<TableRead {self.table.name}: {len(self.hooks)} hooks>"


@shows_itself
@dataclass(frozen=True)
class Derived:
    """Hold the Designs that the source of one table comes to, and how sure that is.

    `designs` are one for each way that questions of the source leave open, `texts` the tables that
    they were made of. `places` are the statements of each line, by (body, line). `assumed`,
    `unread` and `deeper` say what is missing.
    """

    table: OpsTable
    designs: tuple[Design, ...]
    texts: tuple[Mapping[str, Any], ...]
    places: Mapping[tuple[str, str], tuple[Source, ...]]
    assumed: tuple[str, ...] = ()
    unread: tuple[Unread, ...] = ()
    deeper: tuple[Unread, ...] = ()

    @property
    def is_full(self) -> bool:
        """Return whether every statement was read, as deep as calls are followed."""
        return not self.unread

    def __repr__(self) -> str:
        count = len(self.designs)
        ways = f"{count} ways" if count > 1 else "one way"
        return f"<Derived {self.table.name}: {ways}, {len(self.unread)} statements unread>"
