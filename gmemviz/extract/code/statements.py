"""Walk a function body statement by statement, and note each call's guard.

    if (!toy)
            return;
    first(toy);                       early-exit: the return above may have come first
    list_for_each_entry(toy, &toys, list)
            second(toy);              loop
    switch (toy->kind) {
    case TOY_BIG:
            third(toy);               case
    }

An early exit ends where all its ways meet again: a `goto out` at the label `out:`, a `break`
behind the loop.
"""

from collections.abc import Callable, Collection
from typing import Final, NamedTuple

from gmemviz.extract.code.expressions import Expressions, RawCall
from gmemviz.extract.code.guards import (
    MOST_FRAMES,
    NO_WAYS,
    Frame,
    Frames,
    condition_frames,
    negated,
)
from gmemviz.extract.code.lexer import Tokens, is_name

DEEPEST = 120  # nested statements that we follow; deeper text is damage, not kernel style


class Exits(NamedTuple):
    """Say how a statement may leave (return, break, goto:out), and what then holds after it.

    `always` where nothing runs on behind it; `rest` where it leaves by the test of a hook alone.
    """

    ways: frozenset[str] = NO_WAYS
    always: bool = False
    rest: Frame | None = None

    def outside_loop(self) -> "Exits":
        """Return what a loop's body leaves besides the loop; the loop may run no time at all."""
        return Exits(self.ways - {"break", "continue"})


def raw_calls(tokens: Tokens, hooks: Collection[str]) -> list[RawCall]:
    """Return the calls of a body, its braces included, in the order of the source.

    `hooks` are the names that the body calls through a member or a variable: a condition that
    asks whether one is set becomes "hook-set" or "hook-unset", and not "if".
    """
    walker = Walker(tokens, hooks)
    walker.block(0, ())
    return walker.found


class Walker(Expressions):
    """Every method takes an index and the guards there, and returns where it ends."""

    def __init__(self, tokens: Tokens, hooks: Collection[str]) -> None:
        super().__init__(tokens, hooks)
        self.depth = 0
        self.labels = find_labels(tokens.words)

    def block(self, index: int, frames: Frames) -> tuple[int, Exits]:
        """Read a block from its brace on."""
        return self.statements(index + 1, frames)

    def statement_expression(self, index: int, frames: Frames) -> int:
        """Read `({ ... })`; a way out of it is not followed outside."""
        return self.statements(index + 1, frames)[0]

    def statements(
        self, index: int, frames: Frames, *, in_switch: bool = False
    ) -> tuple[int, Exits]:
        """Read statements up to the brace that closes them.

        `here` gathers what earlier ones put on the rest: in `if (x) goto out; a(); out: b();`
        the early exit by "goto:out" holds for a, and for b no more, as its ways meet at `out:`.
        """
        words = self.words
        here: list[Frame] = []
        ways: set[str] = set()
        always = False
        while index < len(words) and words[index] != "}":
            word = words[index]
            if in_switch and word in ("case", "default"):
                index = self.after_colon(index)
                here, always = [Frame("case")], False
            elif self.labels.get(word) == index:
                arriving = f"goto:{word}"
                ways.discard(arriving)
                here = without(here, arriving)
                index, always = index + 2, False
            else:
                after, exits = self.statement(index, (*frames, *here))
                index = max(after, index + 1)
                ways |= exits.ways
                always = always or exits.always
                if exits.ways and not exits.always:
                    note_exit(here, exits)
        return index + 1, Exits(frozenset(ways), always)

    def statement(self, index: int, frames: Frames) -> tuple[int, Exits]:
        """Read one statement, whatever it is."""
        if index >= len(self.words):
            return index, Exits()
        if self.depth >= DEEPEST:
            return max(self.tokens.matching(index), index) + 1, Exits()
        self.depth += 1
        try:
            return self.by_first_word(index, frames)
        finally:
            self.depth -= 1

    def by_first_word(self, index: int, frames: Frames) -> tuple[int, Exits]:
        """Read a keyword's statement, a block, a macro with a body, or else an expression."""
        word = self.words[index]
        if word in KEYWORDS:
            return KEYWORDS[word](self, index, frames)
        if self.is_macro_with_body(index):
            return self.macro_with_body(index, frames)
        return self.walk(index, frames) + 1, Exits()

    def if_statement(self, index: int, frames: Frames) -> tuple[int, Exits]:
        """Walk an if and all its else ifs, one after the other and not nested.

        In `if (x) a(); else if (y) b(); else c();` c stands under "else", and so does the test y.
        """
        ways: frozenset[str] = NO_WAYS
        always = True
        is_first = True
        while True:
            close = self.condition(index + 1, frames)
            tests = condition_frames(self.tokens, index + 2, close, self.hooks)
            index, exits = self.statement(close + 1, (*frames, *tests))
            ways |= exits.ways
            always = always and exits.always
            if self.word(index) != "else":
                rest = rest_of(tests, exits) if is_first else None
                return index, Exits(ways, False, rest)
            is_first = False
            other = negated(tests[0]) if len(tests) == 1 else Frame("else")
            frames = (*frames[-MOST_FRAMES:], other)
            index += 1
            if self.word(index) != "if":
                index, exits = self.statement(index, frames)
                return index, Exits(ways | exits.ways, always and exits.always)

    def condition(self, open_paren: int, frames: Frames) -> int:
        """Walk the calls of a parenthesised condition; return where it closes."""
        if self.word(open_paren) != "(":
            return open_paren - 1
        close = self.tokens.matching(open_paren)
        self.walk(open_paren + 1, frames, close)
        return close

    def loop(self, index: int, frames: Frames) -> tuple[int, Exits]:
        """Read `for` and `while`; what leaves only the loop stays inside."""
        close = self.condition(index + 1, frames)
        index, exits = self.statement(close + 1, (*frames, Frame("loop")))
        return index, exits.outside_loop()

    def do_while(self, index: int, frames: Frames) -> tuple[int, Exits]:
        """Read `do ... while`; with `while (0)` it is no loop."""
        after = self.tokens.matching(index + 1) + 1
        once = self.words[after : after + 3] == ["while", "(", "0"]
        inner = frames if once else (*frames, Frame("loop"))
        index, exits = self.statement(index + 1, inner)
        if self.word(index) == "while":
            index = self.condition(index + 1, frames) + 1
        return index + (self.word(index) == ";"), exits.outside_loop()

    def switch(self, index: int, frames: Frames) -> tuple[int, Exits]:
        """Read a `switch`, whose cases run in any number."""
        close = self.condition(index + 1, frames)
        if self.word(close + 1) != "{":
            return close + 1, Exits()
        index, exits = self.statements(close + 2, frames, in_switch=True)
        return index, Exits(exits.ways - {"break"})

    def leave(self, index: int, frames: Frames) -> tuple[int, Exits]:
        """Read `return`, `goto`, `break` or `continue`."""
        word = self.words[index]
        end = self.walk(index + 1, frames)
        if word != "goto":
            return end + 1, Exits(frozenset({word}), True)
        target = self.word(index + 1)
        # A jump back is a loop: what follows it runs in the end.
        ahead = self.labels.get(target, end) >= index
        return end + 1, Exits(frozenset({f"goto:{target}"}) if ahead else NO_WAYS, True)

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

    def macro_with_body(self, index: int, frames: Frames) -> tuple[int, Exits]:
        """Read a macro that is followed by a block, such as `list_for_each_entry`."""
        name = self.words[index]
        close = self.tokens.matching(index + 1)
        self.walk(index, frames, close + 1)
        inner = frames if name.startswith("scoped_") else (*frames, Frame("loop"))
        index, exits = self.statement(close + 1, inner)
        return index, exits.outside_loop()

    def after_colon(self, index: int) -> int:
        """Return the index behind the next colon."""
        while index < len(self.words) and self.words[index] not in ":;{}":
            index += 1
        return index + 1

    def word(self, index: int) -> str:
        """Return the word there, and nothing behind the end."""
        return self.words[index] if index < len(self.words) else ""


