"""Start a program, and find whatever of it is still there: by a mark in the environment."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

MARK = "GMEMVIZ_TEST_MARK"
ROOT = Path(__file__).parents[2]
SECONDS = 60.0  # a busy machine takes its time to start an interpreter


def marked(mark):
    """Return {pid: command} of the processes that have the mark, zombies left out."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            is_ours = f"{MARK}={mark}".encode() in (entry / "environ").read_bytes().split(b"\0")
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # it ended, or is another user's
            continue
        if is_ours and command:
            found[int(entry.name)] = command
    return found


def until(holds, seconds=SECONDS):
    """Wait until `holds()` is true, and return it."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


@contextmanager
def started(folder, *command, path=None, scratch=None, **more):
    """Start Python with a mark and a temporary folder of its own; end all that is left of it."""
    scratch = scratch or folder / "scratch"
    scratch.mkdir(exist_ok=True)
    mark = str(folder)
    env = {
        **os.environ, MARK: mark, "TMPDIR": str(scratch), "PYTHONPATH": str(ROOT),
        "PATH": os.pathsep.join(filter(None, [path and str(path), os.environ["PATH"]])),
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, *map(str, command)], cwd=folder, env=env, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, **more,
    )  # fmt: skip
    process.mark, process.scratch = mark, scratch
    try:
        yield process
    finally:
        for pid in marked(mark):
            os.kill(pid, 9)
        process.communicate()


def nothing_is_left(process):
    """Hold that no process and no temporary file is there any more, at the latest in a moment."""
    until(lambda: not marked(process.mark))
    until(lambda: list(process.scratch.iterdir()) == [])
