"""What is read of the kernel's own files, and what is said where one is not as expected."""

import errno
import os

import pytest

from gmemviz.errors import ProbeError
from gmemviz.probe.experiments.experiment import perform
from gmemviz.probe.experiments.log import INODES, MEMINFO, SLABINFO, Log

FILES = {
    MEMINFO: "MemTotal:       16384 kB\nSlab:     2560 kB\nSlabUnreclaim:   7 kB\n",
    INODES: "5123\t17\t0\t0\t0\t0\t0\n",
    SLABINFO: (
        "slabinfo - version: 2.1\n"
        "# name            <active_objs> <num_objs> <objsize>\n"
        "inode_cache        1500   1700    640\n"
        "dentry             2100   2400    192\n"
    ),
}


def test_each_file_gives_its_number():
    log = Log(FILES.__getitem__)
    assert log.meminfo("Slab") == 2.5  # MiB
    assert log.inodes() == 5123
    assert log.objects() == {"inode_cache": 1500, "dentry": 2100}


def test_notes_are_kept_in_order_with_their_time():
    log = Log(FILES.__getitem__)
    log.note("round 1: before", "Slab", 2.5, "MiB")
    log.note("round 1: close", "Slab", 3.5, "MiB")
    assert [(row.step, row.value) for row in log.rows] == [
        ("round 1: before", 2.5),
        ("round 1: close", 3.5),
    ]
    assert 0 <= log.rows[0].seconds <= log.rows[1].seconds <= log.seconds()
    assert log.step == "round 1: close"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (errno.EACCES, "/proc/slabinfo is root's alone"),
        (errno.ENOENT, "there is no /proc/slabinfo here"),
    ],
)
def test_slabinfo_that_cannot_be_read_is_one_sentence(error, words):
    def refuse(path):
        raise OSError(error, os.strerror(error), path)

    with pytest.raises(ProbeError, match=f"^{words}$"):
        Log(refuse).objects()


def test_with_another_meminfo(fake_bench):
    done = perform("close", lambda _: "Nothing: 1 kB\n")
    assert done.holds is None
    assert "/proc/meminfo says nothing of MemAvailable" in done.finding
