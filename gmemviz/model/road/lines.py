"""Name the kinds of line that a function of the road is written in.

Each stands for a kind of statement in the kernel's own function: a store, a call, a call through a
table, an early return, a branch, a wait. `skeleton.py` and `surroundings.py` are written in them.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

from gmemviz.facts import Context, HookName
from gmemviz.model.machine import (
    Machine,
    NoFunction,
    Operation,
    Target,
    Test,
    Trait,
    stands_for,
)


class Do(NamedTuple):
    """Do something to the heap in the function itself, and only while `guard` holds.

    `otherwise` is another way that it may go, and `ways` are the names of both. `context` is where
    it runs, if elsewhere than its function.
    """

    operation: Operation
    says: str | Callable[[Target], str]
    guard: Test | None = None
    otherwise: Operation | None = None
    ways: tuple[str, ...] = ()
    context: Context | None = None


class Call(NamedTuple):
    """Call a function of the skeleton: the first of `names` that the facts have there.

    `through` is the op that the caller goes through, where it is not a hook's. An
    entry is where the kernel is entered: nobody of the skeleton calls it.
    """

    names: tuple[str, ...]
    context: Context | None = None
    through: str = ""
    is_entry: bool = False


class Chosen(NamedTuple):
    """Call the function that the actor's Target names, as its ``allocator``."""

    what: Literal["allocator", "adds_folio", "fills", "maps", "unmaps", "callback"]
    context: Context | None = None
    is_entry: bool = False


class Hook(NamedTuple):
    """Call through ``i_sb->s_op`` (or f_op); `default` runs where the hook is NULL."""

    name: HookName
    default: tuple[Call, ...] = ()
    context: Context | None = None


class ReturnIf(NamedTuple):
    """Leave the function when `test` holds; it may look at nothing that others write."""

    test: Test


class If(NamedTuple):
    """Run the lines when `test` holds; like ReturnIf it may look at nothing that others write."""

    test: Test
    lines: "tuple[Line, ...]"


class When(NamedTuple):
    """Have the lines only for an actor to which `test` applies."""

    test: Callable[[Target], bool]
    lines: "tuple[Line, ...]"


class StopIf(NamedTuple):
    """Leave out the rest of the function for an actor to which `test` applies."""

    test: Callable[[Target], bool]


class OwnBody(NamedTuple):
    """Do what one of the Design's own bodies says: an actor's, a callback's, the error path's."""

    title: str
    context: Context | None = None


class Choose(NamedTuple):
    """Go one of several ways, which the actor's Target names."""

    ways: Callable[[Target], tuple[Operation, ...]]
    says: str


class Again(NamedTuple):
    """Begin anew: the actor's code is run as often as somebody queues it."""


Line = Do | Call | Chosen | Hook | ReturnIf | If | StopIf | When | OwnBody | Choose | Again


class Function(NamedTuple):
    """Give one function of the road: what it is there for, and its lines."""

    says: str
    lines: tuple[Line, ...]


# --- short forms, so that a road reads like the function it stands for --------------------


def function(says: str, *lines: Line) -> Function:
    """Return the Function of these lines."""
    return Function(says, lines)


def call(*names: str, context: Context | None = None) -> Call:
    """Return the Call of the first of `names` that the facts have."""
    return Call(names, context)


def hook(name: HookName, *default: Call, context: Context | None = None) -> Hook:
    """Return the call through a table's hook, with what runs where the hook is NULL."""
    return Hook(name, default, context)


def if_yes(*lines: Line) -> If:
    """Return the lines as run where the actor's last question was answered with yes."""
    return If(yes, lines)


def if_no(*lines: Line) -> If:
    """Return the lines as run where it was answered with no."""
    return If(no, lines)


def when(test: Callable[[Target], bool], *lines: Line) -> When:
    """Return the lines as there for actors to which `test` applies, and for no others."""
    return When(test, lines)


def wait(guard: Test, operation: Operation, says: str, *, context: Context | None = None) -> Do:
    """Return the line that does something once `guard` holds; the guard reads first."""
    return Do(operation, says, guard, context=context)


def until(guard: Test, says: str) -> Do:
    """Return the line that only waits."""
    return wait(guard, nothing, says)


def has(trait: Trait) -> Callable[[Target], bool]:
    """Return the test for an actor with this trait."""
    return lambda target: trait in target.traits


def lacks(trait: Trait) -> Callable[[Target], bool]:
    """Return the test for an actor without this trait."""
    return lambda target: trait not in target.traits


@stands_for(NoFunction("model", "a line that only waits"))
def nothing(_: Machine, __: Target) -> None:
    """Do nothing: a line that only waits, or a hook that cannot reach what it is to free."""


_BRANCH = NoFunction("model", "a branch by the answer that the actor was given last")


@stands_for(_BRANCH)
def yes(m: Machine, _: Target) -> bool:
    """Return whether the actor's last question was answered with yes, or with a count."""
    return bool(m.register)


@stands_for(_BRANCH)
def no(m: Machine, _: Target) -> bool:
    """Return whether the actor's last question was answered with no, or with 0."""
    return not m.register


@stands_for(_BRANCH)
def always(_: Machine, __: Target) -> bool:
    """Return True."""
    return True
