"""Say all that the stage shows of one run as one JSON value: it draws it, and asks nothing more.

It is made of the parts beside this module: a headline, memory, a timeline. What is here is the run
step by step, and the moment to open at. A component needs nothing but this value, so a page, a
notebook and a talk show the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from gmemviz.errors import DesignError, of_kind
from gmemviz.facts import CONTEXTS
from gmemviz.model import Design, Path, Report, check
from gmemviz.model.design import DefectCode
from gmemviz.model.search import Step, steps
from gmemviz.stage.drawn import Drawn
from gmemviz.stage.headline import Headline, headline
from gmemviz.stage.marks import (
    MARKS,
    MemoryPlace,
    arrows,
    plain_arrows,
    spot_of,
    verb_of,
    with_spot,
)
from gmemviz.stage.memory import Scene, order, pool_of, scene
from gmemviz.stage.timeline import Timeline, timeline
from gmemviz.study import SHORTEST, TO, data, moment, run_of
from gmemviz.translate import CREATOR, module_source, source_lines

WORDS: Final = {"P": "may sleep", "L": "holds i_lock", "A": "atomic", "B": "in softirq", "?": ""}
"""What a step bar has room for; `CONTEXTS` says it in full."""

assert set(WORDS) == set(CONTEXTS)


NO_RUN: Final = "No run is shown: what breaks may come from what was not read."
"""What stands in place of a run where every way that a source was read is open to doubt."""


class StagedRun(NamedTuple):
    """Hold a run with all that is drawn of it, before it becomes plain data."""

    path: Path
    run: tuple[Step, ...]
    scene: Scene
    moment: int
    wrong: MemoryPlace | None
    also: tuple[int, ...] = ()


class Former(NamedTuple):
    """Say what was shown before a choice changed: its verdict, and both words of the choice."""

    headline: Headline
    before: str
    after: str


def stage(
    shown: Design | Report, code: DefectCode | None = None, former: Former | None = None, *,
    told: Headline | None = None, has_run: bool = True,
) -> dict[str, Any]:  # fmt: skip
    """Return what the stage shows of a Design, as JSON-plain data.

    `code` chooses the defect whose run is shown; without one it is the one to hear first, and of a
    correct Design a whole run. Keys: ``headline``, ``steps``, ``memory``, ``timeline``, ``source``
    and ``moment``, the index of the step to open at; ``was`` where there is a `former`. `told` is
    the headline where the Report is one of several ways that a source was read, and without
    `has_run` none of these may be shown.
    """
    of_kind("shown", shown, Design, Report)
    report = check(shown) if isinstance(shown, Design) else shown
    said = told or headline(report, code)
    value: dict[str, Any] = {
        "title": report.design.title,
        "headline": said._asdict(),
        "reason": _reason(report, said, told, has_run=has_run),
    }
    if former:
        value["was"] = {**former.headline._asdict(), "before": former.before, "after": former.after}
    if not report.applicable or not has_run:
        return data({**value, "steps": []})
    drawn = drawn_run(report, run_shown(report, code))
    return data({**value, **run_value(report, drawn)})


def _reason(report: Report, said: Headline, told: Headline | None, *, has_run: bool) -> str:
    if not has_run:
        return NO_RUN
    if said.code:
        return report.reasons[said.code]  # type: ignore[index]
    return said.sentence if told else report.why


def run_shown(report: Report, code: DefectCode | None = None) -> Path:
    """Return the run that `stage` shows of a Report; UndecidedError where none has an end."""
    told = headline(report, code).code
    return run_of(report, f"{TO}{told}" if told else SHORTEST)


def run_value(report: Report, drawn: StagedRun) -> dict[str, Any]:
    """Return what is shown of one run: its steps, memory and time, and the C of its Design."""
    text, lines = _source(report.design)
    told = timeline(drawn.path, drawn.run, drawn.scene.frames, (*_marked(drawn), *drawn.also))
    return {
        "scenario": drawn.path.world.scenario.says,
        "moment": drawn.moment,
        "steps": [_step(drawn, at, lines) for at in range(len(drawn.run))],
        "memory": _memory(drawn),
        "timeline": _timeline(told, drawn),
        "source": text.split("\n"),
    }


def drawn_run(report: Report, path: Path, also: tuple[int, ...] = ()) -> StagedRun:
    """Return a run with all that is drawn of it; `also` are steps that must be seen besides."""
    run = tuple(steps(path, report.facts))
    drawn = scene(path.world, run, report.facts)
    at = moment(path, run)
    wrong = _wrong(path, run, drawn, at)
    if wrong:  # what the heap has no object for is drawn from the first step on: nothing jumps
        frames = tuple(with_spot(wrong, frame, path.world) for frame in drawn.frames)
        drawn = drawn._replace(frames=frames)
    return StagedRun(path, run, drawn, at, wrong, also)


# Where something scarce is late, the pool that is empty is what the second creation meets.
def _wrong(path: Path, run: Sequence[Step], drawn: Scene, at: int) -> MemoryPlace | None:
    defect = path.defect
    if defect is None:
        return None
    if MARKS[defect.code].at == "pool" and at < len(run) - 1:
        return MemoryPlace(pool_of(defect.cell or defect.object), "left")
    return spot_of(defect, drawn, path)


# Where the defect is marked: at the moment to open at, and where the run shows it.
def _marked(drawn: StagedRun) -> Iterable[int]:
    last = [len(drawn.run) - 1] if drawn.path.defect else []
    return (drawn.moment, *last)


# A generated file is for a Design that a module can have; of any other there is no line to show.
def _source(design: Design) -> tuple[str, dict[str, int]]:
    try:
        return module_source(design), source_lines(design)
    except DesignError:
        return "", {}


# --- step by step -----------------------------------------------------------------------


def _step(drawn: StagedRun, at: int, lines: Mapping[str, int]) -> dict[str, Any]:
    step = drawn.run[at]
    event, defect = step.event, drawn.path.defect
    is_wrong = at in _marked(drawn) and defect is not None
    spot = drawn.wrong if is_wrong else None
    verb = verb_of(drawn.path, drawn.run[-1]) if defect else ""
    return {
        "actor": event.actor,
        "function": event.function,
        "context": WORDS[event.context],
        "hook": event.hook,
        "says": _outcome(step),
        "place": str(event.source or ""),
        "line": _line(step, drawn.path.world.design, lines),
        "lit": _lit(step, drawn.scene),
        "wrong": list(spot) if spot else [],
        "touches": plain_arrows(tuple(arrows(step, spot, verb))),
    }


# The slot that is called, or the one found NULL where the Design has something in its own table.
def _lit(step: Step, drawn: Scene) -> list[str]:
    hook = step.event.hook or step.passed
    tables = [table.id for table in drawn.tables if hook in table.hooks]
    return [tables[0], hook] if tables else []


# A creator's own step is that by which it attaches, which is a function of its own in the C.
def _line(step: Step, design: Design, lines: Mapping[str, int]) -> int:
    if step.event.function == design.creator and step.event.hook == "":
        return lines.get(CREATOR, 0)
    return lines.get(step.word) or lines.get(step.event.hook, 0)


# The bar has the function's name before the sentence, which begins with it.
def _outcome(step: Step) -> str:
    said = step.event.sentence.removeprefix(step.event.function).lstrip(": ")
    return said.rstrip(".")


# --- memory and timeline as plain data --------------------------------------------------


def _memory(drawn: StagedRun) -> dict[str, Any]:
    frames = drawn.scene.frames
    changes, before = [], dict[str, Drawn]()
    for frame in frames:
        changed = {name: each for name, each in frame.items() if before.get(name) != each}
        changes.append({name: _object(each) for name, each in changed.items()})
        before = dict(frame)
    inodes = drawn.path.world.inodes
    return {"objects": list(order(frames)), "inodes": list(inodes), "frames": changes}


def _object(drawn: Drawn) -> dict[str, Any]:
    return {**drawn._asdict(), "members": [list(member) for member in drawn.members]}


# What leaks has its cross at the end of its bar: nobody came.
def _met(drawn: StagedRun) -> int:
    return len(drawn.run) - 1 if drawn.path.is_at_end else drawn.moment


def _timeline(told: Timeline, drawn: StagedRun) -> dict[str, Any]:
    defect = drawn.path.defect
    wrong = (defect.cell or defect.object) if defect else ""
    return {
        "actors": told.actors,
        "columns": told.columns,
        "slices": [each._asdict() for each in told.slices],
        "bands": [band._asdict() for band in told.bands],
        "lives": [life._asdict() for life in told.lives],
        "wrong": {"object": wrong, "step": _met(drawn)} if drawn.wrong else {},
    }
