"""Index a tree: which function, struct and macro is defined where.

A name may have several places: one a file for a static function, a stub beside the real one,

    #ifdef CONFIG_TOY
    void toy_init(struct toy *toy);                        defined in toy.c
    #else
    static inline void toy_init(struct toy *toy) { }       a stub in the header
    #endif

and one an architecture. Which of them a caller means is decided here.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from gmemviz.extract.code import Conditions, Definition, body_end, definitions
from gmemviz.extract.tree import Tree, is_second_choice, may_hold, settles

SHARED: Final = "include/linux/"
"""Where macros are as good as functions, for all."""

# A function-like macro with a name that is not all capitals, up to the end of its last line.
MACRO = re.compile(rb"#[ \t]*define[ \t]+([A-Z_]*[a-z]\w*)\([^()\n]*\)((?:\\\n|[^\n])*+)")
CALLS = re.compile(rb"[a-z_]\w*\(")
OPS_POINTER = re.compile(rb"\bstruct\s+(\w+_operations(?:_struct)?)\s*\*\s*(?:const\s+)?(\w+)\s*;")


class Defined(NamedTuple):
    """Hold what one file defines; `pointers` are the members of a header that point to tables."""

    definitions: list[Definition]
    macros: list[Definition]
    pointers: dict[str, str]


def defined_in(text: bytes, path: str) -> Defined:
    """Return what a file defines."""
    macros = list(macros_of(text, path)) if path.startswith(SHARED) else []
    pointers: dict[str, str] = {}
    if path.endswith(".h") and b"_operations" in text:
        pointers = {match[2].decode(): match[1].decode() for match in OPS_POINTER.finditer(text)}
    return Defined(built(definitions(text, path), text), macros, pointers)


def macros_of(text: bytes, path: str) -> Iterator[Definition]:
    """Yield the function-like macros that call something.

    `#define toy_alloc(sb) toy_cache_alloc(sb)` is as good as an inline function.
    """
    for match in MACRO.finditer(text) if b"define" in text else ():
        if CALLS.search(match[2]):
            start, body = match.start(1), match.start(2)
            yield Definition(path, match[1].decode(), False, start, start, body, inline=True)


class Index:
    """Hold the places of definitions by name; a name may have several.

    `ops_pointers` has the members that point to tables: a_ops to address_space_operations.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.functions: dict[str, list[Definition]] = defaultdict(list)
        self.structs: dict[str, list[Definition]] = defaultdict(list)
        self.macros: dict[str, list[Definition]] = defaultdict(list)
        self.ops_pointers: dict[str, str] = {}
        self.headers: list[str] = []
        self.paths: list[str] = []
        self.sorted_paths: list[str] = []
        self.by_path: dict[str, list[Definition]] = {}

    def below(self, start: str) -> list[str]:
        """Return the indexed files whose path begins so, sorted: fs/toy/ or a file itself."""
        if len(self.sorted_paths) != len(self.paths):
            self.sorted_paths = sorted(self.paths)
        first = bisect_left(self.sorted_paths, start)
        last = bisect_left(self.sorted_paths, f"{start}\U0010ffff")
        return self.sorted_paths[first:last]

    def structs_of(self, path: str) -> list[Definition]:
        """Return the structs that one file defines."""
        if not self.by_path:
            for places in self.structs.values():
                for place in places:
                    self.by_path.setdefault(place.path, []).append(place)
        return self.by_path.get(path, [])

    def add(self, path: str, defined: Defined | None = None) -> None:
        """Index every function and struct of one file, as it was read, or else as it is now."""
        found = defined or defined_in(self.tree.read(path), path)
        functions, structs = self.functions, self.structs
        for place in found.definitions:
            (structs if place.is_struct else functions)[place.name].append(place)
        self.paths.append(path)
        if path.endswith(".h"):
            self.headers.append(path)
        self.ops_pointers.update(found.pointers)

    def add_macros(self, paths: Iterable[str]) -> None:
        """Index the function-like macros of `paths` that call something."""
        for path in paths:
            self.take(macros_of(self.tree.read(path), path))

    def take(self, macros: Iterable[Definition]) -> None:
        """Index macros."""
        for place in macros:
            self.macros[place.name].append(place)

    def place(self, name: str, path: str = "") -> Definition | None:
        """Return the definition of `name` that a caller in `path` means."""
        return self.best(self.functions.get(name, []), path) or self.macro(name, path)

    def macro(self, name: str, path: str) -> Definition | None:
        """Return the function-like macro that a caller in `path` means."""
        places = self.macros.get(name, [])
        return self.best([p for p in places if p.path == path or p.path.endswith(".h")], path)

    def struct(self, name: str, path: str = "") -> Definition | None:
        """Return the struct that a file at `path` means."""
        return self.best(self.structs.get(name, []), path)

    def best(self, places: list[Definition], path: str) -> Definition | None:
        """Prefer the caller's own file; of the rest the longest body, as stubs are short.

        Another architecture's definition, and a test's, come last whatever their length.
        """
        if len(places) < 2:
            return places[0] if places else None
        own = [place for place in places if place.path == path]
        # A static function of another .c file is out of reach.
        seen = own or [p for p in places if not p.static or p.path.endswith(".h")] or places
        seen = [place for place in seen if not is_second_choice(place.path)] or seen
        return max(seen, key=lambda place: (self.size(place), place.path))

    def size(self, place: Definition) -> int:
        """Return the bytes of a definition's body."""
        return body_end(self.tree.read(place.path), place.body) - place.body


def built(found: list[Definition], text: bytes) -> list[Definition]:
    """Leave out what stands under an #if that no kernel of interest takes."""
    if not settles(text):
        return found
    conditions = Conditions(text.decode("latin-1"))
    return [definition for definition in found if may_hold(conditions.at(definition.at))]
