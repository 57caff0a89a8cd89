"""Cut a function's text into tokens, without comments, layout and directives.

`x = y->z[0]; /* why */` becomes the words `x = y -> z [ 0 ] ;`. A string is the one word `"`, a
number other than 0 the word `1`: what they say decides no call.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property

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


@dataclass
class Tokens:
    """Hold the tokens of one text: their words and offsets, in parallel lists."""

    words: list[str] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)

    def matching(self, start: int) -> int:
        """Return the index that closes the bracket at `start`, or the end."""
        return self.brackets.get(start, len(self.words))

    def opening(self, close: int) -> int:
        """Return the index of the bracket that `close` closes, or the start."""
        return self.brackets.get(-close, 0)

    @cached_property
    def brackets(self) -> dict[int, int]:
        """Map each opening index to its closing one, and minus the closing one back.

        Ask only once all tokens are there.
        """
        pairs: dict[int, int] = {}
        stack: list[int] = []
        for index, word in enumerate(self.words):
            if word in "([{":
                stack.append(index)
            elif word in ")]}" and stack:
                start = stack.pop()
                pairs[start], pairs[-index] = index, start
        return pairs

    def split(self, start: int, end: int, separator: str) -> list[tuple[int, int]]:
        """Cut [start, end) at each `separator` that stands outside brackets.

        The tokens of `a, f(b, c)` at "," are two parts: those of `a` and those of `f(b, c)`.
        """
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
    branches: list[tuple[int, int]] = []
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
            _directive(match.group(), tokens, branches)
    return tokens


def is_name(word: str) -> bool:
    """Tell whether a token is an identifier or a keyword."""
    return bool(word) and (word[0].isalpha() or word[0] == "_")


# A text may choose between two heads of one block, `if (x) {` under #ifdef and `if (y) {` under
# #else, and close one brace for both behind the #endif. So once a branch has left braces open,
# those after it are dropped. `branches` has the open #ifs: where the present branch began, and
# how many braces an earlier one left open.
def _directive(line: str, tokens: Tokens, branches: list[tuple[int, int]]) -> None:
    match = DIRECTIVE.match(line)
    word = match.group(1) if match else ""
    if word.startswith("if"):
        branches.append((len(tokens.words), 0))
    elif word and branches:
        start, left_open = branches.pop()
        branch = tokens.words[start:]
        if left_open:
            del tokens.words[start:], tokens.offsets[start:]
        if word != "endif":
            opened = branch.count("{") - branch.count("}")
            branches.append((len(tokens.words), left_open or opened))
