"""What the questions are asked of: opened with one error, and closed whatever happens."""

import os
from pathlib import Path

import pytest

from gmemviz.errors import ProbeError
from gmemviz.facts import release_numbers
from gmemviz.probe import fixture
from gmemviz.probe.abi import PAGE
from gmemviz.probe.fixture import Bench, Kernel
from tests.probe.benches import FakeBench, open_fds


@pytest.mark.parametrize(
    ("release", "numbers"),
    [("6.18.44-fc", (6, 18, 44)), ("7.3-rc1", (7, 3)), ("next", ()), ("6", (6,))],
)
def test_versions(release, numbers):
    assert release_numbers(release) == numbers


def test_a_bench_without_the_device_is_one_error(monkeypatch):
    monkeypatch.setattr(fixture, "DEVICE", "/dev/no-such-device")
    with pytest.raises(ProbeError, match="there is no /dev/kvm here"):
        Bench()


def test_a_kernel_says_what_its_vm_takes():
    assert Kernel((6, 12), {}).flags == 0
    assert Kernel((7, 3), {"KVM_CAP_GUEST_MEMFD_FLAGS": 3}).flags == 3


def test_what_is_kept_is_closed_and_unmapped_once():
    before = open_fds(), maps()
    with FakeBench() as bench:
        fd = bench.create(PAGE)
        address = bench.pages(fd, PAGE)
        assert f"{address:x}-" in Path("/proc/self/maps").read_text()
        bench.close(fd)
        bench.close(fd)  # once was enough
        other = bench.keep(os.eventfd(0))
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(other)
    assert (open_fds(), maps()) == before


def maps():
    return [line for line in Path("/proc/self/maps").read_text().splitlines() if "memfd" in line]


@pytest.mark.kvm
def test_a_bench_leaves_nothing_open():
    before = open_fds()
    with Bench() as bench:
        assert bench.capabilities() == dict(bench.kernel.capabilities)
        bench.create(PAGE)
    assert open_fds() == before
