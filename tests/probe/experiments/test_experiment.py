"""Live experiments without /dev/kvm: what each says where it cannot run."""

import errno
import os

import pytest

from gmemviz.facts.probed import Experiment
from gmemviz.probe import fixture
from gmemviz.probe.experiments import kept
from gmemviz.probe.experiments.experiment import NAMES, perform, trials
from gmemviz.probe.experiments.kept import KEPT
from gmemviz.probe.experiments.log import INODES, MEMINFO, SLABINFO
from tests.probe.experiments.made_up import meminfo

pytestmark = pytest.mark.usefixtures("nothing_is_left_open")


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


def test_experiments_are_records():
    done = perform("close", refuse(errno.ENOENT, MEMINFO))
    assert isinstance(done, Experiment)
    assert done.measurements == ()
    assert len(set(NAMES)) == len(NAMES) == 8


def test_the_names_are_those_of_the_trials():
    assert tuple(trials()) == NAMES
