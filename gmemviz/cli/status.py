"""Say what the status of a command means, and that of a search."""

from collections.abc import Iterable
from typing import Final

from gmemviz.model import Report

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


def of_reports(reports: Iterable[Report]) -> int:
    """Return FOUND where one has a defect, UNDECIDED where a search hit its limit, else FINE."""
    every = tuple(reports)
    if any(report.defects for report in every):
        return FOUND
    return FINE if all(report.is_complete for report in every) else UNDECIDED
