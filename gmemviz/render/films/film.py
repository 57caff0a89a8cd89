"""Make films: pictures laid out once, and for each step the role of each element."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gmemviz.errors import UndecidedError, choice, of_kind, whole_number
from gmemviz.facts import Event, Facts, Trace
from gmemviz.model import Path, Report
from gmemviz.model.drive import Drive
from gmemviz.model.search import Step, steps
from gmemviz.render import engine
from gmemviz.render.calls import (
    CALLBACKS,
    GRACE,
    RCU,
    call_graph,
    call_key,
    called,
    edge_id,
    graph_of_recording,
    graph_of_report,
    node_id,
)
from gmemviz.render.drawing import Drawing
from gmemviz.render.lanes import lanes, step_id
from gmemviz.render.memory import memory, memory_roles, object_id
from gmemviz.render.states import phase, phase_edge, phase_id, state_diagram
from gmemviz.render.theme import CONTEXTS, CONTEXTS_OF, RECORDED_CONTEXTS, legend
from gmemviz.shown import Table, Text, shows_itself
from gmemviz.text import one_line

Roles = dict[str, str]


@shows_itself
@dataclass(frozen=True)
class Film:
    """Hold pictures and the roles that their elements have at each step.

    `frames` are as the player takes them; see `gmemviz.widget.Player`.
    """

    title: str
    origin: str
    note: str
    drawings: tuple[Drawing, ...]
    frames: tuple[dict[str, Any], ...]

    @property
    def text(self) -> str:
        """Return the whole film in words: a line a step, always the same."""
        lines = [f"{self.title} [{self.origin}]", self.note]
        for number, frame in enumerate(self.frames, 1):
            label, sentence = frame["label"], frame["sentence"]
            said = sentence if label in sentence else f"{label}: {sentence}"
            lines.append(f"{number:3} {frame['actor']} {frame['context']} {said}")
        words = CONTEXTS_OF.get(self.origin, CONTEXTS)
        letters = dict.fromkeys(frame["context"] for frame in self.frames)
        lines += [f"{letter}: {words[letter]}" for letter in words if letter in letters]
        return Text("\n".join(line for line in lines if line))

    def still(self, name: str, step: int | None = None) -> Drawing:
        """Return one picture as it stands at a step, counted from 1 (None: the last)."""
        drawings = {drawing.name: drawing for drawing in self.drawings}
        drawing = drawings[choice("picture", name, drawings)]
        last = len(self.frames)
        at = last if step is None else whole_number("step", step, least=1, most=last)
        return drawing.dressed(self.frames[at - 1]["roles"])

    def to_json(self) -> dict[str, Any]:
        """Return the film as JSON-plain data, its pictures laid out."""
        engine.svgs(drawing.dot for drawing in self.drawings)  # several at once
        used = {role for frame in self.frames for role in frame["roles"].values()}
        return Table(
            {
                "title": self.title,
                "origin": self.origin,
                "note": self.note,
                "text": self.text,
                "pictures": [
                    {"name": d.name, "title": d.title, "svg": d.svg, "alt": d.alt}
                    for d in self.drawings
                ],
                "legend": legend(*used),
                "contexts": dict(CONTEXTS_OF.get(self.origin, CONTEXTS)),
                "frames": list(self.frames),
            }
        )

    def __repr__(self) -> str:
        pictures = ", ".join(drawing.name for drawing in self.drawings)
        return f"<Film {one_line(self.title)}, {self.origin}: {len(self.frames)} steps, {pictures}>"


def _frame(event: Event, roles: Roles, defect: str = "") -> dict[str, Any]:
    sentence = event.sentence.removeprefix(f"{event.function}: ")
    return {
        "label": event.function,
        "actor": event.actor,
        "context": event.context,
        "hook": event.hook,
        "sentence": sentence,
        "source": str(event.source) if event.source else "",
        "roles": roles,
        "defect": defect,
    }


class _Trail:
    """Remember what has run, so that each frame is complete in itself."""

    def __init__(self) -> None:
        self.done: Roles = {}

    def step(self, *now: str, role: str = "now") -> Roles:
        roles = {**self.done, **dict.fromkeys(now, role)}
        self.done.update(dict.fromkeys(now, "done"))
        return roles


def film_of_report(report: Report, path: Path | None = None) -> Film:
    """Return the film of a run of a Design: its counterexample, or a whole run.

    `report` must have kept its moves (for the state diagram). UndecidedError where the search
    hit its limit before any run had an end.
    """
    of_kind("report", report, Report)
    shown = path or report.counterexample or report.whole
    if shown is None:
        raise UndecidedError(f"no run of {report.design.title} has an end: {report.why}")
    world, run = shown.world, list(steps(shown, report.facts))
    events = [step.event for step in run]
    title = report.design.title
    drawings = (
        call_graph(graph_of_report(report, world), title="Who calls whom", facts=report.facts),
        memory(world),
        state_diagram(report),
        lanes(events),
    )
    note = f"{world.scenario.name}: {world.scenario.says}"
    frames = tuple(_simulated_frames(shown, run))
    return Film(title, "simulated", note, drawings, frames)


def _simulated_frames(path: Path, run: Sequence[Step]) -> Iterator[dict[str, Any]]:
    calls, states, before, queued = _Trail(), _Trail(), "not there", ""
    for index, step in enumerate(run):
        is_last = index == len(run) - 1
        code = path.defect.code if path.defect and is_last else ""
        place, after = step.place, phase(step.cells)
        name = call_key(place.function, place.caller)
        now = [node_id(name), edge_id(place.caller, name)]
        queued = name if name.startswith(RCU) else queued
        if name in CALLBACKS:
            now.append(edge_id(GRACE, name))
        if name == GRACE:
            now.append(edge_id(queued, GRACE))
        roles = calls.step(*now, role="defect" if code else "now")
        moved = [phase_edge(before, after)] if before != after else []
        roles |= states.step(phase_id(after), *moved)
        roles |= memory_roles(path.world, step.cells)
        roles |= _touched(step)
        if code:
            roles |= _end_roles(path, after, code)
        roles |= {step_id(past): "done" for past in range(index)}
        roles[step_id(index)] = "defect" if code else "now"
        before = after
        yield _frame(step.event, roles, code)


def _touched(step: Step) -> Roles:
    # What a step frees shows as freed; what it changes otherwise, as touched.
    return {
        object_id(effect.object): "touched"
        for effect in step.event.effects
        if effect.change not in ("freed", "awaiting-grace")
    }


def _end_roles(path: Path, last: str, code: str) -> Roles:
    assert path.defect is not None
    # What shows only when nothing is left to run is held for ever.
    role = "leaked" if path.is_at_end else "defect"
    return {
        object_id(path.defect.object): role,
        phase_id(code): "defect",
        phase_edge(last, code): "defect",
    }


def film_of_drive(here: Drive, states: Drawing | None = None) -> Film:
    """Return the film of a walk so far: the inode's states, its memory, who ran when.

    `states` is the diagram where it is drawn already; a walk that has not begun is one still frame.
    """
    of_kind("here", here, Drive)
    world, facts = here.ground.world, here.ground.facts
    states = states or state_diagram(Report(world.design, facts, (here.ground.explored,)))
    run = list(steps(here.path, facts))
    drawings = (states, memory(world), *([lanes([step.event for step in run])] if run else []))
    note = f"{world.scenario.name}: {world.scenario.says}"
    start = Event("start", "", "?", 0, sentence="Nothing has happened yet.")
    first = {phase_id("not there"): "now", **memory_roles(world, world.cells(world.start))}
    frames = tuple(_simulated_frames(here.path, run)) or (_frame(start, first),)
    return Film(world.design.title, "simulated", note, drawings, frames)


def film_of_drawing(drawing: Drawing) -> Film:
    """Return a film of one picture and one step: to look at closely, with its tooltips."""
    of_kind("drawing", drawing, Drawing)
    event = Event(drawing.name, "", "?", 0, sentence=drawing.title)
    plain = drawing.dressed({})
    return Film(drawing.title, drawing.origin, "", (plain,), (_frame(event, dict(drawing.roles)),))


def film_of_recording(trace: Trace, *, facts: Facts | None = None) -> Film:
    """Return the film of a recording: who called whom, and who ran when."""
    of_kind("trace", trace, Trace)
    graph = graph_of_recording(trace, facts)
    drawings = (
        call_graph(graph, title="Who called whom", facts=facts),
        lanes(trace.events, contexts=RECORDED_CONTEXTS),
    )
    frames, trail = [], _Trail()
    for index, (caller, event) in enumerate(called(trace)):
        name = call_key(event.function, caller)
        now = [node_id(name)]
        now += [edge_id(caller, name)] if caller else []
        if name == "i_callback":
            now.append(edge_id(call_key(RCU, "destroy_inode"), name))
        roles = trail.step(*now)
        roles |= {step_id(past): "done" for past in range(index)}
        roles[step_id(index)] = "now"
        frames.append(_frame(event, roles))
    return Film(trace.title, trace.origin, _missing(trace), drawings, tuple(frames))


def _missing(trace: Trace) -> str:
    words = f"recorded on {trace.kernel}; inlined functions and those outside the tracer's "
    words += "filter are not seen"
    return f"{words}; missing: {'; '.join(trace.missing)}" if trace.missing else words
