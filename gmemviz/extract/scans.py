"""Read what one file defines, once: its functions, structs, tables, macros, and the names of all.

    scans = Scans(tree, kept)          kept: what was found of each file, by path, the last time
    scans.of("fs/toy/super.c")         taken from there if the file is as it was, else read anew
    scans.plain()                      to be kept for the next time

That a file is as it was is told by its size, its times and its number, as git does; where its times
are as young as what is kept, its bytes are compared. So a second look at a tree opens few files.
"""

import os
import re
import time
from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import Any, Final, NamedTuple

from gmemviz.extract.code import Definition, scope_texts
from gmemviz.extract.index import Defined, defined_in
from gmemviz.extract.names import HOOK_STRUCTS
from gmemviz.extract.ops import RawTable, tables
from gmemviz.extract.tree import Tree

Stamp = tuple[int, int, int, int]
"""When a file was written and changed (in nanoseconds), its size, and its number."""

YOUNG: Final = 2_000_000_000
"""Nanoseconds: a file that was written so short a time ago may be written again at the same time,
by the clock of its filesystem (fs/inode.c:current_time@v6.12 is as coarse as a tick)."""

SUPER: Final = b"super_operations"
MAKER: Final = "##"
"""The name that a file defines which has a macro that makes functions by joining names."""

DEFINED: Final = re.compile(rb"^[ \t]*#[ \t]*define[ \t]+(\w+)\(", re.MULTILINE)
MEMBER: Final = re.compile(rb"\(\s*\*\s*(?:const\s+)?(\w+)\s*\)\s*\(")
VALUE: Final = re.compile(
    rb"^(?:static |const |extern )*struct (\w+)[ \t]+[\w \t]+(?:\[[^\]\n]*\])?[\w \t\n]*=",
    re.MULTILINE,
)


class FileScan(NamedTuple):
    """Hold what a file defines, and its tables of hooks."""

    defined: Defined
    tables: list[RawTable]


def scan_file(text: bytes, path: str) -> FileScan:
    """Return what a file has."""
    return FileScan(defined_in(text, path), tables(text, path))


def names_in(text: bytes, found: FileScan) -> set[str]:
    """Return every name for which this file may be the answer, to whoever looks it up.

    Functions, structs, macros, classes of scopes, members that point to functions or tables, and
    the structs of which it has a value: who looks for any of them may have found it here.
    """
    here = found.defined
    names = {place.name for place in (*here.definitions, *here.macros)} | here.pointers.keys()
    for pattern in (DEFINED, MEMBER):
        names |= {match[1].decode() for match in pattern.finditer(text)}
    # Whose hooks are looked for is a folder's affair (`Targets.of`): every filesystem has some.
    names |= {match[1].decode() for match in VALUE.finditer(text)} - set(HOOK_STRUCTS)
    if b"DEFINE_" in text or b"EXTEND_CLASS" in text:
        names |= scope_texts(text).keys()
    return names | {MAKER} if b"##" in text else names


class KeptScan(NamedTuple):
    """Keep a file's scan as JSON-plain data, with what tells whether it is still that file."""

    stamp: list[int]
    digest: str
    definitions: list[list[Any]]
    tables: list[list[Any]]
    macros: list[list[Any]]
    pointers: dict[str, str]
    names: list[str]


class Scans:
    """Scan the files of a tree, by what was kept of it; `changed` are those that are others now.

    `far` are files outside of the usual folders, of which only those count that have a table of
    super_operations.
    """

    def __init__(self, tree: Tree, kept: Mapping[str, Any] | None = None) -> None:
        self.tree = tree
        files = (kept or {}).get("files", {})
        self.kept = {path: KeptScan(*row) for path, row in files.items()}
        self.far: dict[str, list[Any]] = (kept or {}).get("far", {})
        self.found: dict[str, KeptScan] = {}
        self.seen_far: dict[str, list[Any]] = {}
        self.now = time.time_ns()

    def stamp(self, path: str) -> list[int]:
        """Return what tells a file from itself at another time; a young one is like none."""
        found = os.stat(f"{self.tree.root}/{path}")  # noqa: PTH116 - 60,000 times
        young = self.now - max(found.st_mtime_ns, found.st_ctime_ns) < YOUNG
        number = -1 if young else found.st_ino
        return [found.st_mtime_ns, found.st_ctime_ns, found.st_size, number]

    def has_super(self, path: str) -> bool:
        """Tell whether a far file has a table of super_operations, or looks like it."""
        try:
            stamp = self.stamp(path)
            row = self.far.get(path)
            if row is None or row[0] != stamp or stamp[-1] < 0:
                row = [stamp, SUPER in self.tree.opened(path)]
        except OSError as error:
            self.tree.skipped[path] = f"{error.strerror}"
            return False
        self.seen_far[path] = row
        return bool(row[1])

    def of(self, path: str) -> FileScan | None:
        """Return what a file defines; None for one that cannot be read, which is skipped."""
        try:
            return self.scanned(path, self.stamp(path))
        except OSError as error:
            self.tree.skipped[path] = f"{error.strerror}"
            return None

    def scanned(self, path: str, stamp: list[int]) -> FileScan:
        """Return what is kept of a file, or else read it."""
        # Whoever opens it later opens the same file, or is told (`Tree.opened`).
        self.tree.stamps.setdefault(path, (stamp[0], stamp[2]))
        kept = self.kept.get(path)
        if kept is None or kept.stamp != stamp or stamp[-1] < 0:
            text = self.tree.opened(path)
            digest = sha256(text).hexdigest()
            if kept is None or kept.digest != digest:
                found = scan_file(text, path)
                self.found[path] = packed(found, stamp, digest)
                return found
            kept = kept._replace(stamp=stamp)
        self.found[path] = kept
        return unpacked(kept, path)

    @property
    def changed(self) -> set[str]:
        """Return the files that came, went, or have other bytes than those of which is kept."""
        both = self.kept.keys() & self.found.keys()
        others = {path for path in both if self.kept[path].digest != self.found[path].digest}
        return (self.kept.keys() ^ self.found.keys()) | others

    def names(self, paths: Collection[str]) -> set[str]:
        """Return the names that these files define, or did."""
        rows = [kept[path] for kept in (self.kept, self.named()) for path in paths if path in kept]
        return set().union(*(row.names for row in rows))

    def named(self) -> dict[str, KeptScan]:
        """Return what is to be kept, with the names that each file defines."""
        for path, row in self.found.items():
            if not row.names:
                names = names_in(self.tree.read(path), unpacked(row, path))
                self.found[path] = row._replace(names=sorted(names) or [""])
        return self.found

    def plain(self) -> dict[str, Any]:
        """Return what is to be kept, as JSON has it."""
        return {"files": self.named(), "far": self.seen_far}


def packed(found: FileScan, stamp: list[int], digest: str) -> KeptScan:
    """Return a scan as plain data; the path is what it is kept under."""
    here = found.defined
    places = [list(place[1:]) for place in here.definitions]
    values = [[each.name, each.struct, each.at, each.body, each.brace] for each in found.tables]
    macros = [list(place[1:]) for place in here.macros]
    return KeptScan(stamp, digest, places, values, macros, dict(here.pointers), [])


def unpacked(kept: KeptScan, path: str) -> FileScan:
    """Return the scan that was kept of a file."""
    places = [Definition(path, *row) for row in kept.definitions]
    macros = [Definition(path, *row) for row in kept.macros]
    values = [RawTable(*row) for row in kept.tables]
    return FileScan(Defined(places, macros, kept.pointers), values)
