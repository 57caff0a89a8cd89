"""Read a body as a tree of statements, each with the tokens that are its own.

    if (!toy)                         "if", its test is [!toy]
            return;                   "return", in the if's body
    list_for_each_entry(toy, &toys, list)
            second(toy);              "loop", its test is the macro and its arguments
    x = 1;                            "expression"

Nothing is said of what a statement does: `calls.py` asks a tree for calls, `extract/deeds` for
what becomes of memory.
"""

from collections.abc import Callable
from typing import Final, Literal, NamedTuple

from gmemviz.extract.code.lexer import Tokens, is_name

DEEPEST = 120  # nested statements that we follow; deeper text is damage, not kernel style

StatementKind = Literal[
    "expression", "if", "loop", "do", "once", "scope", "switch", "block", "label", "case",
    "return", "goto", "break", "continue",
]  # fmt: skip
"""`do` runs its body before its test, `once` is `do ... while (0)`, `scope` scoped_guard()."""


class Statement(NamedTuple):
    """Hold a statement: its tokens [start, end), those of its own expression, its parts.

    The expression is [first, last): the test of an if, the value of a return. `name` is that of a
    label, or where a goto goes. Of an if that has no else, `other` is empty.
    """

    kind: StatementKind
    start: int
    end: int
    first: int
    last: int
    body: tuple["Statement", ...] = ()
    other: tuple["Statement", ...] = ()
    name: str = ""


