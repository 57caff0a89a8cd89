"""Hold two Designs side by side: verdicts, costs, hooks, and the step where their runs part.

Two Designs whose hooks differ may still go the same way for a while: where their runs part first
is where the difference begins to matter.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gmemviz.errors import of_kind
from gmemviz.facts import Event, HookName
from gmemviz.model import HOOKS, Design, Report, check
from gmemviz.model.search import Exploration, Step, aligned, path_to, steps
from gmemviz.parts import needs
from gmemviz.shown import Several, Table, Text, shows_itself
from gmemviz.study.answer import verdict
from gmemviz.study.assumptions import LEFT_OUT, assumed
from gmemviz.study.beside import OVER, Beside, beside, lettered
from gmemviz.study.convention import judged
from gmemviz.study.costs import cost
from gmemviz.study.named import named
from gmemviz.study.plain import data, kept_where, mail_text, placements
from gmemviz.study.words import body_text, differing, words_of
from gmemviz.text import one_line, wrap

if TYPE_CHECKING:
    import pandas as pd

HALF: Final = 40
"""Characters of a name where a line has two."""


@shows_itself
class Parting(NamedTuple):
    """Give the first step at which the runs of a scenario differ; None: that run is over."""

    scenario: str
    step: int
    a: Event | None
    b: Event | None


@shows_itself
@dataclass(frozen=True, repr=False)
class Comparison:
    """Give two Reports, and what differs between their Designs."""

    a: Report
    b: Report

    @cached_property
    def partings(self) -> tuple[Parting | None, ...]:
        """Return where the runs part (None: nowhere), for each scenario in which both end."""
        ended = {search.world.scenario.name for search in self.b.explorations if search.ended}
        both = (each for each in self.a.explorations if each.world.scenario.name in ended)
        return Several(_parting(self, search) for search in both if search.ended)

    @property
    def parting(self) -> Parting | None:
        """Return where the runs part first, in the order of the scenarios; None: nowhere."""
        return next(filter(None, self.partings), None)

    @cached_property
    def beside(self) -> Beside | None:
        """Return the two runs that answer each other; None where neither can follow the other."""
        return beside(self.a, self.b)

    @property
    def is_alike(self) -> bool:
        """Return whether those two runs do the same at every beat."""
        return self.beside is not None and all(beat.is_same for beat in self.beside.beats)

    @property
    def decides(self) -> str:
        """Return the difference that decides, as a sentence for each of the two."""
        return Text(lettered(told(self)))

    @property
    def hooks(self) -> dict[str, tuple[str, str]]:
        """Return what either Design does in each hook in which they differ."""
        both = {hook: (_does(self.a.design, hook), _does(self.b.design, hook)) for hook in HOOKS}
        return Table({hook: (a, b) for hook, (a, b) in both.items() if a != b})

    @property
    def words(self) -> dict[str, tuple[str, str]]:
        """Return every other word in which they differ, by its key: actors, locks, placements."""
        return Table(differing(words_of(self.a.design), words_of(self.b.design)))

    def answer(self) -> dict[str, Any]:
        """Return the comparison as JSON-plain data."""
        return data({
            "a": _side(self.a),
            "b": _side(self.b),
            "hooks": {hook: {"a": a, "b": b} for hook, (a, b) in self.hooks.items()},
            "words": {key: {"a": a, "b": b} for key, (a, b) in self.words.items()},
            "compared": len(self.partings),
            "parting": _plain(self.parting) if self.parting else None,
            "decides": _deciding(self),
        })  # fmt: skip

    def frame(self) -> "pd.DataFrame":
        """Return a table: what is said of each Design, a row a thing, `a` and `b` in columns."""
        with needs("lab"):
            import pandas as pd

        fields = self.answer()
        rows = {key: (_flat(a), _flat(fields["b"][key])) for key, a in fields["a"].items()}
        rows |= {f"in {hook}": does for hook, does in self.hooks.items()}
        rows |= {f"says {key}": said for key, said in self.words.items()}
        if parting := fields["parting"]:
            rows[f"{parting['scenario']}, step {parting['step']}"] = parting["a"], parting["b"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=["a", "b"])

    @property
    def text(self) -> str:
        """Return the comparison as text, at most 72 columns wide."""
        return mail_text(_lines(self))

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Comparison {_short(self.a)} beside {_short(self.b)}>"


def _short(report: Report) -> str:
    return f"{one_line(report.design.title, HALF)} ({one_line(verdict(report), HALF)})"


def told(found: Comparison) -> tuple[str, str]:
    """Return what either does at the beat that decides; of two that never meet, each its reason."""
    return found.beside.told if found.beside else (found.a.why, found.b.why)


def compare(a: Design | str | Path, b: Design | str | Path) -> Comparison:
    """Return both Designs checked, side by side; either may be a gallery's name or a file."""
    first, second = named(a), named(b)
    of_kind("a", first, Design)
    of_kind("b", second, Design)
    return Comparison(check(first), check(second))


