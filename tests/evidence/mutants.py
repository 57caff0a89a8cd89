"""Change what a recording shows as a real bug would have changed it, one change a mutant.

A bug of a filesystem or of the VFS shows in a recording as a step too many, too few, too early,
too late, in another context or of another filesystem. Each kind is a function that yields the
recordings that it makes of one, from what the recording itself has: no kind knows a filesystem.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations
from random import Random
from typing import NamedTuple

from gmemviz.errors import GmemvizError
from gmemviz.evidence import conform
from gmemviz.facts import Event, Trace
from gmemviz.record import load_recording, recordings
from tests.evidence.recorded_edits import DERIVED, inserted, spliced

FOREIGN = {"shmem": "hugetlbfs", "hugetlbfs": "shmem"}
"""Whose hook another filesystem's is: shmem's, but in shmem's own recordings."""

SEED = "power"
SHARE = 24
"""How many mutants a test judges: a few seconds."""

EACH = 1
"""How many of each kind are asked of a recording: all would be 4,000."""

INTO_CONTAINER, INTO_INODE = 0x80, 0x128
"""Bytes before an inode in the struct around it, and within it, as its rcu_head is."""


class Mutant(NamedTuple):
    """Give a changed recording, whose it was, and as which bug."""

    name: str
    kind: str
    trace: Trace


class Site(NamedTuple):
    """Give a recording with where its inode's steps are, each by its number in the recording.

    `named` are those of them that the follower names as hooks.
    """

    trace: Trace
    design: str
    steps: tuple[int, ...]
    named: tuple[tuple[int, str], ...]

    def of(self, *functions: str) -> list[int]:
        """Return the steps of these functions, in order."""
        return [at for at in self.steps if self.trace.events[at].function in functions]

    def hooks(self) -> list[tuple[int, str]]:
        """Return the steps that are hooks, but for what runs once a folio, with the hook."""
        return [(at, hook) for at, hook in self.named if hook != "free_folio"]

    def before(self, function: str) -> int | None:
        """Return the first step of a function, if there is one."""
        return next(iter(self.of(function)), None)


def site_of(name: str) -> Site | None:
    """Return where a shipped recording's steps are; None where it has none that conform."""
    trace = load_recording(name)
    try:
        found = conform(trace)
    except ValueError:
        return None
    if not found.conforms:
        return None
    last = {(event.time, event.function): at for at, event in enumerate(trace.events)}
    events = [found.recorded.events[number] for number in found.matched]
    steps = tuple(last[event.time, event.function] for event in events)
    hooks = zip(steps, (event.hook for event in events), strict=True)
    named = tuple((at, hook) for at, hook in hooks if hook)
    return Site(trace, found.design.name, steps, named)


def is_told(trace: Trace) -> bool:
    """Say whether what is left of a recording is of an inode that goes as it should.

    Of several that one list ends, an address alone says which the mark means.
    """
    try:
        return conform(trace).conforms
    except ValueError:
        return False


def outcome(trace: Trace) -> str:
    """Return what is said of a changed recording: refused, passed, or error, which is no answer."""
    try:
        return "passed" if conform(trace).conforms else "refused"
    except GmemvizError:
        return "error"


def unaddressed(trace: Trace) -> Trace:
    """Return a recording as a tracer without arguments makes it: probes alone show nothing."""
    events = tuple(replace(event, arguments=()) for event in trace.events)
    return replace(trace, events=events)


# --- what a bug does to a recording


def below(trace: Trace, at: int) -> int:
    """Return where what the function at `at` calls ends, or where another task comes in."""
    top, end = trace.events[at], at + 1
    events = trace.events
    while end < len(events) and events[end].actor == top.actor and events[end].depth > top.depth:
        end += 1
    return end


def renamed(trace: Trace, at: int, function: str) -> Trace:
    """Return a Trace with another function there, and what its arguments said gone with it."""
    return spliced(trace, at, at + 1, [replace(trace.events[at], function=function)])


def removed(trace: Trace, at: int) -> Trace:
    """Return a Trace in which a function never ran, nor what it called."""
    return spliced(trace, at, below(trace, at), [])


def moved(trace: Trace, at: int, to: int, more: int = 0) -> Trace:
    """Return a Trace in which a function ran elsewhere, with all that it called.

    `more` is how much deeper it is there.
    """
    end = below(trace, at)
    events = [replace(event, depth=event.depth + more) for event in trace.events[at:end]]
    if to > at:
        return spliced(spliced(trace, to, to, events), at, end, [])
    return spliced(spliced(trace, at, end, []), to, to, events)


