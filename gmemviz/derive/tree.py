"""Read a table's functions from a tree: its hooks, who reads beside them, its module's exit."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from gmemviz.derive.creators import MAKERS, is_constructor
from gmemviz.derive.design import derive, left_unset
from gmemviz.derive.readers import RCU_HOOKS
from gmemviz.derive.records import Derived, TableRead
from gmemviz.errors import choice
from gmemviz.extract import SCOPE, KernelDeeds, Progress, quiet
from gmemviz.facts import SUPER, FunctionDeeds, HookName, OpsTable, kernel_name, snapshots

PAGES: Final = "address_space_operations"
INODE_HOOKS: Final[tuple[HookName, ...]] = (
    "alloc_inode", "drop_inode", "evict_inode", "destroy_inode", "free_inode",
)  # fmt: skip
CREATORS_DEPTH: Final = 3
"""How deep creators are read: a member is set, and a failed inode put, near by. What else a creator
does, to read an inode from its disk, is most of a filesystem's source."""

TYPE: Final = "file_system_type"


def tables_of(deeds: KernelDeeds, filesystem: str = "") -> tuple[OpsTable, ...]:
    """Return the super_operations of a filesystem, by its name or a table's; "" means all.

    UnknownNameError for a name that no table of the tree has.
    """
    tables = [table for table in deeds.tables if table.struct == SUPER]
    if not filesystem:
        return tuple(tables)
    names = set().union(*map(_names, tables))
    chosen = choice("filesystem", filesystem, sorted(names))
    return tuple(table for table in tables if chosen in _names(table))


def read_table(deeds: KernelDeeds, table: OpsTable, kernel: str) -> TableRead:
    """Return what the functions of a table do, and those beside it."""
    slots = dict(table.slots)
    hooks: dict[HookName, FunctionDeeds] = {}
    for hook in INODE_HOOKS:
        if hook in slots:
            hooks[hook] = deeds.of(slots[hook], table.path)
    beside = _tables_beside(deeds, table)
    is_open = bool(left_unset(hooks))
    return TableRead(
        table,
        kernel,
        hooks,
        _readers(deeds, beside),
        _exit(deeds, table),
        any(other.struct == PAGES for other in beside),
        _creators(deeds, table) if is_open else (),
        _constructor(deeds, table) if is_open else None,
        _ends(deeds, table, beside),
    )


# Tables in the files of its folder; a folder such as mm/ is everybody's, and there the file counts.
def _tables_beside(deeds: KernelDeeds, table: OpsTable) -> list[OpsTable]:
    files = set(deeds.sources_beside(table.path))
    return [other for other in deeds.tables if other.path in files]


def _readers(deeds: KernelDeeds, beside: list[OpsTable]) -> Mapping[str, tuple[str, FunctionDeeds]]:
    found: dict[str, tuple[str, FunctionDeeds]] = {}
    for other in beside:
        for member, function in other.slots:
            if other.struct == "inode_operations" and member in RCU_HOOKS:
                argument = RCU_HOOKS[member]
                found[function] = (member, deeds.of(function, other.path, argument=argument))
    return found


def _exit(deeds: KernelDeeds, table: OpsTable) -> FunctionDeeds | None:
    _, name, path = deeds.module_functions(table.path)
    return deeds.of(name, path) if name else None


def _ends(
    deeds: KernelDeeds, table: OpsTable, beside: list[OpsTable]
) -> Mapping[HookName, FunctionDeeds]:
    found: dict[HookName, FunctionDeeds] = {}
    types = [other for other in beside if other.struct == TYPE and _names(other) & _names(table)]
    owners: dict[HookName, list[OpsTable]] = {"put_super": [table], "kill_sb": types}
    for hook, tables in owners.items():
        places = [(dict(other.slots).get(hook, ""), other.path) for other in tables]
        function, path = next(filter(lambda place: place[0], places), ("", ""))
        if function:
            found[hook] = deeds.of(function, path)
    return found


def _creators(deeds: KernelDeeds, table: OpsTable) -> tuple[FunctionDeeds, ...]:
    places = deeds.callers_of(MAKERS, table.path)
    return tuple(deeds.of(name, path, depth=CREATORS_DEPTH) for name, path in places)


def _constructor(deeds: KernelDeeds, table: OpsTable) -> FunctionDeeds | None:
    found = (deeds.of(name, path) for name, path in deeds.constructors(table.path))
    return next(filter(is_constructor, found), None)


def derive_table(deeds: KernelDeeds, table: OpsTable, kernel: str = "") -> Derived:
    """Return the Designs of one table of a tree, in the names of a shipped kernel.

    Where none is named it is the tree's own release, which must then be one that is shipped.
    """
    named = choice("kernel", kernel or kernel_name(deeds.tree.release), snapshots())
    return derive(read_table(deeds, table, named))


def open_tree(folder: Path, filesystem: str = "", *, progress: Progress = quiet) -> KernelDeeds:
    """Open a tree as far as a filesystem's tables are, the usual folders first.

    Drivers have filesystems, too: where the usual folders lack the name, the whole tree is read.
    """
    usual = [part for part in SCOPE if (folder / part).exists()]
    deeds = KernelDeeds(folder, folders=usual, progress=progress)
    tables = [table for table in deeds.tables if table.struct == SUPER]
    if not filesystem or any(filesystem in _names(table) for table in tables):
        return deeds
    return KernelDeeds(folder, folders=[""], progress=progress)


def _names(table: OpsTable) -> set[str]:
    return {table.name, table.filesystem, *table.carriers} - {""}
