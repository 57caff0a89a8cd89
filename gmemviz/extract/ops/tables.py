"""Find initialised tables of hooks, and the members they set."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from gmemviz.extract.code import Conditions, tokenize

KINDS = (b"_operations", b"file_system_type")
BEFORE = re.compile(
    rb"^[\w \t]*\bstruct[ \t]+"
    rb"((?:super|address_space|file|dentry|inode|fs_context)_operations|file_system_type)\Z"
)
AFTER = re.compile(
    rb"[ \t\n]+(?:const[ \t]+|__\w+[ \t]+)*(\w+)[ \t]*(?:\[[^\]\n]*\])?[ \t\n]*"
    rb"(?:__\w+(?:\([^)\n]*\))?[ \t\n]*)*=[ \t\n]*\{",
)
LSM = re.compile(
    rb"^[ \t]*(?:static[ \t]+)?struct[ \t]+security_hook_list[ \t]+(\w+)\[\][^={;]*=[ \t\n]*\{",
    re.MULTILINE,
)
HOOK = re.compile(r"LSM_HOOK_INIT\(\s*(\w+)\s*,\s*(\w+)\s*\)")
LSM_STRUCT = "security_list_options"
NULLS = ("NULL", "0")


Slot = tuple[str, str, int, str]
"""A member, its function or string, its offset in the file, and its #if."""


@dataclass(frozen=True, eq=False)
class RawTable:
    """Hold a table as read; its slots are parsed when first asked for."""

    name: str
    struct: str
    at: int
    body: str
    brace: int

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """Hold what the table sets, in the order of the source; NULL is not set."""
        parse = _lsm_slots if self.struct == LSM_STRUCT else _designated_slots
        return parse(self.body, self.brace)


def tables(text: bytes, path: str) -> list[RawTable]:
    """Return the tables of one file in the order of the source."""
    found = [table for kind in KINDS for table in of_kind(text, kind)]
    if path.startswith("security/") and b"LSM_HOOK_INIT" in text:
        found += lsm_tables(text)
    return sorted(found, key=lambda table: table.at)


def of_kind(text: bytes, kind: bytes) -> Iterator[RawTable]:
    """Yield the tables of structs whose name ends in `kind`."""
    start = text.find(kind)
    while start >= 0:
        end = start + len(kind)
        after = AFTER.match(text, end)
        # What stands before it on the line tells a definition from one in a comment.
        before = after and BEFORE.match(text[text.rfind(b"\n", 0, start) + 1 : end])
        if after and before:
            brace = after.end() - 1
            name, struct = after.group(1).decode(), before.group(1).decode()
            yield RawTable(name, struct, after.start(1), initialiser(text, brace), brace)
        start = text.find(kind, end)


def lsm_tables(text: bytes) -> Iterator[RawTable]:
    """Yield a security module's lists of hooks as if each were one table."""
    for match in LSM.finditer(text):
        brace = match.end() - 1
        name = match.group(1).decode()
        yield RawTable(name, LSM_STRUCT, match.start(1), initialiser(text, brace), brace)


def initialiser(text: bytes, brace: int) -> str:
    """Return the braces' text: to a `};` in column 0, or else to the balancing brace."""
    line_end = text.find(b"\n", brace)
    line = text[brace : line_end if line_end >= 0 else len(text)]
    if line.count(b"{") == line.count(b"}"):
        return line[: line.rindex(b"}") + 1].decode("latin-1")
    indent = text[text.rfind(b"\n", 0, brace) + 1 :][:40]
    lead = indent[: len(indent) - len(indent.lstrip(b" \t"))] if text[brace - 1 : brace] else b""
    end = text.find(b"\n" + lead + b"}", brace)
    return text[brace : end + len(lead) + 2 if end >= 0 else len(text)].decode("latin-1")


def _designated_slots(body: str, base: int) -> tuple[Slot, ...]:
    tokens = tokenize(body)
    conditions = Conditions(body)
    slots = []
    words = tokens.words
    for first, last in tokens.split(1, len(words) - 1, ","):
        value = [word for word in words[first + 3 : last] if word not in ("&", "(", ")")]
        if last - first < 4 or words[first] != "." or words[first + 2] != "=":
            continue
        if not value or value[0] in NULLS:
            continue
        text = value[0]
        if text == '"':
            start = tokens.offsets[first + 3] + 1
            text = '"' + body[start : body.index('"', start)]
        offset = tokens.offsets[first + 1]
        slots.append((words[first + 1], text, base + offset, conditions.at(offset)))
    return tuple(slots)


def _lsm_slots(body: str, base: int) -> tuple[Slot, ...]:
    conditions = Conditions(body)
    return tuple(
        (hook.group(1), hook.group(2), base + hook.start(1), conditions.at(hook.start()))
        for hook in HOOK.finditer(body)
    )
