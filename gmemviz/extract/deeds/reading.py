"""Read a body statement by statement, each way through it at once.

    if (!toy)
            return;                 whoever returns is kept aside
    put(toy->body);                 the others come by, where toy is set
    goto out;
    ...
    out:                            here all meet again who went `goto out`

A loop's body is read once. A jump back is passed over: what it would repeat was read.

All ways are taken at the same time, so that a body of forty ifs costs forty steps and not as many
as there are ways. What tells them apart is the formula that each deed has.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from gmemviz.extract.code import Statement, StatementReader, is_name
from gmemviz.extract.deeds.formulas import (
    FALSE,
    FEW,
    TRUE,
    Atom,
    Formula,
    atom,
    both,
    bounded,
    coarse,
    either,
    is_classed,
    negated,
    only_classed,
    replaced,
)
from gmemviz.extract.deeds.places import (
    NOBODY,
    NOTHING,
    Address,
    Unknown,
    Value,
    near,
    one_of,
    pointed,
)
from gmemviz.extract.deeds.questions import KINDS
from gmemviz.extract.deeds.rests import Rests
from gmemviz.extract.deeds.scopes import ScopeRun
from gmemviz.extract.deeds.spots import NEW, POINTED, MemorySpot
from gmemviz.extract.deeds.state import Arrival, is_reachable
from gmemviz.extract.deeds.summaries import (
    DEPTH,
    Codes,
    FunctionText,
    Library,
    RawDeed,
    ReadBefore,
    Summary,
)
from gmemviz.facts import Unread

SCOPED: Final = frozenset({"__free", "__cleanup"})
"""What says that a variable's end does something. (include/linux/cleanup.h:__free@v6.12)"""

NOT_TYPES: Final = frozenset({"return", "else", "goto", "sizeof", "NULL"})


class JumpedFrom(NamedTuple):
    """Say what was done and returned before the last jump to a label, by their numbers."""

    deeds: int
    returned: int


