"""Keep what each function does to its arguments, read once, and find functions by name.

A summary speaks of argument 0, 1, ...; whoever calls puts its own in their place. It is read
`DEPTH` calls deep from where it was first asked for.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from gmemviz.extract.body import BodyReader
from gmemviz.extract.code import Definition, Tokens, body_end, is_name, tokenize
from gmemviz.extract.deeds.api import API, Api
from gmemviz.extract.deeds.formulas import Formula
from gmemviz.extract.deeds.places import NOTHING, Value
from gmemviz.extract.deeds.spots import POINTED, UP, MemorySpot
from gmemviz.extract.ops import declared
from gmemviz.facts import DeedKind, Source, Unread

DEPTH: Final = 6
"""How many calls deep a function is read."""

MOST_DEEDS: Final = 400
"""Deeds of one function that are kept; who does more is read in part."""

MACRO: Final = re.compile(
    rb"^[ \t]*#[ \t]*define[ \t]+(\w+)\([^()\n]*\)((?:\\\n|[^\n])*+)", re.MULTILINE
)
SHARED: Final = ("include/linux/",)
"""Where macros are looked for besides the folder of who calls them."""


class RawDeed(NamedTuple):
    """Hold a deed as read: under which formula, to what; `value` is what was stored there."""

    kind: DeedKind
    spot: MemorySpot
    reach: Formula
    chain: tuple[Source, ...]
    via: str = ""
    value: Value | None = None
    later: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """Say what a function does to what its arguments reach, and what it returns.

    `near` runs parallel to `unread`: the spots that each of those statements may have changed.
    `is_cut`: some calls were too deep to be followed.
    """

    deeds: tuple[RawDeed, ...] = ()
    returns: Value = NOTHING
    unread: tuple[Unread, ...] = ()
    near: tuple[frozenset[MemorySpot], ...] = ()
    is_cut: bool = False


@dataclass(eq=False)
class FunctionText:
    """Hold a function's body and what it takes, ready to be read."""

    name: str
    place: Definition
    tokens: Tokens
    base: int
    arguments: list[str] = field(default_factory=list)
    structs: list[str] = field(default_factory=list)
    is_macro: bool = False


class MemberKind(NamedTuple):
    """Say what a member is: a pointer or not, and which struct it is or points to."""

    is_pointer: bool
    struct: str


class Library:
    """Find functions and macros, and remember what was read of them."""

    def __init__(self, reader: BodyReader, api: Api = API) -> None:
        self.reader = reader
        self.index = reader.index
        self.tree = reader.tree
        self.api = api
        self.known: dict[Definition, tuple[int, Summary]] = {}
        self.running: set[Definition] = set()
        self.macros: dict[str, Mapping[str, Definition]] = {}
        self.texts: dict[Definition, FunctionText] = {}
        self.structs: dict[Definition, Mapping[str, MemberKind]] = {}

    def find(self, name: str, path: str) -> Definition | None:
        """Return the function, or function-like macro, that a caller in `path` means."""
        return self.index.place(name, path) or self.macro(name, path)

    def macro(self, name: str, path: str) -> Definition | None:
        """Return a macro of the caller's file, of the headers in its folder, or of all."""
        folder = path.rpartition("/")[0]
        for where in (path, f"{folder}/", *SHARED):
            found = self.macros_in(where).get(name)
            if found:
                return found
        return None

    def macros_in(self, where: str) -> Mapping[str, Definition]:
        """Return the function-like macros of one file, or of the headers below a folder."""
        if where not in self.macros:
            paths = [where]
            if where.endswith("/"):
                # Folders such as fs/ are shared: what lies below them is others' own.
                deepest = where.count("/") if where.count("/") < 2 else len(where)
                below = self.tree.files([where])
                paths = [p for p in below if p.endswith(".h") and p.count("/") <= deepest]
            found: dict[str, Definition] = {}
            for path in paths:
                text = self.tree.read(path)
                for match in MACRO.finditer(text):
                    name, start, body = match[1].decode(), match.start(1), match.start(2)
                    place = Definition(path, name, False, start, start, body, inline=True)
                    found.setdefault(name, place)
            self.macros[where] = found
        return self.macros[where]

    def members(self, struct: str, path: str) -> Mapping[str, MemberKind]:
        """Return the members of a struct, as a file at `path` sees it; a hook is a pointer."""
        place = self.index.struct(struct, path)
        if place is None:
            return {}
        if place not in self.structs:
            text = self.tree.read(place.path)
            found = {}
            for name, member in self.reader.receivers.members(struct, path).items():
                before = text[place.body : place.body + member.offset].rstrip()
                found[name] = MemberKind(before.endswith(b"*") or member.hook, member.struct)
            self.structs[place] = found
        return self.structs[place]

    def is_number(self, struct: str, steps: tuple[str, ...], path: str) -> bool:
        """Tell whether the member at the end is known, and neither pointer nor struct."""
        member = MemberKind(is_pointer=True, struct=struct)
        for step in steps:
            if step.startswith(UP):
                member = MemberKind(is_pointer=False, struct=step[1:].partition(".")[0])
            elif step != POINTED:
                found = self.members(member.struct, path).get(step) if member.struct else None
                if found is None:
                    return False
                member = found
        return not member.is_pointer and not member.struct

    def text(self, name: str, place: Definition) -> FunctionText:
        """Return the body at a place, as tokens, with the names of what it takes."""
        if place not in self.texts:
            source = self.tree.read(place.path)
            end = body_end(source, place.body)
            body = source[place.body : end].decode("latin-1")
            base = place.body
            is_macro = not body.startswith("{")
            if is_macro:
                body, base = "{" + body.replace("\\\n", " \n") + ";}", base - 1
            head = source[place.at : place.body].decode("latin-1")
            names = argument_names(head)
            types = declared(head)
            structs = [types.get(argument, "") for argument in names]
            self.texts[place] = FunctionText(
                name, place, tokenize(body), base, names, structs, is_macro
            )
        return self.texts[place]


def argument_names(head: str) -> list[str]:
    """Return the names of what a function takes, in their order, "" where one has none.

    `toy_put(struct toy *toy, void (*done)(int), int [])` takes toy, done and something unnamed.
    """
    tokens = tokenize(head)
    words = tokens.words
    if "(" not in words:
        return []
    first = words.index("(") + 1
    parts = tokens.split(first, tokens.matching(first - 1), ",")
    names = [_declared(words[slice(*part)]) for part in parts]
    return [] if names == [""] else names


def _declared(words: list[str]) -> str:
    if words[:1] and "(" in words and words[words.index("(") + 1 :][:1] == ["*"]:
        words = words[: words.index(")")]
    end = words.index("[") if "[" in words else len(words)
    names = [word for word in words[:end] if is_name(word)]
    return names[-1] if names and names != ["void"] else ""
