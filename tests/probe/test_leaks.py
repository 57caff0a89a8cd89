"""Whatever becomes of a probe, it leaves no fd, process, mapping or memory behind."""

import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from gmemviz.probe import ask_kernel, run
from tests.probe.leaks import left_behind, mappings, memory_is_back, resident_kib, workers

ROOT = Path(__file__).parents[2]
RUNS, WARM_UPS = 20, 3
RESIDENT_KIB = 1024
HELD_BYTES = 16 << 20  # of a guest_memfd: twice what is taken for the machine's own noise
AT = 30  # the observation after which the report is disturbed

# The worker, whose report comes to grief half way: it has a VM then, a guest_memfd with pages,
# a mapping of it and a child of its own.
DISTURBED = f"""
import os, signal, sys, time
sys.path.insert(0, sys.argv[1])
import gmemviz.probe.worker as worker
from gmemviz.probe import system
from gmemviz.probe.fixture import Bench
from gmemviz.probe.child import answer_in_child
whole = worker.report
def disturbed():
    for at, seen in enumerate(whole()):
        yield seen
        if at == {AT}:
            with Bench() as bench:
                fd = bench.create({HELD_BYTES})
                system.fallocate(fd, system.KEEP_SIZE, 0, {HELD_BYTES})
                if bench.kernel.flags:
                    bench.pages(bench.create(4096, 1), 4096)
                WHAT
worker.report = disturbed
worker.main(int(sys.argv[2]), sys.argv[3])
"""
HANG = "answer_in_child(lambda: time.sleep(60), time_limit=60)"
DIE = "answer_in_child(lambda: os.kill(os.getppid(), signal.SIGKILL) or time.sleep(60))"
RAISE = "raise RuntimeError('a mistake of ours')"

pytestmark = pytest.mark.kvm


@pytest.fixture
def disturb(monkeypatch):
    return lambda what: monkeypatch.setattr(run, "START", DISTURBED.replace("WHAT", what))


def test_twenty_runs_leave_the_process_as_it_was():
    for _ in range(WARM_UPS):
        ask_kernel()
    mapped, resident = Counter(mappings()), resident_kib()
    with memory_is_back() as more, left_behind() as left:
        for _ in range(RUNS):
            report = ask_kernel()
    assert report.missing == ()
    assert left == more == []
    assert sum(Counter(mappings()).values()) <= sum(mapped.values()) + 1  # an arena of Python's
    assert resident_kib() - resident < RESIDENT_KIB


@pytest.mark.parametrize(
    ("what", "seconds", "words"),
    [
        (RAISE, 30, "RuntimeError: a mistake of ours"),
        (DIE, 30, "it was killed by signal 9"),
        (HANG, 3, "it took longer than 3 seconds"),
    ],
    ids=["exception", "killed", "time limit"],
)
def test_a_probe_that_ends_early_leaves_nothing(disturb, what, seconds, words):
    disturb(what)
    with memory_is_back() as more, left_behind() as left:
        report = ask_kernel(time_limit=seconds)
    assert len(report.observations) + len(report.missing[:-1]) == AT + 1
    assert words in report.missing[-1]
    assert left == more == []


def test_a_keyboard_interrupt_leaves_nothing(disturb):
    def interrupt(_number, _frame):
        raise KeyboardInterrupt

    disturb(HANG)
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with memory_is_back() as more, left_behind() as left:
            signal.setitimer(signal.ITIMER_REAL, 1.0)
            with pytest.raises(KeyboardInterrupt):
                ask_kernel(time_limit=30)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert left == more == []


def test_a_caller_that_is_killed_takes_the_probe_with_it():
    code = f"from gmemviz.probe import ask_kernel, run; run.START = {DISTURBED.replace('WHAT', HANG)!r}; ask_kernel(time_limit=60)"
    with memory_is_back() as more:
        caller = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
        try:
            wait_until(lambda: len(workers(caller.pid)) == 2)
        finally:
            caller.kill()
            caller.wait()
        wait_until(lambda: not workers(caller.pid))
    assert more == []


def wait_until(holds, seconds=20):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
