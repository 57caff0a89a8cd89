"""Hold the model's verdict on a Design against what a real kernel said of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from gmemviz.model import Design, Report, check
from gmemviz.model.search import Exploration
from gmemviz.record.judge import LIMIT, Guest, judge
from gmemviz.record.kernel_images import find_kernel
from gmemviz.record.module_build import CompileError, build_guest, build_module
from gmemviz.study.answer import verdict
from gmemviz.study.confirm_runs import BUSY, Run, runs_of_design, unplayed
from gmemviz.study.confirm_words import Word, heard, trouble
from gmemviz.study.module_source import cannot_write
from gmemviz.study.module_units import module_units

__all__ = ("NOT_SHOWN", "Confirmation", "Heard", "confirm", "confirmation")

NOT_SHOWN: Final = {
    "lock-context": "only lockdep says so, and distributions build their kernels without it",
    "unreachable-hook": "a hook that nobody enters does nothing that a kernel could speak of",
}
"""Codes that no run of a distribution's kernel shows, and why."""

HAZARDS: Final = ("lock-context", "deadlock")
"""Codes of what may go wrong at a step, and did not in a run that goes on behind it."""

Judgement = Literal["agrees", "agrees in part", "not confirmable", "disagrees"]
ROOT: Final = "root-inode"
BUILD: Final = Run("build", "build")


class Heard(NamedTuple):
    """Give what a kernel said in one run; `trouble` says why the driver could not play it."""

    run: Run
    words: tuple[Word, ...]
    trouble: str = ""


