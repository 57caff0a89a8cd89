"""Write a run in the trace event format, which chrome://tracing and ui.perfetto.dev open.

A thread is an actor, a slice a function with all that it calls, and each object of the heap has a
thread of its own with its statuses. A model has no clock: a step is a microsecond there, and the
file says so. A recording has the times that its tracer wrote down.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from gmemviz.errors import of_kind
from gmemviz.facts import CONTEXTS, Event, Trace
from gmemviz.model import Design, Report, check
from gmemviz.model.design import DefectCode
from gmemviz.stage.drawn import Drawn
from gmemviz.stage.stage import StagedRun, drawn_run
from gmemviz.stage.timeline import OpenCall, actors_of, calls, lives
from gmemviz.study import SHORTEST, TO, data, ranked, run_of

TraceRow = dict[str, Any]
"""One event of the format: ``name``, ``ph``, ``ts`` and ``dur`` in microseconds, who, ``args``."""

RUNS, MEMORY = 1, 2
"""The two processes: those who run, and what they run on."""

STEPS: Final = "A run of a model has no times: each step is one microsecond."
TIMES: Final = (
    "Times are the tracer's. A function ends where its caller goes on, or with the last call in it."
)
WAITS: Final = {"allocated": "allocated", "waits": "waits for RCU"}
"""The statuses of an object that last; before and behind them its memory is nobody's."""


def perfetto(shown: Design | Report | Trace, code: DefectCode | None = None) -> dict[str, Any]:
    """Return a run, or a recording, in the trace event format, as JSON-plain data.

    `code` chooses the defect whose run it is, as for `stage`.
    """
    of_kind("shown", shown, Design, Report, Trace)
    if isinstance(shown, Trace):
        return _file(_recorded(shown), shown.title, shown.kernel, TIMES)
    report = check(shown) if isinstance(shown, Design) else shown
    codes = ranked(report.found)
    asked = code or (codes[0] if codes else None)
    drawn = drawn_run(report, run_of(report, f"{TO}{asked}" if asked else SHORTEST))
    title = f"{report.design.title}: {drawn.path.world.scenario.name}"
    return _file(_simulated(drawn), title, report.facts.release, STEPS)


def _file(rows: Iterable[TraceRow], title: str, kernel: str, clock: str) -> dict[str, Any]:
    said = {"title": title, "kernel": kernel, "clock": clock, "made by": "gmemviz"}
    return data({"traceEvents": list(rows), "displayTimeUnit": "ns", "otherData": said})


# --- a run of the model -----------------------------------------------------------------


def _simulated(drawn: StagedRun) -> Iterator[TraceRow]:
    run = drawn.run
    yield from _names(RUNS, "who runs", actors_of(run))
    for thread, actor in enumerate(actors_of(run), 1):
        for root in calls(run, actor):
            yield from _nested(root, thread, [step.event for step in run])
    yield from _memory(drawn.scene.frames)
    for at, step in enumerate(run):
        if step.event.context == "?" and step.event.effects:
            yield _instant(step.event.function, at, {"says": step.event.sentence})
    if defect := drawn.path.defect:
        said = {"object": defect.object, "says": run[-1].event.sentence}
        yield _instant(defect.code, drawn.moment, said)


def _nested(call: OpenCall, thread: int, events: Sequence[Event]) -> Iterator[TraceRow]:
    own = events[call.own[0]] if call.own else None
    said = _args(own) if own else {}
    yield _slice((RUNS, thread), call.function, call.begin, call.end + 1, said)
    for inner in call.calls:
        yield from _nested(inner, thread, events)


def _memory(frames: Sequence[Mapping[str, Drawn]]) -> Iterator[TraceRow]:
    found = list(lives(frames))
    yield from _names(MEMORY, "memory", [life.label for life in found])
    for thread, life in enumerate(found, 1):
        for status, begin, end in life.parts:
            if status in WAITS:
                yield _slice((MEMORY, thread), WAITS[status], begin, end + 1, {})


# --- a recording ------------------------------------------------------------------------


# function_graph tells when a function is entered, and by its depth what it lies in.
def _recorded(trace: Trace) -> Iterator[TraceRow]:
    actors = tuple(dict.fromkeys(event.actor for event in trace.events))
    start = min((event.time for event in trace.events if event.time is not None), default=0.0)
    yield from _names(RUNS, "who runs", actors)
    for thread, actor in enumerate(actors, 1):
        own = [event for event in trace.events if event.actor == actor]
        for number, event in enumerate(own):
            begin, end = _micros(event, start), _micros(_until(own, number), start)
            yield _slice((RUNS, thread), event.function, begin, end, _args(event))
    for at, text in trace.marks:
        events = trace.events[at : at + 1] or trace.events[-1:]
        for event in events:
            yield _instant(text, _micros(event, start), {})


# Where nothing follows that is no deeper, a function ends with the last call in it.
def _until(own: Sequence[Event], number: int) -> Event:
    for event in own[number + 1 :]:
        if event.depth <= own[number].depth:
            return event
    return own[-1]


# A tracer writes microseconds, with three digits behind them at most.
def _micros(event: Event, start: float) -> float:
    return round(((event.time or start) - start) * 1e6, 3)


# --- one row ----------------------------------------------------------------------------


def _names(process: int, name: str, threads: Iterable[str]) -> Iterator[TraceRow]:
    yield {"name": "process_name", "ph": "M", "pid": process, "tid": 0, "args": {"name": name}}
    for thread, title in enumerate(threads, 1):
        shared = {"ph": "M", "pid": process, "tid": thread}
        yield {"name": "thread_name", **shared, "args": {"name": title}}
        yield {"name": "thread_sort_index", **shared, "args": {"sort_index": thread}}


def _slice(
    thread: tuple[int, int], name: str, begin: float, end: float, said: Mapping[str, str]
) -> TraceRow:
    where = {"pid": thread[0], "tid": thread[1], "ts": begin, "dur": end - begin}
    return {"name": name, "cat": "gmemviz", "ph": "X", **where, "args": dict(said)}


# "g": a line through all threads.
def _instant(name: str, at: float, said: Mapping[str, str]) -> TraceRow:
    where = {"pid": RUNS, "tid": 1, "ts": at, "s": "g"}
    return {"name": name, "cat": "gmemviz", "ph": "i", **where, "args": dict(said)}


def _args(event: Event) -> dict[str, str]:
    said = {
        "says": event.sentence,
        "context": CONTEXTS[event.context].word,
        "hook": event.hook,
        "place": str(event.source or ""),
        **dict(event.arguments),
    }
    return {name: text for name, text in said.items() if text}
