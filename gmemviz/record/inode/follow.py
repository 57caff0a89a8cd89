"""Follow one inode through a recording: its life, and nothing of the others."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from gmemviz.errors import of_kind
from gmemviz.facts import Facts, InHook, Source, Trace
from gmemviz.record.inode.callback import find_callback
from gmemviz.record.inode.calls import NOBODY, Calls
from gmemviz.record.inode.hooks import Hooks, hooks_called
from gmemviz.record.inode.lives import Life, Lives
from gmemviz.record.inode.road import (
    find_asked,
    find_exit,
    find_road,
    find_segment,
)
from gmemviz.record.text import Disorder, Unreturned

WHERE: Final = {
    "P": ", in process context",
    "L": ", with a spinlock held or preemption disabled otherwise",
    "B": ", in softirq context",
    "?": "",
}
EVICT: Final = frozenset({"evict"})
NO_BIRTH: Final = "The recording does not show where this inode was made."


def follow(trace: Trace, *, facts: Facts | None = None, inode: str = "") -> Trace:
    """Follow the inode that dies after the last mark close, rm-watch, umount, rmmod or iput.

    Of several, `inode` names one: by its number, as "dev:ino" such as 0x1:2, or by its address.

    After `close` it is the first inode evicted by a dput that __fput calls
    directly; after `rm-watch`, `iput` and `unlink` the first one evicted by an iput; after
    `umount` too, or else by evict_inodes; after `rmmod` by an iput under kern_unmount; after
    `drop-caches` by the superblock's shrinker; only up to the next mark. If a mark such as
    "inode dev=0x1 ino=2" stands before it, an inode that the recording shows to be another
    is passed over.
    The result holds its road (the functions from __fput to evict and everything
    under evict), what the road's functions and hooks call directly, and the
    i_callback that frees the inode if it can be told (`find_callback`). Where
    arguments tell the inode's address, what has that address from its birth on
    comes before that, each with its caller, and wherever it stands what ends the inode once more
    or too early (`Lives.ends`). Where a mark says that a module goes, so does what its exit calls
    (`find_exit`). `missing` says what cannot be told.
    `marks` are those from there on; the last one is the mark that was followed.
    Depths count from the first function of the road, or from such a caller.
    Hooks are told by the structure (`Hooks`), and confirmed by `facts` if given.
    A recording that shows no such inode is a RecordingError.
    """
    of_kind("trace", trace, Trace)
    calls = Calls(trace.events, hooks_called(facts))
    hooks, lives = Hooks(calls, facts), Lives(calls, trace.watched)
    if inode:
        segment, road = find_asked(trace, calls, lives, inode)
    else:
        segment = find_segment(trace)
        road = find_road(calls, lives, hooks, segment)
    life = lives.life(road[-1])
    in_order = not any(isinstance(sentence, Disorder) for sentence in trace.missing)
    is_whole = not any(isinstance(sentence, Unreturned) for sentence in trace.missing)
    finding = find_callback(
        calls, hooks, lives, road[-1], in_order=in_order, is_whole=is_whole
    )  # fmt: skip
    ends = tuple(lives.ends(road[-1], hooks))
    apart = (*_early(calls, hooks, life), *_way_down(calls, life, road[0]), *ends)
    depths = _depths(calls, hooks, road, apart, finding.callback)
    top = calls.events[road[0]].depth
    # An exit waits for the callback, so where that is not told it cannot be held against anything.
    leaving = () if finding.missing else find_exit(trace, calls, road)
    depths |= {index: max(0, calls.events[index].depth - top) for index in leaving}
    order = sorted(depths)
    events = []
    for index in order:
        hook: InHook = hooks.named.get(index, "")
        sentence = _sentence(calls, index, hook)
        if index == finding.callback:
            sentence += f"; {finding.argument} says that it frees this inode"
        events.append(
            replace(
                calls.events[index],
                depth=depths[index],
                hook=hook,
                sentence=f"{sentence}.",
                source=_source(facts, calls.names[index]) if facts else None,
            )
        )
    birth = NO_BIRTH if life.address and not life.is_born else ""
    missing = (*trace.missing, *filter(None, (birth, finding.missing)))
    earlier = [mark for mark in trace.marks[: segment.number] if mark[0] > order[0]]
    marks = [(bisect_left(order, at), text) for at, text in (*earlier, trace.marks[segment.number])]
    return replace(trace, events=tuple(events), marks=tuple(marks), missing=missing)


# What is shown of the inode, and how deep: index of the event to its depth.
def _depths(
    calls: Calls, hooks: Hooks, road: list[int], apart: Iterable[int], callback: int
) -> dict[int, int]:
    shown = dict.fromkeys(_on_road(calls, hooks, road), calls.events[road[0]].depth)
    if callback != NOBODY:
        under_callback = (callback, *calls.below(callback))
        shown |= dict.fromkeys(under_callback, calls.events[callback].depth)
    depths = {index: calls.events[index].depth - top for index, top in shown.items()}
    beside = set(apart) - depths.keys()
    for index in beside:
        above = list(calls.above(index))
        is_below_road = road[0] in above
        depth = calls.events[index].depth - calls.events[road[0]].depth
        depths[index] = depth if is_below_road else sum(caller in beside for caller in above)
    return depths


def ends_of(followed: Trace, facts: Facts) -> frozenset[int]:
    """Return which events of a followed inode end it, or use it then, as their arguments say.

    By number. Nothing, where the recording has no addresses; see `Lives.ends`.
    """
    calls = Calls(followed.events)
    evict = evict_of(followed, calls)
    return frozenset(Lives(calls, followed.watched).ends(evict, Hooks(calls, facts)))


def sights_of(followed: Trace) -> frozenset[int]:
    """Return which events of a followed inode lead to one that has its address, before its evict.

    By number, and with that event. Nothing, where the recording has no addresses.
    """
    calls = Calls(followed.events)
    sights = Lives(calls, followed.watched).life(evict_of(followed, calls)).sights
    return frozenset(sights).union(*map(calls.above, sights))


def evict_of(followed: Trace, calls: Calls) -> int:
    """Return the number of the evict that an inode was followed to, behind its mark.

    Of the others that a list's end evicts with it nothing is shown but that.
    """
    first = followed.marks[-1][0]
    evicts = [at for at, name in enumerate(calls.names) if name == "evict" and at >= first]
    return next((evict for evict in evicts if calls.of(evict)), evicts[0])


def _on_road(calls: Calls, hooks: Hooks, road: list[int]) -> Iterator[int]:
    under_evict = set(calls.below(road[-1], stop=EVICT))
    with_hooks = under_evict | set(road)
    yield road[0]
    for index in calls.below(road[0]):
        caller = calls.caller[index]
        is_of_hook = caller in hooks.named and calls.caller[caller] in with_hooks
        if index in under_evict or caller in road[:-1] or is_of_hook:
            yield index


# What has the inode's address before its road, with its callers and the alloc_inode hook.
def _early(calls: Calls, hooks: Hooks, life: Life) -> Iterator[int]:
    for index in life.sights:
        yield index
        if calls.caller[index] != NOBODY:
            yield calls.caller[index]
        if calls.names[index] == "alloc_inode":
            yield from (i for i in calls.of(index) if hooks.named.get(i) == "alloc_inode")


# What leads from the road to an earlier sight below it: a superblock's end kills the inode's dentry
# on one way, and evicts the inode on another. (fs/super.c:generic_shutdown_super@v6.12)
def _way_down(calls: Calls, life: Life, top: int) -> Iterator[int]:
    for index in life.sights:
        above = list(calls.above(index))
        if top in above:
            yield from above[: above.index(top)]
            yield from calls.of(index)


# A recording names no file, so of several functions of one name it means none for sure.
def _source(facts: Facts, function: str) -> Source | None:
    return facts.source(function) if len(facts.functions.get(function, ())) == 1 else None


# Without its end: more may be known of a callback.
def _sentence(calls: Calls, index: int, hook: str) -> str:
    event, caller = calls.events[index], calls.caller[index]
    where = WHERE[event.context]
    if hook:
        return f"{event.function} runs as the {hook} hook{where}"
    if caller != NOBODY:
        return f"{event.function} runs within {calls.names[caller]}{where}"
    return f"{event.actor} enters {event.function}{where}"
