"""Draw the inode's states: those that the search reached, and the steps between them."""

from collections.abc import Iterator, Mapping
from typing import Final

from gmemviz.model import Report
from gmemviz.model.machine import ABSENT, AWAITING, FREED, I_CLEAR, I_FREEING, Cell
from gmemviz.model.search import Exploration, Move
from gmemviz.render.drawing import Drawing, Edge, Node, element_id

Phases = dict[tuple[str, str], list[str]]


def phase(cells: Mapping[str, Cell]) -> str:
    """Return in words what the inode's own cells say of it."""
    status = cells["inode"]
    if status in _GONE_OR_GOING:
        return _GONE_OR_GOING[status]
    flags, count = cells["inode.i_state"], cells["inode.i_count"]
    if flags in _FLAGS:
        return _FLAGS[flags]
    if count is None:
        return "allocated"
    return "i_count > 0" if count else "i_count 0"


_GONE_OR_GOING: Final = {ABSENT: "not there", FREED: "freed", AWAITING: "waits for RCU"}
_FLAGS: Final = {I_FREEING: "I_FREEING", I_FREEING | I_CLEAR: "I_FREEING | I_CLEAR"}


def phase_id(name: str) -> str:
    """Return the SVG id of a phase's node."""
    return element_id("state", name)


def phase_edge(before: str, after: str) -> str:
    """Return the SVG id of the edge between two phases."""
    return element_id("state_e", before, after)


def _function(exploration: Exploration, move: Move) -> str:
    act = exploration.world.programs[move.actor].act(move.act)
    return act.place.hook or act.place.function


def _reached(report: Report) -> Phases:
    # Needs searches that kept their moves; the order is that of the search.
    phases: Phases = {}
    for exploration in report.explorations:
        cells = exploration.world.cells
        for state, move, after in exploration.moves:
            pair = phase(cells(state)), phase(cells(after))
            if pair[0] != pair[1]:
                functions = phases.setdefault(pair, [])
                name = _function(exploration, move)
                if name not in functions:
                    functions.append(name)
    return phases


def _defects(report: Report) -> Iterator[tuple[str, str, str]]:
    for code, (exploration, found) in report.found.items():
        before = phase(exploration.world.cells(found.state))
        yield before, code, _function(exploration, found.move) if found.move else "end of the run"


def state_diagram(report: Report) -> Drawing:
    """Return the Drawing of the inode's phases; `report` must have kept its moves."""
    phases = _reached(report)
    names = dict.fromkeys(name for pair in phases for name in pair)
    nodes = [Node(phase_id(name), name) for name in names]
    edges = [
        Edge(
            phase_edge(*pair),
            phase_id(pair[0]),
            phase_id(pair[1]),
            "phase",
            "",
            ", ".join(functions),
        )
        for pair, functions in phases.items()
    ]
    words = [f"{before} -> {after}: {', '.join(how)}" for (before, after), how in phases.items()]
    for before, code, function in _defects(report):
        if before not in names:
            names[before] = None
            nodes.append(Node(phase_id(before), before))
        nodes.append(Node(phase_id(code), f"⚠ {code}", shape="octagon"))
        edge = phase_edge(before, code)
        edges.append(Edge(edge, phase_id(before), phase_id(code), "phase", "", function))
        words.append(f"{before} -> defect {code}: {function}")
    layout = (("rankdir", "LR"), ("nodesep", "0.22"), ("ranksep", "0.25"))
    return Drawing(
        "states", "The inode's states that the search reached", "\n".join(words),
        tuple(nodes), tuple(edges), graph=layout,
    )  # fmt: skip