def again(trace: Trace, at: int) -> Trace:
    """Return a Trace in which a function ran twice in a row, with all that it called."""
    end = below(trace, at)
    return inserted(trace, end, *trace.events[at:end])


# --- kinds


def hooks_swapped(site: Site) -> Iterator[Trace]:
    """Two hooks stand in each other's slot of the table."""
    functions = site.trace.events
    for (at, _), (other, _) in combinations(site.hooks(), 2):
        swapped = renamed(site.trace, at, functions[other].function)
        yield renamed(swapped, other, functions[at].function)


def order_broken(site: Site) -> Iterator[Trace]:
    """A function runs before the one that it has to follow, within the same caller."""
    events = site.trace.events
    for at, following in zip(site.steps, site.steps[1:], strict=False):
        is_beside = events[at].depth == events[following].depth and events[at].context == "P"
        is_of_folio = events[following].function.endswith("_free_folio")
        if is_beside and events[following].actor == events[at].actor and not is_of_folio:
            yield moved(site.trace, following, at)


def call_rcu_dropped(site: Site) -> Iterator[Trace]:
    """Nobody hands the inode to RCU, and a callback runs all the same."""
    for at in site.of("call_rcu"):
        yield removed(site.trace, at)


def never_freed(site: Site) -> Iterator[Trace]:
    """The inode is never handed to RCU, nor freed."""
    for at in site.of("call_rcu"):
        for callback in site.of("i_callback"):
            yield removed(removed(site.trace, callback), at)


def before_the_grace_period(site: Site) -> Iterator[Trace]:
    """The callback runs before what RCU has to wait for: in a softirq of its own."""
    for callback in site.of("i_callback"):
        for function in ("call_rcu", "destroy_inode", "clear_inode", "evict"):
            for at in site.of(function)[:1]:
                yield moved(site.trace, callback, at)


def freed_at_once(site: Site) -> Iterator[Trace]:
    """What the callback should free is freed by destroy_inode itself."""
    events = site.trace.events
    for callback in site.of("i_callback"):
        end = below(site.trace, callback)
        for at in site.of("call_rcu"):
            above, inner = events[at], events[callback + 1 : end]
            frees = [
                replace(event, actor=above.actor, context="P", depth=above.depth)
                for event in inner
            ]  # fmt: skip
            without = spliced(site.trace, callback, end, [])
            if frees:
                yield spliced(without, at, below(site.trace, at), frees)


def hook_twice(site: Site) -> Iterator[Trace]:
    """A hook runs twice."""
    for at, _ in site.hooks():
        yield again(site.trace, at)


def step_twice(site: Site) -> Iterator[Trace]:
    """The VFS does one of its own steps twice."""
    for at in site.of("clear_inode", "destroy_inode", "call_rcu", "__destroy_inode"):
        yield again(site.trace, at)


def in_softirq(site: Site) -> Iterator[Trace]:
    """A hook runs in softirq that must not."""
    for at, _ in site.hooks():
        if site.trace.events[at].context != "B":
            yield spliced(
                site.trace, at, at + 1, [replace(site.trace.events[at], context="B")]
            )  # fmt: skip


def in_atomic(site: Site) -> Iterator[Trace]:
    """A hook that may sleep runs with a lock held, or the callback's in process context."""
    for at, _ in site.hooks():
        event = site.trace.events[at]
        other = {"P": "L", "B": "P"}.get(event.context)
        if other:
            yield spliced(site.trace, at, at + 1, [replace(event, context=other)])


def foreign_hook(site: Site) -> Iterator[Trace]:
    """Another filesystem's hook runs in the place of the inode's own."""
    own = site.design.rpartition("-")[0]
    for at, hook in site.hooks():
        if hook in ("evict_inode", "destroy_inode", "free_inode"):
            other = FOREIGN.get(own, "shmem")
            function = f"{other}_{hook}"
            if (other, hook) == ("shmem", "free_inode"):
                function = "shmem_free_in_core_inode"
            yield renamed(site.trace, at, function)


def hook_missing(site: Site) -> Iterator[Trace]:
    """A hook never runs."""
    for at, hook in site.hooks():
        if hook != "drop_inode" or site.trace.events[at].context == "L":
            yield removed(site.trace, at)


