"""Workers do every task once, in order, whatever becomes of them; and none is left."""

import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from gmemviz.processes import workers as place
from gmemviz.processes.workers import Workers
from tests.processes.survivors import marked, nothing_is_left, started, until

HERE = os.getpid()


def square(number):
    return number * number


def where(_):
    time.sleep(0.05)  # or one worker is done with all before the other looks
    return os.getpid()


def dies_with_2(number):
    if number == 2 and os.getpid() != HERE:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def refuses_2(number):
    if number == 2:
        raise ValueError(f"no {number} here")
    return number


@pytest.fixture(autouse=True)
def nobody_is_left():
    yield
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("chunksize", [1, 3, 100])
def test_every_answer_comes_in_the_order_of_the_tasks(count, chunksize):
    tasks = iter(range(20))
    assert Workers(count).map(square, tasks, chunksize=chunksize) == list(map(square, range(20)))


def test_it_maps_as_an_executor_does():
    with ProcessPoolExecutor(1) as executor:
        assert list(executor.map(square, range(5))) == Workers(2).map(square, range(5))


def test_two_share_the_work_and_one_task_needs_nobody():
    pids = set(Workers(2).map(where, range(12)))
    assert len(pids) == 2
    assert HERE not in pids
    assert Workers(2).map(where, [0]) == [HERE]
    assert Workers(2).map(where, []) == []


def test_a_worker_that_is_killed_is_done_without():
    assert Workers(3).map(dies_with_2, range(9)) == list(range(9))


def test_what_a_task_raises_is_raised_here_and_nothing_is_printed(capfd):
    with pytest.raises(ValueError, match="no 2 here"):
        Workers(2).map(refuses_2, range(9))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("some", [0, 1])
def test_where_no_more_processes_may_be_started_it_does_with_what_there_is(monkeypatch, some):
    begun = []

    class Limited(multiprocessing.Process):
        def start(self):
            if len(begun) == some:
                raise BlockingIOError(11, "Resource temporarily unavailable")
            begun.append(self)
            super().start()

    fake = SimpleNamespace(Pipe=multiprocessing.Pipe, Process=Limited)
    monkeypatch.setattr(place, "_context", lambda: fake)
    assert Workers(4).map(square, range(9)) == list(map(square, range(9)))
    assert len(begun) == some


LIMITED = """
import os, resource, sys, time
from gmemviz.processes.workers import Workers
def square(number):
    return number * number
Workers(2).map(square, range(9))  # all is imported, which the other user may not read
os.setuid(int(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_NPROC, (int(sys.argv[2]),) * 2)
print(Workers(4).map(square, range(9)) == [square(number) for number in range(9)])
"""


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="takes another user")
@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_a_limit_on_processes_makes_it_no_worse_than_slow(tmp_path, limit):
    free = 61_000 + limit  # nobody's, so that none but ours are counted
    with started(tmp_path, "-c", LIMITED, free, limit) as process:
        assert process.communicate(timeout=30) == ("True\n", "")


BUSY = """
import multiprocessing, sys, threading, time
from gmemviz.processes.workers import Workers
if __name__ == "__main__":
    if sys.argv[1:]:
        multiprocessing.set_start_method(sys.argv[1])
        threading.Thread(target=time.sleep, args=[600], daemon=True).start()
    Workers(3).map(time.sleep, [600] * 9)
"""


@pytest.mark.parametrize("number", ["SIGTERM", "SIGKILL", "SIGINT"])
def test_workers_end_with_their_parent_however_that_ends(tmp_path, number):
    with started(tmp_path, "-c", BUSY) as process:
        until(lambda: len(marked(process.mark)) == 4)
        process.send_signal(getattr(signal, number))
        process.wait(timeout=20)
        nothing_is_left(process)


# Beside other threads Python chooses how they are started: from 3.14 on, another process does it.
@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_workers_end_with_their_parent_however_they_were_started(tmp_path, method):
    (tmp_path / "busy.py").write_text(BUSY)
    # The server listens at a path in there, and a socket's path has room for a hundred letters.
    short = Path(tempfile.mkdtemp())
    with started(tmp_path, "busy.py", method, scratch=short) as process:
        until(lambda: len(marked(process.mark)) >= 4)
        time.sleep(1)  # the last of them may still begin
        process.kill()
        process.wait()
        until(lambda: not marked(process.mark))
    shutil.rmtree(short)


@pytest.mark.skipif(sys.platform != "linux", reason="a fork is what Linux does")
def test_a_worker_heeds_the_signals_that_this_process_catches(monkeypatch):
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        found = Workers(2).map(handlers, range(2))
    finally:
        signal.signal(signal.SIGTERM, before)
    assert found == [(signal.SIG_IGN, signal.SIG_DFL, set())] * 2


def handlers(_):
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    return signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM), blocked
