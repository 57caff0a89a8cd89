"""Say in a recording's head what its tracer watched, and read that.

A function that a recording shows nowhere may never have run, or nobody looked: ftrace records what
stands in set_ftrace_filter, and of that only what the kernel has as a function of its own. So
whoever records writes both down: comments, that any other reader of such a text passes over.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from gmemviz.facts import Watched
from gmemviz.text import wrap

WIDTH: Final = 100
OPENING: Final = re.compile(
    r"# gmemviz: (?P<functions>\d{1,6}) functions watched, (?P<lacking>\d{1,6}) lacking\s*$"
)
"""Match the first line: as many names must follow, or some of them were cut off."""

NAMES: Final = re.compile(r"# gmemviz (?P<kind>watched|lacking):(?P<names>[\w\s.$]*)$", re.ASCII)

CUT: Final = "The head is cut: it announces {} functions and names {}."
FOREIGN: Final = "The head is not of this recording: it does not have {}, which ran."


def head_of(watched: Watched) -> str:
    """Return the lines that say what was watched; `HeadReader` reads them.

    >>> print(head_of(Watched(frozenset({"iput", "evict"}), frozenset({"iput_final"}))), end="")
    # gmemviz: 2 functions watched, 1 lacking
    # gmemviz watched: evict iput
    # gmemviz lacking: iput_final
    """
    counts = f"{len(watched.functions)} functions watched, {len(watched.lacking)} lacking"
    lines = [f"# gmemviz: {counts}"]
    for kind, names in (("watched", watched.functions), ("lacking", watched.lacking)):
        first = f"# gmemviz {kind}: "
        lines += wrap(" ".join(sorted(names)), width=WIDTH, first=first, rest=first)
    return "".join(f"{line}\n" for line in lines)


class HeadReader:
    """Take the lines of a head, and say what they come to.

    A driver may name its functions one by one before anything is announced (`named`): that is no
    head yet, since nobody could tell whether it is whole.
    """

    def __init__(self) -> None:
        self.named: dict[str, set[str]] = {"watched": set(), "lacking": set()}
        self._announced: int | None = None

    def take(self, line: str) -> bool:
        """Take a line, and say whether it is of a head."""
        if opening := OPENING.match(line):
            self._announced = int(opening["functions"]) + int(opening["lacking"])
        elif names := NAMES.match(line):
            self.named[names["kind"]].update(names["names"].split())
        else:
            return False
        return True

    def watched(self, shown: Iterable[str]) -> Watched | None:
        """Return what was watched, None where no head says it that fits the functions `shown`."""
        if self._announced is None or any(self.faults(shown)):
            return None
        return Watched(frozenset(self.named["watched"]), frozenset(self.named["lacking"]))

    def faults(self, shown: Iterable[str]) -> Iterator[str]:
        """Give what is wrong with the head, beside functions that the recording has shown."""
        count = sum(map(len, self.named.values()))
        if count != (self._announced or 0):
            yield CUT.format(self._announced or 0, count)
        elif self._announced is not None:
            unnamed = {name.partition(".")[0] for name in shown} - self.named["watched"]
            if unnamed:
                yield FOREIGN.format(min(unnamed))
