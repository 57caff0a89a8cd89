"""Say what a command found: its status, and the same as text and as data, printed here alone.

A script reads nothing but the status: it has to tell a defect (1) from a wrong word (2), from a
search that was cut off (3) and from a fault of gmemviz (70), which are no verdicts.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from gmemviz.model import Report, Verdict
from gmemviz.version import __version__

FINE: Final = 0
FOUND: Final = 1
BAD: Final = 2
UNDECIDED: Final = 3
FAULT: Final = 70  # EX_SOFTWARE of sysexits.h

STATUSES: Final = {
    FINE: "fine",
    FOUND: "a defect or a disagreement",
    BAD: "bad input or a missing tool",
    UNDECIDED: "undecided or not asked",
    FAULT: "a fault of gmemviz itself",
}


Output = Literal[
    "call", "cell", "census", "change", "comparison", "confirmation", "confirmed-cell",
    "confirmed-filesystem", "designs",
    "kernel", "list", "listed", "probe", "report", "table", "validation", "word", "words",
]  # fmt: skip
"""What an object of `--json` is: each has a JSON Schema in `gmemviz/cli/outputs`."""

EDITION: Final = 1
"""Of all outputs: a key that goes, or means something else, makes the next one."""


def of_verdict(*, is_found: bool, is_decided: bool) -> int:
    """Return the status of a verdict: what was found counts, also where not all was searched."""
    if is_found:
        return FOUND
    return FINE if is_decided else UNDECIDED


def of_reports(reports: Iterable[Report]) -> int:
    """Return FOUND where one has a defect, UNDECIDED where one is not wholly asked, else FINE."""
    return of_verdicts(report.verdict for report in reports)


def of_verdicts(words: Iterable[Verdict]) -> int:
    """Return the same of verdicts alone, as the rows of a matrix have them."""
    verdicts = set(words)
    is_decided = verdicts.isdisjoint(("undecided", "not-asked"))
    return of_verdict(is_found="defects" in verdicts, is_decided=is_decided)


@dataclass(frozen=True)
class Answer:
    """Give what a command found, and the status that it ends with.

    `data` is plain JSON, an object or an array of them, written with `indent` columns a level;
    `output` says what each object is. `complaint` is the sentence that goes to stderr once the
    rest is printed, as goes with status 2.
    """

    text: str = ""
    data: Mapping[str, Any] | list[Any] | None = None
    status: int = FINE
    indent: int = 2
    complaint: str = ""
    output: Output | None = None

    def show(self, *, as_json: bool) -> int:
        """Print it, as data or as text, and return its status.

        No line is printed where there is no text, as for a function that calls nothing.
        """
        text = self.text
        if as_json:
            assert self.data is not None
            assert self.output
            text = json.dumps(_stamped(self.data, self.output), indent=self.indent)
        if text:
            print(text.rstrip("\n"))
        if self.complaint:
            say(f"gmemviz: {self.complaint}")
        return self.status


def _stamped(data: Mapping[str, Any] | list[Any], output: Output) -> object:
    # Each object says what it is, and which gmemviz says so.
    if isinstance(data, list):
        return [_stamped(row, output) for row in data]
    stamp = {"schema": f"gmemviz.{output}/{EDITION}", "version": __version__}
    return {**stamp, **data, **stamp}


def say(sentence: str) -> None:
    """Print to stderr at once: progress, what was left out, or why nothing can be answered."""
    print(sentence, file=sys.stderr, flush=True)
