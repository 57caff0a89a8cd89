"""A recording read for one inode holds of it what the whole does, and of the others next to nothing."""

import lzma
import tracemalloc
from importlib.resources import files

import pytest

from gmemviz.errors import GmemvizError
from gmemviz.evidence import conform
from gmemviz.record import follow, read, recordings
from gmemviz.record.inode.condense import TASKS, read_inode
from tests.record import old_recordings
from tests.record.inode.lifetimes import A, B, born, dies, freed, mark, text_of

SHIPPED = [files("gmemviz.record") / "data" / f"{name}.txt.xz" for name in recordings()]
OLD = [old_recordings.DATA / f"{name}.txt.xz" for name in old_recordings.recordings()]


def answer(trace):
    """Return all that is said of a recording, also where that is a refusal."""
    try:
        return conform(trace).answer()
    except GmemvizError as error:
        return str(error)


@pytest.mark.parametrize("path", [*SHIPPED, *OLD], ids=lambda path: path.name.split(".txt")[0])
def test_the_answer_is_that_of_the_whole(path):
    assert answer(read_inode(path)) == answer(read(path))


def both(tmp_path, *parts, inode="", only=None):
    """Return what is followed in the whole, and in what is kept, and how much that is."""
    path = tmp_path / "recording.txt"
    path.write_text(text_of(*parts, only=only))
    part = read_inode(path, inode=inode)
    return follow(read(path), inode=inode), follow(part, inode=inode), len(part.events)


def passing(inodes):
    """Return the parts of inodes that live and die one after the other: (address, number)."""
    return [
        line for inode, ino in inodes for line in (*born(inode), *dies(inode, ino), *freed(inode))
    ]


CROWD = passing((0x90000 + 0x1000 * number, 100 + number) for number in range(60))
"""Sixty inodes that live and die far from the two that are followed."""


def test_of_a_crowd_only_the_first_of_each_kind_is_kept(tmp_path):
    whole, part, kept = both(tmp_path, CROWD, born(A), mark("close"), dies(A), freed(A), CROWD)
    assert part == whole
    assert kept < 60  # of some 1,200


def test_an_address_that_served_others_before_and_after_is_one_life(tmp_path):
    reused = passing((A, ino) for ino in range(50, 90))
    whole, part, kept = both(tmp_path, reused, born(A), mark("close"), dies(A), freed(A), reused)
    assert part == whole
    assert kept < 60
    # Where nobody shows births, the end of the one before is the next one's beginning.
    unborn = {"only": lambda line: "born" not in line}
    whole, part, kept = both(tmp_path, reused, mark("close"), dies(A), freed(A), **unborn)
    assert part == whole
    assert kept < 60


@pytest.mark.parametrize("inode", [f"{A:#x}", "7", "0x1:7"])
def test_an_inode_is_found_by_each_of_its_names_in_an_earlier_segment(inode, tmp_path):
    parts = born(A), born(B), mark("close"), dies(A, 7), freed(A), mark("close"), dies(B), freed(B)
    whole, part, _ = both(tmp_path, CROWD, *parts, CROWD, inode=inode)
    assert part == whole
    assert str(A) in str([int(v, 16) for e in part.events for n, v in e.arguments if n == "inode"])


def test_without_addresses_a_recording_is_read_whole(tmp_path):
    bare = {"only": lambda line: "0x" not in line}
    parts = CROWD, born(A), dies(A), mark("close"), dies(B), freed(A), freed(B)
    whole, part, kept = both(tmp_path, *parts, **bare)
    assert part == whole
    assert "the order of the RCU queue" in " ".join(event.sentence for event in part.events)
    assert kept > 60 * 10


def test_a_free_that_comes_too_early_is_kept_whoever_does_it(tmp_path):
    early = [("b-2", "...1.", f"  kfree(x=0x{A + 0x40:x});")]
    whole, part, _ = both(tmp_path, CROWD, born(A), early, mark("close"), dies(A), freed(A))
    assert part == whole
    assert "kfree" in [event.function for event in part.events]


def test_tasks_without_number_do_not_pile_up(tmp_path):
    tasks = [(f"t-{pid}", "...1.", "  iput();") for pid in range(100, 100 + 3 * TASKS)]
    whole, part, kept = both(tmp_path, born(A), tasks, mark("close"), dies(A), freed(A))
    assert part == whole
    assert kept < 60


def test_memory_does_not_grow_with_the_recording(tmp_path):
    lines = lzma.decompress(SHIPPED[0].parent.joinpath("7.3-gmem.txt.xz").read_bytes()).decode()
    lines = lines.splitlines(keepends=True)
    peaks = []
    for megabytes in (3, 6):
        path = tmp_path / f"{megabytes}.txt"
        with path.open("w", encoding="utf-8") as file:
            for second in range(10_000, 99_999):
                if file.tell() > megabytes * 1e6:
                    break
                file.writelines(
                    f"{second}{line[5:]}" if line[5:6] == "." else line for line in lines
                )
        tracemalloc.start()
        try:
            read_inode(path)
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]
