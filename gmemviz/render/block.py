"""Draw one block of the matrix for a slide: a placement's cleanups by kinds of metadata.

A row can be lit, so that a speaker leads from one to the next. A cell says in a word what to hear
of first, and all words are at least 20 px high on a slide of 1280 x 720.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from gmemviz.errors import choice
from gmemviz.facts import Event
from gmemviz.model import CLEANUPS, METADATA, PLACEMENTS
from gmemviz.render import engine
from gmemviz.render.drawing import UNSEEN, Drawing, Node, element_id
from gmemviz.render.films import Film, frame_of
from gmemviz.render.sheet import RIGHT, WIDTH, Sheet, at, box, rule, words
from gmemviz.render.strips import TEXT
from gmemviz.render.theme import VERDICTS
from gmemviz.study import SHORT

Row = Mapping[str, Any]

# All in points, on the sheet.
NAMES, STEP, TOP, LINE, FAMILY = 194.0, 20.0, 44.0, 21.5, 5.0
WIDE: Final = (WIDTH - NAMES) / len(METADATA)
FULL: Final = 9
"""Letters that a cell has room for."""


def draw_block(rows: Iterable[Row], placement: str) -> Drawing:
    """Return the picture of the rows of `gmemviz.study.matrix` that have one placement.

    They are of one kernel and mount. UnknownNameError for what is no placement of theirs.
    """
    found = [row for row in rows if row["placement"] == placement]
    choice("placement", placement, PLACEMENTS)
    tops = _tops()
    height = max(tops.values()) + LINE
    nodes = [Node("page", "", "note", " ", extra=(*at((0, 0, WIDTH, height)), *UNSEEN))]
    nodes += [_strip(cleanup, y) for cleanup, y in tops.items()]
    nodes += [*_columns(), *_cells(found, tops)]
    alt = "\n".join(f"{cleanup}: {_said(found, cleanup)}" for cleanup in CLEANUPS)
    title = f"{placement}: {len(found)} cells"
    graph = Sheet.GRAPH
    return Sheet("block", title, alt, tuple(nodes), graph=graph, origin="simulated")


def _tops() -> dict[str, float]:
    # Cleanups that begin with the same word stand together.
    tops, y, before = dict[str, float](), TOP, ""
    for name in CLEANUPS:
        family = name.replace("+", "-").partition("-")[0]
        y += FAMILY if before not in ("", family) else 0
        tops[name], before = y, family
        y += LINE
    return tops


# A name of a kind is wider than its column, so that every other one stands a step higher.
def _columns() -> Iterator[Node]:
    for number, name in enumerate(METADATA):
        middle, y = NAMES + WIDE * (number + 0.5), STEP * (1 - number % 2)
        is_last = number == len(METADATA) - 1
        place = (WIDTH - 2 * WIDE, RIGHT) if is_last else (middle - WIDE, "")
        yield words(name, place[0], y - 2, 2 * WIDE, size=TEXT, end=place[1])
        if number % 2:
            yield rule(middle, STEP, TOP - 3)


def row_id(cleanup: str) -> str:
    """Return the id of what lights a row up, in DOT and SVG."""
    return element_id("row", cleanup)


# It lies behind its cells, and is seen where it wears a role.
def _strip(cleanup: str, y: float) -> Node:
    return box(row_id(cleanup), "", "note", cleanup, (0, y - 2, WIDTH, LINE + 1))


def _cells(rows: Sequence[Row], tops: Mapping[str, float]) -> Iterator[Node]:
    for cleanup, y in tops.items():
        yield words(cleanup, 0, y - 2, NAMES - 8, size=TEXT, end=RIGHT)
    columns = list(METADATA)
    for row in rows:
        x = NAMES + WIDE * columns.index(row["metadata"])
        look = _look(row)
        name = element_id("cell", row["cleanup"], row["metadata"])
        place = x, tops[row["cleanup"]], WIDE - 2, LINE - 3
        cell = box(name, word(row), look, f"{row['cleanup']}, {row['metadata']}", place)
        plain = (("fontsize", f"{TEXT - 0.5:g}"), ("fontname", engine.FONT))
        yield replace(cell, extra=(*cell.extra, *plain))


def _look(row: Row) -> str:
    if not row["applicable"]:
        return "inapplicable"
    return row["code"] or ("correct" if row["verdict"] == "correct" else "undecided")


def word(row: Row) -> str:
    """Return what a cell says: a check mark, a dash for no Design, or its defect."""
    look = _look(row)
    if look not in SHORT:
        return VERDICTS[look].symbol
    said = SHORT[look]  # type: ignore[index]
    if len(said) <= FULL:
        return said
    first, _, last = said.partition(" ")
    return first if last in SHORT.values() else last  # a leaked inode is no leak of metadata


def _said(rows: Iterable[Row], cleanup: str) -> str:
    own = [row for row in rows if row["cleanup"] == cleanup]
    right = [row["metadata"] for row in own if row["verdict"] == "correct"]
    return f"right for {len(right)} of {len(own)} kinds: {', '.join(right) or 'none'}"


# Nobody runs in a table, so no context is said.
def _frame(label: str, said: str, roles: dict[str, str]) -> dict[str, Any]:
    return {**frame_of(Event(label, "", "?", 0, sentence=said), roles), "context": ""}


def film_of_block(rows: Iterable[Row], placement: str, lit: Sequence[str]) -> Film:
    """Return the block as a film: first whole, then each row of `lit` by itself."""
    found = [row for row in rows if row["placement"] == placement]
    drawing = draw_block(found, placement)
    frames = [_frame(drawing.title, "All rows.", {})]
    for cleanup in lit:
        # The kinds stand above the row: a slide has one line for what is said.
        said = _said(found, choice("cleanup", cleanup, CLEANUPS)).partition(":")[0]
        frames.append(_frame(cleanup, f"{said}.", {row_id(cleanup): "now"}))
    return Film(drawing.title, "simulated", "", (drawing,), tuple(frames), moment=0)
