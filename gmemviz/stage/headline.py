"""Say the verdict of a Report as one sentence of at most a line, and what it was before.

The whole reason, with scenario and step, is `Report.reasons`; a headline is what a speaker would
say of the picture (who did what to what, and who had freed it).
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from gmemviz.facts import HOOKS
from gmemviz.model import Report
from gmemviz.model.design import DefectCode
from gmemviz.model.search import Reason
from gmemviz.study import SHORT, ranked

_NEVER: Final = "{passed}{object} is never freed"
_FREED: Final = "{toucher} {doing} {object}, which {freer} has freed"

SAID: Final[Mapping[DefectCode, str]] = {
    "late-release": "a second creation is refused while {object} waits for RCU",
    "leak": _NEVER,
    "inode-leak": _NEVER,
    "use-after-free": _FREED,
    "double-free": _FREED,
}
"""Codes of which a headline says more than the step that shows them, or something else: who freed
it, which hook was passed by, or the moment at which what is late was missed."""


class Headline(NamedTuple):
    """Give the verdict as a mark, a sentence, and the short words of what else was found."""

    mark: str
    sentence: str
    code: str
    short: str
    others: tuple[str, ...] = ()


def headline(report: Report, code: DefectCode | None = None) -> Headline:
    """Return the headline of a Report: of `code`, or of the defect to hear first."""
    if report.verdict != "defects":
        return Headline(_MARKS[report.verdict], _without_defect(report), "", report.verdict)
    codes = ranked(report.found)
    code = code or codes[0]
    found = report.findings[code]
    others = tuple(other for other in codes if other != code)
    useless = [each.object for each in report.findings.values() if each.object in HOOKS]
    passed = f"no run enters {useless[0]}, and " if useless else ""
    sentence = f"{_word(code)}: {_told(found, passed)}"
    return Headline("wrong", sentence, code, SHORT[code], others)


_MARKS: Final = {
    "correct": "correct", "not-asked": "unknown", "undecided": "unknown",
    "not-applicable": "none",
}  # fmt: skip


def _word(code: str) -> str:
    return code.replace("-", " ").capitalize() if code != "use-after-free" else "Use-after-free"


def _told(found: Reason, passed: str) -> str:
    said = SAID.get(found.code, "")
    who = found.toucher.who if found.step else found.object
    if not said or (said == _FREED and not (found.freer.name and found.doing)):
        return f"{who} {found.reason}"
    doer, doing = found.freer.who, found.doing
    return said.format(
        object=found.object, toucher=who, freer=doer, doing=doing, passed=passed
    )  # fmt: skip


def _without_defect(report: Report) -> str:
    if report.verdict == "correct":
        return f"Correct: {report.why.partition(' (')[0]}"
    return report.why.rstrip(".")
