"""Find where functions and structs are defined in one file, without reading their bodies.

Kernel style makes this cheap: what is defined starts in column 0, and so does the
brace that ends it.
"""

import re
from functools import partial
from typing import NamedTuple

__all__ = ("Definition", "definitions")

# From a name in column 0 to the first brace, unless a ; or = or # comes before it: the words
# before the function's name, the name, and whether a parameter list follows it.
HEAD = re.compile(rb"\n(?=[A-Za-z_])((?:\w++[\s*]++)*+)(\w*+)(\(?)[^;{}#=]*+\{")
FIRST_LINE = re.compile(rb"^([A-Za-z_][^\n]*\()", re.MULTILINE)
OPTION = re.compile(rb"^[ \t]*#[^\n]*$", re.MULTILINE)
NOT_NEWLINE = re.compile(rb"[^\n]")
COMMENT = re.compile(rb"/\*.*?\*/|//[^\n]*", re.DOTALL)
STRUCT = re.compile(
    rb"\s*(?:static\s+|const\s+|typedef\s+)*struct\s+(\w+)\s*(?:__\w+(?:\([^()]*\))?\s*)*\Z"
)
NAME = re.compile(rb"(\w+)\s*\(")
SYSCALL = re.compile(rb"(?:COMPAT_)?SYSCALL(?:32)?_DEFINE\d\(\s*(\w+)")
ATTRIBUTES = frozenset(
    (
        b"__printf __scanf __attribute__ __attribute __acquires __releases __must_hold __acquire"
        b" __release __acquires_shared __releases_shared __must_hold_shared __cond_acquires"
        b" __section __aligned __alloc_size __realloc_size __diagnose_as __context_unsafe"
        b" __no_context_analysis __nonnull __strftime __assume_aligned __no_sanitize __overloadable"
        b" __error __compiletime_error __noendbr if while for switch defined do"
    ).split()
)
LONGEST_HEAD = 4000
NEWLINE = 10
CLOSE = ord(")")


class Definition(NamedTuple):
    """Say where a function or struct stands, in offsets of its file; bodies hold their braces."""

    path: str
    name: str
    is_struct: bool
    head: int
    at: int
    body: int
    end: int
    static: bool
    inline: bool


# Twice as fast as calling the class, and there are a hundred thousand.
new = partial(tuple.__new__, Definition)


def definitions(text: bytes, path: str = "") -> list[Definition]:
    """Return the functions and structs of one file in the order of the source."""
    found: list[Definition] = []
    position = 0
    while True:
        match = HEAD.search(text, position)
        missed = text.find(b"\n{", position, match.start() if match else len(text))
        if missed >= 0:
            end = body_end(text, missed + 1)
            one = passed_over(text, path, position, missed + 1, end)
            position = end
        elif match:
            brace = match.end() - 1
            end = body_end(text, brace)
            one = read_head(text, path, match, brace, end)
            position = end if one or text[brace - 1] == NEWLINE else brace
        else:
            return found
        if one:
            found.append(one)


def body_end(text: bytes, brace: int) -> int:
    """Return the offset after the closing brace: on the same line, or the next in column 0."""
    if text[brace + 1 : brace + 2] != b"\n":
        line_end = text.find(b"\n", brace)
        line = text[brace : line_end if line_end >= 0 else len(text)]
        if line.count(b"{") == line.count(b"}"):
            return brace + line.rindex(b"}") + 1
    end = text.find(b"\n}", brace)
    return len(text) if end < 0 else end + 2


def read_head(
    text: bytes, path: str, match: "re.Match[bytes]", brace: int, end: int
) -> Definition | None:
    """Read the usual head by its last word before the parenthesis, and others with care."""
    before, word, paren = match.groups()
    start = match.start() + 1
    # `)` and a newline or a space before the brace: no attribute stands between.
    if paren and word and text[brace - 2] == CLOSE:
        if word not in ATTRIBUTES and not word.isupper():
            static, inline = b"static" in before, is_inline(before)
            at = match.start(2)
            return new((path, word.decode(), False, start, at, brace, end, static, inline))
    elif not word and before.startswith(b"struct "):
        words = before.split()
        if len(words) == 2 and match.end(1) == brace:
            name = words[1].decode()
            return new((path, name, True, start, start + 7, brace, end, False, False))
    return slow_head(path, text[start:brace], start, brace, end)


def is_inline(before: bytes) -> bool:
    return b"inline" in before and b"noinline" not in before


def slow_head(path: str, head: bytes, start: int, brace: int, end: int) -> Definition | None:
    if len(head) > LONGEST_HEAD or b"\\" in head:
        return None
    if b"/" in head:
        head = COMMENT.sub(blank, head)
    struct = STRUCT.match(head)
    if struct:
        name = struct.group(1).decode()
        return Definition(
            path, name, True, start, start + struct.start(1), brace, end, False, False
        )
    tail = head[head.rfind(b")") + 1 :].split()
    if b"(" not in head or not all(word.startswith(b"__") for word in tail):
        return None
    return function(path, head, start, brace, end)


def function(path: str, head: bytes, start: int, brace: int, end: int) -> Definition | None:
    syscall = SYSCALL.match(head)
    if syscall:
        name, at = "sys_" + syscall.group(1).decode(), syscall.start(1)
        return Definition(path, name, False, start, start + at, brace, end, False, False)
    for match in NAME.finditer(head):
        word, before = match.group(1), head[: match.start()]
        if word in ATTRIBUTES or word[:1].isdigit():
            continue
        if word.isupper() and not before.strip():
            # A macro that needs no semicolon, or one that makes a function of its own.
            rest = FIRST_LINE.search(head, match.end())
            skip = rest.start() if rest else len(head)
            return function(path, head[skip:], start + skip, brace, end)
        static, inline = b"static" in before, is_inline(before)
        at = start + match.start()
        return Definition(path, word.decode(), False, start, at, brace, end, static, inline)
    return None


def passed_over(text: bytes, path: str, position: int, brace: int, end: int) -> Definition | None:
    """Read a head that holds a comment with a ; in it, or an #ifdef."""
    start = max(position, brace - LONGEST_HEAD)
    head = OPTION.sub(blank, COMMENT.sub(blank, text[start:brace]))
    last = max(head.rfind(mark) for mark in (b";", b"}", b"\\\n"))
    begin = FIRST_LINE.search(head, last + 1)
    if not begin or b"=" in head[begin.start(1) :]:
        return None
    return slow_head(path, head[begin.start(1) :], start + begin.start(1), brace, end)


def blank(match: "re.Match[bytes]") -> bytes:
    return NOT_NEWLINE.sub(b" ", match.group())
