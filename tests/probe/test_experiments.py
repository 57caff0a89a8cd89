"""Live experiments without /dev/kvm: made-up readings, and what each says where it cannot run."""

import errno
import os
import resource
from contextlib import ExitStack
from pathlib import Path

import pytest

from gmemviz.facts.probed import Experiment
from gmemviz.probe import fixture
from gmemviz.probe.experiments import freed, kept, rounds
from gmemviz.probe.experiments.experiment import NAMES, perform
from gmemviz.probe.experiments.kept import KEPT
from gmemviz.probe.experiments.log import INODES, MEMINFO, SLABINFO, read_text
from gmemviz.probe.experiments.rounds import READINGS
from gmemviz.probe.fixture import Bench, Kernel


@pytest.fixture(autouse=True)
def nothing_is_left_open():
    before = list(Path("/proc/self/fd").iterdir())
    yield
    assert list(Path("/proc/self/fd").iterdir()) == before


def meminfo(unevictable, available=8192.0):
    return f"MemAvailable: {available * 1024:.0f} kB\nUnevictable: {unevictable * 1024:.0f} kB\n"


class FakeBench:
    """Stand for a Bench: memfds in place of guest_memfds."""

    flags = 3

    def __init__(self):
        self._open = ExitStack()
        self._fds = set()
        self.vm = self.keep(os.eventfd(0))
        self.kernel = Kernel((6, 18), {"KVM_CAP_GUEST_MEMFD_FLAGS": self.flags})

    __enter__, __exit__ = Bench.__enter__, Bench.__exit__
    keep, close = Bench.keep, Bench.close

    def create(self, size, _flags=0):
        fd = self.keep(os.memfd_create("gmemviz"))
        os.truncate(fd, size)
        return fd


@pytest.fixture
def fake_bench(monkeypatch):
    monkeypatch.setattr(rounds, "Bench", FakeBench)
    monkeypatch.setattr(freed, "Bench", FakeBench)
    monkeypatch.setattr(rounds, "PAUSE", 0.0)
    return FakeBench


# What each step reads, in order; a claim holds of `good` alone.
LEVELS = {
    "close": [0, 32, 0],
    "o-path": [0, 32, 32, 0],
    "inotify": [0, 32, 32, 0],
    "mapping": [0, 32, 32, 0],
    "vmsplice": [0, 32, 32, 0],
    "vm-first": [0, 32, 32, 0, 32, 0],
}


def scripted(levels):
    values = iter([level for level in levels * rounds.ROUNDS for _ in range(READINGS)])
    first = [True]

    def read(path):
        assert path == MEMINFO
        return meminfo(0 if first and first.pop() else 100 + next(values))

    return read


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


def refuse(error, path=None):
    def call(*_, **__):
        raise OSError(error, os.strerror(error), path)

    return call


def refused(name, words, reader=lambda _: meminfo(0)):
    done = perform(name, reader)
    assert done.holds is None
    assert done.finding.startswith("This could not be tried: ")
    assert words in done.finding
    assert done.finding.endswith(".")
    assert done.claim


@pytest.mark.parametrize("name", NAMES)
def test_without_the_device(monkeypatch, name):
    monkeypatch.setattr(fixture, "DEVICE", "/dev/no-such-device")
    text = {MEMINFO: meminfo(0), SLABINFO: "inode_cache 1 1\n", INODES: "1 0\n"}
    refused(name, "there is no /dev/kvm here", text.__getitem__)


@pytest.mark.parametrize("name", KEPT)
def test_with_little_memory(fake_bench, name):
    refused(name, "127 MiB of memory are available, and 128", lambda _: meminfo(0, 127))


@pytest.mark.parametrize(("name", "flags"), [("mapping", 0), ("vmsplice", 0), ("vmsplice", 1)])
def test_without_the_flags(fake_bench, monkeypatch, name, flags):
    monkeypatch.setattr(fake_bench, "flags", flags)
    refused(name, "and this VM gives")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("error", [errno.EMFILE, errno.ENFILE, errno.EPERM, errno.ENOMEM])
def test_when_the_kernel_refuses_one(fake_bench, monkeypatch, name, error):
    monkeypatch.setattr(fake_bench, "create", refuse(error))
    text = {MEMINFO: meminfo(0), SLABINFO: "inode_cache 1 1\n", INODES: "1 0\n"}
    refused(name, f"the kernel answered {errno.errorcode[error]}", text.__getitem__)


def test_without_inotify(fake_bench, monkeypatch):
    monkeypatch.setattr(kept.system, "inotify_watch", refuse(errno.ENOSPC))
    words = "the kernel answered ENOSPC (No space left on device, after 'round 1: fallocate')"
    refused("inotify", words, lambda _: meminfo(0))


@pytest.mark.parametrize("name", NAMES)
def test_with_proc_hidden(fake_bench, name):
    gone = MEMINFO if name in KEPT else INODES
    words = "there is no /proc/slabinfo here" if name == "slab" else f"{gone} gave ENOENT"
    refused(name, words, lambda path: refuse(errno.ENOENT, path)())


def test_with_another_meminfo(fake_bench):
    refused("close", "/proc/meminfo says nothing of MemAvailable", lambda _: "Nothing: 1 kB\n")


def test_with_few_file_descriptors(fake_bench, monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, 256))
    done = perform("destroy-and-free", read_text)
    assert done.holds is None
    assert "300 open files are wanted, and RLIMIT_NOFILE is 256" in done.finding


def test_experiments_are_records():
    done = perform("close", refuse(errno.ENOENT, MEMINFO))
    assert isinstance(done, Experiment)
    assert done.measurements == ()
    assert len(set(NAMES)) == len(NAMES) == 8
