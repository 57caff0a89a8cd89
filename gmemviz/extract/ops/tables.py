"""Find initialised tables of hooks, and the members they set.

    static const struct super_operations toy_ops = {
            .evict_inode    = toy_evict,
    #ifdef CONFIG_TOY
            .free_inode     = &toy_free,        set under "CONFIG_TOY"
    #endif
            .drop_inode     = NULL,             not set
    };

A security module's LSM_HOOK_INIT list counts as a table of security_list_options.
"""

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
DEEPEST_INDENT = 40

Slot = tuple[str, str, int, str]
"""A member, its function, its offset in the file, and its #if.

In place of a function there may be a string, as its quote and what it says: `"toyfs`.
"""


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
        return tuple(parse(self.body, self.brace))

    def values(self) -> set[str]:
        """Return the functions that the table sets, and its strings."""
        return {value for _, value, *_ in self.slots}


Placed = tuple[str, RawTable]
"""The path of a file, and a table in it."""


def tables(text: bytes, path: str) -> list[RawTable]:
    """Return the tables of one file in the order of the source."""
    found: list[RawTable] = []
    for kind in KINDS:
        found += of_kind(text, kind)
    if path.startswith("security/") and b"LSM_HOOK_INIT" in text:
        for match in LSM.finditer(text):
            found.append(_table(text, match, LSM_STRUCT))
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
            yield _table(text, after, before[1].decode())
        start = text.find(kind, end)


def _table(text: bytes, head: "re.Match[bytes]", struct: str) -> RawTable:
    brace = head.end() - 1
    return RawTable(head[1].decode(), struct, head.start(1), initialiser(text, brace), brace)


def initialiser(text: bytes, brace: int) -> str:
    """Return the text of braces that open at `brace`, their closing one included.

    It is the one on the same line if that balances, or else the next at the start of a line that
    is indented as the line of `brace` is: in column 0 for most.
    """
    line_end = text.find(b"\n", brace)
    line = text[brace : line_end if line_end >= 0 else len(text)]
    if line.count(b"{") == line.count(b"}"):
        return line[: line.rindex(b"}") + 1].decode("latin-1")
    line_start = text.rfind(b"\n", 0, brace) + 1
    indent = text[line_start : line_start + DEEPEST_INDENT]
    closing = b"\n" + indent[: len(indent) - len(indent.lstrip(b" \t"))] + b"}"
    end = text.find(closing, brace)
    return text[brace : end + len(closing) if end >= 0 else len(text)].decode("latin-1")


def _designated_slots(body: str, base: int) -> Iterator[Slot]:
    tokens = tokenize(body)
    conditions = Conditions(body)
    words = tokens.words
    for first, last in tokens.split(1, len(words) - 1, ","):
        if last - first < 4 or words[first] != "." or words[first + 2] != "=":
            continue
        values = [word for word in words[first + 3 : last] if word not in ("&", "(", ")")]
        if not values or values[0] in NULLS:
            continue
        value = values[0]
        if value == '"':
            start = tokens.offsets[first + 3] + 1
            value = '"' + body[start : body.index('"', start)]
        offset = tokens.offsets[first + 1]
        yield words[first + 1], value, base + offset, conditions.at(offset)


def _lsm_slots(body: str, base: int) -> Iterator[Slot]:
    conditions = Conditions(body)
    for hook in HOOK.finditer(body):
        yield hook[1], hook[2], base + hook.start(1), conditions.at(hook.start())
