"""What a file descriptor is: files of other kinds, and the mount that four signs tell."""

import os

import pytest

from gmemviz.probe.fixture import Kernel
from gmemviz.probe.questions import identity
from tests.probe.benches import FakeBench, open_fds

OWN = {
    "file system": "GUEST_MEMFD_MAGIC",
    "link": "/[kvm-gmem] (deleted)",
    "device": "not an eventfd's",
    "mount id": "not an eventfd's",
}
SHARED = {
    "file system": "ANON_INODE_FS_MAGIC",
    "link": "anon_inode:[kvm-gmem]",
    "device": "an eventfd's",
    "mount id": "an eventfd's",
}


@pytest.mark.parametrize(
    ("signs", "version", "mount", "expected"),
    [
        (OWN, (7, 3), "own", "own"),
        (SHARED, (6, 18), "anon-inode", "anon-inode"),
        (SHARED, (6, 19), "anon-inode", "own"),
        ({**OWN, "device": "an eventfd's"}, (7, 3), "unclear", "own"),
    ],
)
def test_all_four_signs_tell_the_mount(monkeypatch, signs, version, mount, expected):
    monkeypatch.setattr(identity, "signs", lambda _fd, _anon_fd: signs)
    with FakeBench() as bench:
        bench.kernel = Kernel(version, {})
        *seen, last = identity.identified(bench)
    assert [(row.name, row.got) for row in seen] == list(signs.items())
    assert (last.name, last.got, last.expected) == ("mount", mount, (expected,))
    if version >= (6, 19):
        assert {row.name: row.expected[0] for row in seen} == OWN
    else:
        assert {row.name: row.expected[0] for row in seen} == SHARED


def test_an_eventfd_is_on_the_anon_inode_s_mount_and_a_memfd_is_not():
    anon, memfd = os.eventfd(0), os.memfd_create("gmemviz")
    try:
        assert identity.signs(anon, anon) == {**SHARED, "link": "anon_inode:[eventfd]"}
        found = identity.signs(memfd, anon)
    finally:
        os.close(anon)
        os.close(memfd)
    assert (found["file system"], found["mount id"]) == ("TMPFS_MAGIC", "not an eventfd's")
    assert found["link"] == "/memfd:gmemviz (deleted)"


def test_other_kinds_are_compared_and_leave_nothing_open():
    before = open_fds()
    seen = {row.name: row.got for row in identity.compared()}
    assert open_fds() == before
    assert seen["pipe: file system"] == "PIPEFS_MAGIC"
    assert seen["pipe: link"] == "pipe:[number]"
    assert seen["socket: mount id"] == "not an eventfd's"
    assert seen["eventfd: mount id"] == "an eventfd's"


def test_a_kind_that_this_kernel_lacks_is_one_observation(monkeypatch):
    def refuse():
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(identity, "KINDS", {"secretmem": refuse})
    (seen,) = identity.compared()
    assert (seen.name, seen.got) == ("secretmem: file system", "ENOSYS")
    assert seen.note == "this kernel, or the machine, has none"
