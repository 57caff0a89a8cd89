"""The mark says which inode is meant, and its road leads from there to evict."""

import pytest

from gmemviz.errors import RecordingError
from gmemviz.record import follow
from gmemviz.record.inode.calls import Calls
from gmemviz.record.inode.hooks import Hooks
from gmemviz.record.inode.lives import Lives
from gmemviz.record.inode.road import find_road, find_segment
from tests.record.inode.lifetimes import A, B, born, dies, freed, mark, trace_of


def road_of(trace):
    calls = Calls(trace.events)
    road = find_road(calls, Lives(calls), Hooks(calls), find_segment(trace))
    return [calls.names[i] for i in road]


def test_the_segment_lasts_until_the_next_mark_that_is_no_word_of_the_console():
    trace = trace_of(mark("close"), dies(A)[:2], mark("inode dev=0x1 ino=2"), mark("close-all"),
                     dies(A)[:3], mark("console: BUG"), dies(A)[:1], mark("end"), dies(A)[:1])  # fmt: skip
    segment = find_segment(trace)
    assert (segment.mark, segment.number, segment.events) == ("close-all", 2, range(2, 6))
    assert segment.identity == ("0x1", "2")


def test_the_last_identity_before_the_mark_counts_and_none_behind_it():
    marks = ("inode dev=0x1 ino=2", "inode dev=0x1 ino=3", "umount", "inode dev=0x1 ino=4")
    trace = trace_of(born(A), *map(mark, marks))
    assert find_segment(trace).identity == ("0x1", "3")
    assert find_segment(trace_of(born(A), mark("umount"))).identity is None


def test_the_road_begins_at_the_fput_whose_own_dput_lets_go():
    nested = [("a-1", "...1.", "  __fput() {"), ("a-1", "...1.", "  dput() {")]
    inner = [(actor, flags, f"    {rest}") for actor, flags, rest in dies(A)]
    trace = trace_of(
        mark("close"), nested[:1], [(a, f, f"  {rest}") for a, f, rest in nested[1:]], inner
    )
    assert road_of(trace) == ["__fput", "dput", "iput", "evict"]
    with pytest.raises(RecordingError, match="no inode dies"):
        road_of(trace_of(mark("close"), dies(A, through="dentry_kill")))


def test_of_several_inodes_the_mark_says_which_is_meant():
    parts = (born(A), born(B), mark("inode dev=0x1 ino=8"), mark("close"), dies(B, 7), dies(A, 8))
    trace = follow(trace_of(*parts, freed(B), freed(A)))
    assert dict(trace.events[3].arguments)["inode"] == f"0x{A:x}"
    anyone = follow(trace_of(*parts[:2], *parts[3:], freed(B), freed(A)))
    assert dict(anyone.events[3].arguments)["inode"] == f"0x{B:x}"
    with pytest.raises(RecordingError, match="no inode dies after the mark 'close'"):
        follow(trace_of(mark("inode dev=0x1 ino=9"), *parts[3:]))


def test_cached_inodes_that_an_unmount_evicts_are_followed_too():
    cached = [
        (actor, flags, rest.replace("iput()", "dispose_list()"))
        for actor, flags, rest in dies(A, by="generic_shutdown_super", through="evict_inodes")
        if "/* iput" not in rest
    ]
    trace = follow(trace_of(mark("umount"), cached, freed(A)))
    assert [e.function for e in trace.events][1:4] == ["evict_inodes", "dispose_list", "evict"]
    both = follow(trace_of(mark("umount"), cached, dies(B, by="cleanup_mnt"), freed(B)))
    assert both.events[0].function == "cleanup_mnt"


def untold(*parts):
    """Return the lines as a tracer without arguments shows them: no address tells who dies."""
    return trace_of(*parts, only=lambda rest: "/*" not in rest or ": (" not in rest)


def test_an_inode_that_put_super_puts_is_not_the_one_that_the_list_has():
    cached = dies(A, by="generic_shutdown_super", through="evict_inodes")
    own = dies(B, by="generic_shutdown_super", through="ext4_put_super")
    cached = [(a, f, rest.replace("iput()", "dispose_list()")) for a, f, rest in cached]
    parts = (mark("inode dev=0x1 ino=2"), mark("umount"))
    for before, behind in ((own, cached), (cached, own)):
        road = [e.function for e in follow(untold(*parts, before, behind)).events][1:4]
        assert road == ["evict_inodes", "dispose_list", "evict"]
    # Where the list is empty it is the only one.
    assert road_of(untold(*parts, own))[1] == "ext4_put_super"


def test_of_the_superblocks_that_a_want_of_memory_asks_the_one_whose_hooks_are_watched_is_meant():
    other = dies(B, by="super_cache_scan", through="prune_icache_sb")
    other = [line for line in other if "shmem" not in line[2]]
    own = dies(A, by="super_cache_scan", through="prune_icache_sb")
    marks = (mark("inode dev=0x1 ino=2"), mark("drop-caches"))
    found = follow(untold(*marks, other, own, freed(B), freed(A)))
    assert "evict_inode" in [event.hook for event in found.events]
    assert [event.hook for event in found.events][-1] == "free_inode"
    # A mark that names no inode means the first one, whoever that is.
    anyone = follow(untold(marks[1], other, own, freed(B), freed(A)))
    assert "evict_inode" not in [event.hook for event in anyone.events]


def test_of_a_module_the_inode_of_its_own_mount_is_followed():
    foreign = dies(B, by="devtmpfsd", through="dput")
    own = dies(A, by="kern_unmount", through="dput.part.0")
    trace = follow(trace_of(mark("rmmod"), foreign, own, freed(B), freed(A)))
    assert trace.events[0].function == "kern_unmount"
    with pytest.raises(RecordingError, match="no inode dies after the mark 'rmmod' in the way"):
        follow(trace_of(mark("rmmod"), foreign))


def test_a_shared_inode_does_not_die_and_the_error_says_so():
    kept = [*dies(A)[:4], *dies(A)[-4:]]
    with pytest.raises(RecordingError, match="'close': its iput let go of an inode that others"):
        follow(trace_of(mark("close"), kept))
    with pytest.raises(RecordingError, match="'close' in the way that it asks for"):
        follow(trace_of(mark("close"), kept[:2], kept[-2:]))
