"""Name a World's cells in Promela, and lay out its text.

No word of a Design or a scenario goes into the text as it is: a user may have written it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from gmemviz.errors import GmemvizError
from gmemviz.model.design import Kept
from gmemviz.model.machine import ABSENT, AWAITING, FREED, HELD, Cell, Target
from gmemviz.model.search import World

__all__ = ("At", "Names", "Text", "comment", "identifiers", "indent", "names_of", "when")

Text = Iterator[str]

STATUS: Final = {ABSENT: "ABSENT", HELD: "HELD", AWAITING: "AWAITING", FREED: "FREED"}
UNSET: Final = {"i_count": "-1", "waits_for": "NOT_QUEUED"}
"""What stands for None in a field; NOTHING in the others."""

OF_INODE: Final = (
    "cache", "dentry", "hashed", "i_count", "i_lock", "i_state", "nrpages", "waits_for",
)  # fmt: skip
OF_FOLIO: Final = ("batch", "locked", "mapping")
OF_ALL: Final = {
    "first_inode": "inode",
    "gmem_file": "slot->gmem.file",
    "kmem_cache": "cache",
    "module_text": "module text",
}
"""Cells that go by another word here."""

LONGEST: Final = 40


class Names(NamedTuple):
    """Give Promela's word for each cell, the objects among them, and how the cells start."""

    words: Mapping[str, str]
    objects: Mapping[str, str]
    start: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class At:
    """Say where an operation runs: its actor's Target, its context, and the names."""

    target: Target
    context: str
    names: Names

    def __getitem__(self, short: str) -> str:
        """Return the word for ``inode``, ``folio``, a field of theirs, or a cell of all."""
        return self.context if short == "context" else self.word(self._cell(short))

    def folios(self) -> "list[At]":
        """Return the same for each folio that the inode may have."""
        return [replace(self, target=each) for each in self.target.each_folio]

    def has(self, short: str) -> bool:
        """Return whether there is such a cell: some are there in few scenarios."""
        return self._cell(short) in self.names.words

    def _cell(self, short: str) -> str:
        if short in ("inode", "folio"):
            return str(getattr(self.target, short))
        if short in OF_INODE:
            return f"{self.target.inode}.{short}"
        if short in OF_FOLIO:
            return f"{self.target.folio}.{short}"
        return OF_ALL.get(short, short)

    def word(self, name: str) -> str:
        """Return the word for a cell; GmemvizError where the World has none of that name."""
        if name not in self.names.words:
            raise GmemvizError(f"no Promela for a cell that no actor has: {name!r}")
        return self.names.words[name]

    def slot(self, kept: Kept) -> str:
        """Return the word for the pointer (or word) to the metadata."""
        return self.word(self.target.slot(kept))

    def object(self, kept: Kept) -> str:
        """Return the word for the metadata's memory."""
        return self.word(self.target.object(kept))


def identifiers(prefix: str, names: Iterable[str]) -> dict[str, str]:
    """Return an identifier for each name: of letters, digits and _, no two the same.

    The prefix keeps them apart from every keyword of Promela and of C.
    """
    found: dict[str, str] = {}
    for name in names:
        plain = word = prefix + re.sub(r"[^A-Za-z0-9_]", "_", name)[:LONGEST]
        number = 1
        while word in found.values():
            number += 1
            word = f"{plain}_{number}"
        found[name] = word
    return found


def comment(text: str) -> str:
    """Return a comment that says `text`, and cannot be ended by it."""
    plain = re.sub(r"[^ -~]|[*\\]", " ", text)
    return f"/* {plain} */"


def names_of(world: World) -> Names:
    """Return the names for a World; GmemvizError for a cell that starts as nothing known."""
    cells = world.cells(world.start)
    objects = identifiers("object_", (name for name in cells if cells[name] in STATUS))
    fields = identifiers("cell_", (name for name in cells if name not in objects))
    start = {name: _start(name, value) for name, value in cells.items()}
    return Names({**objects, **fields}, objects, start)


def _start(name: str, value: Cell) -> str:
    if value in STATUS:
        return STATUS[str(value)]
    if isinstance(value, int):
        return str(value)
    if value is None:
        return UNSET.get(name.rpartition(".")[2], "NOTHING")
    if value in ((), ""):
        return "NOTHING"
    raise GmemvizError(f"no Promela for the cell {name!r}, which starts as {value!r}")


def indent(lines: Iterable[str]) -> Text:
    """Yield `lines`, each four columns further in."""
    return (f"    {line}" for line in lines)


def when(condition: str, then: Iterable[str], otherwise: Iterable[str] = ()) -> Text:
    """Yield a choice: `then` where the condition holds, or `otherwise`."""
    yield "if"
    yield f":: {condition} ->"
    yield from indent(then)
    yield ":: else ->" if (rest := list(otherwise)) else ":: else"
    yield from indent(rest)
    yield "fi;"
