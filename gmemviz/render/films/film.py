"""Make films: pictures laid out once, and for each step the role of each element."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from gmemviz.errors import UndecidedError, choice, of_kind, whole_number
from gmemviz.facts import Event, Facts, Trace, kernel_of_release, load
from gmemviz.model import Design, Path, Report
from gmemviz.model.drive import Drive
from gmemviz.model.machine import Place
from gmemviz.model.search import Step, World, steps
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
from gmemviz.study import moment, verdict
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
    headline: str = ""
    """The verdict with its reason; a recording and a walk of one's own have none."""

    moment: int | None = None
    """The step that tells most, from 0, such as the hook that a leak passes by; None: the last."""

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
        return Text("\n".join(filter(None, lines)))

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
        used = chain.from_iterable(frame["roles"].values() for frame in self.frames)
        pictures = [_picture(drawing) for drawing in self.drawings]
        return Table(
            {
                "title": self.title,
                "origin": self.origin,
                "note": self.note,
                "headline": self.headline,
                "moment": len(self.frames) - 1 if self.moment is None else self.moment,
                "text": self.text,
                "pictures": pictures,
                "legend": legend(*used),
                "contexts": dict(CONTEXTS_OF.get(self.origin, CONTEXTS)),
                "frames": list(self.frames),
            }
        )

    def __repr__(self) -> str:
        pictures = ", ".join(drawing.name for drawing in self.drawings)
        return f"<Film {one_line(self.title)}, {self.origin}: {len(self.frames)} steps, {pictures}>"


def _picture(drawing: Drawing) -> dict[str, str]:
    return {key: getattr(drawing, key) for key in ("name", "title", "svg", "alt")}


def frame_of(event: Event, roles: Roles, defect: str = "") -> dict[str, Any]:
    """Return the frame in which `event` happens, as JSON-plain data."""
    return {
        "label": event.function,
        "actor": event.actor,
        "context": event.context,
        "hook": event.hook,
        "sentence": event.sentence.removeprefix(f"{event.function}: "),
        "source": str(event.source) if event.source else "",
        "roles": roles,
        "defect": defect,
    }


class Trail:
    """Remember what has run, so that each frame is complete in itself."""

    def __init__(self) -> None:
        self.done: Roles = {}

    def step(self, *now: str, role: str = "now", after: str = "done") -> Roles:
        """Return all that has run, and `now` in `role`; from the next step on it is `after`."""
        roles = {**self.done, **dict.fromkeys(now, role)}
        self.done.update(dict.fromkeys(now, after))
        return roles


# --- a run of the model -----------------------------------------------------------------


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
    calls = graph_of_report(report, world)
    drawings = (
        call_graph(calls, title="Who calls whom", facts=report.facts),
        memory(world),
        state_diagram(report),
        lanes([step.event for step in run]),
    )
    film = _simulated(report.design, world, drawings, _simulated_frames(shown, run))
    return replace(film, headline=_headline(report, shown), moment=moment(shown, run))


# A run to a defect is about that one, whatever else the Design has.
def _headline(report: Report, shown: Path) -> str:
    if shown.defect is None:
        return f"{verdict(report)}: {report.why}"
    return f"{shown.defect.code}: {report.reason(shown.defect.code)}"


def film_of_drive(here: Drive, states: Drawing | None = None) -> Film:
    """Return the film of a walk so far: the inode's states, its memory, who ran when.

    `states` is the diagram where it is drawn already; a walk that has not begun is one still frame.
    """
    of_kind("here", here, Drive)
    world, facts = here.ground.world, here.ground.facts
    explored = Report(world.design, facts, (here.ground.explored,))
    drawings = [states or state_diagram(explored), memory(world)]
    run = list(steps(here.path, facts))
    if run:
        drawings.append(lanes([step.event for step in run]))
        return _simulated(world.design, world, drawings, _simulated_frames(here.path, run))
    start = Event("start", "", "?", 0, sentence="Nothing has happened yet.")
    roles = {phase_id("not there"): "now", **memory_roles(world, world.cells(world.start))}
    return _simulated(world.design, world, drawings, [frame_of(start, roles)])


