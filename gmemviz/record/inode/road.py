"""Find the inode that a recording is about: the mark, and the road to its evict."""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from gmemviz.errors import RecordingError
from gmemviz.facts import Trace
from gmemviz.record.inode.calls import NOBODY, Calls
from gmemviz.record.inode.lives import Lives
from gmemviz.record.text import CONSOLE

CLOSE: Final = "close"
OTHER_WAYS: Final[Mapping[str, tuple[frozenset[str], ...]]] = {
    # A mark: what must stand on the road to evict, the first choice first.
    "rm-watch": (frozenset({"iput"}),),
    "umount": (frozenset({"iput"}), frozenset({"evict_inodes"})),
    "rmmod": (frozenset({"kern_unmount", "iput"}),),
    "iput": (frozenset({"iput"}),),
}
MARKS: Final = (CLOSE, *OTHER_WAYS)
IDENTITY: Final = re.compile(r"inode dev=(\w+) ino=(\w+)", re.ASCII)


class Segment(NamedTuple):
    """Give the last mark of `MARKS`, the events up to the next one, and whose they are.

    `identity` is (dev, ino) as a mark before it says, such as inode dev=0x1 ino=2.
    """

    mark: str
    number: int
    events: range
    identity: tuple[str, str] | None


def find_segment(trace: Trace) -> Segment:
    """Find the segment of a recording, or raise RecordingError if no mark begins one."""
    wanted = [n for n, (_, text) in enumerate(trace.marks) if text.startswith(MARKS)]
    if not wanted:
        *others, last = MARKS
        raise RecordingError(
            "no inode to follow: the recording has no mark that begins with "
            f"{', '.join(others)} or {last}"
        )
    number = wanted[-1]
    first, text = trace.marks[number]
    behind = trace.marks[number + 1 :]
    ends = (index for index, text in behind if not text.startswith(CONSOLE))
    end = min(ends, default=len(trace.events))
    said = [found.groups() for _, mark in trace.marks[:number] if (found := IDENTITY.match(mark))]
    identity = (said[-1][0], said[-1][1]) if said else None
    return Segment(text, number, range(first, end), identity)


def find_road(calls: Calls, lives: Lives, segment: Segment) -> list[int]:
    """Find the functions from the first one of the teardown down to evict.

    Raises RecordingError if no inode dies so within the segment.
    """
    roads = list(_roads(calls, lives, segment))
    if segment.mark.startswith(CLOSE):
        starts = ((road, _start_of_close(calls, road)) for road in roads)
        found = [road[at:] for road, at in starts if at != NOBODY]
    else:
        ways = next(ways for mark, ways in OTHER_WAYS.items() if segment.mark.startswith(mark))
        names = [{calls.names[index] for index in road} for road in roads]
        found = [road for way in ways for road, on in zip(roads, names, strict=True) if way <= on]
    for road in found:
        if road[0] in segment.events:
            return road
    raise RecordingError(
        f"no inode dies after the mark {segment.mark!r}: its iput let go of an inode that others "
        "still hold"
        if segment.mark.startswith(CLOSE) and any(_kept(calls, segment))
        else f"no inode dies after the mark {segment.mark!r} in the way that it asks for"
    )


# The roads of all inodes evicted in the segment, but not of one that is known to be another.
def _roads(calls: Calls, lives: Lives, segment: Segment) -> Iterator[list[int]]:
    for index in segment.events:
        if calls.names[index] == "evict":
            identity = lives.identity(index) if segment.identity else None
            if identity in (None, ("", ""), segment.identity):
                yield [*reversed(list(calls.above(index))), index]


# The innermost dput decides: one further out belongs to an inode that dies later.
def _start_of_close(calls: Calls, road: list[int]) -> int:
    names = [calls.names[index] for index in road]
    if "dput" not in names:
        return NOBODY
    last_dput = len(names) - 1 - names[::-1].index("dput")
    return last_dput - 1 if last_dput and names[last_dput - 1] == "__fput" else NOBODY


# An iput on such a road that leads to no evict: the inode is shared, or held otherwise.
def _kept(calls: Calls, segment: Segment) -> Iterator[bool]:
    for index in segment.events:
        if calls.names[index] == "iput":
            road = [*reversed(list(calls.above(index))), index]
            evicts = any(calls.names[i] == "evict" for i in calls.below(index))
            yield _start_of_close(calls, road) != NOBODY and not evicts
