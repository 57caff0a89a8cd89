"""Class the condition that a call stands under, and drop its text.

Of a condition only its class is kept, and the hook that it asks for:

    if (op->evict_inode)              hook-set for the call below, of the hook evict_inode
            op->evict_inode(inode);
    else                              hook-unset: clear_inode is the hook's default
            clear_inode(inode);
    if (count > 1)                    if
            toy_warn(inode);
"""

import re
from collections.abc import Collection
from typing import NamedTuple

from gmemviz.extract.code.lexer import Tokens, is_name
from gmemviz.facts import Guard

MOST_FRAMES = 40  # guards that we carry; a longer chain of tests forgets its start
NO_WAYS: frozenset[str] = frozenset()
NEGATION: dict[Guard, Guard] = {
    "hook-set": "hook-unset",
    "hook-unset": "hook-set",
    "if": "else",
    "else": "if",
}
WRAPPERS = {"likely", "unlikely", "READ_ONCE"}  # they do not change what is tested
TABLE_POINTER = re.compile(r"(?:^|_|f|a|s|i|d)ops?$")  # op, ops, i_op, a_ops, f_op, fops
CHAIN = {"->", ".", "*", "&", "(", ")"}


class Frame(NamedTuple):
    """Hold one condition: its class, the hook it tests, the ways out it left open."""

    guard: Guard
    hook: str = ""
    ways: frozenset[str] = NO_WAYS


Frames = tuple[Frame, ...]
UNCONDITIONAL = Frame("")


def negated(frame: Frame, ways: frozenset[str] = NO_WAYS) -> Frame:
    """Return the condition of the other branch."""
    return Frame(NEGATION.get(frame.guard, frame.guard), frame.hook, ways)


def innermost(frames: Frames, member: str = "") -> Frame:
    """Return the condition that says most of a call: a test of its own hook, else the nearest."""
    for frame in reversed(frames):
        if member and frame.hook == member:
            return frame
    return frames[-1] if frames else UNCONDITIONAL


def condition_frames(tokens: Tokens, start: int, end: int, hooks: Collection[str]) -> Frames:
    """Return the conditions that hold where [start, end) is true, hook tests last.

    `x && op->hook` makes two, "if" and "hook-set"; `x || op->hook` says no more than "if".
    """
    words = tokens.words
    while end - start > 3 and words[start] in WRAPPERS and words[start + 1] == "(":
        if tokens.matching(start + 1) != end - 1:
            break
        start, end = start + 2, end - 1
    while end - start > 2 and words[start] == "(" and tokens.matching(start) == end - 1:
        start, end = start + 1, end - 1
    operands = _and_operands(tokens, start, end)
    texts = [words[first:last] for first, last in operands]
    frames = set()
    for first, last in operands:
        # `d->d_op && d->d_op->d_iput`: the first only makes the second safe to ask.
        is_needed_by_another = any(words[first:last] == text[:-2] for text in texts)
        if not is_needed_by_another:
            frames.add(operand_frame(words, first, last, hooks))
    return tuple(sorted(frames, key=lambda frame: (bool(frame.hook), frame.hook, frame.guard)))


def _and_operands(tokens: Tokens, start: int, end: int) -> list[tuple[int, int]]:
    if len(tokens.split(start, end, "||")) > 1 or len(tokens.split(start, end, "?")) > 1:
        return [(start, end)]
    return tokens.split(start, end, "&&")


def operand_frame(words: list[str], start: int, end: int, hooks: Collection[str]) -> Frame:
    """Class one operand: a bare chain of members that ends in a hook, or anything else.

    A hook is what the body calls through a member (`hooks`), or a member of what is called like
    a table: `op->evict_inode`, `!sb->s_op->drop_inode`, `ops->release == NULL`.
    """
    unset = False
    while start < end and words[start] in ("!", "(", *WRAPPERS):
        unset ^= words[start] == "!"
        start += 1
    if end - start > 2 and words[end - 1] in ("NULL", "0") and words[end - 2] in ("==", "!="):
        unset ^= words[end - 2] == "=="
        end -= 2
    chain = [word for word in words[start:end] if word not in CHAIN]
    if not chain or not all(map(is_name, chain)):
        return Frame("if")
    links = sum(word in ("->", ".") for word in words[start:end])
    of_table = len(chain) > 1 and TABLE_POINTER.search(chain[-2])
    if links != len(chain) - 1 or not (chain[-1] in hooks or of_table):
        return Frame("if")
    return Frame("hook-unset" if unset else "hook-set", chain[-1])
