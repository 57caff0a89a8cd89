"""A program gives back what it said, and ends with whoever runs it, with all that it started."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from gmemviz.errors import GmemvizError, MissingToolError
from gmemviz.processes import keeper, programs
from gmemviz.processes.programs import Done, run, running
from tests.processes.survivors import marked, nothing_is_left, started, until

SHELL = ("sh", "-c")


def test_it_returns_the_status_and_both_outputs():
    assert run([*SHELL, "echo a; echo b >&2; exit 3"], limit=20) == Done(3, b"a\n", b"b\n")


def test_two_outputs_may_be_one():
    done = run([*SHELL, "echo a; echo b >&2"], limit=20, stderr=subprocess.STDOUT)
    assert done == Done(0, b"a\nb\n", b"")


def test_much_goes_in_and_comes_out():
    much = os.urandom(1 << 20)
    assert run(["cat"], limit=20, given=much).said == much
    assert run(["cat"], limit=20).said == b""
    assert run(["true"], limit=20, given=much).status == 0  # which reads nothing


def test_a_signal_is_a_status_as_in_a_shell():
    assert run([*SHELL, "kill -9 $$"], limit=20).status == 128 + signal.SIGKILL
    assert run([*SHELL, "kill -PIPE $$"], limit=20).status == 128 + signal.SIGPIPE


def test_a_program_that_is_not_there_is_said():
    done = run(["no-such-program"], limit=20)
    assert done.status == keeper.NOT_STARTED
    assert done.errors == b"no-such-program does not start: No such file or directory\n"


def test_where_no_process_may_be_made_one_sentence_says_so(monkeypatch):
    def refuse(*_, **__):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(programs.subprocess, "Popen", refuse)
    with pytest.raises(MissingToolError, match=r"\Amake does not start: Resource temporarily un"):
        run(["make"], limit=20)


def test_it_gets_the_environment_given():
    assert run([*SHELL, "echo $WORD"], limit=20, env={"WORD": "x", "PATH": "/bin"}).said == b"x\n"


def fds():
    return sorted(entry.name for entry in Path("/proc/self/fd").iterdir())


def children():
    tasks = Path("/proc/self/task").iterdir()
    return [pid for task in tasks for pid in (task / "children").read_text().split()]


def sleepers(seconds):
    return running_with(f"sleep\0{seconds}\0".encode())


def running_with(words):
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it ended meanwhile
            found.append(entry.read_bytes())
    return [command for command in found if command.endswith(words)]


def test_what_is_late_is_ended_with_all_it_started_and_what_it_said_is_kept():
    before = fds(), children()
    done = run([*SHELL, "echo so far; sleep 7001 & sleep 7001"], limit=0.7)
    assert (done.said, done.is_late) == (b"so far\n", True)
    assert sleepers(7001) == []
    assert (fds(), children()) == before


def test_what_a_program_leaves_behind_is_ended_with_it():
    began = time.monotonic()
    assert run([*SHELL, "sleep 7002 & echo done"], limit=60) == Done(0, b"done\n", b"")
    assert time.monotonic() - began < 30
    assert sleepers(7002) == []


def test_it_can_be_stopped_from_another_thread():
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    with pytest.raises(GmemvizError, match="it was stopped"):
        run(["sleep", "7003"], limit=60, stop=stop)
    assert sleepers(7003) == []


def test_an_error_within_ends_it():
    found = []

    def fail():
        with running(["sleep", "7004"]) as process:
            found.extend([process, *until(lambda: sleepers(7004))])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert len(found) >= 2
    assert found[0].returncode == 128 + signal.SIGKILL
    assert sleepers(7004) == []


def test_its_temporary_files_lie_in_its_folder(tmp_path):
    command = [*SHELL, "echo $TMPDIR $WORD"]
    done = run(command, limit=20, scratch=tmp_path, env={"WORD": "x", "PATH": "/bin"})
    assert done.said.decode() == f"{tmp_path} x\n"


def test_its_folder_stays_where_its_starter_lives(tmp_path):
    (tmp_path / "kept").write_text("")
    with running(["sleep", "7005"], scratch=tmp_path):
        pass
    run(["true"], scratch=tmp_path, limit=20)
    assert (tmp_path / "kept").exists()


STARTER = """
import pathlib, sys, tempfile
from gmemviz.processes.programs import run
with tempfile.TemporaryDirectory() as folder:
    run(["sh", "-c", f"touch {folder}/file; sleep 7006 & sleep 7006"],
        limit=600, scratch=pathlib.Path(folder))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("number", ["SIGKILL", "SIGTERM", "SIGHUP", "SIGINT"])
def test_it_ends_with_its_starter_however_that_ends_and_the_folder_too(tmp_path, number):
    with started(tmp_path, "-c", STARTER) as process:
        until(lambda: len(marked(process.mark)) >= 5)  # the starter, the keeper, sh and two
        process.send_signal(getattr(signal, number))
        process.wait(timeout=20)
        nothing_is_left(process)
