"""The keeper runs what it is ordered, and ends it when the leash says so or breaks."""

import os
import signal
import subprocess
import sys

import pytest

from gmemviz.processes import keeper
from tests.processes.survivors import until


def kept(order, *, before=b""):
    """Give a keeper an order, and `before` it looks again what else; return it and the leash."""
    leash, ours = os.pipe()
    os.write(ours, order + before)
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", keeper.__file__, str(leash)],
        pass_fds=[leash], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    os.close(leash)
    return process, ours


def finished(process, ours):
    said, errors = process.communicate(timeout=20)
    os.close(ours)
    return process.returncode, said, errors


def test_an_order_says_how_long_it_is():
    assert keeper.order("/x", ["ls", "-l"]) == b"\0\0\0\x08/x\0ls\0-l"


@pytest.mark.parametrize(
    ("script", "status"),
    [("exit 3", 3), ("kill -9 $$", 128 + signal.SIGKILL), ("exit 0", 0)],
)
def test_the_status_is_the_programs_as_in_a_shell(script, status):
    assert finished(*kept(keeper.order("", ["sh", "-c", script]))) == (status, b"", b"")


def test_what_does_not_start_is_said():
    status, _, errors = finished(*kept(keeper.order("", ["no-such-program"])))
    assert status == keeper.NOT_STARTED
    assert errors == b"no-such-program does not start: No such file or directory\n"


def test_an_order_to_end_kills_and_leaves_the_folder(tmp_path):
    folder = tmp_path / "scratch"
    folder.mkdir()
    process, ours = kept(keeper.order(str(folder), ["sh", "-c", "echo; sleep 7020"]))
    process.stdout.read(1)
    os.write(ours, keeper.END)
    assert finished(process, ours)[0] == 128 + signal.SIGKILL
    assert folder.is_dir()


def test_a_leash_that_breaks_kills_and_removes_the_folder(tmp_path):
    folder = tmp_path / "scratch"
    folder.mkdir()
    process, ours = kept(keeper.order(str(folder), ["sh", "-c", "echo; sleep 7021"]))
    process.stdout.read(1)
    os.close(ours)
    assert process.wait(timeout=20) == 128 + signal.SIGKILL
    until(lambda: not folder.exists())
    process.communicate()


def test_without_an_order_nothing_is_started():
    process, ours = kept(b"")
    os.close(ours)
    process.communicate(timeout=20)
    assert process.returncode == keeper.NOT_STARTED
