"""Find what a condition asks: its class, of what, and where it holds.

    if (S_ISLNK(inode->i_mode) && toy->body)        symlink and body set
    if (!inode->i_nlink)                            nlink 0
    if (inode->i_flags & S_TOY)                     member: it is named, and not understood
    if (err)                                        if

A question that is asked twice of what did not change has one answer: both have one key.
"""

from collections.abc import Mapping
from typing import Final, cast

from gmemviz.extract.deeds.api import ApiRow
from gmemviz.extract.deeds.formulas import FALSE, TRUE, Atom, Formula, atom, both, either
from gmemviz.extract.deeds.places import (
    Address,
    Null,
    OneOf,
    Simple,
    Truth,
    Unknown,
    Value,
    choices,
)
from gmemviz.extract.deeds.spots import NEW, POINTED, MemorySpot
from gmemviz.extract.deeds.state import is_reachable
from gmemviz.extract.deeds.values import COMPARED, NULLS, Values
from gmemviz.facts import TestKind

Answer = tuple[Formula, Formula]
"""Where a condition holds, and where it fails."""

KINDS: Final[Mapping[str, TestKind]] = {
    "S_IFLNK": "symlink", "S_IFDIR": "directory", "S_IFREG": "regular", "S_IFCHR": "special",
    "S_IFBLK": "special", "S_IFIFO": "special", "S_IFSOCK": "special",
}  # fmt: skip
"""What `inode->i_mode & S_IFMT` is compared with (include/uapi/linux/stat.h@v6.12)."""

RCU_FLAGS: Final = ("MAY_NOT_BLOCK", "LOOKUP_RCU")
"""What tells a hook that path walk has no reference (include/linux/fs.h, namei.h@v6.12)."""

BEYOND_WALK: Final = frozenset({"MAY_WRITE", "MAY_READ", "MAY_APPEND", "MAY_OPEN"})
"""What path walk asks no permission for: it is MAY_EXEC (fs/namei.c:may_lookup@v6.12)."""

MODE: Final = "i_mode"
LINKS: Final = "i_nlink"
YES: Final[Answer] = (TRUE, FALSE)
NO: Final[Answer] = (FALSE, TRUE)


