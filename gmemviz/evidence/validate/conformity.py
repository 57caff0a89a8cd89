"""Hold what a replay found, and say it as data and as text fit for a mail.

Nothing is decided here but the word: what conforms `conform.py` has found. A recording that ends
before its inode does, that has holes, or whose head does not say that hooks were watched, cannot
conform whole: it conforms as far as it goes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal, NamedTuple

from gmemviz.evidence.recorded_console import Said
from gmemviz.facts import Context, Event, Trace
from gmemviz.model import Design, Scenario
from gmemviz.model.design import DefectCode
from gmemviz.shown import shows_itself
from gmemviz.study import data, labelled, mail_text
from gmemviz.text import one_line, wrap

CONFORMS: Final = "conforms"
SO_FAR: Final = "conforms as far as it goes"
DIFFERS: Final = "does not conform"

NO_HEAD: Final = "No head says what was watched, so what it does not show may have happened unseen."
"""What is said of a recording that somebody else made; `gmemviz record` writes heads."""

HALF: Final = 60
"""Characters of a name where a line has two."""


@shows_itself
class Pair(NamedTuple):
    """Pair an event of the recording with a step of the model's run, by their numbers from 0."""

    event: int | None
    step: int | None


@shows_itself
class Allowed(NamedTuple):
    """Give one step that the model allowed: what runs, from where, in which context."""

    function: str
    context: Context
    hook: str
    caller: str

    def __str__(self) -> str:
        where = f", called by {self.caller}" if self.caller else ""
        hook = f" as {self.hook}" if self.hook else ""
        return f"{self.context} {self.function}{hook}{where}"


@shows_itself
class Difference(NamedTuple):
    """Give the first event that is no step of the model (None: the recording ends too soon).

    `event` counts from 0 in the followed inode's events; `caller` is what the recording says.
    """

    event: int | None
    caller: str
    sentence: str
    allowed: tuple[Allowed, ...]


@shows_itself
@dataclass(frozen=True, repr=False)
class Conformity:
    """Say whether a recorded inode's events are a run of a Design's model.

    `recorded` is the followed inode; `model` the run of the model that fits it the furthest, and
    `pairs` lay one beside the other. `named` are the events that are steps of the model, by
    number, `matched` those of them that the run has; `beside` are others of whose functions the
    model has steps, before the road or off it, which are not compared. `unseen` are the run's
    steps on the road that the recording does not show, each with the reason, and `unwatched` those
    of them that nobody watched though they are hooks or the VFS's own; `rest` is what it would have
    shown next. `defect` is the code with which the model's run ends, or "", `ended` the
    word of the kernel that says the same: from its event on nothing is compared.
    """

    recorded: Trace
    model: Trace
    design: Design
    told: str
    scenario: Scenario
    why_scenario: str
    named: tuple[int, ...]
    matched: tuple[int, ...]
    beside: tuple[int, ...]
    unseen: tuple[tuple[str, str], ...]
    unwatched: tuple[str, ...]
    rest: tuple[str, ...]
    pairs: tuple[Pair, ...]
    edges: frozenset[tuple[str, str]]
    difference: Difference | None = None
    defect: DefectCode | Literal[""] = ""
    ended: Said | None = None

    @property
    def conforms(self) -> bool:
        """Return whether nothing that was recorded is against the model."""
        return self.difference is None

    @property
    def verdict(self) -> str:
        """Return the outcome in a few words: with holes it conforms as far as it goes."""
        if not self.conforms:
            return DIFFERS
        is_part = self.rest or self.recorded.missing or not self.matched
        return SO_FAR if is_part or self.unwatched or not self.has_head else CONFORMS

    @property
    def has_head(self) -> bool:
        """Return whether the recording says what its tracer watched."""
        return self.recorded.watched is not None

    @cached_property
    def untold(self) -> int:
        """Return how many matched events have a context that the recording does not tell."""
        return sum(self.recorded.events[index].context == "?" for index in self.matched)

    def answer(self) -> dict[str, Any]:
        """Return the whole as JSON-plain data."""
        return data({
            "recording": self.recorded.title,
            "kernel": self.recorded.kernel,
            "design": self.design.title,
            "design_told": self.told,
            "scenario": self.scenario.name,
            "scenario_told": self.why_scenario,
            "verdict": self.verdict,
            "conforms": self.conforms,
            "difference": self.difference,
            "defect": self.defect,
            "ended": self.ended,
            "events": [self._event(index) for index in range(len(self.recorded.events))],
            "named": len(self.named),
            "matched": len(self.matched),
            "beside": len(self.beside),
            "contexts_not_told": self.untold,
            "has_head": self.has_head,
            "unwatched": self.unwatched,
            "unseen": [{"function": name, "why": why} for name, why in self.unseen],
            "rest": self.rest,
            "missing": self.recorded.missing,
            "steps": [event.sentence for event in self.model.events],
            "pairs": [list(pair) for pair in self.pairs],
            "edges": self.edges,
        })  # fmt: skip

    @property
    def text(self) -> str:
        """Return the whole as text, at most 72 columns wide."""
        return mail_text(_lines(self))

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        name = self.recorded.title.partition(": ")[0]
        both = f"{one_line(name, HALF)} beside {one_line(self.design.title, HALF)}"
        fit = f"{len(self.matched)} of {len(self.named)} events"
        return f"<Conformity {both}: {self.verdict}, {fit}>"

    def sign(self, index: int) -> str:
        """Return "=" for an event that is a step of the run, "!" for the first that is none.

        "-" is one that the model does not name, "~" one of `beside`, "" one after the difference
        or after the end.
        """
        if self.difference and self.difference.event is not None:
            at = self.difference.event
            if index >= at:
                return "!" if index == at else ""
        if index in self.matched:
            return "="
        if self.ended and index >= self.ended.event:
            return ""
        return "~" if index in self.beside else "-"

    def _event(self, index: int) -> dict[str, Any]:
        event = self.recorded.events[index]
        return {
            "function": event.function,
            "hook": event.hook,
            "context": event.context,
            "actor": event.actor,
            "depth": event.depth,
            "time": event.time,
            "sign": self.sign(index),
        }


