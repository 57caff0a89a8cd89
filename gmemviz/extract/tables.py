"""Find initialised tables of hooks, and the members they set."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from gmemviz.extract.conditions import Conditions
from gmemviz.extract.lexer import tokenize

__all__ = ("RawTable", "tables")

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
NULLS = ("NULL", "0")


class RawTable(NamedTuple):
    """Hold a table as read; slots are (member, function or string, offset, condition)."""

    name: str
    struct: str
    at: int
    slots: tuple[tuple[str, str, int, str], ...]


def tables(text: bytes) -> list[RawTable]:
    """Return the tables of one file in the order of the source."""
    found = [table for kind in KINDS for table in of_kind(text, kind)]
    if b"LSM_HOOK_INIT" in text:
        found += [read_hooks(text, match) for match in LSM.finditer(text)]
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
            slots = read_slots(initialiser(text, brace), brace)
            name, struct = after.group(1).decode(), before.group(1).decode()
            yield RawTable(name, struct, after.start(1), slots)
        start = text.find(kind, end)


def read_hooks(text: bytes, match: "re.Match[bytes]") -> RawTable:
    """Read a security module's list of hooks as if it were one table."""
    brace = match.end() - 1
    body = initialiser(text, brace)
    conditions = Conditions(body)
    slots = tuple(
        (hook.group(1), hook.group(2), brace + hook.start(1), conditions.at(hook.start()))
        for hook in HOOK.finditer(body)
    )
    name = match.group(1).decode("latin-1")
    return RawTable(name, "security_list_options", match.start(1), slots)


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


def read_slots(body: str, base: int) -> tuple[tuple[str, str, int, str], ...]:
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