class StatementReader:
    """Every method takes an index, and returns the statement that begins there."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.words = tokens.words
        self.depth = 0
        self.labels = find_labels(tokens.words)

    def statements(
        self, index: int, *, in_switch: bool = False
    ) -> tuple[tuple[Statement, ...], int]:
        """Return the statements up to the brace that closes them, and the index behind it."""
        words = self.words
        found: list[Statement] = []
        while index < len(words) and words[index] != "}":
            word = words[index]
            if in_switch and word in ("case", "default"):
                end = self.after_colon(index)
                found.append(Statement("case", index, end, index + 1, end - 1))
            elif self.labels.get(word) == index:
                found.append(Statement("label", index, index + 2, index, index, name=word))
            else:
                found.append(self.statement(index))
            index = max(found[-1].end, index + 1)
        return tuple(found), index + 1

    def statement(self, index: int) -> Statement:
        """Return one statement, whatever it is; what nests too deep is passed over."""
        if index >= len(self.words) or self.depth >= DEEPEST:
            end = max(self.tokens.matching(index), index) + 1
            return Statement("block", index, min(end, max(len(self.words), index)), index, index)
        self.depth += 1
        try:
            return self.by_first_word(index)
        finally:
            self.depth -= 1

    def by_first_word(self, index: int) -> Statement:
        """Read a keyword's statement, a block, a macro with a body, or else an expression."""
        word = self.words[index]
        if word in KEYWORDS:
            return KEYWORDS[word](self, index)
        if self.is_macro_with_body(index):
            return self.macro_with_body(index)
        last = self.semicolon(index)
        return Statement("expression", index, last + 1, index, last)

    def semicolon(self, index: int) -> int:
        """Return where the statement's own semicolon stands; a brace ends the last of a block.

        `x = (struct toy){ .y = ({ z(); 1; }) };` ends at its last semicolon: the others are inside
        brackets. Where text is damaged, a closing bracket too many closes nothing.
        """
        words = self.words
        depth = 0
        while index < len(words):
            word = words[index]
            if depth == 0 and word in (";", "}"):
                return index if word == ";" else index - 1
            if word == "{" and index and words[index - 1] == "(":
                index = self.tokens.matching(index)
            elif word in "([{":
                depth += 1
            elif word in ")]}":
                depth = max(depth - 1, 0)
            index += 1
        return index

    def block(self, index: int) -> Statement:
        """Read a block from its brace on."""
        body, end = self.statements(index + 1)
        return Statement("block", index, end, index, index, body)

    def test(self, index: int) -> tuple[int, int]:
        """Return the tokens in the parentheses that follow a keyword; none where there are none."""
        if self.word(index + 1) != "(":
            return index + 1, index
        return index + 2, self.tokens.matching(index + 1)

    def if_statement(self, index: int) -> Statement:
        """Read an if with its else; an `else if` is the only statement of the else.

        The kernel has chains of a hundred, so they are read one after the other, and not nested.
        """
        heads: list[tuple[int, int, int, Statement]] = []
        while True:
            first, last = self.test(index)
            body = self.statement(last + 1)
            heads.append((index, first, last, body))
            after = body.end
            if self.word(after) != "else" or self.word(after + 1) != "if":
                break
            index = after + 1
        other: tuple[Statement, ...] = ()
        if self.word(after) == "else":
            other = (self.statement(after + 1),)
            after = other[0].end
        for start, first, last, body in reversed(heads):
            found = Statement("if", start, after, first, last, (body,), other)
            other = (found,)
        return found

    def loop(self, index: int) -> Statement:
        """Read `for` and `while`."""
        first, last = self.test(index)
        body = self.statement(last + 1)
        return Statement("loop", index, body.end, first, last, (body,))

    def do_while(self, index: int) -> Statement:
        """Read `do ... while`; with `while (0)` it is no loop."""
        after = self.tokens.matching(index + 1) + 1
        is_once = self.words[after : after + 3] == ["while", "(", "0"]
        body = self.statement(index + 1)
        end = first = last = body.end
        if self.word(end) == "while":
            first, last = self.test(end)
            end = last + 1
        end += self.word(end) == ";"
        return Statement("once" if is_once else "do", index, end, first, last, (body,))

    def switch(self, index: int) -> Statement:
        """Read a `switch`, with its cases among the statements of its body."""
        first, last = self.test(index)
        if self.word(last + 1) != "{":
            return Statement("switch", index, last + 1, first, last)
        body, end = self.statements(last + 2, in_switch=True)
        return Statement("switch", index, end, first, last, body)

    def leave(self, index: int) -> Statement:
        """Read `return`, `goto`, `break` or `continue`."""
        last = self.semicolon(index + 1)
        kind = LEAVES[self.words[index]]
        name = self.word(index + 1) if kind == "goto" else ""
        return Statement(kind, index, last + 1, index + 1, last, name=name)

    def is_macro_with_body(self, index: int) -> bool:
        """Recognise `list_for_each_entry(...) stmt`, `scoped_guard(...) {` and their like.

        A name's parentheses are followed by a brace; a semicolon would make it a plain call.
        """
        name = self.words[index]
        if self.word(index + 1) != "(" or not is_name(name):
            return False
        after = self.word(self.tokens.matching(index + 1) + 1)
        starts_statement = is_name(after) or after in ("*", "(")
        return after == "{" or ("for_each" in name and starts_statement)

    def macro_with_body(self, index: int) -> Statement:
        """Read a macro that is followed by a block, such as `list_for_each_entry`."""
        name = self.words[index]
        close = self.tokens.matching(index + 1)
        kind: StatementKind = "scope" if name.startswith("scoped_") else "loop"
        body = self.statement(close + 1)
        return Statement(kind, index, body.end, index, close + 1, (body,), name=name)

    def after_colon(self, index: int) -> int:
        """Return the index behind the next colon."""
        while index < len(self.words) and self.words[index] not in ":;{}":
            index += 1
        return index + 1

    def word(self, index: int) -> str:
        """Return the word there, and nothing behind the end."""
        return self.words[index] if index < len(self.words) else ""


def find_labels(words: list[str]) -> dict[str, int]:
    """Return where each `label:` stands: after a statement, a brace or another label."""
    labels = {}
    for index in range(1, len(words) - 1):
        if words[index + 1] == ":" and words[index - 1] in "{};:" and is_name(words[index]):
            labels[words[index]] = index
    labels.pop("default", None)
    return labels


LEAVES: Final[dict[str, StatementKind]] = {
    "return": "return", "goto": "goto", "break": "break", "continue": "continue",
}  # fmt: skip

KEYWORDS: Final[dict[str, Callable[[StatementReader, int], Statement]]] = {
    "if": StatementReader.if_statement,
    "for": StatementReader.loop,
    "while": StatementReader.loop,
    "switch": StatementReader.switch,
    "do": StatementReader.do_while,
    **dict.fromkeys(LEAVES, StatementReader.leave),
    "{": StatementReader.block,
}