class BodyRun(ScopeRun):
    """Run through one body, and sum up what it does."""

    def __init__(self, library: Library, text: FunctionText, depth: int, codes: Codes = ()) -> None:
        super().__init__(library, text, depth)
        given = dict(codes)
        self.reader = StatementReader(text.tokens)
        self.pending: dict[str, list[Arrival]] = {}
        self.returned: list[tuple[Formula, Value]] = []
        self.last_jump: dict[str, JumpedFrom] = {}
        self.scopes = [[]]
        self.loops = [0]
        for number, name in enumerate(text.arguments):
            if name:
                self.variables.add(name)
                what = given.get(number, Address(MemorySpot(str(number))))
                self.known[MemorySpot(name)] = what

    def sum_up(self) -> Summary:
        """Read the whole body; of a macro, its last expression is its value."""
        found, _ = self.reader.statements(1)
        value = self.statements(found)
        self.close(0)
        if self.text_of.is_open:
            whole = frozenset(MemorySpot(str(i)) for i in range(len(self.text_of.arguments)))
            could = f"{self.text_of.name}() could do more"
            self.not_read(Unread(self.source(0), could, "the file ends in it"), whole)
        if self.reach != FALSE and self.text_of.is_macro:
            self.returned.append((self.reach, value))
        returns = one_of(self.returned) if self.returned else NOTHING
        told = self.roots_told(returns)
        return Summary(
            tuple(self.told(deed) for deed in self.deeds if deed.spot.root in told),
            returns,
            tuple(unread for unread, _ in self.unread),
            tuple(places for _, places in self.unread),
            self.is_cut,
        )

    def roots_told(self, returns: Value) -> set[str]:
        """Return what a caller can get at: its arguments, and new memory that it is given.

        What a function allocates for itself and keeps nowhere is its own affair.
        """
        roots = {str(number) for number in range(len(self.text_of.arguments))} | {NOBODY.root}
        kept = set(near(returns))
        for deed in self.deeds:
            if deed.value is not None:
                kept |= near(deed.value)
        return roots | {spot.root for spot in kept}

    def told(self, deed: RawDeed) -> RawDeed:
        """Return a deed with the conditions that are the caller's business."""
        if deed.reach in (TRUE, FALSE):
            return deed

        def asked(test: Atom) -> tuple[Formula, Formula]:
            if test.about and test.about.root == deed.spot.root and deed.spot.root.startswith(NEW):
                return TRUE, FALSE  # what has a member is there
            return atom(self.unclassed_far(test))

        reach = replaced(deed.reach, asked)
        return deed._replace(reach=coarse(reach) if self.depth < DEPTH else reach)

    def unclassed_far(self, test: Atom) -> Atom:
        """Return a question as the caller asks it: about a number, or far away, it has no class."""
        about = test.about
        if test.kind != "set" or about is None:
            return test
        key = f"set {'.'.join((about.root, *about.steps))} {test.key}"
        if about.root.startswith(NEW):
            return Atom("failed", None, key, test.at)
        if about.near_end != about or self.is_number(about):
            return Atom("member", about.near_end, key, test.at)
        return test

    def summary(self, text: FunctionText, depth: int, codes: Codes = ()) -> Summary | None:
        """Return what a called function does; None where it is too deep, or calls itself."""
        return summary(self.library, text, depth, codes)

    # --- statements ---

    def statements(self, found: tuple[Statement, ...]) -> Value:
        """Read statements in turn; return what the last of them is worth."""
        value: Value = NOTHING
        for statement in found:
            if statement.kind == "label":
                arriving = self.pending.pop(f"goto:{statement.name}", [])
                self.join([*self.jumped(statement, arriving), self.here])
            elif self.reach != FALSE:
                self.at = statement.start
                value = RUN[statement.kind](self, statement)
        return value

    def jumped(self, label: Statement, arriving: list[Arrival]) -> list[Arrival]:
        """Return those who come to a label by a jump, and let nobody else be one of them.

        Whoever does something behind the last jump has not jumped. Where the jumps' conditions are
        many, their formula would be cut short and no longer say so: then whether one has jumped is
        a question of its own, to which those behind the last jump have the answer no.
        (fs/ext4/inode.c:ext4_evict_inode@v6.12)
        """
        behind = self.last_jump.pop(label.name, None)
        many = {way for arrival in arriving for way in arrival.reach if not is_classed(way)}
        if behind is None or self.reach != FALSE or len(many) <= FEW:
            return arriving
        place = self.place_of(label.start)
        jumps, stays = atom(Atom("branch", None, f"goto {label.name} {place}", place))
        for number in range(behind.deeds, len(self.deeds)):
            deed = self.deeds[number]
            reach = both(bounded(deed.reach, self.most), stays)
            self.deeds[number] = deed._replace(reach=reach)
        for number in range(behind.returned, len(self.returned)):
            reach, value = self.returned[number]
            self.returned[number] = both(bounded(reach, self.most), stays), value
        return [way._replace(reach=only_classed(way.reach, jumps)) for way in arriving]

    def expression(self, statement: Statement) -> Value:
        """Read an expression or a declaration."""
        first, last = statement.first, statement.last
        row = self.library.api.row(self.words[first]) if first < last else None
        if row is not None and row.ends:  # return_ptr(toy)
            return self.leave(statement._replace(kind="return"))
        if first < last and self.enters(first):
            return NOTHING
        scope = next((i for i in range(first, last) if self.words[i] in SCOPED), None)
        if scope is not None:
            return self.scoped(first, scope, last)
        pointer = self.function_pointer(first, last)
        if pointer:
            self.pointer_begins(pointer, last)
            return NOTHING
        start = self.declared_from(first, last)
        if start is None:
            return self.value(first, last)
        for begin, end in self.tokens.split(start, last, ","):
            self.declaration(begin, end)
        return NOTHING

    def function_pointer(self, first: int, last: int) -> int:
        """Return where the name stands in `void (*done)(struct toy *)`; 0 where nothing is so."""
        words = self.words
        index = first
        while index < last and (is_name(words[index]) or words[index] == "*"):
            index += 1
        is_one = index > first and words[index : index + 2] == ["(", "*"]
        is_one = is_one and words[index + 3 : index + 5] == [")", "("]
        return index + 2 if is_one and index + 4 < last else 0

    def pointer_begins(self, name: int, last: int) -> None:
        """Let a pointer to a function begin, with what it is set to."""
        spot = MemorySpot(self.words[name])
        self.variables.add(spot.root)
        self.known.pop(spot, None)
        equals = self.tokens.matching(name + 2) + 1
        if self.words[equals : equals + 1] == ["="]:
            self.put(spot, self.value(equals + 1, last))

    def declared_from(self, first: int, last: int) -> int | None:
        """Return where the first declarator begins, or None where nothing is declared.

        `struct toy *a = x, *b;` begins at `*a`; `a = b` and `put(a)` declare nothing.
        """
        names = []
        index = first
        while index < last and (is_name(self.words[index]) or self.words[index] == "*"):
            names.append(index)
            index += 1
        words = [self.words[number] for number in names]
        if len(names) < 2 or not is_name(words[0]) or words[0] in NOT_TYPES:
            return None
        after = self.words[index] if index < last else ";"
        if after not in ("=", ";", ",", "[") or not is_name(words[-1]):
            return None
        while len(words) > 1 and words[-2] == "*":
            del words[-2], names[-2]
        return names[-1]

    def declaration(self, first: int, last: int) -> None:
        """Read one declarator: its variable begins with what it is initialised to."""
        while first < last and self.words[first] == "*":
            first += 1
        name = self.words[first] if first < last else ""
        if not is_name(name):
            return
        self.variables.add(name)
        equals = next((i for i in self.tops(first, last) if self.words[i] == "="), last)
        if equals == last:
            self.known.pop(MemorySpot(name), None)
            return
        if self.words[equals + 1] == "{":
            self.put(MemorySpot(name), NOTHING)
            self.initialise(MemorySpot(name), equals + 1)
        else:
            self.put(MemorySpot(name), self.value(equals + 1, last))

    def if_statement(self, statement: Statement) -> Value:
        """Read both sides, each where its condition holds, and go on where they meet."""
        holds, fails = self.decided(statement)
        before = self.here
        self.under(holds)
        came = self.reach
        self.statements(statement.body)
        after = self.here
        stays = came == self.reach
        self.go(before)
        self.under(fails)
        came = self.reach
        self.statements(statement.other)
        stays = stays and came == self.reach
        self.join([after, self.here])
        if stays:  # nobody left, so all who came go on
            self.reach = before.reach
        return NOTHING

    def decided(self, statement: Statement) -> tuple[Formula, Formula]:
        """Return where a condition holds and where it fails, so that nobody is on both sides.

        What a function with many ends returns may have been cut short to formulas that do not
        exclude each other: then the answer is a question of its own beside them.
        """
        holds, fails = self.truth(statement.first, statement.last)
        if both(holds, fails) == FALSE:
            return holds, fails
        place = self.place_of(statement.start)
        yes, no = atom(Atom("branch", None, f"if {statement.start} {place}", place))
        return both(coarse(holds), yes), both(coarse(fails), no)

    def loop(self, statement: Statement) -> Value:
        """Read a loop once; behind it are those who never came in, and those who left."""
        test = self.loop_test(statement)
        before = self.here
        self.under(test)
        self.inside(statement)
        if statement.kind == "loop":
            self.step(statement)
        ways = [self.here, *self.left("continue"), *self.left("break")]
        met = [way for way in ways if way.reach != FALSE]
        self.join([*met, Arrival(both(before.reach, negated(test)), before.known)])
        # Whoever comes by the loop comes out of it, unless all leave the function inside.
        if met:
            self.reach = before.reach
        return NOTHING

    def left(self, way: str) -> list[Arrival]:
        """Return those who left a loop or switch by `break` or `continue`."""
        return self.pending.pop(way, [])

    def loop_test(self, statement: Statement) -> Formula:
        """Return where a loop's body runs; a list's element is what its head leads to."""
        looping, _ = atom(
            Atom("loop", None, f"loop {statement.start}", self.place_of(statement.start))
        )
        first, last = statement.first, statement.last
        if statement.name:
            self.each(statement.name, first)
            return looping
        parts = self.tokens.split(first, last, ";")
        if len(parts) == 3:
            self.expression(statement._replace(first=parts[0][0], last=parts[0][1]))
            first, last = parts[1]
        if first >= last:
            return TRUE
        holds, _ = self.truth(first, last)
        return both(holds, looping)

    def step(self, statement: Statement) -> None:
        """Read what a `for` does between two rounds."""
        parts = self.tokens.split(statement.first, statement.last, ";")
        if len(parts) == 3 and not statement.name and self.reach != FALSE:
            self.value(*parts[2])

    def each(self, name: str, first: int) -> None:
        """Let the variable of `list_for_each_entry(toy, &toys, list)` be an element."""
        parts = self.arguments(first + 1)
        values = [self.value(*part) for part in parts[1:]]
        cursors = 2 if "_safe" in name else 1
        heads = [pointed(value) for value in values]
        head = next((spot for spot in heads if spot is not None and is_reachable(spot)), None)
        for begin, end in parts[:cursors]:
            if end - begin == 1 and self.words[begin] in self.variables:
                element = Address(head.to(POINTED)) if head else Unknown(self.place_of(first))
                self.put(MemorySpot(self.words[begin]), element)

    def do_while(self, statement: Statement) -> Value:
        """Read a body that runs at least once, then its test."""
        self.inside(statement)
        self.join([self.here, *self.left("continue")])
        if self.reach != FALSE and statement.kind == "do":
            self.truth(statement.first, statement.last)
        self.join([self.here, *self.left("break")])
        return NOTHING

    def scoped_block(self, statement: Statement) -> Value:
        """Read the block of scoped_guard(), and go on where those meet who left it by a break."""
        self.scope(statement)
        self.join([self.here, *self.left("break")])
        return NOTHING

    def block(self, statement: Statement) -> Value:
        """Read the statements in braces."""
        self.scopes.append([])
        value = self.statements(statement.body)
        self.close(len(self.scopes) - 1)
        self.scopes.pop()
        return value

    def inside(self, statement: Statement) -> None:
        """Read the body of a loop, or of what else a break leaves."""
        self.loops.append(len(self.scopes))
        before = dict(self.last_jump)
        self.statements(statement.body)
        self.loops.pop()
        # Who has not jumped this time may in the next round: only behind the loop nobody will.
        behind = JumpedFrom(len(self.deeds), len(self.returned))
        for label, last in self.last_jump.items():
            if before.get(label) != last:
                self.last_jump[label] = behind

    def switch(self, statement: Statement) -> Value:
        """Read the cases, each where its value is asked for; who falls through comes along."""
        subject = self.value(statement.first, statement.last)
        inode = self.mode_of(subject)
        text = self.text(statement.first, statement.last)
        entry = self.here
        asked: Formula = FALSE
        self.reach = FALSE
        self.loops.append(len(self.scopes))
        for part in statement.body:
            if part.kind != "case":
                self.statements((part,))
                continue
            label = " ".join(self.words[part.first : part.last])
            kind = KINDS.get(label)
            test = Atom(kind, inode) if kind and inode else None
            holds = atom(
                test or Atom("case", None, f"{text} == {label}", self.place_of(part.start))
            )[0]
            if not label:
                holds = negated(asked)
            asked = either(asked, holds)
            here = self.here
            self.join([here, Arrival(both(entry.reach, holds), entry.known)])
        self.loops.pop()
        rest = Arrival(both(entry.reach, negated(asked)), entry.known)
        self.join([self.here, rest, *self.left("break")])
        return NOTHING

    def leave(self, statement: Statement) -> Value:
        """Keep aside whoever returns, breaks, or jumps forward.

        Whoever jumps back comes by here again, and goes on in the end, as out of a loop.
        (fs/f2fs/inode.c:f2fs_evict_inode@v6.12)
        """
        kind = statement.kind
        if kind == "return":
            value = self.value(statement.first, statement.last)
            self.close(0)
            self.returned.append((self.reach, value))
        elif kind != "goto":
            self.close(self.loops[-1])
            self.pending.setdefault(kind, []).append(self.here)
        elif self.reader.labels.get(statement.name, 0) > statement.start:
            self.close(1)
            self.pending.setdefault(f"goto:{statement.name}", []).append(self.here)
            self.last_jump[statement.name] = JumpedFrom(len(self.deeds), len(self.returned))
        elif statement.name in self.reader.labels:
            return NOTHING
        self.reach = FALSE
        return NOTHING

    def block_value(self, brace: int) -> Value:
        """Return the value of `({ ... })`: that of its last statement."""
        found, _ = self.reader.statements(brace + 1)
        return self.statements(found)

    def statement_value(self, first: int) -> Value:
        """Run a statement that a macro was given for an expression."""
        return self.statements((self.reader.statement(first),))


