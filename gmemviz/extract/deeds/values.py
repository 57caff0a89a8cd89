"""Find what an expression is: a spot that can be stored in, or a value.

    &toy->policy        the address of a spot
    toy->body           a spot; its value is what the pointer in it leads to
    (a ? b : c)         one of two values
    x = y               y, which x has from now on

What is computed (sums, masks, comparisons) is unknown, but what it came of is kept: pointer
arithmetic may lead anywhere near.

There are no types here. A number that is loaded looks like a pointer, and it does not matter until
somebody asks whether it is set: then the struct that has the member says which of the two it is.
"""

from collections.abc import Iterator
from typing import Final

from gmemviz.extract.code import Tokens, is_name
from gmemviz.extract.deeds.formulas import FALSE, TRUE, Formula, negated
from gmemviz.extract.deeds.places import (
    NOTHING,
    NULL,
    ZERO,
    Address,
    Code,
    Places,
    Truth,
    Unknown,
    Value,
    led_to,
    near,
    one_of,
    pointed,
)
from gmemviz.extract.deeds.spots import MemorySpot
from gmemviz.extract.deeds.state import RunState

NULLS: Final = frozenset({"NULL", "0", "false"})
BINARY: Final = frozenset("+-*/%&|^<>") | {"<=", ">="}
COMPARED: Final = frozenset({"==", "!="})
TYPE_WORDS: Final = frozenset(
    "struct union enum const volatile void char short int long unsigned signed bool u8 u16 u32 u64"
    " s8 s16 s32 s64 size_t loff_t typeof __typeof__ __force".split()
)
STATEMENTS: Final = frozenset("if for while do switch return goto".split())
"""What begins a statement that a macro was given for an expression: TOY_DEBUG(if (x) put(y);)."""

TRUE_NUMBERS: Final = ("1", "true")
"""Every number but 0: `found = 1; ... if (found)` asks what led to the first."""

CONSTANT: Final = frozenset({"1", '"', "true", "sizeof", "offsetof"})

Term = MemorySpot | Places | Value


