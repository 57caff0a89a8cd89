"""Turn a kernel tree into facts: one pass over its files, then the calls from the roots."""

import gc
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from gmemviz.extract.body import read_function
from gmemviz.extract.code import Definition
from gmemviz.extract.gather import Placed, read_fields, table_records, teardown_targets
from gmemviz.extract.index import Index
from gmemviz.extract.ops import tables
from gmemviz.extract.reader import Reader
from gmemviz.extract.roots import DEFAULT_ROOTS, SCOPE
from gmemviz.extract.tree import Tree
from gmemviz.extract.walk import Progress, follow, quiet, read_all
from gmemviz.facts import Facts, Function, by_name


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
    out (`extract.build`). A folder that is not a kernel tree raises FactsError,
    one that the tree has not UnknownNameError.
    """
    tree = Tree(folder)
    index = Index(tree)
    for part in folders:
        tree.must_have(part)
    paths = tree.files(folders or [""])
    scope = paths if whole_tree or folders else tree.files(SCOPE)
    found = scan(index, paths, frozenset(scope), progress)
    reader = Reader(index)
    if whole_tree:
        read = read_all(reader, progress)
    else:
        read = follow(reader, roots, teardown_targets(found), depth, progress)
        _add(reader, also, read)
    return Facts(
        kernel=tree.kernel,
        release=tree.release,
        functions=by_name(read.values()),
        read_tables=partial(table_records, tree, found),
        read_fields=partial(read_fields, reader),
        skipped=tuple(sorted((_printable(path), why) for path, why in tree.skipped.items())),
    )


def scan(
    index: Index, paths: list[str], scope: Collection[str], progress: Progress
) -> list[Placed]:
    """Index the scope, and the files of super_operations beyond it; return all tables."""
    tree = index.tree
    found: list[Placed] = []
    for done, path in enumerate(paths, 1):
        progress("files", done, len(paths))
        if not tree.can_read(path):
            continue
        here = tables(tree.read(path), path)
        found.extend((path, table) for table in here)
        if path in scope or any(table.struct == "super_operations" for table in here):
            index.add(path)
    read = sorted(path for path in scope if path not in tree.skipped)
    index.add_macros(path for path in read if path.startswith("include/linux/"))
    return found


def _printable(path: str) -> str:
    return path if path.isprintable() else ascii(path)[1:-1]


def _add(reader: Reader, names: Iterable[str], read: dict[Definition, Function]) -> None:
    for name in names:
        place = reader.index.place(name)
        if place and place not in read:
            read[place] = read_function(reader, name, place)
