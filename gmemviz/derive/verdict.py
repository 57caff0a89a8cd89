"""Judge what was derived: every way is searched, and a verdict says how much it rests on.

A defect is reported only where every statement of the hooks was read; what was assumed stands
beside it. Else the answer is how far it was read. That somebody frees twice is seen in what was
read; that nobody frees, only where all calls were followed, too: fuse hands an inode's `forget` to
a queue that lies deeper than calls are followed. (fs/fuse/inode.c:fuse_evict_inode@v6.12)
"""

from dataclasses import dataclass
from typing import Final, Literal

from gmemviz.derive.records import Derived
from gmemviz.errors import GmemvizError
from gmemviz.model import Report, check
from gmemviz.shown import shows_itself

LEAKS: Final = frozenset({"leak", "inode-leak"})

VerdictWord = Literal["correct", "correct as far as read", "defects", "undecided"]


@shows_itself
@dataclass(frozen=True)
class Verdict:
    """Hold the reports on the ways of a table, in their order, and what they come to.

    `refused` says why the model would not search a way.
    """

    derived: Derived
    reports: tuple[Report, ...]
    refused: tuple[str, ...] = ()

    @property
    def broken(self) -> tuple[Report, ...]:
        """Return the reports of the ways that break something."""
        return tuple(report for report in self.reports if report.verdict == "defects")

    @property
    def word(self) -> VerdictWord:
        """Return the verdict in a word."""
        if self.refused or any(report.verdict == "undecided" for report in self.reports):
            return "undecided"
        if self.broken:
            is_seen = self.derived.is_full and not (self.derived.deeper and self.only_leaks)
            return "defects" if is_seen else "undecided"
        is_whole = self.derived.is_full and not self.missed
        return "correct" if is_whole else "correct as far as read"

    @property
    def only_leaks(self) -> bool:
        """Return whether all that is broken is that nobody frees something."""
        return {code for report in self.broken for code in report.defects or ()} <= LEAKS

    @property
    def missed(self) -> tuple[str, ...]:
        """Return what no run of any way came to.

        A line that is not come to on one way may be on another.
        """
        missed = [report.not_asked for report in self.reports]
        first = missed[0] if missed else ()
        return tuple(words for words in first if all(words in other for other in missed))

    @property
    def not_followed(self) -> str:
        """Return how many calls go deeper than any is followed."""
        return f"calls were not followed: {len(self.derived.deeper)}"

    @property
    def sentence(self) -> str:
        """Return the verdict with what it rests on."""
        unread = len(self.derived.unread)
        codes = sorted({code for report in self.broken for code in report.defects or ()})
        ways = f"{len(self.broken)} of {len(self.reports)} ways"
        if self.word == "defects":
            return f"{', '.join(codes)} on {ways}, as the source was read"
        if self.word == "undecided" and codes:
            left = f"{unread} statements are unread" if unread else self.not_followed
            return f"undecided: {', '.join(codes)} on {ways}, but {left}"
        if self.word == "correct as far as read":
            lines = f", {len(self.missed)} lines not come to" if self.missed else ""
            return f"correct as far as read, {unread} statements unread{lines}"
        return f"undecided: {self.refused[0]}" if self.refused else self.word

    def __repr__(self) -> str:
        return f"<Verdict {self.derived.table.name}: {self.sentence}>"


def judge_derived(derived: Derived) -> Verdict:
    """Return the verdict on every way of a table."""
    reports, refused = [], []
    for design in derived.designs:
        try:
            reports.append(check(design))
        except GmemvizError as error:
            refused.append(f"{error}")
    return Verdict(derived, tuple(reports), tuple(refused))