def _lines(found: Conformity) -> Iterator[str]:
    recorded, scenario = found.recorded, found.scenario
    yield from labelled("Recording", f"{recorded.title} (recorded on {recorded.kernel})")
    yield from labelled("Design", f"{found.design.title} ({found.told})")
    words = f"{scenario.name}: {scenario.says} ({found.why_scenario})"
    yield from labelled("Scenario", words)
    yield from labelled("Verdict", found.verdict)
    yield from labelled("Events", _counts(found))
    untold = f"; {found.untold} not told, which fits any" if found.untold else ""
    yield from labelled("Contexts", f"{len(found.matched) - found.untold} agree{untold}")
    if found.unseen:
        yield from labelled("Not seen", _by_reason(found.unseen))
    if found.unwatched:
        yield from labelled("Unwatched", f"{', '.join(found.unwatched)}: did it happen?")
    for sentence in (*recorded.missing, *([] if found.has_head else [NO_HEAD])):
        yield from labelled("Missing", sentence)
    if found.rest:
        yield from labelled("", f"the model goes on with {', '.join(found.rest)}")
    if found.defect:
        line = found.ended.line if found.ended else "the recording does not say so"
        yield from labelled("Ends", f"the model's run with {found.defect}: {line}")
    if found.difference:
        yield ""
        yield from _at_difference(found.difference)
    yield ""
    yield "= step of the model, ~ off the road, not compared, - not named by it,"
    yield "! first difference; P process, L atomic, B softirq, ? not told"
    for index, event in enumerate(recorded.events):
        yield from _row(found, index, event)


# Each event is one of these: a step of the run, off the road, none of the model's, or too late.
def _counts(found: Conformity) -> str:
    end = found.ended.event if found.ended else len(found.recorded.events)
    after = len(found.recorded.events) - end
    behind = f"; {after} come behind the end of its run" if after else ""
    return (
        f"{len(found.matched)} of {len(found.named)} are steps of a run of the model; "
        f"{len(found.beside)} are not on the inode's road and not compared; "
        f"the model does not name the other {end - len(found.named) - len(found.beside)}{behind}"
    )


def _by_reason(unseen: tuple[tuple[str, str], ...]) -> str:
    by_reason: dict[str, list[str]] = {}
    for name, why in unseen:
        by_reason.setdefault(why, []).append(name)
    return "; ".join(f"{', '.join(names)} ({why})" for why, names in by_reason.items())


# Such as "  3 = P     kvm_gmem_release (release)"; the sign is explained above the rows.
def _row(found: Conformity, index: int, event: Event) -> list[str]:
    hook = f" ({event.hook})" if event.hook else ""
    indent = "  " * min(event.depth, 12)
    first = f"{index + 1:3} {found.sign(index) or ' '} {event.context} {indent}"
    return _hanging(f"{event.function}{hook}", first)


def _at_difference(difference: Difference) -> Iterator[str]:
    yield from _hanging(difference.sentence, "First difference: ")
    yield "The model allowed there:"
    if not difference.allowed:
        yield "  nothing: its run is over"
    for step in difference.allowed:
        yield from _hanging(str(step), "  ")


def _hanging(words: str, first: str) -> list[str]:
    return wrap(words, first=first, rest=" " * len(first))
