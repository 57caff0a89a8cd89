"""Say in one short string what a reader looks at: a Design, one of its runs, a step of it.

The string names choices, so that a reader understands it and a later version can replay it or
say why not. It stands after the # of a link as it is.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import unquote

from gmemviz.errors import GmemvizError, UndecidedError, UnknownNameError, choice, of_kind
from gmemviz.facts import kernels
from gmemviz.model import (
    CLEANUPS,
    METADATA,
    MOUNTS,
    PLACEMENTS,
    SCENARIOS,
    Design,
    Path,
    Report,
    check,
)
from gmemviz.model.design import DEFECTS
from gmemviz.model.scenarios import by_default
from gmemviz.model.search import Step, path_to, steps
from gmemviz.shown import shows_itself
from gmemviz.study.gallery import CHOICES, design_of_cell, designs, gallery
from gmemviz.text import brief, one_line

SHORTEST: Final = "shortest-run"
"""The run of the counterexample, or of the whole teardown where there is none."""

TO: Final = "to-"
"""How the name of a run begins that ends with a defect's code."""

OF_THE_SITE: Final = {
    "toml=": "--design FILE asks about a Design of your own",
    "fs=": "`gmemviz check NAME --kernel KERNEL` asks about a filesystem",
}
"""How what stands behind a # of the site begins where it is no State, and what to type instead."""

FORM: Final = "KERNEL/MOUNT/PLACEMENT/CLEANUP/METADATA or NAME, then /RUN/STEP"
STEP: Final = re.compile(r"[1-9][0-9]{0,5}")
LAST_STEP: Final = 999_999  # that STEP takes; no run is as long
AT_MOST: Final = 110  # characters of a stranger's string that an error repeats: all of ours
LONGEST: Final = 65_536  # characters of a stranger's string that is read at all


@shows_itself
@dataclass(frozen=True)
class State:
    """Hold a Design by its name or its five choices, a run of it, and a step.

    `of` has one word or five. `run` is one of `runs`; `step` counts from 1, None where the
    string gives none. `str` makes the string, which `parse` reads.

    >>> str(State.parse("guest_memfd-7.3/last-close/12"))
    'guest_memfd-7.3/last-close/12'
    """

    of: tuple[str, ...]
    run: str = SHORTEST
    step: int | None = None

    @classmethod
    def parse(cls, text: str) -> "State":
        """Return the State that `text` says; UnknownNameError names what it cannot mean."""
        of_kind("state", text, str)
        if len(text) > LONGEST:
            raise _refusal(text, f"it has {len(text)} characters, and may have {LONGEST}")
        plain = unquote(text.strip().removeprefix("#")).rstrip("/")
        for start, instead in OF_THE_SITE.items():
            if plain.startswith(start):
                raise _refusal(
                    text, f"the site's playground alone opens {start}...; here {instead}"
                )
        try:
            # Who reads a link's query makes blanks of "+", which no name has.
            return _parsed([_cut(word) for word in plain.replace(" ", "+").split("/")])
        except UnknownNameError as error:
            raise _refusal(text, error) from None

    @property
    def design(self) -> Design:
        """Return the Design; UnknownNameError for a word that this version does not know."""
        return gallery(self.of[0]) if len(self.of) == 1 else design_of_cell(self.of)

    def within(self, report: Report) -> tuple[Path, tuple[Step, ...]]:
        """Return the run in `report` with its steps; UnknownNameError where it is not there."""
        try:
            path = run_of(report, self.run)
        except UnknownNameError as error:
            raise _refusal(str(self), error) from None
        walked = tuple(steps(path, report.facts))
        if self.step and self.step > len(walked):
            beyond = f"step {self.step} is beyond the run {self.run}, which has {len(walked)} steps"
            raise _refusal(str(self), beyond)
        return path, walked

    def __str__(self) -> str:
        step = [str(self.step)] if self.step else []
        return "/".join((*self.of, self.run, *step))


@shows_itself
class Replayed(NamedTuple):
    """Give a State's Report, and the run it names with its steps; none where not applicable."""

    report: Report
    path: Path | None
    steps: tuple[Step, ...]

    def __repr__(self) -> str:
        run = f"{self.path.world.scenario.name}, {len(self.steps)} steps" if self.path else "no run"
        return f"<Replayed {one_line(self.report.design.title)}: {run}>"


def replay(state: State, *, keep_moves: bool = False) -> Replayed:
    """Return what a State shows, checked anew; UnknownNameError says what is not there.

    A scenario that is not asked by default is searched alone, as `gmemviz check --scenario`.
    """
    of_kind("state", state, State)
    design, named = state.design, SCENARIOS.get(state.run)
    if named and not named.asks(design):
        raise GmemvizError(f"scenario {named.name} does not ask about {design.title}")
    alone = (named,) if named and named not in by_default(design) else None
    report = check(design, scenarios=alone, keep_moves=keep_moves)
    if not report.applicable:
        return Replayed(report, None, ())
    return Replayed(report, *state.within(report))


def runs(report: Report) -> tuple[str, ...]:
    """Return the words for the runs of a Report: the shortest, to each code, each scenario."""
    to_codes = [TO + code for code in report.defects or ()]
    scenarios = [search.world.scenario.name for search in report.explorations]
    return tuple(dict.fromkeys((SHORTEST, *to_codes, *scenarios)))


def run_of(report: Report, word: str) -> Path:
    """Return the run that one of `runs` names; UnknownNameError lists them."""
    choice("run", word, runs(report))
    if word.startswith(TO):
        return report.path(choice("defect", word.removeprefix(TO), DEFECTS))
    if word == SHORTEST:
        path = report.counterexample or report.whole
    else:
        search = next(s for s in report.explorations if s.world.scenario.name == word)
        end = search.shortest or search.ended
        path = path_to(search, end) if end else None
    if path is None:
        is_endless = any(search.is_endless for search in report.explorations)
        why = "some run goes on for ever" if is_endless else "its search hit the limit of states"
        raise UndecidedError(f"the run {word} has no end: {why}")
    return path


def _cut(word: str) -> str:
    return word if len(word) <= AT_MOST else f"{word[:AT_MOST]}..."


def _refusal(text: str, why: object) -> UnknownNameError:
    return UnknownNameError(f"cannot replay the state {brief(text, AT_MOST)}: {why}")


def _parsed(words: list[str]) -> State:
    is_cell = words[0][:1].isdecimal()  # as every kernel's name does, a Design's none
    count = len(CHOICES) if is_cell else 1
    of, rest = tuple(words[:count]), words[count:]
    if len(of) < count or len(rest) > 2:
        raise UnknownNameError(f"it is not {FORM}")
    if not is_cell:
        choice("design", of[0], designs())
    else:
        lists: tuple[Iterable[str], ...] = (kernels(), MOUNTS, PLACEMENTS, CLEANUPS, METADATA)
        for what, word, allowed in zip(CHOICES, of, lists, strict=True):
            choice(what, word, allowed)
    step = rest.pop() if rest and (len(rest) == 2 or STEP.fullmatch(rest[0])) else ""
    if step and not STEP.fullmatch(step):
        raise UnknownNameError(f"{step!r} is no step (a number from 1 to {LAST_STEP})")
    return State(of, (rest and rest[0]) or SHORTEST, int(step) if step else None)
