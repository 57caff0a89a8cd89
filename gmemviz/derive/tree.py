"""Read a table's functions from a tree: its hooks, who reads beside them, its module's exit."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from gmemviz.derive.creators import MAKERS, is_constructor
from gmemviz.derive.design import derive, left_unset
from gmemviz.derive.fit import Road, road_of
from gmemviz.derive.overlay import NOTHING, Overlay
from gmemviz.derive.readers import RCU_HOOKS
from gmemviz.derive.records import Derived, TableRead
from gmemviz.errors import choice, unknown
from gmemviz.extract import API, SCOPE, Api, KernelDeeds, Progress, quiet
from gmemviz.facts import (
    SUPER,
    FunctionDeeds,
    HookName,
    OpsTable,
    filesystem_names,
    snapshots,
    tables_called,
)

PAGES: Final = "address_space_operations"
INODE_HOOKS: Final[tuple[HookName, ...]] = (
    "alloc_inode", "drop_inode", "evict_inode", "destroy_inode", "free_inode",
)  # fmt: skip
CREATORS_DEPTH: Final = 3
"""How deep creators are read: a member is set, and a failed inode put, near by. What else a creator
does, to read an inode from its disk, is most of a filesystem's source."""

TYPE: Final = "file_system_type"
ACL: Final = "get_inode_acl"
UNCACHED: Final = b"ACL_DONT_CACHE"


class Known(NamedTuple):
    """Hold the tables of a tree, and nothing else of it: `facts` keeps whom it was asked about."""

    tables: tuple[OpsTable, ...]


def tables_of(deeds: KernelDeeds, filesystem: str = "", *, table: str = "") -> tuple[OpsTable, ...]:
    """Return the super_operations of a filesystem, by its name or a table's; "" means all.

    A usual name will do, too, such as shmem or bpffs. `table` is NAME or PATH:NAME of one table,
    since two files may have tables of one name.
    UnknownNameError for a name that no table of the tree has.
    """
    if table:
        by_spelling = sorted(set().union(*map(_spellings, _super(deeds))))
        choice("table", table, by_spelling)
        return tuple(found for found in _super(deeds) if table in _spellings(found))
    if not filesystem:
        return _super(deeds)
    called = _called(deeds, filesystem)
    if not called:
        raise unknown("filesystem", filesystem, sorted(set().union(*map(_names, _super(deeds)))))
    return called


def _super(deeds: KernelDeeds) -> tuple[OpsTable, ...]:
    return tuple(table for table in deeds.tables if table.struct == SUPER)


def _called(deeds: KernelDeeds, name: str) -> tuple[OpsTable, ...]:
    known = Known(deeds.tables)
    if found := tuple(table for table in _super(deeds) if name in _names(table)):
        return found
    meant = tables_called(known, name) if name in filesystem_names(known) else None
    return tuple(table for table in _super(deeds) if (table.path, table.name) in (meant or ()))


def read_table(deeds: KernelDeeds, table: OpsTable, kernel: str) -> TableRead:
    """Return what the functions of a table do, and those beside it."""
    with deeds.afresh():
        return _read(deeds, table, kernel)


def _read(deeds: KernelDeeds, table: OpsTable, kernel: str) -> TableRead:
    slots = dict(table.slots)
    hooks: dict[HookName, FunctionDeeds] = {}
    for hook in INODE_HOOKS:
        if hook in slots:
            hooks[hook] = deeds.of(slots[hook], table.path)
    beside = deeds.beside(table)  # a folder such as mm/ is everybody's, and there the file counts
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


def _readers(deeds: KernelDeeds, beside: list[OpsTable]) -> Mapping[str, tuple[str, FunctionDeeds]]:
    found: dict[str, tuple[str, FunctionDeeds]] = {}
    # Under RCU one is asked only where none is kept (fs/posix_acl.c:get_cached_acl_rcu).
    called = RCU_HOOKS.keys() - (() if deeds.mentions(UNCACHED, beside) else {ACL})
    for other in beside:
        for member, function in other.slots:
            if other.struct == "inode_operations" and member in called:
                argument = RCU_HOOKS[member]
                read = deeds.of(function, other.path, argument=argument, walked_as=member)
                found[function] = (member, read)
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


def derive_table(
    deeds: KernelDeeds, table: OpsTable, kernel: str | Road = "", *, overlay: Overlay = NOTHING
) -> Derived:
    """Return the Designs of one table of a tree, in the names of a shipped kernel.

    Where none is named it is the one whose road the tree takes; who asks about many tables finds
    that once (`road_named`). What the overlay says of conditions is taken for granted.
    """
    road = kernel if isinstance(kernel, Road) else road_named(deeds, kernel)
    read, taken = overlay.on(read_table(deeds, table, road.kernel))
    found = derive(read)
    return replace(found, assumed=(*found.assumed, *road.assumed, *taken))


def road_named(deeds: KernelDeeds, kernel: str = "") -> Road:
    """Return the road of the kernel that is named, or else the one that the tree takes."""
    return Road(choice("kernel", kernel, snapshots())) if kernel else road_of(deeds)


def open_tree(
    folder: Path,
    filesystem: str = "",
    *,
    kernel: str = "",
    api: Api = API,
    progress: Progress = quiet,
    kept: Mapping[str, Any] | None = None,
) -> KernelDeeds:
    """Open a tree as far as a filesystem's tables are, the usual folders first; "" means all.

    `filesystem` may be a table's name, too. Drivers have filesystems: where the usual folders lack
    the name, those of all others that have a table are read. `kernel` is whose a few files are that
    have no Makefile, as a reporter sends them. `api` says what functions do that are not read, and
    `kept` what stood in the tree's files the last time (`Scans.plain`).
    """
    release = choice("kernel", kernel, snapshots()) if kernel else ""
    usual = [part for part in SCOPE if (folder / part).exists()]
    opened = partial(KernelDeeds, folder, release=release, api=api, progress=progress, kept=kept)
    if filesystem and usual:
        deeds = opened(folders=usual)
        spelled = set().union(*map(_spellings, _super(deeds)))
        if filesystem in spelled or _called(deeds, filesystem):
            return deeds
    return opened(folders=[""])


def _names(table: OpsTable) -> set[str]:
    return {table.name, table.filesystem, *table.carriers} - {""}


def _spellings(table: OpsTable) -> set[str]:
    return {table.name, f"{table.path}:{table.name}"}