@dataclass(frozen=True)
class Confirmation:
    """Give a Report and what a kernel said, run by run; `release` is that kernel's own name.

    `unwritten` says why there is no module of the Design, or is "".
    """

    report: Report
    release: str
    heard: tuple[Heard, ...] = ()
    unwritten: str = ""

    @cached_property
    def _by_scenario(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for search in self.report.explorations:
            name = search.world.scenario.name or BUILD.scenario
            found[name] = found.get(name, frozenset()) | frozenset(search.found)
        return found

    def expected(self, run: Run) -> frozenset[str]:
        """Return the codes that the model has for the scenario of a run.

        Each run of the driver ends with an unmount, so what the root inode shows may come too.
        """
        of_scenario = self._by_scenario.get(run.scenario, frozenset())
        return of_scenario | self._by_scenario.get(ROOT, frozenset())

    def _is_beyond(self, one: Heard, word: Word) -> bool:
        # A run of the model ends where something may go wrong; the kernel was lucky and went on.
        expected = self.expected(one.run)
        return word.code not in expected and not expected.isdisjoint(HAZARDS)

    @cached_property
    def shown(self) -> dict[str, tuple[Run, Word]]:
        """Return the codes that the kernel showed, each with the first run and line that did."""
        found: dict[str, tuple[Run, Word]] = {}
        for one in self.heard:
            for word in one.words:
                if not self._is_beyond(one, word):
                    found.setdefault(word.code, (one.run, word))
        return dict(sorted(found.items()))

    @cached_property
    def beyond(self) -> dict[str, tuple[Run, Word]]:
        """Return what the kernel showed where the model's run had ended: not compared."""
        found: dict[str, tuple[Run, Word]] = {}
        for one in self.heard:
            for word in one.words:
                if self._is_beyond(one, word):
                    found.setdefault(word.code, (one.run, word))
        return dict(sorted(found.items()))

    @cached_property
    def not_shown(self) -> dict[str, str]:
        """Return the model's codes that no run of this driver can show, each with the reason."""
        plays = {one.run.scenario for one in self.heard}
        told: dict[str, str] = {}
        for code in () if self.unwritten else self.report.defects or ():
            where = sorted(name for name, codes in self._by_scenario.items() if code in codes)
            if code in NOT_SHOWN:
                told[code] = NOT_SHOWN[code]
            elif where and plays.isdisjoint(where):
                told[code] = f"the driver does not play {', '.join(where)}"
        return told

    @property
    def not_played(self) -> tuple[str, ...]:
        """Return the scenarios that ask about the Design, and that the driver does not play."""
        return () if self.unwritten else unplayed(self.report.design)

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the model's codes that the kernel could show, and did not."""
        codes = set(self.report.defects or ()) - set(self.not_shown) - set(self.shown)
        return tuple(sorted(codes))

    @property
    def surplus(self) -> tuple[str, ...]:
        """Return the codes that the kernel showed where the model has none for that scenario."""
        return tuple(sorted({
            word.code for one in self.heard for word in one.words
            if word.code not in self.expected(one.run) and not self._is_beyond(one, word)
        }))  # fmt: skip

    @property
    def trouble(self) -> tuple[Heard, ...]:
        """Return the runs that the driver could not play though no word of the kernel says why."""
        return tuple(one for one in self.heard if one.trouble and not one.words)

    @property
    def judgement(self) -> Judgement:
        """Return whether kernel and model say the same, as far as one run can show it."""
        if self.unwritten or not self.report.applicable:
            return "not confirmable"
        if self.missing or self.surplus or self.trouble:
            return "disagrees"
        if not self.not_shown and not self.not_played:
            return "agrees"
        return "agrees in part" if self.shown or not self.not_shown else "not confirmable"

    @property
    def evidence(self) -> str:
        """Return the same in the words of the matrix: `model` where nothing was confirmed."""
        kernel = self.report.design.kernel
        words = {"agrees": f"confirmed on {kernel}", "disagrees": f"disagrees on {kernel}"}
        return words.get(self.judgement, "model")

    def answer(self) -> dict[str, Any]:
        """Return it all as JSON-plain data."""
        defects = self.report.defects
        return {
            "design": self.report.design.title,
            "release": self.release,
            "judgement": self.judgement,
            "model": list(defects) if defects is not None else None,
            "shown": {
                code: {"run": str(run), "line": word.line}
                for code, (run, word) in self.shown.items()
            },
            "missing": list(self.missing),
            "surplus": list(self.surplus),
            "not_shown": dict(self.not_shown),
            "not_played": list(self.not_played),
            "beyond": {code: f"{run}: {word.line}" for code, (run, word) in self.beyond.items()},
            "trouble": [f"{one.run}: {one.trouble}" for one in self.trouble],
            "unwritten": self.unwritten,
            "runs": [str(one.run) for one in self.heard],
        }

    @property
    def text(self) -> str:
        """Return it as plain text: the judgement, both verdicts, the lines that say it."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield f"{self.judgement}: {self.report.design.title}"
        yield f"model:  {verdict(self.report)}"
        said = ", ".join(self.shown) or "nothing: clean"
        yield f"kernel: {self.unwritten or said} ({self.release}, {len(self.heard)} runs)"
        for code, (run, word) in self.shown.items():
            mark = "" if code in (self.report.defects or ()) else "  NOT IN THE MODEL"
            yield f"  {code} ({run}){mark}: {word.line}"
        yield from (f"  {code}: the kernel did not show it" for code in self.missing)
        yield from (f"  {code}: cannot be shown, {why}" for code, why in self.not_shown.items())
        if self.not_played:
            yield f"  not played by the driver: {', '.join(self.not_played)}"
        for code, (run, word) in self.beyond.items():
            yield f"  {code} ({run}), behind the end of the model's run: {word.line}"
        yield from (f"  {one.run} could not be played: {one.trouble}" for one in self.trouble)


def confirmation(
    design: Design,
    release: str,
    said: Mapping[str, tuple[str, ...]],
    *,
    start: str = "your",
    shared: dict[Any, Exploration] | None = None,
) -> Confirmation:
    """Return what the console's lines of a Design's runs come to; `said` is by run, as `judge`'s.

    A Design that the compiler refused has the compiler's lines under "`start` build". `shared`
    keeps searches for Designs that differ in names only.
    """
    report = check(design, shared=shared)
    if unwritten := cannot_write(design) or report.inapplicable:
        return Confirmation(report, release, unwritten=unwritten)
    if refused := said.get(f"{start} build"):
        return Confirmation(report, release, (Heard(BUILD, heard(refused)),))
    listened = [
        _listen(run, said[f"{start} {run}"])
        for run in runs_of_design(design)
        if f"{start} {run}" in said
    ]
    return Confirmation(report, release, tuple(listened))


def _listen(run: Run, lines: tuple[str, ...]) -> Heard:
    words = heard(lines)
    if run.how == BUSY:  # nobody holds the other locks: only the xarray's is asked about
        words = tuple(word for word in words if word.code == "deadlock")
    return Heard(run, words, trouble(lines))


def _quiet(line: str) -> None:
    """Say nothing."""


def confirm(
    design: Design,
    *,
    kernel: str | Path | None = None,
    accel: str = "tcg",
    limit: float = LIMIT,
    progress: Callable[[str], None] = _quiet,
) -> Confirmation:
    """Build a Design as a module, let a real kernel in QEMU run it, and compare the verdicts.

    `kernel` is an image or a name of `make kernels` (else the Design's own). RecordingError where
    there are no headers, where the compiler refuses the text for another reason than a missing
    field, or where the guest hangs; MissingToolError says which tool is not there.
    """
    found = find_kernel(kernel or design.kernel)
    start = "your"
    if cannot_write(design):
        return confirmation(design, found.release, {})
    progress("building the module")
    try:
        module = build_module(found, module_units({start: design}))
    except CompileError as error:
        if "no-such-field" not in {word.code for word in heard(error.lines)}:
            raise
        return confirmation(design, found.release, {f"{start} build": error.lines})
    guest = Guest(found, module, build_guest(), accel, limit)
    said: dict[str, tuple[str, ...]] = {}
    for in_softirq in (False, True):
        runs = [run for run in runs_of_design(design) if run.in_softirq is in_softirq]
        if runs:
            progress(f"booting {found.release} for {len(runs)} runs")
            names = [f"{start} {run}" for run in runs]
            said |= judge(guest, names, in_softirq=in_softirq)
    return confirmation(design, found.release, said, start=start)
