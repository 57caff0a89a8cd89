"""Run another program, which ends with the block, or the process, that runs it.

Between us and the program stands a keeper (`keeper.py`), a process of its own. It holds one end
of a pipe, the leash: the other end is ours alone, so that it closes also where we are killed.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import IO, Final, NamedTuple

from gmemviz.errors import GmemvizError, MissingToolError
from gmemviz.processes import keeper

A_LOOK: Final = 0.2
"""Seconds after which it is seen at the latest that a program is to be stopped."""

ENDED: Final = keeper.SIGNALLED + 9


class Done(NamedTuple):
    """Give a program's status and what it said; `is_late` where its time was up and it was ended.

    The status is 128 + N where signal N ended it.
    """

    status: int
    said: bytes
    errors: bytes
    is_late: bool = False


@contextmanager
def running(
    command: Sequence[str],
    *,
    scratch: Path | None = None,
    stdin: int = subprocess.DEVNULL,
    stderr: int | IO[bytes] = subprocess.PIPE,
    env: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program for a while, what it says readable at `stdout`; then nothing of it is left.

    That holds for what it started too, and where this process is killed: then `scratch`, a
    folder of ours that it works in (its TMPDIR, too), is removed as well. MissingToolError where
    none can be started.
    """
    leash, our_end = os.pipe()
    with os.fdopen(our_end, "wb", buffering=0) as asking:
        try:
            process = _kept(leash, stdin=stdin, stderr=stderr, env=_environment(env, scratch))
        except OSError as error:
            raise MissingToolError(f"{command[0]} does not start: {error.strerror}") from error
        finally:
            os.close(leash)
        with process:
            try:
                with suppress(BrokenPipeError):  # it has ended by itself
                    asking.write(keeper.order(str(scratch or ""), command))
                yield process
            finally:
                with suppress(BrokenPipeError):
                    asking.write(keeper.END)
                process.wait()  # `with` alone would not, after a KeyboardInterrupt


# A compiler that is killed leaves its temporary files: they go with the folder.
def _environment(env: Mapping[str, str] | None, scratch: Path | None) -> Mapping[str, str] | None:
    if not scratch:
        return env
    given = os.environ if env is None else env
    return {**given, "TMPDIR": str(scratch)}


# -I and -S: what the user's environment or site brings is not needed, and takes time. A session
# of its own, or a terminal's Ctrl-C would end the keeper before what it keeps.
def _kept(
    leash: int, *, stdin: int, stderr: int | IO[bytes], env: Mapping[str, str] | None
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-I", "-S", keeper.__file__, str(leash)],
        stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, env=env,
        pass_fds=[leash], start_new_session=True,
    )  # fmt: skip


def run(
    command: Sequence[str],
    *,
    limit: float,
    scratch: Path | None = None,
    given: bytes = b"",
    stderr: int = subprocess.PIPE,
    env: Mapping[str, str] | None = None,
    stop: Event | None = None,
) -> Done:
    """Run a program to its end, or for `limit` seconds, and return what came of it.

    `given` is its standard input. Once `stop` is set it is ended, and GmemvizError says so.
    Otherwise as `running`.
    """
    stdin = subprocess.PIPE if given else subprocess.DEVNULL
    with running(command, scratch=scratch, stdin=stdin, stderr=stderr, env=env) as process:
        return _heard(process, given, time.monotonic() + limit, stop)


def _heard(
    process: "subprocess.Popen[bytes]", given: bytes, deadline: float, stop: Event | None
) -> Done:
    to_send = given or None
    while True:
        left = max(deadline - time.monotonic(), 0)
        try:
            said, errors = process.communicate(to_send, timeout=min(left, A_LOOK) if stop else left)
            return Done(process.returncode, said, errors or b"")
        except subprocess.TimeoutExpired as error:
            if stop and stop.is_set():
                raise GmemvizError("it was stopped") from None
            if time.monotonic() >= deadline:
                return Done(ENDED, error.output or b"", error.stderr or b"", is_late=True)
        to_send = None  # what is left of it is sent by the next call
