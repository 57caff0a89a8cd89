"""End in order where a signal asks for it: everything is given back, and one line says why.

Python turns SIGINT alone into an exception, and ends at once where SIGTERM or SIGHUP comes: then no
`finally` runs, and what was started lives on.
"""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from typing import Final, ParamSpec

ENDING: Final = tuple(
    signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""What asks a program to end: Ctrl-C, `kill` or a service manager, a terminal that goes away."""

INTERRUPTED: Final = 128
"""A shell's status for a signal is this and the signal's number."""
IGNORED: Final = (signal.SIG_IGN, None)  # None: who set it was not Python

Given = ParamSpec("Given")


class Ended(KeyboardInterrupt):
    """Unwind to the top as Ctrl-C does, for any of the signals."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = signal.Signals(number)


def ends_in_order(run: Callable[Given, int]) -> Callable[Given, int]:
    """Return `run` so that a signal to end unwinds it, and is one line and 128 + its number.

    While it unwinds, further signals change nothing: what is being given back is given back whole.
    """

    @wraps(run)
    def in_order(*args: Given.args, **kwargs: Given.kwargs) -> int:
        try:
            with _raised():
                return run(*args, **kwargs)
        except KeyboardInterrupt as ended:
            number = ended.number if isinstance(ended, Ended) else signal.SIGINT
            what = "interrupted" if number == signal.SIGINT else f"ended by {number.name}"
            with suppress(OSError):  # the terminal may be gone
                sys.stderr.write(f"gmemviz: {what}\n")
                sys.stderr.flush()
            return INTERRUPTED + number

    return in_order


# Only a main thread may say what a signal does. What is ignored (nohup, a job in the background)
# stays ignored.
@contextmanager
def _raised() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in ENDING}
    heeded = {number: handler for number, handler in before.items() if handler not in IGNORED}
    try:
        for number in heeded:
            signal.signal(number, _unwind)
        yield
    finally:
        for number, handler in heeded.items():
            signal.signal(number, handler)


def _unwind(number: int, _: object) -> None:
    for ending in ENDING:
        signal.signal(ending, signal.SIG_IGN)
    raise Ended(number)


@contextmanager
def held() -> Iterator[None]:
    """Let a signal to end wait until the block is over, which should be short."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