def clear_inode_missing(site: Site) -> Iterator[Trace]:
    """Nobody calls clear_inode."""
    for at in site.of("clear_inode"):
        yield removed(site.trace, at)


def step_missing(site: Site) -> Iterator[Trace]:
    """The VFS leaves out one of its own steps, or the filesystem a release of its metadata."""
    ours = {at for at, _ in site.hooks()}
    begun = site.before("evict")
    for at in site.steps:
        is_named = site.trace.events[at].function in (
            "evict", "clear_inode", "call_rcu", "i_callback", "destroy_inode",
        )  # fmt: skip
        is_folio = site.trace.events[at].function.endswith("_free_folio")
        if begun is not None and at > begun and not (is_named or is_folio or at in ours):
            yield removed(site.trace, at)


def early_free(site: Site) -> Iterator[Trace]:
    """Something frees the inode before destroy_inode: on the road, or in another task."""
    events = site.trace.events
    for free, address in frees(site):
        for function in ("__fput", "evict", "clear_inode", "destroy_inode"):
            for at in site.of(function)[:1]:
                event = events[at]
                if address or function != "__fput":  # before its road, no name says whose it is
                    yield inserted(site.trace, at, said(free, event, address))
                if address:
                    other = replace(event, actor="other-7", depth=0)
                    yield inserted(site.trace, at, said(free, other, address))


def double_free(site: Site) -> Iterator[Trace]:
    """What has been freed is freed once more."""
    events, last = site.trace.events, site.steps[-1]
    for callback in site.of("i_callback"):
        end = below(site.trace, callback)
        yield again(site.trace, callback)
        for free, address in frees(site):
            freed = [said(free, events[callback], address, deeper=1)] * 2
            yield inserted(site.trace, end, *freed)
            if address:
                event = replace(events[callback], actor="other-7", depth=0, context="P")
                yield inserted(site.trace, end, said(free, event, address))
    if not site.of("i_callback"):
        yield again(site.trace, last)


def frees(site: Site) -> Iterator[tuple[str, str]]:
    """Yield by which functions this inode may be freed, with an address that they are given."""
    address = address_of(site)
    names = [site.trace.events[at].function for at, hook in site.hooks() if hook == "free_inode"]
    yield (names[0] if names else "free_inode_nonrcu"), address
    if address:
        yield "kmem_cache_free", f"{int(address, 16) - INTO_CONTAINER:#x}"
        yield "kfree", f"{int(address, 16) + INTO_INODE:#x}"


def address_of(site: Site) -> str:
    """Return the address of the inode that is followed, as its evict tells it, or ""."""
    evict = site.of("evict")[0]
    return dict(site.trace.events[evict].arguments).get("inode", "")


def said(function: str, beside: Event, address: str, deeper: int = 0) -> Event:
    """Return the event of a call beside another one, with what it is given."""
    depth = beside.depth + deeper
    arguments = (("x" if function.startswith("k") else "inode", address),) if address else ()
    return Event(function, beside.actor, beside.context, depth, time=beside.time,
                 arguments=arguments)  # fmt: skip


KINDS: dict[str, Callable[[Site], Iterator[Trace]]] = {
    kind.__name__: kind
    for kind in (
        hooks_swapped, order_broken, call_rcu_dropped, never_freed, before_the_grace_period,
        freed_at_once, hook_twice, step_twice, in_softirq, in_atomic, foreign_hook, hook_missing,
        clear_inode_missing, step_missing, early_free, double_free,
    )
}  # fmt: skip


def mutants(*, addressed: bool, names: tuple[str, ...] = ()) -> Iterator[Mutant]:
    """Yield mutants of recordings, some of each kind, in a fixed order.

    Where none are named it is all whose filesystems the gallery has: the source of another leaves
    several ways open, and each check takes as long as twenty.
    """
    for name in names or (name for name in recordings() if name not in DERIVED):
        site = site_of(name)
        if site is None:
            continue
        if not addressed:
            site = site._replace(trace=unaddressed(site.trace))
            if not is_told(site.trace):
                continue
        for kind, change in KINDS.items():
            yield from share([Mutant(name, kind, trace) for trace in change(site)], EACH)


def share(all_of_them: list[Mutant], count: int) -> list[Mutant]:
    """Return some of them by chance, the same ones each time, and others of each recording."""
    names = "".join(sorted({mutant.name for mutant in all_of_them}))
    random = Random(SEED + names)  # noqa: S311 (chosen for a test, not against anybody)
    return random.sample(all_of_them, min(count, len(all_of_them)))
