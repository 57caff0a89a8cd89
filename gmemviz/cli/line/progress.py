"""Say how far a long search is, and how long it may still take, to whoever looks.

Nothing is drawn in the first second, nor where stderr is no terminal; what was drawn is wiped away
when all is done, so that an answer stands alone.
"""

import sys
import time
from collections.abc import Callable
from typing import Final

SOON: Final = 1.0
"""Seconds in which nobody wonders yet."""

PACE: Final = 0.1
"""Seconds between two pictures of the bar."""

WIDTH: Final = 30
MINUTE: Final = 60


class Bar:
    """Draw a bar for each `what` in turn; `clock` counts seconds from anywhere on."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._what = ""
        self._done = 0
        self._started = self._drawn = 0.0
        self._width = 0

    def __call__(self, what: str, done: int, total: int) -> None:
        """Take note that `done` of `total` are done, and draw it if it is time."""
        now = self._clock()
        if what != self._what or done < self._done:  # another search begins
            self._what, self._started, self._drawn = what, now, 0.0
        self._done = done
        if not sys.stderr.isatty():
            return
        if done >= total:
            self._write("")
        elif now - self._started >= SOON and now - self._drawn >= PACE:
            self._drawn = now
            self._write(self._line(done, total, now - self._started))

    def for_workers(self, what: str) -> Callable[[int, int], None]:
        """Return what `Workers` tell how many of their tasks are done."""
        return lambda done, total: self(what, done, total)

    def _line(self, done: int, total: int, took: float) -> str:
        filled = WIDTH * done // total
        bar = "#" * filled + "." * (WIDTH - filled)
        left = f", {_time(took / done * (total - done))} left" if done else ""
        return f"{self._what:10} [{bar}] {done}/{total}{left}"

    # Past the Terminal, which would escape the \r: no word of a stranger is in it.
    def _write(self, line: str) -> None:
        if not line and not self._width:
            return
        end = "" if line else "\r"
        print(f"\r{line:{self._width}}", end=end, file=sys.__stderr__, flush=True)
        self._width = len(line)


def _time(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole} s" if whole < 2 * MINUTE else f"{whole // MINUTE} min"


progress: Final = Bar()
"""The one bar of a command line."""
