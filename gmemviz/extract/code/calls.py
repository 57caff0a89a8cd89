"""Walk the statements of a body, and note each call's guard.

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

from collections.abc import Collection
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
from gmemviz.extract.code.lexer import Tokens
from gmemviz.extract.code.statements import DEEPEST, Statement, StatementReader

LOOPS: Final = ("loop", "do")


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
    walker.statements(walker.reader.statements(1)[0], ())
    return walker.found


class Walker(Expressions):
    """Every method takes a statement and the guards there, and returns how it may leave."""

    def __init__(self, tokens: Tokens, hooks: Collection[str]) -> None:
        super().__init__(tokens, hooks)
        self.reader = StatementReader(tokens)
        self.inside = 0

    def statement_expression(self, index: int, frames: Frames) -> int:
        """Read `({ ... })`; a way out of it is not followed outside."""
        if self.inside >= DEEPEST:
            return self.tokens.matching(index) + 1
        found, end = self.reader.statements(index + 1)
        self.inside += 1
        self.statements(found, frames)
        self.inside -= 1
        return end

    def statements(self, found: tuple[Statement, ...], frames: Frames) -> Exits:
        """Walk statements in turn.

        `here` gathers what earlier ones put on the rest: in `if (x) goto out; a(); out: b();`
        the early exit by "goto:out" holds for a, and for b no more, as its ways meet at `out:`.
        """
        here: list[Frame] = []
        ways: set[str] = set()
        always = False
        for statement in found:
            if statement.kind == "case":
                here, always = [Frame("case")], False
            elif statement.kind == "label":
                arriving = f"goto:{statement.name}"
                ways.discard(arriving)
                here, always = without(here, arriving), False
            else:
                exits = self.statement(statement, (*frames, *here))
                ways |= exits.ways
                always = always or exits.always
                if exits.ways and not exits.always:
                    note_exit(here, exits)
        return Exits(frozenset(ways), always)

    def statement(self, statement: Statement, frames: Frames) -> Exits:
        """Walk one statement, whatever it is."""
        kind = statement.kind
        if kind == "if":
            return self.if_statement(statement, frames)
        if kind == "switch":
            self.expression(statement, frames)
            exits = self.statements(statement.body, frames)
            return Exits(exits.ways - {"break"})
        if kind == "block":
            return self.statements(statement.body, frames)
        if statement.body:
            return self.repeated(statement, frames)
        self.expression(statement, frames)
        return NOWHERE if kind == "expression" else self.leave(statement)

    def expression(self, statement: Statement, frames: Frames) -> None:
        """Note the calls of a statement's own expression."""
        self.walk(statement.first, frames, statement.last)

    def if_statement(self, statement: Statement, frames: Frames) -> Exits:
        """Walk an if and all its else ifs, one after the other and not nested.

        In `if (x) a(); else if (y) b(); else c();` c stands under "else", and so does the test y.
        """
        ways: frozenset[str] = NO_WAYS
        always = True
        is_first = True
        while True:
            self.expression(statement, frames)
            tests = condition_frames(self.tokens, statement.first, statement.last, self.hooks)
            exits = self.statement(statement.body[0], (*frames, *tests))
            ways |= exits.ways
            always = always and exits.always
            if not statement.other:
                rest = rest_of(tests, exits) if is_first else None
                return Exits(ways, False, rest)
            is_first = False
            other = negated(tests[0]) if len(tests) == 1 else Frame("else")
            frames = (*frames[-MOST_FRAMES:], other)
            statement = statement.other[0]
            if statement.kind != "if":
                exits = self.statement(statement, frames)
                return Exits(ways | exits.ways, always and exits.always)

    def repeated(self, statement: Statement, frames: Frames) -> Exits:
        """Walk a loop or what looks like one; what leaves only the loop stays inside."""
        runs_first = statement.kind in ("do", "once")
        if not runs_first:
            self.expression(statement, frames)
        inner = (*frames, Frame("loop")) if statement.kind in LOOPS else frames
        exits = self.statement(statement.body[0], inner)
        if runs_first:
            self.expression(statement, frames)
        return exits.outside_loop()

    def leave(self, statement: Statement) -> Exits:
        """Say where `return`, `goto`, `break` or `continue` goes."""
        if statement.kind != "goto":
            return Exits(frozenset({statement.kind}), True)
        # A jump back is a loop: what follows it runs in the end.
        ahead = self.reader.labels.get(statement.name, statement.end) >= statement.start
        return Exits(frozenset({f"goto:{statement.name}"}) if ahead else NO_WAYS, True)


NOWHERE: Final = Exits()


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
