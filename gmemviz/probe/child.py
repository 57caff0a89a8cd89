"""Run what may fault or hang in a child process of its own, with a time limit.

A page of a guest_memfd that cannot be had is a SIGBUS to whoever touches it
(virt/kvm/guest_memfd.c:kvm_gmem_fault_user_mapping@v7.3 gives VM_FAULT_SIGBUS). In a child that
signal is an answer; here it would be the end.
"""

import os
import select
import signal
from collections.abc import Callable
from typing import Final

from gmemviz.probe.system import answer
from gmemviz.processes import die_with_parent

# Seconds that a child may take.
TIME_LIMIT: Final = 2.0

# Bytes of an answer; as many go through a pipe whole or not at all (PIPE_BUF).
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
    # The pipe was closed with nothing in it. WNOWAIT leaves the child a zombie, so that its number
    # is nobody else's when it is killed.
    ended = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    code = ended.si_status if ended else 0
    return signal.Signals(code).name if code else "no answer"
