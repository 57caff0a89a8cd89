"""Turn a kernel tree into facts: one pass over its files, then the calls from the roots.

The pass (`scan`) reads every file once for tables, and indexes what the scope has. Bodies are read
only where a walk from the roots comes by, which is some thousand functions of a hundred thousand.
Tables and struct members become records when somebody first asks the facts for them.
"""

import gc
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from gmemviz.extract.body import BodyReader, read_function
from gmemviz.extract.code import Definition
from gmemviz.extract.index import Defined, Index
from gmemviz.extract.names import DEFAULT_ROOTS, FIELD_STRUCTS, SCOPE, TABLES, TEARDOWN_HOOKS
from gmemviz.extract.ops import Placed, RawTable, filesystems, tables
from gmemviz.extract.scans import FileScan, Scans, scan_file
from gmemviz.extract.tree import Tree
from gmemviz.extract.walk import Progress, Targets, follow, quiet, read_all
from gmemviz.facts import Facts, Field, OpsTable, by_name


@contextmanager
def no_collection() -> Iterator[None]:
    """Keep the collector from walking hundreds of thousands of records again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@no_collection()
def extract(
    folder: Path,
    *,
    roots: Iterable[str] = DEFAULT_ROOTS,
    depth: int = 6,
    whole_tree: bool = False,
    also: Iterable[str] = (),
    folders: Collection[str] = (),
    progress: Progress = quiet,
) -> Facts:
    """Return the facts of an unpacked kernel tree.

    Follows the calls from `roots`, `depth` deep, through direct calls and the
    tables of teardown hooks, and reads the functions named in `also` without
    following them; `whole_tree` reads every function of every file. Tables
    come from the whole tree either way, unless `folders` says to open nothing
    else, which is several times as fast. What cannot be read, or is no regular
    file, is in `Facts.skipped`, and what no kernel of interest builds is left
    out (`extract.tree.build`). A folder that is not a kernel tree raises FactsError,
    one that the tree has not UnknownNameError.
    """
    tree = Tree(folder)
    index = Index(tree)
    for part in folders:
        tree.must_have(part)
    paths = tree.files(folders or [""])
    scope = paths if whole_tree or folders else tree.files(SCOPE)
    found = scan(index, paths, frozenset(scope), progress)
    reader = BodyReader(index)
    if whole_tree:
        read = read_all(reader, progress)
    else:
        read = follow(reader, roots, teardown_targets(found), depth, progress)
        for name in also:
            place = index.place(name)
            if place and place not in read:
                read[place] = read_function(reader, name, place)
    return Facts(
        kernel=tree.kernel,
        release=tree.release,
        functions=by_name(read.values()),
        read_tables=partial(table_records, tree, found),
        read_fields=partial(read_fields, reader),
        skipped=tuple(sorted((_printable(path), why) for path, why in tree.skipped.items())),
    )


def scan(
    index: Index,
    paths: list[str],
    scope: Collection[str],
    progress: Progress,
    scans: Scans | None = None,
) -> list[Placed]:
    """Index the scope, and the files of super_operations beyond it; return all tables."""
    scans = scans or Scans(index.tree)
    found: list[Placed] = []
    macros: list[Definition] = []
    for done, path in enumerate(paths, 1):
        progress("files", done, len(paths))
        here = scans.of(path) if path in scope else _beyond(index.tree, path)
        if here is None:
            continue
        found.extend((path, table) for table in here.tables)
        if path in scope or here.defined.definitions:
            index.add(path, here.defined)
            macros += here.defined.macros if path in scope else ()
    index.take(macros)
    return found


# Of a file outside of the scope only its tables count, unless it has a filesystem.
def _beyond(tree: Tree, path: str) -> FileScan | None:
    if not tree.can_read(path):
        return None
    here = tables(tree.read(path), path)
    is_filesystem = any(table.struct == "super_operations" for table in here)
    return (
        scan_file(tree.read(path), path) if is_filesystem else FileScan(Defined([], [], {}), here)
    )


def _printable(path: str) -> str:
    return path if path.isprintable() else ascii(path)[1:-1]


def teardown_targets(found: Iterable[Placed]) -> Targets:
    """Return the functions in each teardown hook, as (name, path of the table).

    {("super_operations", "evict_inode"): [("toy_evict", "fs/toy/super.c"), ...], ...}
    """
    slots: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for path, table in found:
        for member, value, *_ in table.slots:
            if member in TEARDOWN_HOOKS.get(table.struct, ()):
                slots.setdefault((table.struct, member), []).append((value, path))
    return slots


def table_records(tree: Tree, found: list[Placed]) -> tuple[OpsTable, ...]:
    """Return the tables as records, sorted by struct, path and line."""
    names, carriers = filesystems(tree, found)
    records = []
    for path, table in found:
        if table.struct in TABLES:
            filesystem = names.get((path, table.at), "")
            all_names = {filesystem, *carriers.get((path, table.at), ())} - {""}
            records.append(_record(tree, path, table, filesystem, sorted(all_names)))
    return tuple(sorted(records, key=lambda table: (table.struct, table.path, table.line)))


def _record(
    tree: Tree, path: str, table: RawTable, filesystem: str, carried_by: Iterable[str]
) -> OpsTable:
    # A file_system_type's name and flags are not hooks; a name is told by its quote.
    slots = sorted(slot for slot in table.slots if slot[1].isidentifier())
    return OpsTable(
        name=table.name,
        struct=table.struct,
        path=path,
        line=tree.line(path, table.at),
        slots=tuple((member, value) for member, value, *_ in slots),
        filesystem=filesystem,
        carriers=tuple(carried_by) if table.struct == "super_operations" else (),
        lines=tuple(tree.line(path, offset) for _, _, offset, _ in slots),
        conditions=tuple((member, condition) for member, _, _, condition in slots if condition),
    )


def read_fields(reader: BodyReader) -> dict[tuple[str, str], Field]:
    """Return the members of the structs that placements of metadata use, by (struct, name)."""
    fields = {}
    for struct in sorted(FIELD_STRUCTS):
        place = reader.index.struct(struct)
        if place is None:
            continue
        path = place.path
        for member in reader.receivers.members(struct, path).values():
            line = reader.tree.line(path, place.body + member.offset)
            fields[struct, member.name] = Field(struct, member.name, path, line, member.condition)
    return fields
