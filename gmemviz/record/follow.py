"""Follow one inode through a recording: its teardown, and nothing of the others."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from gmemviz.errors import RecordingError
from gmemviz.facts import Facts
from gmemviz.facts.records import Event, Source, Trace
from gmemviz.record.callback import find_callback
from gmemviz.record.calls import NOBODY, Calls
from gmemviz.record.hooks import Hooks
from gmemviz.record.parse import DISORDER

__all__ = ("follow",)

CLOSE: Final = "close"
LAST_REFERENCE: Final = ("rm-watch", "umount")
WHERE: Final = {
    "P": ", in process context",
    "L": ", with a spinlock held or preemption disabled otherwise",
    "B": ", in softirq context",
    "?": "",
}
EVICT: Final = frozenset({"evict"})


def follow(trace: Trace, *, facts: Facts | None = None) -> Trace:
    """Follow the inode that dies after the last mark `close`, `rm-watch` or `umount`.

    After `close` it is the first inode evicted by a dput that __fput calls
    directly, after the other two the first one evicted by an iput; only up to the
    next mark. The result holds its road (the functions from __fput to evict and
    everything under evict), what the road's functions and hooks call directly, and
    the i_callback that frees the inode if it can be told (`find_callback`);
    `missing` says where it cannot. Depths count from the road's first function.
    Hooks are told by the structure (`Hooks`), and confirmed by `facts` if given.
    A recording that shows no such inode is a RecordingError.
    """
    mark, first, end = _segment(trace)
    calls = Calls(trace.events)
    hooks = Hooks(calls, facts)
    road = _road(calls, mark, range(first, end))
    chosen = list(_on_road(calls, hooks, road))
    in_order = not any(said.startswith(DISORDER) for said in trace.missing)
    finding = find_callback(calls, hooks, road[-1], in_order=in_order)
    events = [_told(calls, hooks, i, road[0], facts) for i in chosen]
    if finding.callback != NOBODY:
        callback = [finding.callback, *calls.below(finding.callback)]
        events += [_told(calls, hooks, i, finding.callback, facts) for i in callback]
        at = len(chosen)
        sentence = f"{events[at].sentence[:-1]}; {finding.argument} says that it frees this inode."
        events[at] = replace(events[at], sentence=sentence)
    missing = (*trace.missing, finding.missing) if finding.missing else trace.missing
    return replace(trace, events=tuple(events), marks=((0, mark),), missing=missing)


def _segment(trace: Trace) -> tuple[str, int, int]:
    wanted = [n for n, (_, text) in enumerate(trace.marks) if _is_wanted(text)]
    if not wanted:
        raise RecordingError(
            "no inode to follow: the recording has no mark that begins with "
            f"{CLOSE}, {' or '.join(LAST_REFERENCE)}"
        )
    later = [index for index, _ in trace.marks[wanted[-1] + 1 :]]
    first, text = trace.marks[wanted[-1]]
    return text, first, min(later, default=len(trace.events))


def _is_wanted(text: str) -> bool:
    return text.startswith((CLOSE, *LAST_REFERENCE))


# The functions from the road's first one down to evict.
def _road(calls: Calls, mark: str, segment: range) -> list[int]:
    for index in segment:
        if calls.names[index] == "evict":
            road = [*reversed(list(calls.above(index))), index]
            start = _start(calls, road, is_close=mark.startswith(CLOSE))
            if start != NOBODY and road[start] in segment:
                return road[start:]
    raise RecordingError(f"no inode dies after the mark {mark!r} in the way that it asks for")


# The innermost dput decides: one further out belongs to an inode that dies later.
def _start(calls: Calls, road: list[int], *, is_close: bool) -> int:
    names = [calls.names[index] for index in road]
    if not is_close:
        return 0 if "iput" in names else NOBODY
    if "dput" not in names:
        return NOBODY
    last_dput = len(names) - 1 - names[::-1].index("dput")
    return last_dput - 1 if last_dput and names[last_dput - 1] == "__fput" else NOBODY


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


def _told(calls: Calls, hooks: Hooks, index: int, first: int, facts: Facts | None) -> Event:
    event = calls.events[index]
    hook = hooks.named.get(index, "")
    return replace(
        event,
        depth=event.depth - calls.events[first].depth,
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