# The run may be of one kind of metadata alone, while the film is of the whole Design.
def _simulated(
    design: Design, world: World, drawings: Iterable[Drawing], frames: Iterable[dict[str, Any]]
) -> Film:
    note = f"{world.scenario.name}: {world.scenario.says}"
    return Film(design.title, "simulated", note, tuple(drawings), tuple(frames))


def _simulated_frames(path: Path, run: Sequence[Step]) -> Iterator[dict[str, Any]]:
    calls, states, lane = Trail(), Trail(), Trail()
    before, queued = "not there", ""
    telling = moment(path, run)
    for index, step in enumerate(run):
        is_last = index == len(run) - 1
        code = path.defect.code if path.defect and is_last else ""
        role = "defect" if code else "now"
        name, after = call_key(step.place.function, step.place.caller), phase(step.cells)
        queued = name if step.place.function == RCU else queued
        moved = [phase_edge(before, after)] if before != after else []
        roles = calls.step(*_call_ids(step.place, name, queued), role=role)
        roles |= states.step(phase_id(after), *moved)
        roles |= memory_roles(path.world, step.cells)
        roles |= _touched(step)
        if path.defect and index == telling:
            roles |= _object_roles(path)
        if code:
            roles |= _end_roles(path, after, code)
        roles |= lane.step(step_id(index), role=role)
        before = after
        told = path.defect.code if path.defect and index == telling else code
        yield frame_of(step.event, roles, told)


def _call_ids(place: Place, name: str, queued: str) -> list[str]:
    ids = [node_id(name), edge_id(place.caller, name)]
    if name in CALLBACKS:
        ids.append(edge_id(GRACE, name))
    if name == GRACE:
        ids.append(edge_id(queued, GRACE))
    return ids


def _touched(step: Step) -> Roles:
    # What a step frees shows as freed; what it changes otherwise, as touched.
    changed = [e for e in step.effects if e.change not in ("freed", "awaiting-grace")]
    return {object_id(effect.object): "touched" for effect in changed}


def _end_roles(path: Path, last: str, code: str) -> Roles:
    return {
        **_object_roles(path),
        phase_id(code): "defect",
        phase_edge(last, code): "defect",
    }


# What shows only when nothing is left to run is held for ever: from the step on at which the last
# who could have freed it did not, as where iput_final passes evict_inode by.
def _object_roles(path: Path) -> Roles:
    assert path.defect is not None
    role = "leaked" if path.is_at_end else "defect"
    return {object_id(path.defect.cell or path.defect.object): role}


# --- a picture, a recording -------------------------------------------------------------


def film_of_drawing(drawing: Drawing) -> Film:
    """Return a film of one picture and one step: to look at closely, with its tooltips."""
    of_kind("drawing", drawing, Drawing)
    event = Event(drawing.name, "", "?", 0, sentence=drawing.title)
    frame = frame_of(event, dict(drawing.roles))
    return Film(drawing.title, drawing.origin, "", (drawing.dressed({}),), (frame,))


def film_of_recording(trace: Trace, *, facts: Facts | None = None) -> Film:
    """Return the film of a recording: who called whom, and who ran when."""
    of_kind("trace", trace, Trace)
    graph = graph_of_recording(trace, facts)
    drawings = (
        call_graph(graph, title="Who called whom", facts=facts),
        lanes(trace.events, contexts=RECORDED_CONTEXTS),
    )
    frames, calls, lane = [], Trail(), Trail()
    for index, (caller, event) in enumerate(called(trace)):
        name = call_key(event.function, caller)
        now = [node_id(name)]
        if caller:
            now.append(edge_id(caller, name))
        if name == "i_callback":
            now.append(edge_id(call_key(RCU, "destroy_inode"), name))
        frames.append(frame_of(event, calls.step(*now) | lane.step(step_id(index))))
    note = f"recorded on {trace.kernel}; inlined functions and those outside the tracer's "
    note += "filter are not seen"
    if trace.missing:
        note += f"; missing: {'; '.join(trace.missing)}"
    return Film(trace.title, trace.origin, note, drawings, tuple(frames))


def facts_of(trace: Trace) -> Facts | None:
    """Return the shipped facts of a recording's kernel, such as 7.3 for 7.3.4+deb13, or None."""
    kernel = kernel_of_release(trace.kernel)
    return load(kernel) if kernel else None