class Values(RunState):
    """Evaluate the tokens [first, last) of one body; what is called, `calls.py` says."""

    def __init__(self, tokens: Tokens, most: int) -> None:
        super().__init__(most)
        self.tokens = tokens
        self.words = tokens.words
        self.path = ""

    # --- what the other parts of a reader know ---

    def truth(self, first: int, last: int) -> tuple[Formula, Formula]:
        """Return where a condition holds, and where it fails."""
        raise NotImplementedError

    def call(self, name: str, paren: int) -> Value:
        """Return the value of a call by name."""
        raise NotImplementedError

    def indirect(self, callee: Value, name: str, paren: int) -> Value:
        """Return the value of a call through a pointer, called `name` in the text."""
        raise NotImplementedError

    def stored(self, spot: MemorySpot, value: Value) -> None:
        """Note that a value was stored."""
        raise NotImplementedError

    def followed(self, spot: MemorySpot) -> None:
        """Note that what lies in a spot was read through its pointer."""
        raise NotImplementedError

    def block_value(self, brace: int) -> Value:
        """Return the value of `({ ... })`."""
        raise NotImplementedError

    def statement_value(self, first: int) -> Value:
        """Run a statement that stands where an expression does."""
        raise NotImplementedError

    def function_called(self, name: str) -> bool:
        """Tell whether a name is a function of the tree."""
        raise NotImplementedError

    # --- expressions, the loosest operators first ---

    def value(self, first: int, last: int) -> Value:
        """Return what an expression is worth."""
        return self.worth(self.term(first, last))

    def worth(self, term: Term) -> Value:
        """Return the value in a spot, or the value itself."""
        if isinstance(term, Places):
            return one_of((formula, self.load(spot)) for formula, spot in term.spots)
        return self.load(term) if isinstance(term, MemorySpot) else term

    def tops(self, first: int, last: int) -> Iterator[int]:
        """Yield the indexes outside inner brackets; an opening bracket stands for all in it."""
        index = first
        while index < last:
            yield index
            if self.words[index] in "([{":
                index = max(self.tokens.matching(index), index)
            index += 1

    def term(self, first: int, last: int) -> Term:
        """Return the spot or value of an expression."""
        words = self.words
        if first >= last:
            return NOTHING
        if words[first] in STATEMENTS:
            return self.statement_value(first)
        tops = list(self.tops(first, last))
        found = {words[index]: index for index in reversed(tops)}
        if "," in found:
            self.term(first, found[","])
            return self.term(found[","] + 1, last)
        if "=" in found:
            return self.assignment(first, found["="], last)
        return self.operation(first, last, tops, found)

    def operation(self, first: int, last: int, tops: list[int], found: dict[str, int]) -> Term:
        """Return the value of an expression that neither stores nor goes on behind a comma."""
        if "?" in found:
            return self.chosen(first, found["?"], last, tops)
        if found.keys() & {"||", "&&", "==", "!="} or self.words[first] == "!":
            return Truth(*self.truth(first, last))
        for index in reversed(tops):
            if self.words[index] in BINARY and self.ends_operand(index - 1, first):
                return self.computed(first, index, last)
        return self.unary(first, last)

    def ends_operand(self, index: int, first: int) -> bool:
        """Tell whether an operator behind `index` has a left side: `a * b`, and not `*b`."""
        word = self.words[index] if index >= first else ""
        return is_name(word) or word in (")", "]", "1", "0", '"')

    def computed(self, first: int, operator: int, last: int) -> Value:
        """Return what both sides of an operator came of."""
        left = self.value(first, operator)
        right = self.value(operator + 1, last)
        sides = near(left) | near(right)
        return Unknown(self.text(first, last), sides)

    def text(self, first: int, last: int) -> str:
        """Return words that are the same where two questions are: variables by what they have."""
        parts = []
        for word in self.words[first:last]:
            value = self.known.get(MemorySpot(word)) if word in self.variables else None
            is_known = isinstance(value, Unknown) and value.origin
            parts.append(value.origin if is_known and isinstance(value, Unknown) else word)
        return " ".join(parts)

    def assignment(self, first: int, equals: int, last: int) -> Value:
        """Store the right side in the left one; of `a += b` only that a is something else now."""
        target_end = equals
        while target_end > first and self.words[target_end - 1] in BINARY:
            target_end -= 1
        value = self.value(equals + 1, last)
        target = self.term(first, target_end)
        if target_end != equals:
            value = Unknown(self.text(first, last), near(value))
        self.store(target, value)
        return value

    def store(self, target: Term, value: Value) -> None:
        """Store a value in a spot; of several each has it where it is meant."""
        if isinstance(target, MemorySpot):
            self.stored(target, value)
            self.put(target, value)
        elif isinstance(target, Places):
            for formula, spot in target.spots:
                before = self.under(formula)
                self.stored(spot, value)
                self.reach = before
                self.put(spot, one_of([(formula, value), (negated(formula), self.load(spot))]))

    def chosen(self, first: int, question: int, last: int, tops: list[int]) -> Value:
        """Return one of the two sides of `? :`; of `a ?: b` the first is the test itself."""
        holds, fails = self.truth(first, question)
        colon = self.colon_of(question, last, tops)
        before = self.under(holds)
        start = question + 1 if colon > question + 1 else first
        yes = self.value(start, colon if start > first else question)
        self.reach = before
        self.under(fails)
        no = self.value(colon + 1, last)
        self.reach = before
        return one_of([(holds, yes), (fails, no)])

    def colon_of(self, question: int, last: int, tops: list[int]) -> int:
        """Return where the other side of a `?` is: in `a ?: b ?: c` that is all behind a."""
        inner = 0
        for index in (index for index in tops if index > question):
            if self.words[index] == ":" and inner == 0:
                return index
            inner += {"?": 1, ":": -1}.get(self.words[index], 0)
        return last

    def unary(self, first: int, last: int) -> Term:
        """Return what `&x`, `*x`, `(type)x` and their like are."""
        word = self.words[first] if first < last else ""
        if word == "&":
            term = self.term(first + 1, last)
            return addressed(term)
        if word == "*":
            value = self.value(first + 1, last)
            # (*done)(x) calls what done(x) does.
            return value if isinstance(value, Code) else self.behind(value)
        if word in BINARY or word == "~":
            return Unknown("", near(self.value(first + 1, last)))
        if word == "(":
            close = self.tokens.matching(first)
            if self.is_cast(first, close, last):
                return self.term(close + 1, last)
        return self.postfix(first, last)

    def is_cast(self, first: int, close: int, last: int) -> bool:
        """Tell a cast from parentheses: `(struct toy *) x`, `(toy_t) x`, and not `(x) & y`."""
        if close + 1 >= last or close <= first + 1:
            return False
        inner = self.words[first + 1 : close]
        if inner[0] in TYPE_WORDS:
            return True
        is_type = is_name(inner[0]) and all(word == "*" for word in inner[1:])
        after = self.words[close + 1]
        starts = is_name(after) or after in ("(", "&", "*")
        return is_type and inner[0] not in self.variables and (starts or len(inner) > 1)

    def initialise(self, spot: MemorySpot, brace: int) -> None:
        """Store what `{ .inode = inode, .part = { .size = 1 }, [0] = x, y }` has; the rest is 0."""
        self.zeroed.add(spot.root)
        close = min(self.tokens.matching(brace), len(self.words))
        for first, last in self.tokens.split(brace + 1, close, ","):
            equals = next((i for i in self.tops(first, last) if self.words[i] == "="), first - 1)
            steps = [word for word in self.words[first : max(equals, first)] if is_name(word)]
            member = spot.to(*steps) if self.words[first] == "." else spot
            if self.words[equals + 1 : equals + 2] == ["{"]:
                self.initialise(member, equals + 1)
                continue
            value = self.value(equals + 1, last)
            if member != spot:
                self.put(member, value)
            elif near(value):  # which member that is, the text does not say
                self.put(spot, Unknown("", near(self.load(spot)) | near(value)))

    def literal(self, brace: int) -> MemorySpot:
        """Return the memory of `(struct toy){ .inode = inode }`, which has no name."""
        spot = MemorySpot(f"literal {brace}")
        self.variables.add(spot.root)
        self.initialise(spot, brace)
        return spot

    # --- names, members, calls ---

    def postfix(self, first: int, last: int) -> Term:
        """Return a name or a call, and what its members and indexes lead to."""
        words = self.words
        if first >= last:
            return NOTHING
        term, index = self.primary(first, last)
        name = words[first]
        while index < last:
            word = words[index]
            if word in ("->", "."):
                name = words[index + 1] if index + 1 < last else ""
                term = self.member(term, word, name)
                index += 2
            elif word == "[":
                close = self.tokens.matching(index)
                self.value(index + 1, min(close, last))
                term = self.element(term)
                index = close + 1
            elif word == "(":
                term = self.indirect(self.worth(term), name, index)
                index = self.tokens.matching(index) + 1
            elif is_name(word):  # strings of macros stand side by side: KERN_ERR toy_text(x)
                term, index = self.primary(index, last)
                name = word
            else:
                index += 1
        return term

    def primary(self, first: int, last: int) -> tuple[Term, int]:
        """Return what a name, a call or parentheses are, and the index behind."""
        word = self.words[first]
        if word == "{":
            return self.literal(first), min(self.tokens.matching(first), last) + 1
        if word == "(":
            close = min(self.tokens.matching(first), last)
            if self.words[first + 1 : first + 2] == ["{"]:
                return self.block_value(first + 1), close + 1
            return self.term(first + 1, close), close + 1
        if self.words[first + 1 : first + 2] == ["("] and is_name(word) and first + 1 < last:
            value = NOTHING if word in CONSTANT else self.called(word, first + 1)
            return value, self.tokens.matching(first + 1) + 1
        return self.named(word), first + 1

    def called(self, name: str, paren: int) -> Value:
        """Return the value of a call, be the name a function's or a variable's."""
        if name in self.variables:
            return self.indirect(self.load(MemorySpot(name)), name, paren)
        return self.call(name, paren)

    def named(self, word: str) -> Term:
        """Return what a name stands for: a variable, NULL, a function, or something global."""
        if word in self.variables:
            return MemorySpot(word)
        if word in NULLS:
            return NULL if word == "NULL" else ZERO
        if word in TRUE_NUMBERS:
            return Truth(TRUE, FALSE)
        if word in CONSTANT or not is_name(word):
            return NOTHING
        return Code(word, self.path) if self.function_called(word) else Unknown(word)

    def member(self, term: Term, link: str, name: str) -> Term:
        """Return the spot of a member; where its struct is unknown, so is the member."""
        if link == "->":
            term = self.behind(self.worth(term))
        if isinstance(term, Places):
            return Places(tuple((formula, spot.to(name)) for formula, spot in term.spots))
        return term.to(name) if isinstance(term, MemorySpot) else Unknown("", near(term))

    def behind(self, value: Value) -> Term:
        """Return what a pointer leads to, and note that it was followed."""
        places = led_to(value)
        for formula, place in places:
            before = self.under(formula) if len(places) > 1 else self.reach
            self.followed(place)
            self.reach = before
        if len(places) > 1:
            return Places(places)
        return places[0][1] if places else Unknown("", near(value))

    def element(self, term: Term) -> Term:
        """Return any element of an array: all are one, and so are arrays and pointers."""
        value = self.worth(term)
        place = pointed(value)
        return place if place is not None else Unknown("", near(value))


def addressed(term: Term) -> Value:
    """Return the address of a spot, as `&toy->policy`."""
    if isinstance(term, Places):
        return one_of((formula, Address(spot)) for formula, spot in term.spots)
    return Address(term) if isinstance(term, MemorySpot) else term
