"""Name the kinds of line that a function of the road is written in."""

from collections.abc import Callable
from typing import NamedTuple

from gmemviz.facts import Context, HookName
from gmemviz.model.machine import Machine, Operation, Target, Trait


class Do(NamedTuple):
    """Do something to the heap in the function itself, and only while `guard` holds.

    `otherwise` is another way that it may go.
    """

    operation: Operation
    says: str | Callable[[Target], str]
    guard: Callable[[Machine, Target], bool] | None = None
    otherwise: Operation | None = None


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

    what: str
    context: Context | None = None
    is_entry: bool = False


class Hook(NamedTuple):
    """Call through ``i_sb->s_op`` (or f_op); `default` runs where the hook is NULL."""

    name: HookName
    default: tuple[Call, ...] = ()
    context: Context | None = None


class ReturnIf(NamedTuple):
    """Leave the function when `test` holds; it may look at nothing that others write."""

    test: Callable[[Machine, Target], bool]


class If(NamedTuple):
    """Run the lines when `test` holds; like ReturnIf it may look at nothing that others write."""

    test: Callable[[Machine, Target], bool]
    lines: "tuple[Line, ...]"


class When(NamedTuple):
    """Have a line only for an actor to which `test` applies."""

    test: Callable[[Target], bool]
    line: "Line"


class StopIf(NamedTuple):
    """Leave out the rest of the function for an actor to which `test` applies."""

    test: Callable[[Target], bool]


class Defer(NamedTuple):
    """Hand a callback to RCU."""

    via: str
    callback: str


class Wait(NamedTuple):
    """Let the actor go on only while `guard` holds; a line of a scenario's own code."""

    guard: Callable[[Machine, Target], bool]
    operation: Operation
    says: str
    context: Context | None = None


class Body(NamedTuple):
    """Do what one of the Design's own bodies says: an actor's, a callback's, the error path's."""

    title: str
    context: Context | None = None


class Choose(NamedTuple):
    """Go one of several ways, which the actor's Target names."""

    ways: Callable[[Target], tuple[Operation, ...]]
    says: str


class Again(NamedTuple):
    """Begin anew: the actor's code is run as often as somebody queues it."""


Line = (
    Do | Call | Chosen | Hook | ReturnIf | If | StopIf | When | Defer | Wait | Body | Choose | Again
)


class Function(NamedTuple):
    """Give one function of the road: what it is there for, and its lines."""

    says: str
    lines: tuple[Line, ...]


def call(*names: str, context: Context | None = None) -> Call:
    """Return the Call of the first of `names` that the facts have."""
    return Call(names, context)


def has(trait: Trait) -> Callable[[Target], bool]:
    """Return the test for an actor with this trait."""
    return lambda target: trait in target.traits


def lacks(trait: Trait) -> Callable[[Target], bool]:
    """Return the test for an actor without this trait."""
    return lambda target: trait not in target.traits


def yes(m: Machine, _: Target) -> bool:
    """Return whether the actor's last question was answered with yes, or with a count."""
    return bool(m.register)


def no(m: Machine, _: Target) -> bool:
    """Return whether the actor's last question was answered with no, or with 0."""
    return not m.register


def always(_: Machine, __: Target) -> bool:
    """Return True."""
    return True