# In step by function, so a hook that one of them alone has is where they part, and not all behind
# it. The other takes the same turns: two shortest runs may differ in nothing but who comes first.
def _parting(both: Comparison, search: Exploration) -> Parting | None:
    assert search.ended is not None
    path = path_to(search, search.ended)
    other = both.b.like(path)
    if other is None:
        return None
    a, b = (tuple(steps(run, of.facts)) for run, of in ((path, both.a), (other, both.b)))
    for beat in aligned(a, b, both.a.design, both.b.design):
        if not beat.is_same:
            at = beat.a if beat.a is not None else beat.b
            assert at is not None
            return Parting(search.world.scenario.name, at + 1, _event(a, beat.a), _event(b, beat.b))
    return None


def _event(run: Sequence[Step], at: int | None) -> Event | None:
    return None if at is None else run[at].event


# "NULL" leaves it to the VFS; "nothing" is a hook that is there and does nothing, which may hide
# what the VFS would have done.
def _does(design: Design, hook: HookName) -> str:
    body = design.body(hook)
    return "NULL" if body is None else body_text(body)


# What a table has for each of the two, a row a key.
def _side(report: Report) -> dict[str, Any]:
    design, judgement = report.design, judged(report)
    return {
        "name": design.title,
        "kernel": design.kernel,
        "mount": design.mount.name,
        "metadata": placements(design),
        "defects": report.defects,
        "verdict": report.verdict,
        "conventional": judgement.conventional if judgement else None,
        "why": report.why,
        **cost(design, report.facts)._asdict(),
        "bounds": str(report.bounds),
        "assumptions": assumed(design),
    }


def _plain(parting: Parting) -> dict[str, Any]:
    return {
        "scenario": parting.scenario,
        "step": parting.step,
        "a": parting.a.sentence if parting.a else OVER,
        "b": parting.b.sentence if parting.b else OVER,
    }


def _deciding(found: Comparison) -> dict[str, Any] | None:
    if not found.beside:
        return None
    a, b = told(found)
    return {"scenario": found.beside.scenario, "code": found.beside.code, "a": a, "b": b}


# A dict or a list as one string, for a cell of the table.
def _flat(value: Any) -> Any:
    if isinstance(value, dict):
        return ", ".join(f"{key} in {place}" for key, place in value.items())
    return ", ".join(value) if isinstance(value, list) else value


def _lines(found: Comparison) -> Iterator[str]:
    for letter, report in (("A", found.a), ("B", found.b)):
        design = report.design
        place = f"{design.kernel}, {design.mount.name} mount; {kept_where(design)}"
        yield from wrap(f"{letter}: {design.title}", rest="   ")
        for words in (place, cost(design, report.facts), f"{verdict(report)}: {report.why}"):
            yield from wrap(f"   {words}", rest="   ")
    yield ""
    yield "Hooks that differ:" if found.hooks else "No hook differs."
    for hook, does in found.hooks.items():
        yield f"  {hook}"
        yield from _both(*does)
    yield ""
    yield "Other words that differ:" if found.words else "No other word differs."
    for key, said in found.words.items():
        yield from wrap(f"  {key}", rest="    ")
        yield from _both(*said)
    yield ""
    yield from _runs(found)
    yield ""
    yield from _rests_on(found)


# What holds for both is said once.
def _rests_on(found: Comparison) -> Iterator[str]:
    for letter, report in (("A", found.a), ("B", found.b)):
        yield from wrap(f"Bounds of {letter}: at most {report.bounds}.", rest="  ")
    both = dict.fromkeys((*assumed(found.a.design), *assumed(found.b.design)))
    yield from wrap(f"Assumed: {' '.join(both)}", rest="  ")
    yield from wrap(f"Left out: {', '.join(LEFT_OUT)}.", rest="  ")


# The difference that decides, and not the first that there is: that may be an allocator's name.
def _runs(found: Comparison) -> Iterator[str]:
    if found.beside and not found.is_alike:
        yield from wrap(f"What decides ({found.beside.scenario}):")
        yield from _both(*told(found))
    elif not found.partings:
        yield "No scenario comes to its end in both."
    elif parting := found.parting:
        yield f"The runs part in {parting.scenario}:"
        sentences = _plain(parting)
        yield from _both(sentences["a"], sentences["b"])
    else:
        yield f"The runs are the same in {len(found.partings)} scenarios."


def _both(a: str, b: str) -> Iterator[str]:
    yield from wrap(f"    A: {a}", rest="       ")
    yield from wrap(f"    B: {b}", rest="       ")
