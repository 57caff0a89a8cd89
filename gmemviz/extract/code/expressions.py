"""Walk an expression or declaration for calls, with the guards that && and ?: add.

`x = first() && second();` makes two calls: first without a condition, second under "if". In
`x = op->hook ? op->hook() : other();` the call of the hook is under "hook-set", other under
"hook-unset". A comma ends what && and ?: said at its level of brackets.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from gmemviz.extract.code.guards import MOST_FRAMES, Frame, Frames, negated, operand_frame
from gmemviz.extract.code.lexer import Tokens, is_name
from gmemviz.extract.names import NOT_CALLS

OPERATORS = frozenset((",", ";", "&&", "||", "?", ":", "="))


class RawCall(NamedTuple):
    """Hold a call as read: `name` at token `token`, `member` if it is `->name(...)`."""

    name: str
    token: int
    offset: int
    member: bool
    frames: Frames


@dataclass(slots=True)
class Level:
    """Hold what one bracket level adds: where its operand began, and its && and ?: tests."""

    operand: int
    frames: Frames
    base: Frames


class Expressions:
    """Walk the expressions of one body, and add their calls to `found`."""

    def __init__(self, tokens: Tokens, hooks: Collection[str]) -> None:
        self.tokens = tokens
        self.words = tokens.words
        self.hooks = hooks
        self.found: list[RawCall] = []

    def statement_expression(self, index: int, frames: Frames) -> int:
        """Read `({ ... })`, whose last statement is its value; return where it ends."""
        raise NotImplementedError

    def walk(self, index: int, frames: Frames, end: int | None = None) -> int:
        """Note the calls from `index` to `end`, or to the statement's own semicolon."""
        words = self.words
        stop = len(words) if end is None else end
        levels = [Level(index, frames, frames)]
        while index < stop:
            word = words[index]
            if end is None and len(levels) == 1 and word in (";", "}"):
                # A brace ends the block, and its last statement has no semicolon.
                return index if word == ";" else index - 1
            if word == "{" and index and words[index - 1] == "(":
                index = self.statement_expression(index, levels[-1].frames)
                continue
            if word in "([{":
                self.call(index, levels[-1].frames)
                levels.append(Level(index + 1, levels[-1].frames, levels[-1].frames))
            elif word in ")]}":
                del levels[max(1, len(levels) - 1) :]
            elif word in OPERATORS:
                self.operator(word, index, levels[-1])
            index += 1
        return index

    def operator(self, word: str, index: int, level: Level) -> None:
        """Change what holds at this level after a comma, && or || or a part of ?: ."""
        if word in (",", ";"):
            level.frames = level.base
        elif word in ("&&", "?"):
            test = operand_frame(self.words, level.operand, index, self.hooks)
            level.frames = (*level.frames[-MOST_FRAMES:], test)
        elif word == "||":
            test = operand_frame(self.words, level.operand, index, self.hooks)
            level.frames = (*level.base, negated(test) if test.hook else Frame("if"))
        elif word == ":" and len(level.frames) > len(level.base):
            level.frames = (*level.base, negated(level.frames[-1]))
        level.operand = index + 1

    def call(self, paren: int, frames: Frames) -> None:
        """Note the call whose arguments open at `paren`, if it is one."""
        if paren == 0 or self.words[paren] != "(":
            return
        name = self.words[paren - 1]
        after = self.words[paren + 1 : paren + 5]
        if len(after) == 4 and after[0] == "*" and after[2:] == [")", "("]:
            return  # `bool (*name)(...)` declares
        if not is_name(name) or name in NOT_CALLS:
            return
        before = self.words[paren - 2] if paren > 1 else ""
        member = before in ("->", ".")
        offset = self.tokens.offsets[paren - 1]
        self.found.append(RawCall(name, paren - 1, offset, member, frames))
