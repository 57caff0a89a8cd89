"""Hold the model's road against a tree of no shipped kernel: does its VFS call what the model does?

    fs/inode.c of the tree           the nearest kernel's road
    evict() calls evict_inode        evict calls evict_inode            it fits
    dput() calls dentry_kill         dput calls finish_dput             it does not, and is said

A function that calls a hook of the inode has to fit, or nothing can be said of what the hook does.
What else is called otherwise is assumed to come to the same, and stands beside the verdict.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from gmemviz.errors import FactsError
from gmemviz.extract import KernelDeeds
from gmemviz.facts import HOOKS, Facts, kernel_of_release, load, release_numbers, snapshots
from gmemviz.model.road import SKELETON, Call, Hook, If, Line, When

OWN_HOOKS: Final = frozenset(
    name for name, hook in HOOKS.items() if hook.struct == "super_operations"
)
"""Hooks that a super_operations has: whoever calls one has to fit."""

Callees = Callable[[str], tuple[str, ...]]
"""What a function calls, in the order of its source; () for one that a kernel has not."""


class Misfit(NamedTuple):
    """Say that a function of the road does not call what the road says; `callee` as it is there."""

    function: str
    callee: str
    is_hook: bool = False

    def __str__(self) -> str:
        if not self.callee:
            return f"{self.function} is not in this tree"
        return f"{self.function} does not call {self.callee} in this tree"


class Road(NamedTuple):
    """Name the kernel whose road a tree takes, and what of that does not fit, by function."""

    kernel: str
    misfits: tuple[Misfit, ...] = ()

    @property
    def assumed(self) -> tuple[str, ...]:
        """Return what has to be assumed for its verdicts."""
        return tuple(f"{misfit}: the road of {self.kernel} is taken" for misfit in self.misfits)


def road_of(deeds: KernelDeeds) -> Road:
    """Return the road that a tree takes: its own kernel's, or the nearest that holds.

    FactsError where none of the shipped kernels' roads holds.
    """
    own = kernel_of_release(deeds.tree.release)
    if own in snapshots():
        return Road(own)
    functions = {name: deeds.callees(name) for name in SKELETON}
    roads = [_held(kernel, functions) for kernel in snapshots()]
    numbers = release_numbers(deeds.tree.release)
    nearest = min(roads, key=lambda road: (len(road.misfits), _distance(road.kernel, numbers)))
    if wrong := [misfit for misfit in nearest.misfits if misfit.is_hook]:
        raise FactsError(
            f"no road of {', '.join(snapshots())} is that of {deeds.tree.release}: {wrong[0]}; "
            f"--kernel {nearest.kernel} takes that kernel's all the same"
        )
    return nearest


def _distance(kernel: str, numbers: tuple[int, ...]) -> list[int]:
    return [abs(a - b) for a, b in zip(release_numbers(kernel), numbers, strict=False)]


def _held(kernel: str, functions: Mapping[str, tuple[str, ...]]) -> Road:
    facts = load(kernel)
    known = set(misfits(lambda name: _callees(facts, name)))
    found = [misfit for misfit in misfits(functions.__getitem__) if misfit not in known]
    return Road(kernel, tuple(dict.fromkeys(found)))


def _callees(facts: Facts, name: str) -> tuple[str, ...]:
    calls = facts.function(name).calls if facts.has_function(name) else ()
    return tuple(call.callee for call in calls)


def misfits(callees: Callees) -> Iterator[Misfit]:
    """Yield what the skeleton calls and a kernel's function does not.

    The skeleton has every shipped kernel's ways in it, so each of them has misfits of its own.
    """
    for name, function in SKELETON.items():
        called = callees(name)
        is_hook = any(isinstance(line, Hook) and line.name in OWN_HOOKS for line in function.lines)
        if not called:
            yield Misfit(name, "", is_hook)
            continue
        for names in _called(function.lines):
            if not set(called) & set(names):
                yield Misfit(name, names[0], is_hook and names[0] in OWN_HOOKS)


# The names of each call, the newest first: any of them will do.
def _called(lines: Iterable[Line]) -> Iterator[tuple[str, ...]]:
    for line in lines:
        match line:
            case Call():
                yield (line.through,) if line.through else line.names
            case Hook():
                yield (line.name,)
                yield from (call.names for call in line.default)
            case When() | If():
                yield from _called(line.lines)
