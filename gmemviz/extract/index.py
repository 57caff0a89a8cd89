"""Index a tree: which function, struct and macro is defined where."""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from gmemviz.extract.definitions import Definition, definitions
from gmemviz.extract.tree import Tree

__all__ = ("Index", "Place")

MACRO = re.compile(
    rb"^[ \t]*#[ \t]*define[ \t]+(\w+)\(([^()\n]*)\)((?:\\\n|[^\n])*+)", re.MULTILINE
)
CALLS = re.compile(rb"[a-z_]\w*\(")
OPS_POINTER = re.compile(rb"\bstruct\s+(\w+_operations(?:_struct)?)\s*\*\s*(?:const\s+)?(\w+)\s*;")


class Place(NamedTuple):
    """Say in which file a definition stands, and where."""

    path: str
    definition: Definition


class Index:
    """Hold the places of definitions by name; a name may have several."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.functions: dict[str, list[Place]] = {}
        self.structs: dict[str, list[Place]] = {}
        self.macros: dict[str, list[Place]] = {}
        self.ops_pointers: dict[str, str] = {}
        self.headers: list[str] = []

    def add(self, paths: Iterable[str], progress: Callable[[int], None] | None = None) -> None:
        """Index every function and struct of `paths`; call `progress` with the files done."""
        for count, path in enumerate(paths, 1):
            text = self.tree.read(path)
            for definition in definitions(text):
                kind = self.structs if definition.is_struct else self.functions
                kind.setdefault(definition.name, []).append(Place(path, definition))
            if path.endswith(".h"):
                self.headers.append(path)
            if path.endswith(".h") and b"_operations" in text:
                for match in OPS_POINTER.finditer(text):
                    self.ops_pointers[match.group(2).decode()] = match.group(1).decode()
            if progress:
                progress(count)

    def add_macros(self, paths: Iterable[str]) -> None:
        """Index the function-like macros of `paths` that call something."""
        for path in paths:
            text = self.tree.read(path)
            if b"define" not in text:
                continue
            for match in MACRO.finditer(text):
                name = match.group(1).decode()
                if name.isupper() or not CALLS.search(match.group(3)):
                    continue
                start = match.start(1)
                found = Definition(
                    name, False, start, start, match.start(3), match.end(3), False, True
                )
                self.macros.setdefault(name, []).append(Place(path, found))

    def place(self, name: str, path: str = "") -> Place | None:
        """Return the definition of `name` that a caller in `path` means."""
        return best(self.functions.get(name, []), path) or self.macro(name, path)

    def macro(self, name: str, path: str) -> Place | None:
        """Return the function-like macro that a caller in `path` means."""
        places = self.macros.get(name, [])
        return best([p for p in places if p.path == path or p.path.endswith(".h")], path)

    def struct(self, name: str, path: str = "") -> Place | None:
        """Return the struct that a file at `path` means."""
        return best(self.structs.get(name, []), path)


def best(places: list[Place], path: str) -> Place | None:
    """Prefer the caller's own file; of the rest the longest body, as stubs are short."""
    if len(places) < 2:
        return places[0] if places else None
    own = [place for place in places if place.path == path]
    # A static function of another .c file is out of reach.
    seen = own or [p for p in places if not p.definition.static or p.path.endswith(".h")] or places
    return max(seen, key=lambda place: (place.definition.end - place.definition.body, place.path))
