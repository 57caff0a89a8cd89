"""Open a tree once, and answer what its functions do.

    deeds = KernelDeeds(Path("linux"))
    deeds.of("toy_evict_inode", "fs/toy/super.c").deeds

A function is read when it is asked for, with what it calls, and kept.
"""

import re
from collections.abc import Collection
from functools import cached_property
from pathlib import Path
from typing import Final

from gmemviz.extract.body import BodyReader, read_function
from gmemviz.extract.deeds.api import API, Api
from gmemviz.extract.deeds.reading import summary
from gmemviz.extract.deeds.record import function_deeds, missing
from gmemviz.extract.deeds.summaries import DEPTH, Library
from gmemviz.extract.index import Index
from gmemviz.extract.kernel import no_collection, scan, table_records
from gmemviz.extract.names import SCOPE
from gmemviz.extract.tree import Tree
from gmemviz.extract.walk import Progress, quiet
from gmemviz.facts import FunctionDeeds, OpsTable

MODULE: Final = re.compile(
    rb"^(?:module_(init|exit)|(?:fs|core|late)_(init)call)\((\w+)\)", re.MULTILINE
)
CACHE: Final = re.compile(rb"kmem_cache_create\w*\(([^;]*)\);")
LAST_NAME: Final = re.compile(rb"(\w+)\W*\Z")
SIZE: Final = re.compile(rb"sizeof\(struct (\w+)\)")


class KernelDeeds:
    """Answer for the functions of one tree, as far as `folders` go (all of `SCOPE`, else)."""

    def __init__(
        self,
        folder: Path,
        *,
        folders: Collection[str] = (),
        api: Api = API,
        progress: Progress = quiet,
    ) -> None:
        self.tree = Tree(folder)
        self.index = Index(self.tree)
        paths = self.tree.files(folders or SCOPE)
        with no_collection():
            self.placed = scan(self.index, paths, frozenset(paths), progress)
        self.library = Library(BodyReader(self.index), api)

    @property
    def tag(self) -> str:
        """Name the release as a Source does: v6.12.117."""
        return f"v{self.tree.release}"

    @cached_property
    def tables(self) -> tuple[OpsTable, ...]:
        """Hold the tables of hooks, sorted by struct, path, line."""
        return table_records(self.tree, self.placed)

    def of(self, name: str, path: str, *, argument: int = 0) -> FunctionDeeds:
        """Return the deeds of a function as a file at `path` means it.

        `argument` is which of what it takes is the inode. One that the tree has not is unread.
        """
        place = self.library.find(name, path)
        if place is None:
            return missing(name, path, self.tag)
        text = self.library.text(name, place)
        with no_collection():
            found = summary(self.library, text, DEPTH)
        assert found is not None  # nothing runs, and the depth is not 0
        line = self.tree.line(place.path, place.at)
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
            return [path]
        return [other for other in self.tree.files([folder]) if other.endswith(".c")]

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

    def constructor(self, struct: str, path: str) -> tuple[str, str]:
        """Return the function that sets up objects of a slab of `struct`, and its file.

        kmem_cache_create("toy", sizeof(struct toy), 0, 0, toy_init_once) names it last.
        """
        for source in self.sources_beside(path):
            for call in CACHE.finditer(self.tree.read(source)):
                size, last = SIZE.search(call[1]), LAST_NAME.search(call[1])
                if size and last and size[1].decode() == struct and last[1] != b"NULL":
                    return last[1].decode(), source
        return "", ""