def rest_of(tests: Frames, exits: Exits) -> Frame | None:
    """Return the guard that a lone `if` puts on what follows, where its branch always leaves.

    `if (op->hook) return op->hook(inode);` leaves what follows to run where the hook is NULL.
    """
    if exits.always and exits.ways and len(tests) == 1 and tests[0].hook:
        return negated(tests[0], exits.ways)
    return None


def without(here: list[Frame], way: str) -> list[Frame]:
    """Return the conditions left where a jump arrives: not those that it alone had left open."""
    left = []
    for frame in here:
        ways = frame.ways - {way}
        if ways or not frame.ways:
            left.append(Frame(frame.guard, frame.hook, ways))
    return left


def note_exit(here: list[Frame], exits: Exits) -> None:
    """Add what holds after a statement that may leave; plain early exits become one."""
    frame = exits.rest or Frame("early-exit", "", exits.ways)
    if not frame.hook and here and here[-1].guard == "early-exit":
        frame = Frame("early-exit", "", here.pop().ways | exits.ways)
    here.append(frame)


def find_labels(words: list[str]) -> dict[str, int]:
    """Return where each `label:` stands: after a statement, a brace or another label."""
    labels = {}
    for index in range(1, len(words) - 1):
        if words[index + 1] == ":" and words[index - 1] in "{};:" and is_name(words[index]):
            labels[words[index]] = index
    labels.pop("default", None)
    return labels


KEYWORDS: Final[dict[str, Callable[[Walker, int, Frames], tuple[int, Exits]]]] = {
    "if": Walker.if_statement,
    "for": Walker.loop,
    "while": Walker.loop,
    "switch": Walker.switch,
    "do": Walker.do_while,
    "return": Walker.leave,
    "goto": Walker.leave,
    "break": Walker.leave,
    "continue": Walker.leave,
    "{": Walker.block,
}