class Questions(Values):
    """Answer conditions; a part that is asked only after another runs under that one's answer."""

    def place_of(self, index: int) -> str:
        """Return path:line of a token."""
        raise NotImplementedError

    def truth(self, first: int, last: int) -> Answer:
        """Return where a condition holds, and where it fails."""
        words = self.words
        while words[first : first + 1] == ["("] and self.tokens.matching(first) == last - 1:
            first, last = first + 1, last - 1
        for operator in ("||", "&&"):
            parts = self.tokens.split(first, last, operator)
            if len(parts) > 1:
                return self.joined(parts, is_and=operator == "&&")
        for index in self.tops(first, last):
            if words[index] in COMPARED:
                return self.compared(first, index, last)
        if words[first : first + 1] == ["!"]:
            holds, fails = self.truth(first + 1, last)
            return fails, holds
        if words[last - 2 : last] == [">", "0"]:
            return self.truth(first, last - 2)
        return self.of_value(self.value(first, last), first, last)

    def joined(self, parts: list[tuple[int, int]], *, is_and: bool) -> Answer:
        """Return the answer of `a && b`, or `a || b`, where b is asked only after a."""
        holds, fails = YES if is_and else NO
        before = self.reach
        for first, last in parts:
            self.reach = both(before, holds if is_and else fails)
            yes, no = self.truth(first, last)
            if is_and:
                holds, fails = both(holds, yes), either(fails, both(holds, no))
            else:
                holds, fails = either(holds, both(fails, yes)), both(fails, no)
        self.reach = before
        return holds, fails

    def compared(self, first: int, operator: int, last: int) -> Answer:
        """Return the answer of `a == b`; with NULL or 0 it is that of `!a`."""
        words = self.words
        is_equal = words[operator] == "=="
        right = words[operator + 1 : last]
        if len(right) == 1 and right[0] in NULLS:
            holds, fails = self.truth(first, operator)
            return (fails, holds) if is_equal else (holds, fails)
        value = self.value(first, operator)
        other = self.value(operator + 1, last)
        kind = KINDS.get(right[-1]) if right else None
        inode = self.mode_of(value)
        if kind and inode:
            holds, fails = atom(Atom(kind, inode))
        else:
            near = [simple.place for _, simple in (*choices(value), *choices(other))
                    if isinstance(simple, Address)]  # fmt: skip
            key = f"{self.text(first, operator)} == {self.text(operator + 1, last)}"
            holds, fails = self.unclassed(key, first, near)
        return (holds, fails) if is_equal else (fails, holds)

    def mode_of(self, value: Value) -> MemorySpot | None:
        """Return the inode whose i_mode a value came of."""
        for _, simple in choices(value):
            places = [simple.place] if isinstance(simple, Address) else []
            places += sorted(simple.near) if isinstance(simple, Unknown) else []
            for place in places:
                if place.steps[-2:] == (MODE, POINTED):
                    return MemorySpot(place.root, place.steps[:-2])
        return None

    def of_value(self, value: Value, first: int, last: int) -> Answer:
        """Return the answer of `if (value)`."""
        if isinstance(value, OneOf):
            holds, fails = FALSE, FALSE
            for formula, simple in value.values:
                yes, no = self.of_simple(simple, first, last)
                holds = either(holds, both(formula, yes))
                fails = either(fails, both(formula, no))
            return holds, fails
        return self.of_simple(value, first, last)

    def of_simple(self, value: Simple, first: int, last: int) -> Answer:
        """Return whether one value is set."""
        if isinstance(value, Truth):
            return value.holds, value.fails
        if isinstance(value, Null):
            return NO
        if isinstance(value, Address):
            return self.of_address(value.place)
        if isinstance(value, Unknown):
            key = value.origin or self.text(first, last)
            return self.unclassed(key, first, sorted(value.near))
        return YES

    def of_address(self, place: MemorySpot) -> Answer:
        """Return whether a pointer is set: a member's address always is."""
        pointer = place.pointer
        if pointer is None:
            is_whole = not place.steps and (place.root.isdigit() or place.root.startswith(NEW))
            return atom(Atom("set", place)) if is_whole else YES
        if pointer.steps[-1:] == (LINKS,):
            holds, fails = atom(Atom("nlink 0", MemorySpot(place.root, pointer.steps[:-1])))
            return fails, holds
        return atom(self.asked("set", pointer))

    def asked(self, kind: TestKind, spot: MemorySpot) -> Atom:
        """Return the question about a spot; it is another one once the spot has changed."""
        count = self.changes.get(spot, 0)
        return Atom(kind, spot, str(count) if count else "")

    def unclassed(self, key: str, index: int, places: list[MemorySpot]) -> Answer:
        """Return the answer of a condition that has no class; if it asks of a member, that."""
        if any(flag in key for flag in RCU_FLAGS):
            return atom(Atom("rcu walk"))
        words = key.replace("(", " ").replace(")", " ").split()
        if "&" in words and BEYOND_WALK.intersection(words) and "MAY_EXEC" not in words:
            in_walk, with_reference = atom(Atom("rcu walk"))
            asked, asked_not = atom(Atom("if", None, key, self.place_of(index)))
            return both(asked, with_reference), either(asked_not, in_walk)
        reachable = [place for place in places if is_reachable(place) and place.steps]
        kind: TestKind = "member" if reachable else "if"
        about = reachable[0] if reachable else None
        return atom(Atom(kind, about, key, self.place_of(index)))

    def of_row(self, row: ApiRow, value: Value, index: int) -> Answer:
        """Return the answer of a question of the API: S_ISLNK(inode->i_mode), IS_ERR(found)."""
        holds, fails = FALSE, FALSE
        for formula, simple in choices(value):
            yes, no = self.of_asked(row, simple, index)
            holds = either(holds, both(formula, yes))
            fails = either(fails, both(formula, no))
        return holds, fails

    def of_asked(self, row: ApiRow, value: Simple, index: int) -> Answer:
        """Return the answer of a question of the API about one value."""
        if isinstance(value, Null):
            return YES if row.test == "unset" else NO
        if row.test == "unset" or (row.test == "failed" and isinstance(value, Address)):
            holds, fails = self.of_simple(value, index, index)
            return fails, holds
        kind = cast(TestKind, row.test)
        if isinstance(value, Address):
            inode = self.mode_of(value)
            return atom(Atom(kind, inode) if inode else self.asked(kind, value.place))
        key = value.origin if isinstance(value, Unknown) else ""
        return atom(Atom(kind, None, key, self.place_of(index)))
