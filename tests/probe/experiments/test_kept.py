"""What keeps an inode, without /dev/kvm: each step's reading decides, and nothing else does."""

import errno
import os

import pytest

from gmemviz.probe.experiments import kept
from gmemviz.probe.experiments.experiment import perform
from gmemviz.probe.experiments.kept import KEPT
from gmemviz.probe.fixture import Bench
from tests.probe.experiments.made_up import scripted

pytestmark = pytest.mark.usefixtures("nothing_is_left_open")

# What each step reads, in order; a claim holds of `good` alone.
LEVELS = {
    "close": [0, 32, 0],
    "o-path": [0, 32, 32, 0],
    "inotify": [0, 32, 32, 0],
    "mapping": [0, 32, 32, 0],
    "vmsplice": [0, 32, 32, 0],
    "vm-first": [0, 32, 32, 0, 32, 0],
}


@pytest.mark.parametrize("name", KEPT)
def test_the_claim_is_judged_by_every_reading_alone(fake_bench, monkeypatch, tmp_path, name):
    if name == "inotify":
        # The last close of a memfd removes its marks, as it has no link to begin with; and only
        # root may watch an eventfd, so this is a file.
        file = tmp_path / "linked"
        file.touch()
        monkeypatch.setattr(
            fake_bench, "create", lambda self, *_: self.keep(os.open(file, os.O_RDWR))
        )
        monkeypatch.setattr(kept.system, "fallocate", lambda *_: None)
    good = LEVELS[name]
    assert perform(name, scripted(good)).holds is True
    for place in range(2, len(good)):
        other = [*good]
        other[place] = 32 - other[place]
        done = perform(name, scripted(other))
        assert done.holds is False, (place, done.finding)
        assert "0 of 5 rounds bear it out" in done.finding


def test_the_vm_is_the_first_to_be_closed(fake_bench, monkeypatch):
    closed = []

    def close(self, fd):
        closed.append(fd == self.vm)
        Bench.close(self, fd)

    monkeypatch.setattr(fake_bench, "close", close)
    perform("vm-first", scripted(LEVELS["vm-first"]))
    assert closed[:2] == [True, False]


def test_memory_that_does_not_show_tells_nothing(fake_bench):
    done = perform("close", scripted([0, 0, 0]))
    assert done.holds is None
    assert "What fallocate gave is not seen there" in done.finding


def test_what_the_pipe_gives_counts(fake_bench, monkeypatch):
    read = os.read
    monkeypatch.setattr(os, "read", lambda fd, length: read(fd, length)[:-1] + b"?")
    done = perform("vmsplice", scripted(LEVELS["vmsplice"]))
    assert done.holds is False
    assert "the pipe did not give what was in the pages" in done.finding


def test_a_copy_in_the_pipe_is_no_page_that_outlives(fake_bench, monkeypatch):
    def copy(fd, _address, length):
        return os.write(fd, bytes(length))

    monkeypatch.setattr(kept.system, "vmsplice", copy)
    assert perform("vmsplice", scripted(LEVELS["vmsplice"])).holds is False


def test_an_inotify_fd_that_shows_another_inode(fake_bench, monkeypatch):
    watch = kept.system.inotify_watch
    monkeypatch.setattr(kept.system, "inotify_watch", lambda _: watch("/proc/self"))
    done = perform("inotify", scripted([0, 32, 32]))
    assert done.holds is False
    assert "did not show the inode and its device" in done.finding


def test_a_fallocate_that_fails_after_the_vm_is_gone(fake_bench, monkeypatch):
    works = kept.system.fallocate

    def fallocate(fd, mode, offset, length):
        if mode & 2:
            raise OSError(errno.EBADF, "Bad file descriptor")
        works(fd, mode, offset, length)

    monkeypatch.setattr(kept.system, "fallocate", fallocate)
    done = perform("vm-first", scripted([0, 32, 32]))
    assert done.holds is False
    assert "punch hole gave 'Bad file descriptor'" in done.finding
