"""System calls by number or by C's name: each does what it says, and raises the kernel's errno."""

import errno
import os
import platform

import pytest

from gmemviz.probe import system
from gmemviz.probe.abi import MAGICS, PAGE
from tests.probe.benches import open_fds


@pytest.fixture
def memfd():
    fd = os.memfd_create("gmemviz")
    os.truncate(fd, 2 * PAGE)
    yield fd
    os.close(fd)


def refuse(number):
    def call():
        raise OSError(number, os.strerror(number))

    return call


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (lambda: None, "0"),
        (lambda: 4096, "4096"),
        (lambda: "0o100600", "0o100600"),
        (refuse(errno.EBADF), "EBADF"),
        (refuse(errno.ENOTSUP), "EOPNOTSUPP"),  # as the kernel calls it
        (refuse(524), "524"),  # ENOTSUPP, which no user should see
    ],
)
def test_an_answer_is_a_text_or_an_errno(call, answer):
    assert system.answer(call) == answer


def test_an_error_without_an_errno_is_a_mistake_of_ours():
    with pytest.raises(OSError, match="no number"):
        system.answer(lambda: (_ for _ in ()).throw(OSError("no number")))


def test_room_and_holes(memfd):
    system.fallocate(memfd, system.KEEP_SIZE, 0, 4 * PAGE)
    assert os.fstat(memfd).st_size == 2 * PAGE
    os.write(memfd, b"full")
    system.fallocate(memfd, system.KEEP_SIZE | system.PUNCH_HOLE, 0, PAGE)
    assert os.pread(memfd, 4, 0) == bytes(4)
    with pytest.raises(OSError, match="Invalid argument") as refused:
        system.fallocate(memfd, 0, 0, 0)
    assert refused.value.errno == errno.EINVAL


def test_a_mapping_is_advised_and_taken_away(memfd):
    address = system.map_pages(memfd, PAGE)
    assert address % PAGE == 0
    system.madvise(address, PAGE, 4)
    system.msync(address, PAGE, 4)
    system.unmap(address, PAGE)
    with pytest.raises(OSError, match="Cannot allocate memory"):
        system.msync(address, PAGE, 4)


@pytest.mark.parametrize(
    "call",
    [
        lambda: system.map_pages(-1, PAGE),
        lambda: system.fs_magic(-1),
        lambda: system.readahead(-1, 0, PAGE),
        lambda: system.vmsplice(-1, 0, 0),
        lambda: system.inotify_forget(-1, 1),
        lambda: system.fallocate(-1, 0, 0, PAGE),
    ],
)
def test_a_bad_fd_is_one_everywhere(call):
    assert system.answer(call) == "EBADF"


def test_a_refused_range_has_its_errno(memfd):
    assert system.answer(lambda: system.unmap(1, PAGE)) == "EINVAL"
    assert system.answer(lambda: system.mlock(PAGE, PAGE)) in {"ENOMEM", "EPERM"}
    assert system.answer(lambda: system.map_pages(memfd, 0)) == "EINVAL"


def test_file_systems_are_told_apart(memfd):
    reading, writing = os.pipe()
    try:
        assert MAGICS[system.fs_magic(reading)] == "PIPEFS_MAGIC"
    finally:
        os.close(reading)
        os.close(writing)
    assert MAGICS[system.fs_magic(memfd)] == "TMPFS_MAGIC"


def test_pages_go_into_a_pipe(memfd):
    os.pwrite(memfd, b"a page", 0)
    address = system.map_pages(memfd, PAGE)
    reading, writing = os.pipe()
    try:
        assert system.vmsplice(writing, address, 6) == 6
        assert os.read(reading, 6) == b"a page"
    finally:
        os.close(reading)
        os.close(writing)
        system.unmap(address, PAGE)


def test_a_watch_that_is_refused_leaves_no_instance(tmp_path):
    before = open_fds()
    with pytest.raises(OSError, match="No such file"):
        system.inotify_watch(str(tmp_path / "none"))
    assert open_fds() == before


def test_a_watch_sees_a_write_until_it_is_removed(tmp_path):
    file = tmp_path / "watched"
    file.touch()
    watching = system.inotify_watch(str(file))
    try:
        file.write_text("x")
        os.set_blocking(watching, False)
        assert os.read(watching, 4096)
        system.inotify_forget(watching, 1)
        os.read(watching, 4096)  # that it is removed is an event too
        file.write_text("y")
        with pytest.raises(BlockingIOError):
            os.read(watching, 4096)
    finally:
        os.close(watching)


def test_a_machine_whose_numbers_are_not_known(monkeypatch):
    monkeypatch.setattr(system, "SYSCALLS", {})
    with pytest.raises(OSError, match=f"no number known for memfd_secret on {platform.machine()}"):
        system.memfd_secret()
