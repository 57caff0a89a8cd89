"""Lay a run out in time: who is in which function from when to when, and what lives how long.

Ordinal, for a model has no clock. Most of a run is the kernel's own way down (close, __fput, dput,
iput); such a chain is one slice, and what happens in it that nobody asks about is folded away.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple

from gmemviz.model import Path
from gmemviz.model.design import GRACE as LATER
from gmemviz.model.design import unmarked
from gmemviz.model.machine import AWAITING, FREED, Cell
from gmemviz.model.road import cells as named
from gmemviz.model.search import Step
from gmemviz.stage.drawn import Drawn

GRACE: Final = "grace period"
"""What the step is called at which every reader has left."""


class Slice(NamedTuple):
    """Give a function from its first to its last step, below those that called it.

    `path` are the functions folded into it, callers first.
    """

    actor: str
    depth: int
    begin: int
    end: int
    path: tuple[str, ...]
    is_yours: bool
    is_leaf: bool


class Band(NamedTuple):
    """Give a wait for RCU, or a read side, as steps from `begin` to `end`."""

    kind: str
    label: str
    actor: str
    begin: int
    end: int


class Lifetime(NamedTuple):
    """Give an object's status over a run: (status, first step, last step) each."""

    object: str
    label: str
    parts: tuple[tuple[str, int, int], ...]


class Timeline(NamedTuple):
    """Give lanes by actor, bands across them, lives below, and which steps share a column."""

    actors: tuple[str, ...]
    slices: tuple[Slice, ...]
    bands: tuple[Band, ...]
    lives: tuple[Lifetime, ...]
    columns: tuple[tuple[int, int], ...]


def timeline(
    path: Path, run: Sequence[Step], frames: Sequence[Mapping[str, Drawn]], told: Iterable[int]
) -> Timeline:
    """Return the timeline of a run; `frames` is its memory, `told` steps that must be seen."""
    folding = _Folding(run, {*told, *_telling(run)})
    slices: list[Slice] = []
    for actor in actors_of(run):
        for call in calls(run, actor):
            slices += folding.folded(call, 0)
    bands = (*_waits(path, run), *_read_sides(path, run))
    slices.sort(key=lambda each: (each.begin, each.depth))
    columns = tuple(_columns(slices, run))
    return Timeline(actors_of(run), tuple(slices), bands, tuple(lives(frames)), columns)


def actors_of(run: Sequence[Step]) -> tuple[str, ...]:
    """Return who runs, in the order of their first step: nobody while RCU waits, or at the end."""
    ran = (step for step in run if step.event.context != "?")
    return tuple(dict.fromkeys(step.event.actor for step in ran))


# --- functions that call each other -----------------------------------------------------


@dataclass
class OpenCall:
    """Give one call of a function: its first and last step, and the calls made in it.

    `own` are the steps that it does itself.
    """

    function: str
    actor: str
    depth: int
    begin: int
    end: int
    is_yours: bool = False
    own: list[int] = field(default_factory=list)
    calls: list["OpenCall"] = field(default_factory=list)


def calls(run: Sequence[Step], actor: str) -> list[OpenCall]:
    """Return an actor's outermost calls, each with those in it.

    A step tells its depth and its caller, so a caller that has no step of its own is there too:
    a creator, whose first step is that of alloc_anon_inode, which it calls.
    """
    roots: list[OpenCall] = []
    stack: list[OpenCall] = []
    for at, step in enumerate(run):
        event = step.event
        if event.actor != actor or event.context == "?":
            continue
        _leave(stack, event.function, event.depth)
        if event.depth and not stack and step.place.caller:
            _enter(stack, roots, OpenCall(step.place.caller, actor, event.depth - 1, at, at))
        if not stack or stack[-1].depth < event.depth or stack[-1].function != event.function:
            is_yours = bool(event.hook) and step.place.kind == "ops"
            call = OpenCall(event.function, actor, event.depth, at, at, is_yours)
            _enter(stack, roots, call)
        stack[-1].own.append(at)
        for open_call in stack:
            open_call.end = at
    return roots


def _leave(stack: list[OpenCall], function: str, depth: int) -> None:
    while stack and (stack[-1].depth > depth or _is_beside(stack[-1], function, depth)):
        stack.pop()


def _is_beside(call: OpenCall, function: str, depth: int) -> bool:
    return call.depth == depth and call.function != function


def _enter(stack: list[OpenCall], roots: list[OpenCall], call: OpenCall) -> None:
    (stack[-1].calls if stack else roots).append(call)
    stack.append(call)


# --- folding ----------------------------------------------------------------------------


def _telling(run: Sequence[Step]) -> Iterator[int]:
    # The steps that a reader must see: what the Design does, what ends something, a hook passed by.
    for at, step in enumerate(run):
        ends = any(effect.change in _ENDS for effect in step.effects)
        is_own = bool(step.event.hook) and step.event.hook != "alloc_inode"
        if is_own or ends or step.passed:
            yield at


_ENDS: Final = (FREED, AWAITING, "I_FREEING | I_CLEAR")
"""What an effect says of the end of something."""


