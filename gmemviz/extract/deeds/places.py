"""Name memory by how it is reached from a function's arguments, and what a variable may hold.

    static void toy_free(struct inode *inode)           inode points to place 0
    {
            struct toy *toy = TOY_I(inode);             toy points to 0, ^toy.vfs_inode
            char *body = toy->body;                     body points to 0, ^toy.vfs_inode, body, *
            put(&toy->policy);                          given is 0, ^toy.vfs_inode, policy
    }

A step is a member, `*` for what a pointer leads to, or `^struct.member` for the struct around a
member, which container_of goes to (include/linux/container_of.h:container_of@v6.12).
"""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from gmemviz.extract.deeds.formulas import FALSE, MOST, TRUE, Formula, both, bounded, either

UP: Final = "^"
POINTED: Final = "*"
TRANSPARENT: Final = ("i_sb", POINTED)
NEW: Final = "new "
"""Begins the root of memory that the function itself was given, as by kmem_cache_alloc."""

MOST_VALUES: Final = 6  # that a variable may have at once; of more we say that it is unknown
DEEPEST: Final = 12  # steps of a place; a list that is walked in a loop has no end


class Spot(NamedTuple):
    """Say where memory is: an argument's number (or a variable, or new memory), and steps."""

    root: str
    steps: tuple[str, ...] = ()

    def to(self, *steps: str) -> "Spot":
        """Return the place that is so many steps on; up to a struct and down again is none."""
        found = self
        for step in steps:
            if step.startswith(UP):
                struct, _, member = step.removeprefix(UP).partition(".")
                found = found.up(struct, member)
            else:
                found = Spot(found.root, _stepped(found.steps, step))
        return found

    def up(self, struct: str, member: str) -> "Spot":
        """Return the struct around the member that this place is."""
        parts = tuple(member.split("."))
        if self.steps[-len(parts) :] == parts:
            return Spot(self.root, self.steps[: -len(parts)])
        return Spot(self.root, (*self.steps, f"{UP}{struct}.{member}"))

    @property
    def pointer(self) -> "Spot | None":
        """Return where the pointer lies that leads here, or None for a member or an argument."""
        if self.steps[-1:] != (POINTED,):
            return None
        return Spot(self.root, self.steps[:-1])

    @property
    def near_end(self) -> "Spot":
        """Return the part of the way that leads over one pointer, and no other.

        The superblock is common ground: what s_fs_info points to is one pointer away.
        """
        start = len(TRANSPARENT) if self.steps[: len(TRANSPARENT)] == TRANSPARENT else 0
        for index in range(start, len(self.steps)):
            if self.steps[index] == POINTED:
                return Spot(self.root, self.steps[: index + 1])
        return self


def _stepped(steps: tuple[str, ...], step: str) -> tuple[str, ...]:
    found = (*steps, step)
    for index in range(len(steps) - 1, -1, -1):
        if steps[index].startswith(UP):
            member = steps[index].partition(".")[2]
            if ".".join(found[index + 1 :]) == member:
                return steps[:index]
            break
    return found


class Address(NamedTuple):
    """Point to a place."""

    place: Spot


class Code(NamedTuple):
    """Be a function."""

    name: str


class Null(NamedTuple):
    """Be NULL, or 0: a number's 0 empties nothing."""

    is_number: bool = False


class Truth(NamedTuple):
    """Be true where a formula holds."""

    holds: Formula
    fails: Formula


class Unknown(NamedTuple):
    """Be something else, known by where it came from; `near` are the places that it came of."""

    origin: str
    near: frozenset[Spot] = frozenset()


class OneOf(NamedTuple):
    """Be one of several values, each where its formula holds."""

    values: tuple[tuple[Formula, "Simple"], ...]


Simple = Address | Code | Null | Truth | Unknown
Value = Simple | OneOf

NULL: Final = Null()
ZERO: Final = Null(is_number=True)
NOBODY: Final = Spot("-")
"""What a deed is done to that is done to nothing: to sleep, to wait for RCU."""
NOTHING: Final = Unknown("")
"""A number, a string, whatever no memory is reached by."""


def choices(value: Value) -> tuple[tuple[Formula, Simple], ...]:
    """Return what a value may be, each with its formula."""
    return value.values if isinstance(value, OneOf) else ((TRUE, value),)


def one_of(values: Iterable[tuple[Formula, Value]]) -> Value:
    """Return the value that is each of these where its formula holds; equal ones become one."""
    found: dict[Simple, Formula] = {}
    for formula, value in values:
        for inner, simple in choices(value):
            holds = either(found.get(simple, FALSE), both(formula, inner))
            found[simple] = bounded(holds, MOST)
    if len(found) == 1:
        return next(iter(found))
    if len(found) > MOST_VALUES or not found:
        return Unknown("", frozenset().union(*map(near, found)))
    return OneOf(tuple((formula, simple) for simple, formula in found.items()))


def near(value: Value) -> frozenset[Spot]:
    """Return the places that a value points to or came of."""
    found: set[Spot] = set()
    for _, simple in choices(value):
        if isinstance(simple, Address):
            found.add(simple.place)
        elif isinstance(simple, Unknown):
            found |= simple.near
    return frozenset(found)


def pointed(value: Value) -> Spot | None:
    """Return the only place that a value can point to: what is followed is not NULL."""
    found = [simple for _, simple in choices(value) if not isinstance(simple, Null)]
    if len(found) == 1 and isinstance(found[0], Address):
        return found[0].place
    return None


def mapped(value: Value, change: Callable[[Simple], Value]) -> Value:
    """Return the value with each that it may be changed."""
    if not isinstance(value, OneOf):
        return change(value)
    return one_of((formula, change(simple)) for formula, simple in value.values)
