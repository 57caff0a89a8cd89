"""The probe as a whole: on this machine where it has /dev/kvm, and where something is missing."""

import errno
import os
from dataclasses import asdict

import pytest

import gmemviz
from gmemviz.errors import ProbeError, UnknownNameError
from gmemviz.facts.probed import Observation
from gmemviz.probe import ask_kernel, ask_or_load, fixture, load_report, reports, run, worker
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


@pytest.mark.kvm
def test_every_answer_of_this_kernel_is_an_expected_one():
    report = ask_kernel()
    assert report.findings == ()
    assert report.missing == ()
    assert {"capability", "comparison", "create", "identity"} <= {
        seen.group for seen in report.observations
    }


@pytest.mark.kvm
def test_names_are_unique_and_everything_asked_says_where_it_is_from():
    rows = ask_kernel().observations
    assert len({row.name for row in rows}) == len(rows)
    assert [row.name for row in rows if row.expected and not row.source] == []


@pytest.mark.kvm
def test_two_runs_ask_and_get_the_same():
    assert ask_kernel() == ask_kernel()


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


def test_another_system(monkeypatch):
    monkeypatch.setattr(run.sys, "platform", "darwin")
    report = ask_kernel()
    assert (report.observations, report.missing) == ((), (run.NOT_LINUX,))
    assert run.experiments() == ()


def test_without_one_a_recorded_report_goes_on(monkeypatch):
    monkeypatch.setattr(run.sys, "platform", "darwin")
    report = ask_or_load()
    assert report.origin == "recorded"
    assert report.value("mount")
    assert report.missing[:2] == (run.NOT_LINUX, f"So this was recorded, on {report.kernel}.")


@pytest.mark.parametrize("name", reports())
def test_shipped_reports_hold_no_surprise(name):
    report = load_report(name)
    assert report.kernel.startswith(name)
    assert report.origin == "recorded"
    assert report.findings == ()
    assert report.value("mount") in ("own", "anon-inode")


def test_an_unknown_report_is_named():
    with pytest.raises(UnknownNameError, match=r"unknown report: '5.4' \(must be one of 6.18"):
        load_report("5.4")


# What the worker could leave behind it on its way: text, a signal, an error.
@pytest.mark.parametrize(
    ("start", "why"),
    [
        ("import os; os.kill(os.getpid(), 9)", "it was killed by signal 9"),
        ("raise RuntimeError('no luck')", "RuntimeError: no luck"),
        ("import time; time.sleep(60)", "it took longer than 0.5 seconds"),
        ("", "it said nothing"),
    ],
)
def test_what_was_found_before_the_end_stays_found(monkeypatch, start, why):
    row = asdict(Observation("g", "n", "c", "0"))
    monkeypatch.setattr(run, "START", f"{_print(row)}\n{start}")
    report = ask_kernel(time_limit=0.5)
    assert report.observations == (Observation("g", "n", "c", "0"),)
    assert report.missing == (f"The probe ended early, after 'n': {why}.",)


def _print(row):
    line = {"seen": row}
    return f"import json; print(json.dumps({line!r}), flush=True); print('{{', end='', flush=True)"


def test_exported():
    assert gmemviz.ask_kernel is ask_kernel


def test_a_bench_without_the_device_is_one_error(monkeypatch):
    monkeypatch.setattr(fixture, "DEVICE", "/dev/no-such-device")
    with pytest.raises(ProbeError, match="there is no /dev/kvm here"):
        Bench()