RUN: Final[Mapping[str, Callable[[BodyRun, Statement], Value]]] = {
    "expression": BodyRun.expression,
    "if": BodyRun.if_statement,
    "loop": BodyRun.loop,
    "do": BodyRun.do_while,
    "once": BodyRun.do_while,
    "scope": BodyRun.scoped_block,
    "switch": BodyRun.switch,
    "block": BodyRun.block,
    "case": BodyRun.block,
    "return": BodyRun.leave,
    "goto": BodyRun.leave,
    "break": BodyRun.leave,
    "continue": BodyRun.leave,
}


def summary(library: Library, text: FunctionText, depth: int, codes: Codes = ()) -> Summary | None:
    """Return what a function does, read `depth` calls deep; None for one that runs already.

    `codes` are the functions that it is given, by the number of the argument.
    """
    key = (text.place, text.pasted, codes)
    known = library.known.get(key)
    if known is not None and (known.depth >= depth or not known.summary.is_cut):
        library.rests.on(known.rests)
        return known.summary
    if depth <= 0 or text.place in library.running:
        return None
    library.running.add(text.place)
    outer, library.rests = library.rests, Rests()
    try:
        found = BodyRun(library, text, depth, codes).sum_up()
    finally:
        library.running.discard(text.place)
        rests, library.rests = library.rests, outer
    library.known[key] = ReadBefore(depth, found, rests)
    library.rests.on(rests)
    return found