class _Folding(NamedTuple):
    # What folding goes by: the run, and the steps of it that must be seen.
    run: Sequence[Step]
    told: set[int]

    def folded(
        self, call: OpenCall, depth: int, above: tuple[str, ...] = (), begin: int | None = None
    ) -> Iterator[Slice]:
        # A call without a step to be seen is one slice; one that only passes on joins its callee's.
        begin = call.begin if begin is None else begin
        path = (*above, call.function)
        inside = [inner for inner in call.calls if _steps_of(inner) & self.told]
        acts = [at for at in call.own if at in self.told and self.is_act(at)]
        if len(inside) == 1 and not acts and self.passes_on(call, inside[0]):
            yield from self.folded(inside[0], depth, path, begin)
            return
        is_open = bool(inside) or (call.is_yours and bool(acts))
        yield Slice(call.actor, depth, begin, call.end, path, call.is_yours, not is_open)
        if is_open:
            yield from self.inside(call, inside, acts, depth + 1)

    # The Design's own code is never folded into a caller, nor a leaf, which would lose its name.
    def passes_on(self, call: OpenCall, inner: OpenCall) -> bool:
        return bool(inner.calls) and not (call.is_yours or inner.is_yours)

    # What a hook of the Design does itself is a slice of its own, with the Design's word on it.
    def inside(
        self, call: OpenCall, calls: Sequence[OpenCall], acts: Sequence[int], depth: int
    ) -> Iterator[Slice]:
        for inner in calls:
            yield from self.folded(inner, depth)
        for at in acts:
            word = self.run[at].word.partition(": ")[2] or call.function
            yield Slice(call.actor, depth, at, at, (word,), call.is_yours, is_leaf=True)

    def is_act(self, at: int) -> bool:
        step = self.run[at]
        return bool(step.word or step.touches or step.effects)


def _steps_of(call: OpenCall) -> set[int]:
    steps = set(call.own)
    for inner in call.calls:
        steps |= _steps_of(inner)
    return steps


def _columns(slices: Iterable[Slice], run: Sequence[Step]) -> Iterator[tuple[int, int]]:
    # Steps between two borders of slices stand in one column: nothing drawn tells them apart.
    borders = {0, len(run)}
    for each in slices:
        borders |= {each.begin, each.end + 1} if each.is_leaf else {each.begin}
    for begin, end in pairwise(sorted(borders)):
        yield begin, end - 1


# --- what lasts -------------------------------------------------------------------------


def _waits(path: Path, run: Sequence[Step]) -> Iterator[Band]:
    # From the step that queues a callback to the first of its own; one that never comes waits on.
    for name in filter(is_wait, path.world.names):
        queued = [step.cells[name] is not None for step in run]
        if True not in queued:
            continue
        begin = queued.index(True)
        over = queued.index(False, begin) if False in queued[begin:] else len(run)
        what = name.partition(".")[0].partition(" after ")[0]
        actor = run[over].event.actor if over < len(run) else ""
        yield Band("wait", f"{what} waits for RCU", actor, begin + 1, _begins(run, over) - 1)


# The grace period is over before the callback runs, and in between others may come.
def _begins(run: Sequence[Step], over: int) -> int:
    for at in range(over, len(run)):
        event = run[at].event
        if event.actor == run[over].event.actor and event.function != GRACE:
            return at
    return len(run)


def is_wait(name: str) -> bool:
    """Return whether a cell says for which readers something waits.

    >>> is_wait("inode.waits_for"), is_wait("inode.i_count")
    (True, False)
    """
    is_deferred = name.endswith(f" {LATER}")
    return name.endswith(".waits_for") or is_deferred or name.startswith(named.CALLBACK)


def _read_sides(path: Path, run: Sequence[Step]) -> Iterator[Band]:
    # Whoever is in the cell `readers` has begun a read side that RCU waits for.
    shown = {program.actor: program.shown for program in path.world.programs}
    inside = [_names(step.cells["readers"]) for step in run]
    for name in sorted({name for names in inside for name in names}):
        steps = [at for at, names in enumerate(inside) if name in names]
        # The step that leaves does so at its end, and one that ends the run never leaves.
        end = min(steps[-1] + 1, len(run) - 1)
        yield Band("read", "inside rcu_read_lock()", shown.get(name, name), steps[0], end)


def _names(value: Cell) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def lives(frames: Sequence[Mapping[str, Drawn]]) -> Iterator[Lifetime]:
    """Yield the life of each object whose status changes in a run."""
    for name in dict.fromkeys(name for frame in frames for name in frame):
        statuses = [frame[name].status if name in frame else "absent" for frame in frames]
        parts: list[tuple[str, int, int]] = []
        for at, status in enumerate(statuses):
            if parts and parts[-1][0] == status:
                parts[-1] = status, parts[-1][1], at
            else:
                parts.append((status, at, at))
        if len(parts) > 1:  # what is there from first to last has no life to tell
            yield Lifetime(name, unmarked(name), tuple(parts))
