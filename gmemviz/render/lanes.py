"""Draw who runs when: one row an actor, one column a step."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import Final

from gmemviz.facts import Context, Event
from gmemviz.render.drawing import UNSEEN, Arrow, Drawing, Node, element_id
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


_SIZE: Final = (("height", "0.24"), ("width", "0.24"), ("fixedsize", "true"), ("fontsize", "7"))
_GAP: Final = (*UNSEEN, ("height", "0.2"), ("width", "0.2"), ("fixedsize", "true"))
_IN_A_ROW: Final = (*UNSEEN, ("weight", "100"))


def lanes(events: Sequence[Event], *, contexts: Mapping[Context, str] = CONTEXTS) -> Drawing:
    """Return the Drawing of events in time; `contexts` says what their letters mean.

    Graphviz has no grid: each row is a chain of unseen edges, with an unseen node where somebody
    else runs, and each column is a rank.
    """
    actors = dict.fromkeys(event.actor for event in events)
    rows = [list(_row(actor, row, events, contexts)) for row, actor in enumerate(actors)]
    edges = []
    for number, row in enumerate(rows):
        for index, (left, right) in enumerate(pairwise(row)):
            name = element_id("lane_e", str(number), str(index))
            edges.append(Arrow(name, left.id, right.id, extra=_IN_A_ROW))
    for index, (upper, lower) in enumerate(pairwise(rows)):
        name = element_id("lane_order", str(index))
        edges.append(Arrow(name, upper[0].id, lower[0].id, extra=UNSEEN))
    words = []
    for number, event in enumerate(events, 1):
        words.append(f"{number}. {event.actor} {event.context}: {event.function}")
    columns = [_column(rows, index) for index in range(len(events) + 1)]  # the names first
    return Drawing(
        "lanes",
        "Who runs when: ○ process, □ atomic, ◇ softirq, ⬡ not known or nobody",
        "\n".join(words),
        tuple(chain.from_iterable(rows)),
        tuple(edges),
        graph=(("rankdir", "LR"), ("nodesep", "0.06"), ("ranksep", "0.03")),
        ranks=tuple(columns),
    )


def _column(rows: Sequence[Sequence[Node]], index: int) -> tuple[str, ...]:
    return tuple(row[index].id for row in rows)


# The actor's name, then a mark for each step that it takes.
def _row(
    actor: str, row: int, events: Sequence[Event], contexts: Mapping[Context, str]
) -> Iterator[Node]:
    yield Node(element_id("lane_of", str(row)), actor, "user", actor, "plaintext")
    for index, event in enumerate(events):
        if event.actor == actor:
            look, shape = "hook" if event.hook else "vfs", SHAPES[event.context]
            tip = f"{index + 1}. {event.function} ({contexts[event.context]})"
            yield Node(step_id(index), str(index + 1), look, tip, shape, _SIZE)
        else:
            yield Node(element_id("lane_gap", str(row), str(index)), "", extra=_GAP)
