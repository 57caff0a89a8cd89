"""Read the members of a struct: their names, offsets, and the structs they point to.

What is read of a body, by line:

    struct toy {
            int size, *sizes;                          size, sizes
            union { struct inode *inode; };            inode, of struct inode
            void (*evict_inode)(struct inode *);       evict_inode, a hook
            DECLARE_BITMAP(bits, 8);                   bits
    };
"""

from collections.abc import Iterator
from typing import NamedTuple

from gmemviz.extract.code.conditions import Conditions
from gmemviz.extract.code.lexer import Tokens, is_name, tokenize
from gmemviz.extract.names import NOT_MEMBERS

DEEPEST = 20  # nested structs; the kernel's go to 6
TAKES_NAME_FIRST = ("DECLARE_", "DEFINE_", "__DECLARE_", "STRUCT_", "TRAILING_OVERLAP", "__struct_")


class Member(NamedTuple):
    """Give a member: the struct that it is or points to, and whether it points to a function."""

    name: str
    offset: int
    struct: str
    hook: bool
    condition: str


class _Declared(NamedTuple):
    name: int  # the token; -1 where there is none
    struct: str = ""
    hook: bool = False


def members(text: str) -> list[Member]:
    """Return the members of a struct body (its braces included), anonymous parts flattened.

    Offsets are of `text`; `condition` is the label of the #if around the member, or "".
    """
    tokens = tokenize(text)
    conditions = Conditions(text)
    found = []
    for name, struct, hook in _declarations(tokens, 1, len(tokens.words) - 1, 0):
        if name >= 0:
            offset = tokens.offsets[name]
            found.append(Member(tokens.words[name], offset, struct, hook, conditions.at(offset)))
    return found


def _declarations(tokens: Tokens, start: int, end: int, depth: int) -> Iterator[_Declared]:
    words = tokens.words
    if depth > DEEPEST:
        return
    for first, last in tokens.split(start, end, ";"):
        begin = first
        has_body = "{" in words[first:last]
        if has_body:
            brace = words.index("{", first)
            begin = tokens.matching(brace)
            after = [word for word in words[begin + 1 : last] if word not in NOT_MEMBERS]
            if words[first] in ("struct", "union") and not after:  # its members are ours
                yield from _declarations(tokens, brace + 1, begin, depth + 1)
                continue
            if "(" in words[first:brace]:  # struct_group(name, ...) and its like
                continue
        for part in tokens.split(begin, last, ","):
            struct = "" if has_body else _struct_named(words[first : part[1]])
            yield _declarator(words, *part, struct)


def _struct_named(words: list[str]) -> str:
    return words[words.index("struct") + 1] if "struct" in words[:-1] else ""


# The name that [first, last) declares is the last before any ( [ or : , that of a pointer to a
# function the first after `(*`, that of DECLARE_BITMAP(bits, 8) the first in parentheses.
def _declarator(words: list[str], first: int, last: int, struct: str) -> _Declared:
    name = -1
    for index in range(first, last):
        word = words[index]
        if word == "(" and words[index + 1 : index + 2] == ["*"]:
            return _Declared(_next_name(words, index + 2, last), hook=True)
        if word == "(" and name >= 0 and words[name].startswith(TAKES_NAME_FIRST):
            return _Declared(_next_name(words, index + 1, last), struct)
        if word in ("(", ":", "["):
            break
        if is_name(word) and word not in NOT_MEMBERS:
            name = index
    return _Declared(name, struct)


def _next_name(words: list[str], start: int, end: int) -> int:
    return next((index for index in range(start, end) if is_name(words[index])), -1)
