"""Draw who runs when: one row an actor, one column a step."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from gmemviz.facts import Context, Event
from gmemviz.render.drawing import Drawing, Edge, Node, element_id
from gmemviz.render.theme import CONTEXTS

SHAPES: Final[Mapping[Context, str]] = {
    "P": "circle",
    "L": "square",
    "A": "square",
    "B": "diamond",
    "?": "hexagon",
}


def step_id(index: int) -> str:
    """Return the SVG id of a step's mark."""
    return element_id("lane", str(index))


def _row(
    actor: str, row: int, events: Sequence[Event], contexts: Mapping[Context, str]
) -> Iterator[Node]:
    hidden = (("height", "0.2"), ("width", "0.2"), ("fixedsize", "true"))
    yield Node(element_id("lane_of", str(row)), actor, "user", actor, "plaintext")
    for index, event in enumerate(events):
        if event.actor != actor:
            extra = (("style", "invis"), *hidden)
            yield Node(element_id("lane_gap", str(row), str(index)), "", extra=extra)
            continue
        look = "hook" if event.hook else "vfs"
        said = f"{index + 1}. {event.function} ({contexts[event.context]})"
        shape = SHAPES[event.context]
        extra = (("height", "0.24"), ("width", "0.24"), ("fixedsize", "true"), ("fontsize", "7"))
        yield Node(step_id(index), str(index + 1), look, said, shape, extra)


def lanes(events: Sequence[Event], *, contexts: Mapping[Context, str] = CONTEXTS) -> Drawing:
    """Return the Drawing of events in time; `contexts` says what their letters mean."""
    actors = list(dict.fromkeys(event.actor for event in events))
    rows = [list(_row(actor, row, events, contexts)) for row, actor in enumerate(actors)]
    edges = []
    for number, row in enumerate(rows):
        for index, (left, right) in enumerate(pairwise(row)):
            name = element_id("lane_e", str(number), str(index))
            extra = (("style", "invis"), ("weight", "100"))
            edges.append(Edge(name, left.id, right.id, extra=extra))
    for index, (upper, lower) in enumerate(pairwise(rows)):
        name = element_id("lane_order", str(index))
        edges.append(Edge(name, upper[0].id, lower[0].id, extra=(("style", "invis"),)))
    columns = tuple(tuple(row[index].id for row in rows) for index in range(len(events) + 1))
    words = [
        f"{index + 1}. {event.actor} {event.context}: {event.function}"
        for index, event in enumerate(events)
    ]
    layout = (("rankdir", "LR"), ("nodesep", "0.06"), ("ranksep", "0.03"))
    nodes = tuple(node for row in rows for node in row)
    return Drawing(
        "lanes",
        "Who runs when: ○ process, □ atomic, ◇ softirq, ⬡ not known or nobody",
        "\n".join(words),
        nodes,
        tuple(edges),
        graph=layout,
        ranks=columns,
    )
