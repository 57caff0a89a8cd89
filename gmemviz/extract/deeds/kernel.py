"""Open a tree once, and answer what its functions do.

    deeds = KernelDeeds(Path("linux"))
    deeds.of("toy_evict_inode", "fs/toy/super.c").deeds

A function is read when it is asked for, with what it calls, and kept.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from gmemviz.extract.body import BodyReader, read_function
from gmemviz.extract.code import body_end, definitions
from gmemviz.extract.deeds.api import API, Api
from gmemviz.extract.deeds.reading import summary
from gmemviz.extract.deeds.record import (
    function_deeds,
    known_by_row,
    with_own_unread,
    with_returned_read,
)
from gmemviz.extract.deeds.rests import Rested
from gmemviz.extract.deeds.summaries import DEPTH, Library
from gmemviz.extract.index import Index
from gmemviz.extract.kernel import no_collection, scan, table_records
from gmemviz.extract.names import SCOPE
from gmemviz.extract.scans import Scans
from gmemviz.extract.tree import Tree
from gmemviz.extract.walk import Progress, quiet
from gmemviz.facts import FunctionDeeds, OpsTable, Source

MODULE: Final = re.compile(
    rb"^(?:module_(init|exit)|(?:fs|core|late)_(init)call)\((\w+)\)", re.MULTILINE
)
CACHE: Final = re.compile(rb"kmem_cache_create\w*\(([^;]*)\);")
LAST_NAME: Final = re.compile(rb"(\w+)\W*\Z")


class KernelDeeds:
    """Answer for the functions of one tree, as far as `folders` go (all of `SCOPE`, else).

    `release` names the kernel of a few files that have no Makefile, `kept` is what was kept of the
    tree's files the last time (`Scans.plain`).
    """

    def __init__(
        self,
        folder: Path,
        *,
        folders: Collection[str] = (),
        api: Api = API,
        release: str = "",
        progress: Progress = quiet,
        kept: Mapping[str, Any] | None = None,
    ) -> None:
        self.tree = Tree(folder, release)
        self.index = Index(self.tree)
        self.scans = Scans(self.tree, kept)
        paths = self.tree.files(folders or SCOPE)
        near = frozenset(self.tree.files(SCOPE) if "" in folders else paths)
        with no_collection():
            far = self.beside_tables([path for path in paths if path not in near])
            paths = sorted(near | far)
            self.placed = scan(self.index, paths, frozenset(paths), progress, self.scans)
        self.library = Library(BodyReader(self.index), api)
        self.folders: dict[str, list[str]] = {}

    def beside_tables(self, paths: list[str]) -> frozenset[str]:
        """Return the files of the folders in which a filesystem's table is.

        Nine of ten files are drivers, and a dozen of those has a filesystem.
        """
        folders = {path.rpartition("/")[0] for path in paths if self.scans.has_super(path)}
        return frozenset(path for path in paths if path.rpartition("/")[0] in folders)

    @contextmanager
    def afresh(self) -> Iterator[None]:
        """Read for one table: `rested` is then what its reading rests on, and no other's."""
        self.library.begin()
        with no_collection():
            yield

    @property
    def rested(self) -> Rested:
        """Return what the last reading rests on."""
        return self.library.rests.summed()

    def beside(self, table: OpsTable) -> list[OpsTable]:
        """Return the tables in the files of a table's folder, or of its file in a shared one."""
        files = set(self.sources_beside(table.path))
        return [other for other in self.tables if other.path in files]

    @property
    def tag(self) -> str:
        """Name the release as a Source does: v6.12.117."""
        return f"v{self.tree.release}"

    @cached_property
    def tables(self) -> tuple[OpsTable, ...]:
        """Hold the tables of hooks, sorted by struct, path, line."""
        return table_records(self.tree, self.placed)

    def of(
        self,
        name: str,
        path: str,
        *,
        argument: int = 0,
        depth: int = DEPTH,
        walked_as: str = "",
    ) -> FunctionDeeds:
        """Return the deeds of a function as a file at `path` means it.

        `argument` is which of what it takes is the inode, `depth` how deep calls are followed.
        `walked_as` is the member as which path walk calls it: that reads what get_link returns,
        and unread is what else may be read there. One that the tree has not is unread, but for what
        is known of the kernel's own.
        """
        place = self.library.find(name, path)
        if place is None:
            return known_by_row(name, path, self.tag, self.library.api.row(name))
        text = self.library.text(name, place)
        with no_collection():
            found = summary(self.library, text, depth)
        assert found is not None  # nothing runs, and the depth is not 0
        line = self.tree.line(place.path, place.at)
        if walked_as == "get_link":
            found = with_returned_read(text, Source(place.path, line, name, self.tag), found)
        if walked_as:
            found = with_own_unread(text, found)
        return function_deeds(text, line, found, argument)

    def callees(self, name: str) -> tuple[str, ...]:
        """Return what a function of the tree calls, in order; () for one that it has not."""
        place = self.index.place(name)
        found = read_function(self.library.reader, name, place) if place else None
        return tuple(call.callee for call in found.calls) if found else ()

    def sources_beside(self, path: str) -> list[str]:
        """Return the C files of the folder of `path`; of a shared folder, the file alone."""
        folder = path.rpartition("/")[0]
        if folder.count("/") == 0:
            self.library.rests.files.add(path)
            return [path]
        self.library.rests.folders.add(f"{folder}/")
        if folder not in self.folders:
            self.folders[folder] = self.tree.files([folder])
        return [other for other in self.folders[folder] if other.endswith(".c")]

    def mentions(self, word: bytes, tables: Iterable[OpsTable]) -> bool:
        """Tell whether a word stands in the files of some tables."""
        paths = sorted({table.path for table in tables})
        self.library.rests.files.update(paths)
        return any(word in self.tree.read(path) for path in paths)

    def module_functions(self, path: str) -> tuple[str, str, str]:
        """Return what initialises the module of a file, what ends it, and where they stand."""
        found = {"init": "", "exit": ""}
        where = ""
        for source in self.sources_beside(path):
            for match in MODULE.finditer(self.tree.read(source)):
                word = (match[1] or match[2]).decode()
                found[word] = found[word] or match[3].decode()
                where = where or source
        return found["init"], found["exit"], where

    def constructors(self, path: str) -> list[tuple[str, str]]:
        """Return the functions that slabs of a file's folder set their objects up by, with files.

        kmem_cache_create("toy", sizeof(struct toy), 0, 0, toy_init_once) names it last.
        """
        found = []
        for source in self.sources_beside(path):
            for call in CACHE.finditer(self.tree.read(source)):
                last = LAST_NAME.search(call[1])
                if last and last[1] != b"NULL":
                    found.append((last[1].decode(), source))
        return sorted(set(found))

    def callers_of(self, names: Collection[str], path: str) -> list[tuple[str, str]]:
        """Return the functions of a file's folder that call any of these, with their files."""
        calls = re.compile(rb"\b(?:%s)\(" % "|".join(names).encode())
        found = set()
        for source in self.sources_beside(path):
            text = self.tree.read(source)
            for place in definitions(text, source) if calls.search(text) else ():
                if calls.search(text, place.body, body_end(text, place.body)):
                    found.add((place.name, source))
        return sorted(found)
