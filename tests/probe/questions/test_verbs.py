"""What a step calls by a name of its own, tried on a memfd, which answers most of it too."""

import os
import resource
from pathlib import Path

import pytest

from gmemviz.probe import system
from gmemviz.probe.abi import PAGE
from gmemviz.probe.questions import verbs
from tests.probe.alone import alone
from tests.probe.benches import FakeBench, open_fds


@pytest.fixture
def bench():
    with FakeBench() as bench:
        yield bench


@pytest.fixture
def mapped(bench):
    """Return a memfd of two pages, and where it is mapped over four."""
    fd = bench.create(2 * PAGE)
    return fd, bench.pages(fd, 4 * PAGE)


TOUCHED = """
with FakeBench() as bench:
    fd = bench.create(8192)
    start = bench.pages(fd, 16384)
    touched = [verbs.read(bench, start), verbs.write(bench, start), os.pread(fd, 2, 4095).hex()]
    past = [verbs.read(bench, start + 8192), verbs.write(bench, start + 8192)]
    hole = [verbs.read_hole(bench, fd, start), os.pread(fd, 1, 0).hex()]
    past.append(verbs.read_hole(bench, fd, start + 8192))
result = touched, past, hole
"""


def test_pages_are_touched_in_a_child():
    touched, past, hole = alone(TOUCHED)
    assert touched == ["0", "90", "5a00"]  # the first page was filled, and no more
    assert past == ["SIGBUS", "SIGBUS", "SIGBUS before the hole"]
    assert hole == ["0", "00"]


def test_the_kernel_s_own_way_to_a_page_gives_an_errno(bench, mapped):
    assert verbs.read_by_mem(bench, mapped[1]) == PAGE
    with pytest.raises(OSError, match="Input/output error"):
        verbs.read_by_mem(bench, mapped[1] + 2 * PAGE)


def test_stat_gives_one_field(bench):
    fd = bench.create(2 * PAGE)
    os.fchmod(fd, 0o600)
    assert verbs.stat(bench, fd, "st_mode") == "0o100600"
    assert verbs.stat(bench, fd, "st_size") == 2 * PAGE


def test_no_free_fd_is_left_and_the_limit_is_set_again(bench, monkeypatch):
    def create(_bench, *_):
        return os.eventfd(0)

    monkeypatch.setattr(FakeBench, "create", create)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with pytest.raises(OSError, match="Too many open files"):
        verbs.create_without_fds(bench)
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == limits


def test_an_open_file_is_opened_again_and_closed(bench):
    fd = bench.create(PAGE)
    before = open_fds()
    assert verbs.open_again(bench, fd, os.O_RDWR) is None
    assert open_fds() == before


def test_a_watch_shows_the_inode(bench):
    fd = bench.create(PAGE)
    verbs.watch(bench, fd)
    number = f"ino:{os.fstat(fd).st_ino:x} "
    texts = [Path(f"/proc/self/fdinfo/{kept}").read_text() for kept in bench._fds]
    assert [number in text for text in texts if "inotify wd:" in text] == [True]


def test_what_is_sent_is_read_from_the_file_s_own_position(bench):
    fd = bench.create(2 * PAGE)
    os.lseek(fd, PAGE + 1, os.SEEK_SET)
    _, writing = map(bench.keep, os.pipe())
    assert verbs.sendfile(bench, writing, fd) == PAGE - 1


# Where the machine has no NUMA, the kernel says so.
def test_a_policy_of_a_memfd_stays_with_the_file(bench):
    fd = bench.create(2 * PAGE)
    asked = system.answer(lambda: verbs.policy_after_remap(bench, fd))
    assert asked in {"2", "ENOSYS", "EPERM"}
