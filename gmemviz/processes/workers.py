"""Share one function's tasks out to processes, and be done with them whatever happens.

Each worker has a pipe of its own, over which it gets a chunk of tasks and gives their answers; one
that is gone shows as the end of its pipe.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from gmemviz.errors import of_kind
from gmemviz.processes.parent import die_with_parent
from gmemviz.processes.signals import ENDING, held

if TYPE_CHECKING:  # what starts nothing need not read it
    from multiprocessing.connection import Connection
    from multiprocessing.context import DefaultContext, ForkContext
    from multiprocessing.process import BaseProcess

Task = TypeVar("Task")
Answer = TypeVar("Answer")
Chunk = Sequence[Any]
Answers = dict[int, list[Any]]


class Maps(Protocol):
    """Map as a `concurrent.futures.Executor` does, which is one, and so are `Workers`."""

    def map(
        self, function: Callable[..., Answer], tasks: Iterable[Any], /, *, chunksize: int = 1
    ) -> Iterable[Answer]:
        """Return the answers in the order of the tasks."""


def refuse_no_executor(executor: object) -> None:
    """Raise TypeError where something is given that shares no task out; None is nothing."""
    if executor is not None and not isinstance(executor, Workers):
        from concurrent.futures import Executor

        of_kind("executor", executor, Executor, Workers)


# Those that we may use, which may be fewer than there are.
def _processors() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _nobody(done: int, total: int) -> None:
    """Be told how far it is, and do nothing."""


@dataclass(frozen=True)
class Workers:
    """Map in up to `count` processes, which live as long as one call of `map` and no longer.

    No thread stands between, so a signal ends it at once, and a limit on processes or a worker
    that is killed makes it slower, never wait for ever as ProcessPoolExecutor does. `progress` is
    told how many tasks are done, of how many: at first that none is, then as answers come.
    """

    count: int = field(default_factory=_processors)
    progress: Callable[[int, int], None] = field(default=_nobody, compare=False)

    def map(
        self, function: Callable[..., Answer], tasks: Iterable[Any], /, *, chunksize: int = 1
    ) -> list[Answer]:
        """Return the answers in the order of the tasks, `chunksize` of which are sent at once.

        What a worker has not done when it ends, in whatever way, another does, and in the last
        resort this process: so what `function` raises is raised here.
        """
        given = list(tasks)
        starts = range(0, len(given), chunksize)
        chunks = [given[start : start + chunksize] for start in starts]
        count = min(self.count, len(chunks))

        def tell(answered: int) -> None:
            self.progress(min(answered * chunksize, len(given)), len(given))

        tell(0)
        with _hired(count if count > 1 else 0) as pipes:
            answers = _shared_out(function, chunks, pipes, tell)
        return list(chain.from_iterable(answers[number] for number in range(len(chunks))))


def _shared_out(
    function: Callable[..., Any],
    chunks: Sequence[Chunk],
    pipes: "Iterable[Connection]",
    tell: Callable[[int], None],
) -> Answers:
    answers: Answers = {}
    left = list(reversed(range(len(chunks))))
    idle = list(pipes)
    in_hand: dict[Connection, int] = {}
    while in_hand or (left and idle):
        while left and idle:
            pipe, number = idle.pop(), left.pop()
            in_hand[pipe] = number
            with suppress(OSError):  # it is gone, and so says its end of the pipe, too
                pipe.send((function, chunks[number]))
        for pipe in _ready(in_hand):
            number = in_hand.pop(pipe)
            answer = _received(pipe)
            if answer is None:
                left.append(number)
            else:
                answers[number] = answer
                tell(len(answers))
                idle.append(pipe)
    for number in left:  # nobody is there to do it
        answers[number] = [function(task) for task in chunks[number]]
        tell(len(answers))
    return answers


def _ready(pipes: "Iterable[Connection]") -> "list[Connection]":
    from multiprocessing.connection import Connection, wait

    return [pipe for pipe in wait(list(pipes)) if isinstance(pipe, Connection)]


# None from a worker that is gone.
def _received(pipe: "Connection") -> list[Any] | None:
    try:
        answer: list[Any] = pipe.recv()
    except (EOFError, OSError):
        return None
    return answer


# As many as may be started.
@contextmanager
def _hired(count: int) -> "Iterator[list[Connection]]":
    workers: list[BaseProcess] = []
    pipes: list[Connection] = []
    try:
        with suppress(OSError, EOFError):
            for _ in range(count):
                with held():  # or a signal may come when it runs and nobody knows of it
                    _hire(workers, pipes)
        yield pipes
    finally:
        for worker in workers:
            worker.kill()  # who waits for a task has nothing to lose
        for worker in workers:
            worker.join()
        for pipe in pipes:
            pipe.close()


def _hire(workers: "list[BaseProcess]", pipes: "list[Connection]") -> None:
    context = _context()
    ours, theirs = context.Pipe()
    worker = context.Process(target=_work, args=(theirs, ours), daemon=True)
    try:
        worker.start()
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
    workers.append(worker)
    pipes.append(ours)


# A fork has no other thread than its own, so that a lock which one holds is never given back there.
def _context() -> "DefaultContext | ForkContext":
    import multiprocessing

    if sys.platform == "linux" and threading.active_count() == 1:
        return multiprocessing.get_context("fork")
    return multiprocessing.get_context()


# Until the other end is closed, or the parent kills it.
def _work(pipe: "Connection", parents_end: "Connection") -> None:
    try:
        parents_end.close()  # a copy, with which the end would never come
        _die_with_starter()
        _leave_signals_to_parent()
        while True:
            function, tasks = pipe.recv()
            pipe.send([function(task) for task in tasks])
    finally:
        os._exit(1)  # in silence: who finds it gone does its task, and hears what is wrong


# Where a server of Python's has forked us, that is our parent, and would live on with us.
def _die_with_starter() -> None:
    from multiprocessing import parent_process

    die_with_parent()
    starter = parent_process()
    if starter and starter.pid != os.getppid():
        threading.Thread(target=_end_after, args=[starter], daemon=True).start()


def _end_after(starter: "BaseProcess") -> None:
    starter.join()
    os._exit(1)


# A terminal sends Ctrl-C to all; the parent ends us.
def _leave_signals_to_parent() -> None:
    of_terminal, *others = ENDING  # the first is SIGINT
    signal.signal(of_terminal, signal.SIG_IGN)
    for number in others:
        signal.signal(number, signal.SIG_DFL)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
