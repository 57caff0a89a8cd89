"""Find the inode that a recording is about: the mark, and the road to its evict.

The usual one is fs/file_table.c:__fput, fs/dcache.c:dput, fs/inode.c:iput, evict@v6.12; an unmount,
a module's exit and the end of an inotify watch come to evict by others.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from gmemviz.errors import RecordingError, unknown
from gmemviz.facts import Trace
from gmemviz.record.inode.calls import Calls
from gmemviz.record.inode.hooks import Hooks
from gmemviz.record.inode.lives import Lives
from gmemviz.record.text import CONSOLE

CLOSE: Final = "close"
OTHER_WAYS: Final[Mapping[str, tuple[frozenset[str], ...]]] = {
    # A mark: what must stand on the road to evict, the first choice first.
    "rm-watch": (frozenset({"iput"}),),
    "umount": (
        frozenset({"shrink_dcache_for_umount", "iput"}),
        frozenset({"dput", "iput"}),
        frozenset({"evict_inodes"}),
        frozenset({"iput"}),
    ),
    "rmmod": (frozenset({"kern_unmount", "iput"}),),
    "iput": (frozenset({"iput"}),),
    "unlink": (frozenset({"iput"}),),
    "drop-caches": (frozenset({"super_cache_scan"}),),
}
MARKS: Final = (CLOSE, *OTHER_WAYS)
SHARED: Final = "drop-caches"
"""How a mark begins after which inodes of any superblock go, and whose comes first nobody chose:
the shrinker goes from one to the next (fs/super.c:super_cache_scan@v6.12)."""
UNLOADS: Final = ("rmmod", "module-unload")
"""How a mark begins after which a module goes; only the first one says that an inode does, too."""
EXIT_CALLS: Final = frozenset({"rcu_barrier", "kmem_cache_destroy"})
"""What a module's exit does about inodes' memory (mm/slab_common.c:kmem_cache_destroy@v6.12)."""
WAITS: Final = frozenset({"rcu_barrier", "kvfree_rcu_barrier", "kvfree_rcu_barrier_on_cache"})
"""What it waits by for what was handed to RCU, itself or in a function that it calls: 6.12 for
kfree_rcu alone, 7.3 for both (mm/slab_common.c:kmem_cache_destroy@v6.12)."""
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
    """Find the last segment of a recording, or raise RecordingError if no mark begins one."""
    *_, last = find_segments(trace)
    return last


def find_segments(trace: Trace) -> list[Segment]:
    """Find all segments of a recording, or raise RecordingError if no mark begins one."""
    begins = [n for n, (_, text) in enumerate(trace.marks) if text.startswith(MARKS)]
    if not begins:
        *others, last = MARKS
        raise RecordingError(
            "no inode to follow: the recording has no mark that begins with "
            f"{', '.join(others)} or {last}"
        )
    return [_segment(trace, number) for number in begins]


def _segment(trace: Trace, number: int) -> Segment:
    first, text = trace.marks[number]
    following = [at for at, text in trace.marks[number + 1 :] if not text.startswith(CONSOLE)]
    end = min(following, default=len(trace.events))
    identity = None
    for _, earlier in trace.marks[:number]:
        if found := IDENTITY.match(earlier):
            identity = (found[1], found[2])
    return Segment(text, number, range(first, end), identity)


def find_road(calls: Calls, lives: Lives, hooks: Hooks, segment: Segment) -> list[int]:
    """Find the functions from the first one of the teardown down to evict.

    Raises RecordingError if no inode dies so within the segment.
    """
    for road in _meant(calls, hooks, segment, list(_roads(calls, lives, segment))):
        if road[0] in segment.events:
            return road
    dies = f"no inode dies after the mark {segment.mark!r}"
    if segment.mark.startswith(CLOSE) and _has_kept(calls, segment):
        raise RecordingError(f"{dies}: its iput let go of an inode that others still hold")
    raise RecordingError(f"{dies} in the way that it asks for")


def find_asked(trace: Trace, calls: Calls, lives: Lives, inode: str) -> tuple[Segment, list[int]]:
    """Find the road of the inode that somebody names, in the last segment where it dies.

    UnknownNameError, with the names of those that do die so, where it is none of them.
    """
    names: dict[str, None] = {}
    for segment in reversed(find_segments(trace)):
        unnamed = segment._replace(identity=None)
        for evict in _evicts(calls, lives, unnamed):
            own = names_of(lives, evict)
            alone = unnamed._replace(events=range(evict, evict + 1))
            road = next(_roads(calls, lives, alone), None)
            if road and road[0] in segment.events:
                names |= dict.fromkeys(own)
                if inode in own:
                    return segment, road
    if not names:
        raise RecordingError("the recording tells no name of an inode that dies after a mark")
    raise unknown("inode", inode, list(names))


def names_of(lives: Lives, evict: int) -> tuple[str, ...]:
    """Return by what the inode of `evict` may be named, as far as the recording tells it."""
    (dev, ino), address = lives.identity(evict), lives.address(evict)
    identity = (ino, f"{dev}:{ino}") if ino else ()
    return (*identity, f"{address:#x}") if address else identity


# Whoever records watches hooks of the filesystem that is meant: where a mark says which inode that
# is, and no address who dies, those come first that have met any.
def _meant(
    calls: Calls, hooks: Hooks, segment: Segment, roads: list[list[int]]
) -> Iterator[list[int]]:
    if segment.identity and segment.mark.startswith(SHARED):
        roads.sort(key=lambda road: hooks.named.keys().isdisjoint(calls.below(road[-1])))
    yield from roads


# Those of a mark's first way come first, whenever they were.
def _roads(calls: Calls, lives: Lives, segment: Segment) -> Iterator[list[int]]:
    found: list[tuple[int, list[int]]] = []
    for evict in _evicts(calls, lives, segment):
        road = _whole_road(calls, evict)
        names = [calls.names[index] for index in road]
        way = way_of(segment.mark, names)
        if way is not None:
            is_close = segment.mark.startswith(CLOSE)
            found.append((way, road[_last_close(names) :] if is_close else road))
    yield from (road for _, road in sorted(found, key=lambda each: each[0]))


def way_of(mark: str, names: Sequence[str]) -> int | None:
    """Return which of a mark's ways a road is, by its functions: 0 is the first choice.

    None where it is none of them. A close goes from the __fput whose own dput the innermost dput
    is: one further out belongs to an inode that dies later.
    """
    if mark.startswith(CLOSE):
        return 0 if _last_close(names) >= 0 else None
    ways = next(ways for begin, ways in OTHER_WAYS.items() if mark.startswith(begin))
    return next((number for number, way in enumerate(ways) if way <= set(names)), None)


# Where the __fput stands that calls the innermost dput; -1 where another function calls that.
def _last_close(names: Sequence[str]) -> int:
    dputs = [at for at, name in enumerate(names) if name == "dput"]
    is_of_close = bool(dputs) and dputs[-1] > 0 and names[dputs[-1] - 1] == "__fput"
    return dputs[-1] - 1 if is_of_close else -1


# Of all inodes in the segment, but not of one that is known to be another.
def _evicts(calls: Calls, lives: Lives, segment: Segment) -> Iterator[int]:
    for index in segment.events:
        if calls.names[index] == "evict":
            identity = lives.identity(index) if segment.identity else None
            if identity in (None, ("", ""), segment.identity):
                yield index


def _whole_road(calls: Calls, index: int) -> list[int]:
    return [*reversed(list(calls.above(index))), index]


def find_exit(trace: Trace, calls: Calls, road: Sequence[int]) -> Iterator[int]:
    """Find what a module's exit does after the road, where a mark says that a module goes.

    Its function may be one that no tracer shows, so it is told by what it calls: up to the first
    cache that it destroys, and of that what leads to a wait.
    """
    if not any(text.startswith(UNLOADS) for _, text in trace.marks):
        return
    first, exits = road[0], (calls.caller[road[0]], road[0])
    for index in range(road[-1] + 1, len(calls.names)):
        is_same = calls.events[index].actor == calls.events[first].actor
        if is_same and calls.caller[index] in exits and calls.names[index] in EXIT_CALLS:
            yield index
            for callee in calls.below(index):
                if _leads_to_wait(calls, callee):
                    yield callee
            if calls.names[index] == "kmem_cache_destroy":
                return


def _leads_to_wait(calls: Calls, index: int) -> bool:
    return not WAITS.isdisjoint(calls.names[at] for at in (index, *calls.below(index)))


# Whether an iput on such a road leads to no evict: the inode is shared, or held otherwise.
def _has_kept(calls: Calls, segment: Segment) -> bool:
    iputs = [index for index in segment.events if calls.names[index] == "iput"]
    for index in iputs:
        names = [calls.names[above] for above in _whole_road(calls, index)]
        is_of_close = _last_close(names) >= 0
        if is_of_close and "evict" not in {calls.names[below] for below in calls.below(index)}:
            return True
    return False
