"""Find where functions and structs are defined in one file, without reading their bodies.

Kernel style makes this cheap: what is defined starts in column 0, and so does the brace that
ends it. Between two such braces only the head has to be understood:

    static inline int toy_get(struct toy *toy)        toy_get, static, inline
    {
    struct toy {                                      toy, a struct
    SYSCALL_DEFINE1(toy, int, fd)                     sys_toy
    {
"""

import re
from typing import NamedTuple

from gmemviz.extract.names import NOT_FUNCTIONS

# From a name in column 0 to the first brace, unless a ; or = or # comes before it: the words
# before the function's name, the name, and whether a parameter list follows it. A label is
# passed by. Or else a brace in column 0 that no such head led to.
HEAD = re.compile(
    rb"\n(?:(?=[A-Za-z_])((?:\w++[\s*]++)*+)(\w*+)(\(?)(?!:)[^;{}#=]*+\{|\{)",
)
FIRST_LINE = re.compile(rb"^([A-Za-z_][^\n]*\()", re.MULTILINE)
OPTION = re.compile(rb"^[ \t]*#[^\n]*$", re.MULTILINE)
LOGICAL_LINE = re.compile(rb"(?:\\\n|[^\n])*+")
NOT_NEWLINE = re.compile(rb"[^\n]")
COMMENT = re.compile(rb"/\*.*?\*/|//[^\n]*", re.DOTALL)
STRUCT = re.compile(
    rb"\s*(?:static\s+|const\s+|typedef\s+)*struct\s+(\w+)\s*(?:__\w+(?:\([^()]*\))?\s*)*\Z"
)
NAME = re.compile(rb"(\w+)\s*\(")
SYSCALL = re.compile(rb"(?:COMPAT_)?SYSCALL(?:32)?_DEFINE\d\(\s*(\w+)")
ATTRIBUTES = frozenset(word.encode() for word in NOT_FUNCTIONS)
LONGEST_HEAD = 4000
NEWLINE = 10
CLOSE = ord(")")


class Definition(NamedTuple):
    """Say where a function or struct stands, in offsets of its file; bodies hold their braces.

    `head` is where its first line starts, `at` its name, `body` the brace.
    """

    path: str
    name: str
    is_struct: bool
    head: int
    at: int
    body: int
    static: bool = False
    inline: bool = False


def definitions(text: bytes, path: str = "") -> list[Definition]:
    """Return the functions and structs of one file in the order of the source."""
    found: list[Definition] = []
    for match in HEAD.finditer(text):
        if match.lastindex is None:
            # The head holds a comment with a ; in it, or an #if.
            return _body_by_body(text, path)
        definition = _usual_head(text, path, match)
        if definition:
            found.append(definition)
    return found


# The same for a file of unusual heads, slower. No body is looked into, as a brace in column 0
# there (behind an #if, say) would pass for a head.
def _body_by_body(text: bytes, path: str) -> list[Definition]:
    found: list[Definition] = []
    position = 0
    while match := HEAD.search(text, position):
        brace = match.end() - 1
        if match.lastindex is None:
            definition = _passed_over(text, path, position, brace)
        else:
            definition = _usual_head(text, path, match)
        position = brace
        if definition or text[brace - 1] == NEWLINE:
            position = body_end(text, brace)
        if definition:
            found.append(definition)
    return found


def body_end(text: bytes, body: int) -> int:
    """Return the offset after a body: its brace on the same line, or the next in column 0.

    A stub such as `static inline int toy(void) { return 0; }` ends on its line. The body of a
    macro has no braces of its own, and ends with its last line.
    """
    if text[body : body + 1] != b"{":
        match = LOGICAL_LINE.match(text, body)
        return match.end() if match else len(text)
    if text[body + 1 : body + 2] != b"\n":
        line_end = text.find(b"\n", body)
        line = text[body : line_end if line_end >= 0 else len(text)]
        if line.count(b"{") == line.count(b"}"):
            return body + line.rindex(b"}") + 1
    end = text.find(b"\n}", body)
    return len(text) if end < 0 else end + 2


# Of a hundred thousand heads nearly all end in `)` and a newline or a space before the brace:
# no attribute stands between, and the last word before the parenthesis is the name.
def _usual_head(text: bytes, path: str, match: "re.Match[bytes]") -> Definition | None:
    before, word, paren = match.groups()
    start, brace = match.start() + 1, match.end() - 1
    is_usual = paren and word and text[brace - 2] == CLOSE
    if is_usual and word not in ATTRIBUTES and not word.isupper():
        at = match.start(2)
        return Definition(path, word.decode(), False, start, at, brace, *_modifiers(before))
    return _unusual_head(path, text[start:brace], start, brace)


# Whether a function is static, and inline, by the words before its name.
def _modifiers(before: bytes) -> tuple[bool, bool]:
    return b"static" in before, b"inline" in before and b"noinline" not in before


# Structs, and functions with an attribute or a comment between their parameters and the brace,
# such as `int toy_lock(struct toy *toy) __must_hold(&toy->lock) {`.
def _unusual_head(path: str, head: bytes, start: int, brace: int) -> Definition | None:
    if len(head) > LONGEST_HEAD or b"\\" in head:
        return None
    if b"/" in head:
        head = COMMENT.sub(_blank, head)
    struct = STRUCT.match(head)
    if struct:
        return Definition(path, struct[1].decode(), True, start, start + struct.start(1), brace)
    tail = head[head.rfind(b")") + 1 :].split()
    if b"(" not in head or not all(word.startswith(b"__") for word in tail):
        return None
    return _function(path, head, start, brace)


def _function(path: str, head: bytes, start: int, brace: int) -> Definition | None:
    syscall = SYSCALL.match(head)
    if syscall:
        name = f"sys_{syscall[1].decode()}"
        return Definition(path, name, False, start, start + syscall.start(1), brace)
    for match in NAME.finditer(head):
        word, before = match.group(1), head[: match.start()]
        if word in ATTRIBUTES or word[:1].isdigit():
            continue
        if word.isupper() and not before.strip():
            # A macro that needs no semicolon, or one that makes a function of its own:
            # `DEFINE_FREE(toy, struct toy *, put(_T))`, and the function's head below it.
            rest = FIRST_LINE.search(head, match.end())
            skip = rest.start() if rest else len(head)
            return _function(path, head[skip:], start + skip, brace)
        at = start + match.start()
        return Definition(path, word.decode(), False, start, at, brace, *_modifiers(before))
    return None


# A head that holds a comment with a ; in it, or an #ifdef around a parameter: blank both, with
# as many spaces, and take what begins in column 0 after the last ; or brace.
def _passed_over(text: bytes, path: str, position: int, brace: int) -> Definition | None:
    start = max(position, brace - LONGEST_HEAD)
    head = OPTION.sub(_blank, COMMENT.sub(_blank, text[start:brace]))
    last = max(head.rfind(mark) for mark in (b";", b"}", b"\\\n"))
    begin = FIRST_LINE.search(head, last + 1)
    if not begin or b"=" in head[begin.start(1) :]:
        return None
    return _unusual_head(path, head[begin.start(1) :], start + begin.start(1), brace)


def _blank(match: "re.Match[bytes]") -> bytes:
    return NOT_NEWLINE.sub(b" ", match.group())
