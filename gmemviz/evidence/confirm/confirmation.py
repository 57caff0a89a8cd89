"""Hold what a kernel said of a Design's runs beside what the model says of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, Final, Literal, NamedTuple

from gmemviz.evidence.confirm.runs import Run, unplayed
from gmemviz.evidence.console import Word
from gmemviz.facts import Trace, kernel_of_release
from gmemviz.model import Report
from gmemviz.model.design import DefectCode
from gmemviz.model.search import outlives_busy_umount, uses_old_memory
from gmemviz.shown import Several, Table, Text, shows_itself
from gmemviz.study import data, mail_text, told_by, verdict
from gmemviz.text import one_line, printable
from gmemviz.translate.c import is_played

NOT_SHOWN: Final[Mapping[DefectCode, str]] = {
    "objects-remain": "the driver waits for its callbacks before it destroys a cache",
    "out-of-reach": "code that follows a pointer which nobody has cannot be written",
    "lock-context": "only lockdep says so, and distributions build their kernels without it",
    "unreachable-hook": "a hook that nobody enters does nothing that a kernel could speak of",
}
"""Codes that no run of a distribution's kernel shows, and why."""

IN_PLAYS: Final[Mapping[DefectCode, str]] = {
    "busy-inodes": "the driver holds no inode beyond its superblock",
    "hang": "a run that waits for ever and one that is slow look alike",
}
"""Codes that only a play of a Design's own words shows, and why no other run does."""

SUPERBLOCK: Final = "slub does not watch the memory of a superblock, which is kmalloc's"

UNSTOPPED: Final = "the guest has one processor, on which who holds a spinlock is not stopped"

OLD_MEMORY: Final = "the driver does not play an earlier life of the slab's memory"

ENDS_AT_UMOUNT: Final = "CONFIG_BUG_ON_DATA_CORRUPTION ends a kernel that finds inodes busy"
"""So distributions build theirs. (fs/super.c:generic_shutdown_super@v6.12)"""

Judgement = Literal["agrees", "agrees in part", "not confirmable", "disagrees"]
ROOT: Final = "root-inode"

BUILD: Final = Run("build", "build")
"""Stands for a run where the compiler refused the Design's C."""


@shows_itself
class Heard(NamedTuple):
    """Give what a kernel said in one run; `trouble` says why that tells nothing.

    `is_lost`: the run ended the kernel. `is_unstopped`: somebody could not be stopped in it.
    """

    run: Run
    words: tuple[Word, ...]
    trouble: str = ""
    is_lost: bool = False
    is_unstopped: bool = False


