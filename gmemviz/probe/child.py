"""Run what may fault or hang in a child process of its own, with a time limit."""

import os
import select
import signal
from collections.abc import Callable
from typing import Final

from gmemviz.probe.system import answer
from gmemviz.processes import die_with_parent

TIME_LIMIT: Final = 2.0
"""Seconds that a child may take."""

REPLY: Final = 4096


def answer_in_child(call: Callable[[], object], *, time_limit: float = TIME_LIMIT) -> str:
    """Return the `answer` of `call`, made in a child.

    The name of a signal if that killed the child, "no answer" after `time_limit` seconds.
    To be called where only one thread runs: the child is a fork.
    """
    parent = os.getpid()
    reading, writing = os.pipe()
    try:
        child = os.fork()
        if child == 0:
            _answer_and_exit(call, writing, parent)
        try:
            os.close(writing)
            writing = -1
            return _reply(child, reading, time_limit)
        finally:
            os.kill(child, signal.SIGKILL)  # it is not reaped yet, so it is still that child
            os.waitpid(child, 0)
    finally:
        os.close(reading)
        if writing != -1:
            os.close(writing)


def _answer_and_exit(call: Callable[[], object], writing: int, parent: int) -> None:
    try:
        die_with_parent(parent)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.write(writing, answer(call).encode()[:REPLY])
    finally:
        os._exit(0)  # never back into the caller's code, whatever was raised


def _reply(child: int, reading: int, time_limit: float) -> str:
    ready, _, _ = select.select([reading], [], [], time_limit)
    if not ready:
        return "no answer"
    if reply := os.read(reading, REPLY):
        return reply.decode()
    ended = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    code = ended.si_status if ended else 0
    return signal.Signals(code).name if code else "no answer"
