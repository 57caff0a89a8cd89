"""Draw the tables of hooks: what each slot holds, and what runs in place of a NULL.

"Has it a mount of its own?" is this drawing alone: the inode leads to its superblock, that one to
its s_op, and whose table stands there decides who is called (fs/inode.c:evict@v6.12).
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from gmemviz.facts import HOOKS, TABLES, Facts, HookName, OpsTable
from gmemviz.model import Design
from gmemviz.stage.drawn import Drawn, StructRow

S_OP: Final = "s_op"
"""The id of the table that ``i_sb->s_op`` leads to."""
LOST: Final = "s_op of the Design"
"""The id of the Design's own table, where no i_sb leads to it."""

INSTEAD: Final[Mapping[HookName, str]] = {
    "alloc_inode": "inode_cachep",
    "drop_inode": "only if unhashed",
    "evict_inode": "truncate, clear",
}
"""What the VFS does itself where a slot is NULL.
(fs/inode.c:alloc_inode, iput_final, evict@v6.12)"""

_FREES: Final = "free_inode_nonrcu"
"""What i_callback calls, but only where destroy_inode is NULL too. (fs/inode.c:destroy_inode)"""


class HookTable(NamedTuple):
    """Give a table of hooks: its id, and what is drawn of it in every step alike."""

    id: str
    drawn: Drawn
    hooks: tuple[str, ...]


def tables(design: Design, facts: Facts) -> Iterator[HookTable]:
    """Yield the tables of a Design, that of the superblock first, each by the struct it is."""
    own = dict(design.hooks)
    of_superblock = [hook for hook, row in HOOKS.items() if row.struct == "super_operations"]
    shown = [hook for hook in of_superblock if hook in own or hook != "put_super"]
    found = _in_kernel(design, facts, "super_operations")
    title = found.name if found else "your_super_operations"
    if design.mount.own_table:
        in_kernel = dict(found.slots) if found else {}
        yield _table(S_OP, title, "", design, shown, in_kernel=in_kernel)
    else:
        yield _table(S_OP, "simple_super_operations", "everybody's", None, shown)
        if any(hook in own for hook in shown):
            set_hooks = [hook for hook in shown if hook in own]
            yield _table(LOST, title, "no i_sb leads here", design, set_hooks)
    for struct in TABLES:
        hooks = [hook for hook in own if HOOKS[hook].struct == struct]
        if hooks and struct != "super_operations":
            found = _in_kernel(design, facts, struct)
            yield _table(struct, found.name if found else f"your_{struct}", "", design, hooks)


# A filesystem's table has its own name in the kernel; one of a reader's choices begins with your_.
def _in_kernel(design: Design, facts: Facts, struct: str) -> OpsTable | None:
    wanted = {(hook, name) for hook, name in design.functions if HOOKS[hook].struct == struct}
    for table in facts.tables:
        if wanted and table.struct == struct and wanted.issubset(table.slots):
            return table
    return None


def _table(
    name: str, title: str, note: str, design: Design | None, hooks: list[HookName], *,
    in_kernel: Mapping[str, str] = MappingProxyType({}),
) -> HookTable:  # fmt: skip
    members = tuple(_slot(hook, design, in_kernel.get(hook, "")) for hook in hooks)
    drawn = Drawn(title, "allocated", note, members, is_yours=design is not None)
    return HookTable(name, drawn, tuple(hooks))


# What the kernel's table sets and the Design says nothing of is no NULL: the run is as if it were.
def _slot(hook: HookName, design: Design | None, in_kernel: str) -> StructRow:
    own = dict(design.hooks) if design else {}
    if design and hook in own:
        return StructRow(hook, dict(design.functions).get(hook, f"your_{hook}"), look="yours")
    if in_kernel:
        return StructRow(hook, f"left out: {in_kernel}", look="null")
    instead = INSTEAD.get(hook, "")
    if hook == "free_inode" and "destroy_inode" not in own:
        instead = _FREES
    return StructRow(hook, f"NULL: {instead}" if instead else "NULL", look="null")
