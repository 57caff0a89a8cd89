"""Keep what each function does to its arguments, read once, and find functions by name.

A summary speaks of argument 0, 1, ...; whoever calls puts its own in their place. It is read
`DEPTH` calls deep from where it was first asked for.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, NamedTuple

from gmemviz.extract.body import BodyReader
from gmemviz.extract.code import (
    Definition,
    ScopeText,
    Tokens,
    body_end,
    is_name,
    scope_texts,
    tokenize,
)
from gmemviz.extract.deeds.api import API, Api
from gmemviz.extract.deeds.formulas import Formula
from gmemviz.extract.deeds.made import calls_of, expanded, functions_in, is_maker, joined
from gmemviz.extract.deeds.places import NOTHING, Code, Value
from gmemviz.extract.deeds.rests import Rests
from gmemviz.extract.deeds.spots import POINTED, UP, MemorySpot
from gmemviz.extract.deeds.targets import Targets, folder_of
from gmemviz.extract.names import HOOK_STRUCTS
from gmemviz.extract.ops import declared
from gmemviz.extract.scans import MAKER
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


ADDRESS: Final = re.compile(r"&_T\b(?!->)")

Codes = tuple[tuple[int, Code], ...]
"""The functions that a call hands over, each with the number of its argument."""


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
    """Hold a function's body and what it takes, ready to be read.

    `said` is its head and body as written. `pasted` are the words that a call gave for what a
    macro joins to a name by `##`, so that each of them makes a text of its own. `is_open`: the file
    ends in the middle of it.
    """

    name: str
    place: Definition
    tokens: Tokens
    base: int
    arguments: list[str] = field(default_factory=list)
    structs: list[str] = field(default_factory=list)
    is_macro: bool = False
    said: str = ""
    by_address: bool = False
    is_open: bool = False
    pasted: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Return the file that it is read in."""
        return self.place.path

    @cached_property
    def types(self) -> dict[str, str]:
        """Hold the struct of each variable and argument."""
        return declared(self.said)


class ReadBefore(NamedTuple):
    """Keep a summary, how deep it was read, and what that rests on."""

    depth: int
    summary: Summary
    rests: Rests


class MemberKind(NamedTuple):
    """Say what a member is: a pointer or not, and which struct it is or points to."""

    is_pointer: bool
    struct: str


WORK: Final = re.compile(rb"\bINIT_(?:DELAYED_)?WORK\(\s*&[\w\s().>-]*?\b(\w+)\s*,\s*&?(\w+)\s*\)")
"""INIT_WORK(&toy->work, toy_drop) (include/linux/workqueue.h:INIT_WORK@v6.12)."""


