"""The worker: what it says where /dev/kvm or guest_memfd is missing, and how it says it."""

import errno
import json
import os

import pytest

from gmemviz.probe import fixture, worker
from gmemviz.probe.fixture import Bench


def report_here(monkeypatch, error):
    """Ask in this process, where opening /dev/kvm gives `error`."""

    def refuse(path, *rest):
        if path == fixture.DEVICE:
            raise OSError(error, os.strerror(error))
        return opened(path, *rest)

    opened = os.open
    monkeypatch.setattr(os, "open", refuse)
    return list(worker.report())


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (errno.ENOENT, "There is no /dev/kvm here"),
        (errno.EACCES, "may not be opened by this user"),
        (errno.EPERM, "the container does not allow"),
        (errno.ENODEV, "no driver behind it"),
        (errno.ENXIO, "no driver behind it"),
        (errno.EIO, "does not make a VM"),
    ],
)
def test_without_the_device_one_sentence_says_why(monkeypatch, error, words):
    *seen, said = report_here(monkeypatch, error)
    assert words in said
    assert said.count(".") == 1
    assert {row.group for row in seen} == {"comparison"}  # the rest of the kernel is asked still


@pytest.mark.kvm
def test_an_old_kernel_is_told_from_one_without_kvm(monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOTTY, "no such ioctl")

    monkeypatch.setattr(Bench, "create", refuse)
    *seen, said = worker.report()
    assert said.startswith("This kernel makes no guest_memfd (KVM_CREATE_GUEST_MEMFD gave ENOTTY)")
    assert seen[-1].group == "capability"


# Its parent is this process, which it asks the kernel to be ended with.
def test_each_line_is_one_object_and_the_last_says_that_it_is_done(monkeypatch, capsys):
    monkeypatch.setattr(worker, "die_with_parent", lambda _: None)
    monkeypatch.setattr(worker, "_dump_no_core", lambda: None)
    monkeypatch.setattr(fixture, "DEVICE", "/dev/no-such-device")
    worker.main(os.getpid(), "report")
    *seen, missing, done = map(json.loads, capsys.readouterr().out.splitlines())
    assert {tuple(line) for line in seen} == {("seen",)}
    assert missing["missing"].startswith("There is no /dev/kvm here")
    assert done == {"done": "report"}


def test_an_experiment_is_one_object(monkeypatch, capsys):
    monkeypatch.setattr(worker, "die_with_parent", lambda _: None)
    monkeypatch.setattr(worker, "_dump_no_core", lambda: None)
    monkeypatch.setattr(fixture, "DEVICE", "/dev/no-such-device")
    worker.main(os.getpid(), "close")
    performed, done = map(json.loads, capsys.readouterr().out.splitlines())
    assert (performed["performed"]["name"], performed["performed"]["holds"]) == ("close", None)
    assert done == {"done": "close"}
