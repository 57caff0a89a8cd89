"""Say the verdict of a Report as one sentence of at most a line, and what it was before.

The whole reason, with scenario and step, is `Report.reasons`; a headline is what a speaker would
say of the picture (who did what to what, and who had freed it).
"""

from typing import Final, NamedTuple

from gmemviz.model import Report
from gmemviz.model.design import DefectCode
from gmemviz.model.search import Reason
from gmemviz.study import SHORT, ranked

FREED: Final = ", whose memory is freed"
"""How a sentence about a use after free ends; a headline has the freer's name in its place."""

LATE: Final = "a second creation is refused while {object} waits for RCU"
"""What is late, said of the moment at which it matters and not of the one at which it is back."""

NEVER: Final = ("leak", "inode-leak")
"""What shows when no step is left; where a hook is passed by, that is why."""


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
    useless = report.findings.get("unreachable-hook")
    passed = f"no run enters {useless.object}, and " if useless else ""
    sentence = f"{_word(code)}: {_told(found, passed)}"
    return Headline("wrong", sentence, code, SHORT[code], others)


_MARKS: Final = {
    "correct": "correct", "not-asked": "unknown", "undecided": "unknown",
    "not-applicable": "none",
}  # fmt: skip


def _word(code: str) -> str:
    return code.replace("-", " ").capitalize() if code != "use-after-free" else "Use-after-free"


def _told(found: Reason, passed: str) -> str:
    if found.code == "late-release":
        return LATE.format(object=found.object)
    if found.code in NEVER:
        return f"{passed}{found.object} is never freed"
    doing = found.reason
    if found.freer.name and doing.endswith(FREED):
        doing = f"{doing.removesuffix(FREED)}, which {found.freer.who} has freed"
    return f"{found.toucher.who if found.step else found.object} {doing}"


def _without_defect(report: Report) -> str:
    if report.verdict == "correct":
        return f"Correct: {report.why.partition(' (')[0]}"
    return report.why.rstrip(".")