class Library:
    """Find functions and macros, and remember what was read of them."""

    def __init__(self, reader: BodyReader, api: Api = API) -> None:
        self.reader = reader
        self.index = reader.index
        self.tree = reader.tree
        self.api = api
        self.targets = Targets(reader)
        self.known: dict[tuple[Definition, tuple[str, ...], Codes], ReadBefore] = {}
        self.rests = Rests()
        self.running: set[Definition] = set()
        self.places: dict[tuple[str, str], Definition | None] = {}
        self.macros: dict[str, Mapping[str, Definition]] = {}
        self.scopes: dict[str, Mapping[str, tuple[str, ScopeText]]] = {}
        self.scoped: dict[tuple[str, str], FunctionText] = {}
        self.makers_in: dict[str, list[Definition]] = {}
        self.made: dict[str, dict[str, Definition]] = {}
        self.joined: dict[tuple[Definition, tuple[str, ...]], FunctionText] = {}
        self.texts: dict[Definition, FunctionText] = {}
        self.workers: dict[str, Mapping[str, set[str]]] = {}
        self.structs: dict[Definition, Mapping[str, MemberKind]] = {}

    def find(self, name: str, path: str) -> Definition | None:
        """Return the function, or function-like macro, that a caller in `path` means."""
        key = (name, path)
        self.rests.names.add(name)
        if key not in self.places:
            place = self.index.place(name, path) or self.macro(name, path)
            self.places[key] = place or self.made_in(folder_of(path)).get(name)
        found = self.places[key]
        if found is None or found.name not in self.index.functions:
            # Nobody defines it plainly: any file of the part may make it by a macro.
            self.rests.folders.add(folder_of(path))
            self.rests.names.add(MAKER)
        return found

    def begin(self) -> None:
        """Rest on nothing yet, as something else is asked; summaries stay, and what they rest on.

        One that was cut off by its depth stays, too: how much of a function is read depends on who
        came by it first, so that a table of many may have other unread statements than one alone.
        """
        self.rests = Rests()

    def macro(self, name: str, path: str) -> Definition | None:
        """Return a macro of the caller's file, of the headers in its folder, or of all."""
        folder = path.rpartition("/")[0]
        for where in (path, f"{folder}/", folder_of(path), *SHARED):
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
                below = self.index.below(where)
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

    def made_in(self, home: str) -> Mapping[str, Definition]:
        """Return the functions that macros make in one part of the kernel; `texts` has them."""
        if home not in self.made:
            found: dict[str, Definition] = {}
            self.made[home] = found
            shared = {p.name: p for where in (home, *SHARED) for p in self.makers(where)}
            for path in self.index.below(home):
                own = self.makers(path) if b"##" in self.tree.read(path) else []
                makers = {**shared, **{place.name: place for place in own}} if own else shared
                for match in calls_of(makers, self.tree.read(path)):
                    for text in self.made_by(makers[match[1].decode()], match, path):
                        found.setdefault(text.name, text.place)
                        self.texts.setdefault(text.place, text)
        return self.made[home]

    def makers(self, where: str) -> list[Definition]:
        """Return the macros that make functions."""
        if where not in self.makers_in:
            places = self.macros_in(where).values()
            found = [place for place in places if is_maker(self.macro_body(place))]
            self.makers_in[where] = found
        return self.makers_in[where]

    def macro_body(self, place: Definition) -> bytes:
        """Return what a macro stands for."""
        text = self.tree.read(place.path)
        return text[place.body : body_end(text, place.body)]

    def made_by(
        self, maker: Definition, call: "re.Match[bytes]", path: str
    ) -> Iterator[FunctionText]:
        """Yield the functions that one call of a macro makes."""
        words = [word.strip() for word in call[2].decode("latin-1").split(",")]
        head = self.tree.read(maker.path)[maker.at : maker.body].decode("latin-1")
        given = dict(zip(argument_names(head), words, strict=False))
        text = expanded(self.macro_body(maker).decode("latin-1"), given)
        for place, own_head, tokens in functions_in(text, path, call.start()):
            names, types = argument_names(own_head), declared(own_head)
            structs = [types.get(name, "") for name in names]
            said = f"{own_head} {' '.join(tokens.words)}"
            yield FunctionText(place.name, place, tokens, place.at, names, structs, said=said)

    def pasted(self, text: FunctionText, words: list[str]) -> FunctionText:
        """Return a macro as it is where a call gives single words for what it joins to names."""
        given = {
            name: word
            for name, word in zip(text.arguments, words, strict=False)
            if word.isidentifier()
        }
        key = (text.place, tuple(words))
        if key not in self.joined:
            body = "{" + joined(self.macro_body(text.place).decode("latin-1"), given) + ";}"
            tokens = tokenize(body.replace("\\\n", " \n"))
            tokens.offsets[:] = [0] * len(tokens.offsets)
            self.joined[key] = replace(
                text, tokens=tokens, base=text.place.body, said=body, pasted=tuple(words)
            )
        return self.joined[key]

    def worker(self, member: str, path: str) -> str:
        """Return the function that a work does, by the member that it is; "" if that is unknown.

        INIT_WORK stands as a rule where the struct is made, and queue_work elsewhere. The files of
        one folder are looked at, and two works of one name with two functions are unknown.
        """
        folder = path.rpartition("/")[0]
        if folder not in self.workers:
            found: dict[str, set[str]] = {}
            for source in self.tree.files([folder]):
                for match in WORK.finditer(self.tree.read(source)):
                    found.setdefault(match[1].decode(), set()).add(match[2].decode())
            self.workers[folder] = found
        self.rests.folders.add(f"{folder}/")
        functions = self.workers[folder].get(member, set())
        return next(iter(functions)) if len(functions) == 1 else ""

    def scopes_in(self, where: str) -> Mapping[str, tuple[str, ScopeText]]:
        """Return the classes of scopes of one file, or of the headers below a folder."""
        if where not in self.scopes:
            paths = [where]
            if where.endswith("/"):
                paths = [path for path in self.index.below(where) if path.endswith(".h")]
            self.scopes[where] = {
                name: (path, found)
                for path in paths
                for name, found in scope_texts(self.tree.read(path)).items()
            }
        return self.scopes[where]

    def scope_of(self, name: str, path: str) -> tuple[FunctionText | None, FunctionText | None]:
        """Return what entering and leaving a scope of this class do; None where that is unknown.

        One that is lent from another class enters as that does: mutex_try, as mutex.
        """
        self.rests.names.add(name)
        for where in (path, folder_of(path), *SHARED):
            if name in self.scopes_in(where):
                source, found = self.scopes_in(where)[name]
                self.rests.files.add(source)
                if found.base and found.base != name:
                    return self.scope_of(found.base, path)
                return (
                    self.scope_text(name, source, found.enter, found),
                    self.scope_text(name, source, found.leave, found._replace(takes=("_T",))),
                )
        return None, None

    def scope_text(self, name: str, path: str, said: str, scope: ScopeText) -> FunctionText | None:
        """Return an expression of a scope as a body; `&_T` takes the variable's address."""
        if not said:
            return None
        key = (f"{path} {name}", said)
        if key not in self.scoped:
            place = Definition(path, name, False, scope.at, scope.at, scope.at, inline=True)
            body, count = ADDRESS.subn("_T", said)
            tokens = tokenize(f"{{{body};}}")
            tokens.offsets[:] = [0] * len(tokens.offsets)
            self.scoped[key] = FunctionText(
                name, place, tokens, scope.at, list(scope.takes), ["" for _ in scope.takes],
                is_macro=True, by_address=count > 0, pasted=(said,),
            )  # fmt: skip
        return self.scoped[key]

    def ending(self, word: str, name: str, path: str) -> FunctionText | None:
        """Return what is done as a variable with `__free(name)` or `__cleanup(name)` ends."""
        if word == "__free":
            return self.scope_of(f"__free {name}", path)[1]
        place = self.find(name, path)
        return replace(self.text(name, place), by_address=True) if place else None

    def targets_of(self, tokens: Tokens, paren: int, text: FunctionText) -> list[Code] | None:
        """Return whom a call through a pointer may come to; None if that is unknown."""
        asked = self.reader.receivers.asked
        asked.clear()
        found = self.targets.called(tokens, paren, text.types, text.path)
        self.rests.names.update(filter(None, asked), HOOK_STRUCTS)
        self.rests.folders.update(name for name in asked if "/" in name)  # where tables may be
        return found

    def members(self, struct: str, path: str) -> Mapping[str, MemberKind]:
        """Return the members of a struct, as a file at `path` sees it; a hook is a pointer."""
        self.rests.names.add(struct)
        place = self.index.struct(struct, path)
        if place is None:
            return {}
        self.rests.files.add(place.path)
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
        self.rests.files.add(place.path)
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
                name, place, tokenize(body), base, names, structs, is_macro, head + body,
                is_open=body.startswith("{") and not body.rstrip().endswith("}"),
            )  # fmt: skip
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
