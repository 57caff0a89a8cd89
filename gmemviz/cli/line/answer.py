"""Say what a command found: its status, and the same as text and as data, printed here alone.

A script reads nothing but the status: it has to tell a defect (1) from a wrong word (2), from a
search that was cut off (3) and from a fault of gmemviz (70), which are no verdicts.
"""

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gmemviz.model import Report, Verdict

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

    `data` is plain JSON, written with `indent` columns a level. `complaint` is the sentence that
    goes to stderr once the rest is printed, as goes with status 2.
    """

    text: str = ""
    data: object = None
    status: int = FINE
    indent: int = 2
    complaint: str = ""

    def show(self, *, as_json: bool) -> int:
        """Print it, as data or as text, and return its status.

        No line is printed where there is no text, as for a function that calls nothing.
        """
        text = json.dumps(self.data, indent=self.indent) if as_json else self.text
        if text:
            print(text.rstrip("\n"))
        if self.complaint:
            say(f"gmemviz: {self.complaint}")
        return self.status


def say(sentence: str) -> None:
    """Print to stderr at once: progress, what was left out, or why nothing can be answered."""
    print(sentence, file=sys.stderr, flush=True)