@shows_itself
@dataclass(frozen=True)
class Confirmation:
    """Give a Report and what a kernel said, run by run; `release` is that kernel's own name.

    `unwritten` says why there is no module of the Design, or is "". `recording` is one more boot's,
    of `recorded_run`; where one was asked for and is not there, `unrecorded` says why.
    """

    report: Report
    release: str
    heard: tuple[Heard, ...] = ()
    unwritten: str = ""
    recording: Trace | None = None
    recorded_run: Run | None = None
    unrecorded: str = ""

    @cached_property
    def by_scenario(self) -> Mapping[str, frozenset[str]]:
        """Return the codes that the model has for each scenario."""
        codes = Table[str, frozenset[str]]()
        for search in self.report.explorations:
            name = search.world.scenario.name or BUILD.scenario
            codes[name] = codes.get(name, frozenset()) | frozenset(search.found)
        return codes

    def expected(self, run: Run) -> frozenset[str]:
        """Return the codes that the model has for the scenario of a run.

        Each run of the driver ends with an unmount, so what the root inode shows may come too.
        """
        of_scenario = self.by_scenario.get(run.scenario, frozenset())
        return of_scenario | self.by_scenario.get(ROOT, frozenset())

    def _words(self) -> Iterator[tuple[Run, Word]]:
        for heard in self.heard:
            for word in heard.words:
                yield heard.run, word

    @cached_property
    def shown(self) -> dict[str, tuple[Run, Word]]:
        """Return the codes that the kernel showed, each with the first run and line that did."""
        first: dict[str, tuple[Run, Word]] = {}
        for run, word in self._words():
            first.setdefault(word.code, (run, word))
        return Table(sorted(first.items()))

    @cached_property
    def not_shown(self) -> dict[str, str]:
        """Return the model's codes that no run of this driver can show, each with the reason."""
        plays = {heard.run.scenario for heard in self.heard}
        reasons = Table[str, str]()
        for code in () if self.unwritten else self.report.defects or ():
            where = sorted(name for name, codes in self.by_scenario.items() if code in codes)
            if why := self._never_shown(code):
                reasons[code] = why
            elif where and plays.isdisjoint(where):
                reasons[code] = f"the driver does not play {', '.join(where)}"
            elif code not in self.shown and self._is_unstopped(where):
                reasons[code] = UNSTOPPED
            elif why := self._beyond(code):
                reasons[code] = why
        return reasons

    def _never_shown(self, code: DefectCode) -> str:
        if code in NOT_SHOWN:
            return NOT_SHOWN[code]
        if code in IN_PLAYS and not is_played(self.report.design):
            return IN_PLAYS[code]
        return SUPERBLOCK if self._objects(code) == {"superblock"} else ""

    # How the run went that the model shows, which this kernel may not get as far as.
    def _beyond(self, code: DefectCode) -> str:
        path = self.report.path(code)
        if uses_old_memory(path):
            return OLD_MEMORY
        return ENDS_AT_UMOUNT if code not in self.shown and outlives_busy_umount(path) else ""

    def _is_unstopped(self, scenarios: list[str]) -> bool:
        return any(heard.is_unstopped and heard.run.scenario in scenarios for heard in self.heard)

    # A search that another Design shares has that one's names.
    def _objects(self, code: DefectCode) -> set[str]:
        failures = (search.failures for search in self.report.explorations)
        found = (failed.defect for failed in chain.from_iterable(failures) if failed.defect)
        return {defect.object for defect in found if defect.code == code}

    @property
    def elsewhere(self) -> dict[str, str]:
        """Return the codes that the kernel showed of another object than the model has.

        Only our driver names an object, where it reads one whose memory is freed; an inode that is
        gone takes with it what was read through it, so of that the model may say either.
        """
        kinds = {kept.kind.name for kept in self.report.design.keeps}
        others = Table[str, str]()
        for _, word in self._words():
            said = _READ.match(word.line)
            objects = self._objects(word.code) & (kinds | {"inode"})
            if said and said["object"] in kinds and objects and said["object"] not in objects:
                others.setdefault(word.code, f"{said['object']}, not {', '.join(sorted(objects))}")
        return others

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return why kernel and model disagree, or agree in part alone, a sentence each."""
        return Several(_reasons(self))

    @property
    def not_played(self) -> tuple[str, ...]:
        """Return the scenarios that ask about the Design, and that the driver does not play."""
        return () if self.unwritten else unplayed(self.report.design)

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the model's codes that the kernel could show, and did not."""
        if self.unwritten:
            return ()
        codes = set(self.report.defects or ()) - set(self.not_shown) - set(self.shown)
        return tuple(sorted(codes))

    @property
    def surplus(self) -> tuple[str, ...]:
        """Return the codes that the kernel showed where the model has none for that scenario."""
        return tuple(sorted(self.first_surplus))

    @property
    def first_surplus(self) -> dict[str, Run]:
        """Return the same codes, each with the first run that shows it so."""
        first = Table[str, Run]()
        for run, word in self._words():
            if word.code not in self.expected(run):
                first.setdefault(word.code, run)
        return first

    @property
    def trouble(self) -> tuple[Heard, ...]:
        """Return the runs that tell nothing, each with the reason."""
        return Several(heard for heard in self.heard if heard.trouble)

    @property
    def silent(self) -> tuple[str, ...]:
        """Return the scenarios played in which the model has a code to show, and no run has one.

        Each code was shown elsewhere, or is `missing`. A deadlock is asked about in one alone.
        """
        shown: dict[str, set[str]] = {heard.run.scenario: set() for heard in self.heard}
        for run, word in self._words():
            shown[run.scenario].add(word.code)
        unshown = {*NOT_SHOWN, "deadlock"}
        expected = {name: self.by_scenario.get(name, frozenset()) - unshown for name in shown}
        return tuple(
            name for name, codes in expected.items() if codes and codes.isdisjoint(shown[name])
        )

    @property
    def judgement(self) -> Judgement:
        """Return whether kernel and model say the same, as far as one run can show it."""
        if self.unwritten or not self.report.applicable:
            return "not confirmable"
        if self.missing or self.surplus or self.trouble:
            return "disagrees"
        is_whole = self.report.is_complete  # else the model itself is undecided
        is_all = not (self.not_shown or self.not_played or self.silent or self.elsewhere)
        if is_whole and is_all:
            return "agrees"
        return "agrees in part" if self.shown or not self.not_shown else "not confirmable"

    @property
    def evidence(self) -> str:
        """Return the same in the words of the matrix: `model` where nothing was confirmed."""
        kernel = self.report.design.kernel
        words = {"agrees": f"confirmed on {kernel}", "disagrees": f"disagrees on {kernel}"}
        is_its_own = kernel_of_release(self.release) == kernel
        return words.get(self.judgement, "model") if is_its_own else "model"

    def answer(self) -> dict[str, Any]:
        """Return it all as JSON-plain data."""
        return data({
            "design": self.report.design.title,
            "release": self.release,
            "judgement": self.judgement,
            "model": self.report.defects,
            "shown": {code: _plain(*first) for code, first in self.shown.items()},
            "missing": self.missing,
            "surplus": self.surplus,
            "not_shown": self.not_shown,
            "not_played": self.not_played,
            "silent": self.silent,
            "elsewhere": self.elsewhere,
            "because": self.reasons,
            "trouble": [f"{heard.run}: {heard.trouble}" for heard in self.trouble],
            "unwritten": self.unwritten,
            "runs": [str(heard.run) for heard in self.heard],
            "recorded": str(self.recorded_run) if self.recording else None,
        })  # fmt: skip

    @property
    def text(self) -> str:
        """Return it as plain text: the judgement, both verdicts, the lines that say it."""
        return Text(printable(mail_text(self._lines())))

    def _lines(self) -> Iterator[str]:
        yield f"{self.judgement}: {self.report.design.title}"
        yield f"model:  {verdict(self.report)}"
        shown = ", ".join(self.shown) or "nothing: clean"
        yield f"kernel: {self.unwritten or shown} ({self.release}, {len(self.heard)} runs)"
        yield from (f"  {line}" for line in told_by(self.answer()))
        yield from (f"  {self.judgement} because {reason}" for reason in self.reasons)
        if self.recording:
            yield f"  recorded in one more boot: {self.recorded_run}"
        if self.unrecorded:
            yield f"  not recorded: {self.unrecorded}"

    def __repr__(self) -> str:
        title, runs = one_line(self.report.design.title), f"{len(self.heard)} runs"
        return f"<Confirmation {title}: {self.judgement}, {self.release}, {runs}>"


_READ: Final = re.compile(r"gmemviz: (?P<object>\S+) is read when its memory is freed")


def _reasons(found: Confirmation) -> Iterator[str]:
    if found.judgement == "disagrees":
        yield from (f"the model has {code}, and no run shows it" for code in found.missing)
        for code, run in found.first_surplus.items():
            yield f"the kernel shows {code} ({run}), and the model has none in {run.scenario}"
        yield from (f"{heard.run} tells nothing: {heard.trouble}" for heard in found.trouble)
    elif found.judgement == "agrees in part":
        yield from (f"{code} cannot be shown" for code in found.not_shown)
        yield from (f"{scenario} was not played" for scenario in found.not_played)
        yield from (f"{scenario} was silent" for scenario in found.silent)
        yield from (f"{code} was of {other}" for code, other in found.elsewhere.items())
        if not found.report.is_complete:
            yield "the model's search is not complete"


def _plain(run: Run, word: Word) -> dict[str, str]:
    return {"run": str(run), "line": word.line}
