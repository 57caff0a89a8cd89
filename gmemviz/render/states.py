"""Draw the inode's states: those that the search reached, and the steps between them."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final

from gmemviz.model import Report
from gmemviz.model.machine import ABSENT, AWAITING, FREED, I_CLEAR, I_FREEING, Cell
from gmemviz.model.search import Exploration, Move
from gmemviz.render.drawing import Arrow, Drawing, Node, element_id

_GONE_OR_GOING: Final = {ABSENT: "not there", FREED: "freed", AWAITING: "waits for RCU"}
_FLAGS: Final = {I_FREEING: "I_FREEING", I_FREEING | I_CLEAR: "I_FREEING | I_CLEAR"}


def phase(cells: Mapping[str, Cell]) -> str:
    """Return in words what the inode's own cells say of it.

    The flags come one after the other (fs/inode.c:iput_final@v6.12, fs/inode.c:clear_inode@v6.12).
    """
    status = cells["inode"]
    if status in _GONE_OR_GOING:
        return _GONE_OR_GOING[status]
    flags, count = cells["inode.i_state"], cells["inode.i_count"]
    if flags in _FLAGS:
        return _FLAGS[flags]
    if count is None:
        return "allocated"
    return "i_count > 0" if count else "i_count 0"


def phase_id(name: str) -> str:
    """Return the SVG id of a phase's node."""
    return element_id("state", name)


def phase_edge(before: str, after: str) -> str:
    """Return the SVG id of the edge between two phases."""
    return element_id("state_e", before, after)


def state_diagram(report: Report) -> Drawing:
    """Return the Drawing of the inode's phases; `report` must have kept its moves.

    An edge is a step that leads from one phase to another, named by each function that does it; a
    defect is a node that a phase ends in.
    """
    reached = _reached(report)
    phases = dict.fromkeys(chain.from_iterable(reached))
    nodes = {name: Node(phase_id(name), name) for name in phases}
    edges, words = [], []
    for (before, after), functions in reached.items():
        names = ", ".join(functions)
        edges.append(_edge(before, after, names))
        words.append(f"{before} -> {after}: {names}")
    for before, code, function in _defects(report):
        nodes.setdefault(before, Node(phase_id(before), before))
        nodes[code] = Node(phase_id(code), f"⚠ {code}", shape="octagon")
        edges.append(_edge(before, code, function))
        words.append(f"{before} -> defect {code}: {function}")
    title = "The inode's states that the search reached"
    layout = (("rankdir", "LR"), ("nodesep", "0.22"), ("ranksep", "0.25"))
    alt = "\n".join(words)
    return Drawing("states", title, alt, tuple(nodes.values()), tuple(edges), graph=layout)


def _edge(before: str, after: str, functions: str) -> Arrow:
    name = phase_edge(before, after)
    return Arrow(name, phase_id(before), phase_id(after), "phase", "", functions)


# By phase and next phase the functions that lead there, in the order of the search.
def _reached(report: Report) -> dict[tuple[str, str], dict[str, None]]:
    reached: dict[tuple[str, str], dict[str, None]] = {}
    for exploration in report.explorations:
        cells = exploration.world.cells
        for state, move, after in exploration.moves:
            pair = phase(cells(state)), phase(cells(after))
            if pair[0] != pair[1]:
                reached.setdefault(pair, {}).setdefault(_function(exploration, move))
    return reached


def _function(exploration: Exploration, move: Move) -> str:
    act = exploration.world.programs[move.actor].act(move.act)
    return act.place.hook or act.place.function


def _defects(report: Report) -> Iterator[tuple[str, str, str]]:
    for code, (exploration, found) in report.found.items():
        before = phase(exploration.world.cells(found.state))
        yield before, code, _function(exploration, found.move) if found.move else "end of the run"
