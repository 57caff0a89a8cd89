"""Live experiments on this machine: what holds of its kernel, and what they leave behind."""

import errno
import os
import resource
import time
from pathlib import Path

import pytest

from gmemviz.probe.experiments.experiment import NAMES, perform
from gmemviz.probe.experiments.freed import FREED
from gmemviz.probe.experiments.log import SLABINFO, Log, read_text
from gmemviz.probe.experiments.rounds import MEBIBYTES

pytestmark = pytest.mark.kvm


def link(path):
    try:
        return str(path.readlink())
    except FileNotFoundError:  # the one that the folder was read by
        return ""


def owned():
    """Return what this process has: fds, mapped guest_memfds, limits."""
    links = sorted(map(link, Path("/proc/self/fd").iterdir()))
    maps = [line for line in read_text("/proc/self/maps").splitlines() if "gmem" in line]
    return links, maps, resource.getrlimit(resource.RLIMIT_NOFILE)


# Other processes move it too, and are given some time to put it back.
def memory_is_back(before):
    for _ in range(100):
        if Log().meminfo("Unevictable") < before + MEBIBYTES / 2:
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("name", NAMES)
def test_each_holds_here_and_leaves_nothing_behind(name):
    before, memory = owned(), Log().meminfo("Unevictable")
    for _ in range(5):  # a busy machine may be too slow to tell, never wrong
        done = perform(name)
        if done.holds is not None:
            break
    needs_root = name == "slab" and os.geteuid() != 0
    assert done.holds is (None if needs_root else True), done.finding
    assert done.measurements or needs_root
    assert [row.seconds for row in done.measurements] == sorted(
        row.seconds for row in done.measurements
    )
    assert owned() == before
    assert memory_is_back(memory)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("reading", [2, 7, 10, 15, 19, 24])
def test_an_interrupt_half_way_leaves_nothing_behind(name, reading):
    left = reading if name != "slab" else (reading + 4) // 3  # it reads little

    def read(path):
        nonlocal left
        left -= 1
        if not left:
            raise KeyboardInterrupt
        return read_text(path)

    before, memory = owned(), Log().meminfo("Unevictable")
    if name == "slab" and os.geteuid() != 0:
        pytest.skip("/proc/slabinfo is root's alone")
    with pytest.raises(KeyboardInterrupt):
        perform(name, read)
    assert owned() == before
    assert memory_is_back(memory)


def test_destroy_and_free_without_slabinfo():
    def read(path):
        if path == SLABINFO:
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return read_text(path)

    done = perform("destroy-and-free", read)
    assert done.holds is not False, done.finding  # pages of all caches may be too coarse
    assert {row.quantity for row in done.measurements} == {"inode-nr", "Slab"}
    refused = perform("slab", read)
    assert refused.holds is None
    assert refused.finding == "This could not be tried: /proc/slabinfo is root's alone."


@pytest.mark.parametrize("name", FREED)
def test_a_limit_of_files_is_raised_and_set_again(name):
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, limits[1]))
    try:
        assert "RLIMIT" not in (finding := perform(name).finding)
        assert "EMFILE" not in finding
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (256, limits[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
