"""Follow one inode through a recording: its life, and nothing of the others."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from gmemviz.errors import of_kind
from gmemviz.facts import Event, Facts, InHook, Source, Trace
from gmemviz.record.inode.callback import find_callback
from gmemviz.record.inode.calls import NOBODY, Calls
from gmemviz.record.inode.hooks import Hooks
from gmemviz.record.inode.lives import Life, Lives
from gmemviz.record.inode.road import find_road, find_segment
from gmemviz.record.text import DISORDER

WHERE: Final = {
    "P": ", in process context",
    "L": ", with a spinlock held or preemption disabled otherwise",
    "B": ", in softirq context",
    "?": "",
}
EVICT: Final = frozenset({"evict"})
NO_BIRTH: Final = "The recording does not show where this inode was made."


def follow(trace: Trace, *, facts: Facts | None = None) -> Trace:
    """Follow the inode that dies after the last mark close, rm-watch, umount, rmmod or iput.

    After `close` it is the first inode evicted by a dput that __fput calls
    directly; after `rm-watch` and `iput` the first one evicted by an iput; after `umount` too,
    or else by evict_inodes; after `rmmod` by an iput under kern_unmount; only up to
    the next mark. If a mark such as "inode dev=0x1 ino=2" stands before it, an inode
    that the recording shows to be another is passed over.
    The result holds its road (the functions from __fput to evict and everything
    under evict), what the road's functions and hooks call directly, and the
    i_callback that frees the inode if it can be told (`find_callback`). Where
    arguments tell the inode's address, what has that address from its birth on
    comes before that, each with its caller. `missing` says what cannot be told.
    `marks` are those from there on; the last one is the mark that was followed.
    Depths count from the first function of the road, or from such a caller.
    Hooks are told by the structure (`Hooks`), and confirmed by `facts` if given.
    A recording that shows no such inode is a RecordingError.
    """
    of_kind("trace", trace, Trace)
    segment = find_segment(trace)
    calls = Calls(trace.events)
    hooks, lives = Hooks(calls, facts), Lives(calls)
    road = find_road(calls, lives, segment)
    life = lives.life(road[-1])
    in_order = not any(said.startswith(DISORDER) for said in trace.missing)
    finding = find_callback(calls, hooks, lives, road[-1], in_order=in_order)
    depths = _depths(calls, hooks, road, life, finding.callback)
    order = sorted(depths)
    events = [_told(calls, hooks, index, depths[index], facts) for index in order]
    if finding.callback != NOBODY:
        at = order.index(finding.callback)
        sentence = f"{events[at].sentence[:-1]}; {finding.argument} says that it frees this inode."
        events[at] = replace(events[at], sentence=sentence)
    birth = NO_BIRTH if life.address and not life.is_born else ""
    missing = (*trace.missing, *(said for said in (birth, finding.missing) if said))
    marks = tuple(
        (bisect_left(order, at), text)
        for number, (at, text) in enumerate(trace.marks[: segment.number + 1])
        if at > order[0] or number == segment.number
    )
    return replace(trace, events=tuple(events), marks=marks, missing=missing)


# What is shown of the inode, and how deep: index of the event to its depth.
def _depths(
    calls: Calls, hooks: Hooks, road: list[int], life: Life, callback: int
) -> dict[int, int]:
    def below(top: int, indices: Iterable[int]) -> dict[int, int]:
        return {i: calls.events[i].depth - calls.events[top].depth for i in indices}

    shown = below(road[0], _on_road(calls, hooks, road))
    if callback != NOBODY:
        shown |= below(callback, [callback, *calls.below(callback)])
    early = set(_early(calls, hooks, life)) - shown.keys()
    return shown | {i: sum(above in early for above in calls.above(i)) for i in early}


def _on_road(calls: Calls, hooks: Hooks, road: list[int]) -> Iterator[int]:
    evict = road[-1]
    under_evict = set(calls.below(evict, stop=EVICT))
    callers = under_evict | set(road)
    yield road[0]
    for index in calls.below(road[0]):
        caller = calls.caller[index]
        is_hooks = hooks.named.get(caller) is not None and calls.caller[caller] in callers
        if index in under_evict or caller in road[:-1] or is_hooks:
            yield index


# What has the inode's address before its road, with its callers and the alloc_inode hook.
def _early(calls: Calls, hooks: Hooks, life: Life) -> Iterator[int]:
    for index in life.sights:
        yield index
        if calls.caller[index] != NOBODY:
            yield calls.caller[index]
        if calls.names[index] == "alloc_inode":
            yield from (i for i in calls.of(index) if hooks.named.get(i) == "alloc_inode")


def _told(calls: Calls, hooks: Hooks, index: int, depth: int, facts: Facts | None) -> Event:
    hook: InHook = hooks.named.get(index, "")
    return replace(
        calls.events[index],
        depth=depth,
        hook=hook,
        sentence=_sentence(calls, index, hook),
        source=_source(facts, calls.names[index]) if facts else None,
    )


# A recording names no file, so of several functions of one name it means none for sure.
def _source(facts: Facts, function: str) -> Source | None:
    return facts.source(function) if len(facts.functions.get(function, ())) == 1 else None


def _sentence(calls: Calls, index: int, hook: str) -> str:
    event, caller = calls.events[index], calls.caller[index]
    where = WHERE[event.context]
    if hook:
        return f"{event.function} runs as the {hook} hook{where}."
    if caller != NOBODY:
        return f"{event.function} runs within {calls.names[caller]}{where}."
    return f"{event.actor} enters {event.function}{where}."
