"""Cut a function's text into tokens, without comments, layout and directives."""

import re
from dataclasses import dataclass, field

# One alternative a kind; the order matters. What no alternative knows is skipped by one
# character. Blanks before a word go with it; a newline is left to itself, for directives.
TOKEN = re.compile(
    r"""
    [ \t]*+(?P<id>[A-Za-z_]\w*+)
  | [ \t]*+(?P<op>->|&&|\|\||[=!<>]=|\.\.\.|[(){}\[\];:,?=!&*.<>+\-|^~%])
  | (?P<directive>(?:(?<=\n)|\A)[ \t]*+\#(?:\\\n|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/|[^\n])*+)
  | (?P<skip>(?:[ \t\r\f\\]*+\n)++|/\*[^*]*+\*++(?:[^/*][^*]*+\*++)*+/|//[^\n]*+|[ \t\r\f\\]++)
  | (?P<string>"(?:\\.|[^"\\\n])*+"|'(?:\\.|[^'\\\n])*+')
  | (?P<number>\d[\w.]*+)
  | (?P<slash>/)
    """,
    re.VERBOSE | re.DOTALL,
)
CODE = frozenset(("id", "op", "slash"))
DIRECTIVE = re.compile(r"\s*#\s*(if|ifdef|ifndef|else|elif|endif)\b")


@dataclass(slots=True)
class Tokens:
    """Hold the tokens of one text: their words and offsets, in parallel lists."""

    words: list[str] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    pairs: dict[int, int] | None = None

    def matching(self, start: int) -> int:
        """Return the index that closes the bracket at `start`, or the end."""
        return self.brackets().get(start, len(self.words))

    def opening(self, close: int) -> int:
        """Return the index of the bracket that `close` closes, or the start."""
        return self.brackets().get(-close, 0)

    def brackets(self) -> dict[int, int]:
        """Map each opening index to its closing one, and minus the closing one back."""
        if self.pairs is None:
            self.pairs = {}
            stack: list[int] = []
            for index, word in enumerate(self.words):
                if word in "([{":
                    stack.append(index)
                elif word in ")]}" and stack:
                    start = stack.pop()
                    self.pairs[start], self.pairs[-index] = index, start
        return self.pairs

    def split(self, start: int, end: int, separator: str) -> list[tuple[int, int]]:
        """Cut [start, end) at each `separator` that stands outside brackets."""
        parts = []
        depth = 0
        begin = start
        for index in range(start, end):
            word = self.words[index]
            if word in "([{":
                depth += 1
            elif word in ")]}":
                depth -= 1
            elif word == separator and depth == 0:
                parts.append((begin, index))
                begin = index + 1
        parts.append((begin, end))
        return parts


def tokenize(text: str) -> Tokens:
    """Return the tokens of `text`; all branches of an #if stay, braces permitting."""
    tokens = Tokens()
    words, offsets = tokens.words, tokens.offsets
    branches = Branches()
    for match in TOKEN.finditer(text):
        kind = match.lastgroup
        if kind in CODE:
            words.append(match[kind])
            offsets.append(match.start(kind))
        elif kind == "string":
            words.append('"')
            offsets.append(match.start())
        elif kind == "number":
            words.append("0" if match.group() == "0" else "1")
            offsets.append(match.start())
        elif kind == "directive":
            branches.directive(match.group(), tokens)
    return tokens


class Branches:
    """Drop a later branch of an #if when an earlier one left braces open.

    Both branches then close the same brace, and keeping both would unbalance.
    """

    def __init__(self) -> None:
        self.stack: list[tuple[int, int]] = []  # (tokens at the branch's start, braces opened)

    def directive(self, line: str, tokens: Tokens) -> None:
        """Note one # line, and take back the tokens of the branch that it ends if need be."""
        match = DIRECTIVE.match(line)
        word = match.group(1) if match else ""
        if word.startswith("if"):
            self.stack.append((len(tokens.words), 0))
        elif word and self.stack:
            start, first = self.stack.pop()
            opened = _balance(tokens.words, start)
            if first:
                del tokens.words[start:], tokens.offsets[start:]
            if word != "endif":
                self.stack.append((len(tokens.words), first or opened))


def _balance(words: list[str], start: int) -> int:
    return sum((word == "{") - (word == "}") for word in words[start:])
