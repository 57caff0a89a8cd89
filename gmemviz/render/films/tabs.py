"""Draw what a Stage shows beside memory: who calls whom in a run, and the inode's states.

A picture is laid out once, and each step says only which elements change: a Stage is sent these
on each toggle, so what stays is not said again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from gmemviz.model import Path, Report
from gmemviz.model.search import Step, steps, with_moves
from gmemviz.render import engine
from gmemviz.render.calls import (
    CALLBACKS,
    GRACE,
    RCU,
    CallGraph,
    call_graph,
    call_key,
    edge_id,
    graph_of_report,
    hooks_only,
    node_id,
)
from gmemviz.render.drawing import Drawing
from gmemviz.render.films.film import Roles, Trail
from gmemviz.render.states import phase, phase_edge, phase_id, state_diagram
from gmemviz.study import moment

CLOSE: Final = (("rankdir", "TB"), ("nodesep", "0.18"), ("ranksep", "0.12"))
"""How near to each other what calls stands: a Stage's pane is not high."""

QUEUED_BY: Final = "destroy_inode"
"""Who queues i_callback (fs/inode.c:destroy_inode@v7.3); what others queue is the Design's own."""


def tabs_of_run(report: Report, path: Path) -> dict[str, dict[str, Any]]:
    """Return the pictures of a run by their names: ``calls`` (hooks only), ``whole``, ``states``.

    Each is JSON-plain: ``title``, ``svg``, ``alt``, and ``steps``, which say of each step the
    elements whose role changes ("" is none). MissingToolError without an engine that draws.
    """
    run = list(steps(path, report.facts))
    graph = graph_of_report(report, path.world)
    few = hooks_only(graph)
    drawings = {
        "calls": call_graph(
            few, title="Hooks, and who calls them", facts=report.facts, layout=CLOSE
        ),
        "whole": call_graph(graph, title="Who calls whom", facts=report.facts, layout=CLOSE),
        "states": state_diagram(with_moves(report)),
    }
    drawings = {name: _without_key(drawing) for name, drawing in drawings.items()}
    engine.svgs(drawing.dot for drawing in drawings.values())  # several at once
    roles = {
        "calls": _calls(path, run, few),
        "whole": _calls(path, run, graph),
        "states": _states(path, run),
    }
    return {name: _picture(drawing, roles[name]) for name, drawing in drawings.items()}


def _picture(drawing: Drawing, roles: Iterator[Roles]) -> dict[str, Any]:
    drawn = {node.id for node in drawing.nodes} | {edge.id for edge in drawing.edges}
    before: Roles = {}
    changes = []
    for each in roles:
        after = {name: role for name, role in each.items() if name in drawn}
        gone = dict.fromkeys(before.keys() - after.keys(), "")
        new = {name: role for name, role in after.items() if before.get(name) != role}
        changes.append(dict(sorted({**gone, **new}.items())))
        before = after
    return {"title": drawing.title, "svg": drawing.svg, "alt": drawing.alt, "steps": changes}


# The Stage says in its own words what the lines mean: in the picture they would be too small.
def _without_key(drawing: Drawing) -> Drawing:
    return replace(drawing, nodes=tuple(node for node in drawing.nodes if node.look != "note"))


# The step that shows a defect, and the moment to open at, where it begins.
def _is_wrong(path: Path, run: Sequence[Step], at: int) -> bool:
    return path.defect is not None and at in (moment(path, run), len(run) - 1)


# For what a picture leaves out stands its caller in this run.
def _calls(path: Path, run: Sequence[Step], graph: CallGraph) -> Iterator[Roles]:
    trail, queued = Trail(), ""
    callers: dict[str, str] = {}
    for at, step in enumerate(run):
        name = call_key(step.place.function, step.place.caller)
        callers[name] = step.place.caller
        queued = name if step.place.function == RCU else queued
        now = list(_called(name, queued, graph, callers))
        role = "defect" if _is_wrong(path, run, at) else "now"
        yield trail.step(*now, role=role)
        if step.place.function == RCU:  # what it has queued has not run yet
            own = step.place.caller == QUEUED_BY
            trail.done[node_id(CALLBACKS[0 if own else 1])] = "awaiting"


def _called(name: str, queued: str, graph: CallGraph, callers: Mapping[str, str]) -> Iterator[str]:
    shown = _shown(name, graph, callers)
    if shown:
        yield node_id(shown)
    caller = _shown(callers[name], graph, callers)
    if shown == name and caller:
        yield edge_id(caller, name)
    if name in CALLBACKS:
        yield edge_id(GRACE, name)
    if name == GRACE and queued:
        yield edge_id(queued, GRACE)


def _shown(name: str, graph: CallGraph, callers: Mapping[str, str]) -> str:
    seen = set[str]()
    while name and name not in graph.functions and name not in seen:
        seen.add(name)
        name = callers.get(name, "")
    return name if name in graph.functions else ""


def _states(path: Path, run: Sequence[Step]) -> Iterator[Roles]:
    trail, before = Trail(), "not there"
    for at, step in enumerate(run):
        after = phase(step.cells)
        moved = [phase_edge(before, after)] if before != after else []
        roles = trail.step(phase_id(after), *moved)
        if path.defect and at == len(run) - 1:
            code = path.defect.code
            roles |= dict.fromkeys((phase_id(code), phase_edge(after, code)), "defect")
        yield roles
        before = after
