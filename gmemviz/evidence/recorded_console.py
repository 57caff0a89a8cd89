"""Read what the kernel said in a recorded run, and where among a followed inode's events."""

from bisect import bisect_left
from collections.abc import Iterator
from typing import Final, NamedTuple

from gmemviz.evidence.console import TAKING_DOWN, heard
from gmemviz.facts import Trace
from gmemviz.model.design import DefectCode, codes_that
from gmemviz.record.boot import console_of

LEAKS: Final = codes_that(at_end=True)
"""Codes that show only when nothing is left to run."""


TAKES_DOWN: Final = TAKING_DOWN.removeprefix("gmemviz: ")
"""The mark that the recording has instead."""


class Said(NamedTuple):
    """Give a defect code, the console's line, and the followed event that comes behind it."""

    event: int
    code: DefectCode
    line: str


def said_in(recording: Trace, followed: Trace) -> tuple[Said, ...]:
    """Return what the console said was wrong: the first word of the play, and what was left.

    What is said while the run is taken down is of the mount's root inode, but for what was left.
    """
    words = list(_words(recording, followed))
    at_once = [word for word in words if word.code not in LEAKS]
    left = {word.code: word for word in reversed(words) if word.code in LEAKS}
    return (*at_once[:1], *(left[code] for code in sorted(left)))


def _words(recording: Trace, followed: Trace) -> Iterator[Said]:
    times = [event.time or 0.0 for event in followed.events]
    end = next((at for at, text in recording.marks if text == TAKES_DOWN), None)
    for at, line in console_of(recording):
        for word in heard((line,)):
            is_late = end is not None and at > end
            if word.code in LEAKS:
                yield Said(len(times), *word)
            elif not is_late:
                behind = recording.events[at : at + 1]
                yield Said(
                    bisect_left(times, behind[0].time or 0.0) if behind else len(times), *word
                )
