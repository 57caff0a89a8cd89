"""Draw the matrix: what the search says of every placement, cleanup and kind of metadata."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, product
from typing import Any, Final, NamedTuple

from gmemviz.errors import GmemvizError, choice, of_kind
from gmemviz.facts import kernels
from gmemviz.model import CLEANUPS, METADATA, PLACEMENTS
from gmemviz.render.drawing import Drawing, Node, element_id
from gmemviz.render.sheet import HEIGHT, RIGHT, WIDTH, Sheet, box, page, rule, words
from gmemviz.render.theme import MARKS, VERDICTS
from gmemviz.study import ASSUMPTIONS, bounds_of_rows, confirmed, kernel_line
from gmemviz.text import wrap

Row = Mapping[str, Any]

AXES: Final[Mapping[str, Iterable[str]]] = {
    "placement": PLACEMENTS, "cleanup": CLEANUPS, "metadata": METADATA,
}  # fmt: skip
CELL_NAMES: Final = ("kernel", "mount", *AXES)

READING: Final = (
    "Block: where the pointer lies. Row: which hook frees. Column: what is freed. "
    "Letter: what the shortest run to a defect shows; + other runs show more."
)

# All in points, on the sheet.
CELL, LINE, FAMILY = 19.0, 12.7, 2.4
"""A cell's width and height with the room beside it, and the room between families of cleanups."""
MARGIN, ACROSS = 122.0, 223.0
BLOCKS: Final = 3
"""Blocks, one a placement, that stand side by side."""
TOPS: Final = (133.0, 329.0)
STAIR: Final = 9.5
KEY, KEY_LINE, KEY_MARK = 774.0, 22.4, 13.6
KEY_SHOWN, KEY_ALL = KEY + 92, KEY + 132
SMALL: Final = 210
"""Letters of the small print that fill a line."""


# --- the answers ------------------------------------------------------------------------


class Shown(NamedTuple):
    """Give an answer of the matrix, the verdict that its cell shows, and the mark that it wears."""

    row: Row
    look: str
    mark: str

    @property
    def sign(self) -> str:
        """Return what stands in the cell for the verdict: + where other runs show more."""
        is_several = len(self.row["defects"] or ()) > 1
        return f"{VERDICTS[self.look].symbol}{'+' * is_several}"


Cells = Mapping[tuple[str, ...], Shown]
"""What is shown, by placement, cleanup and metadata."""


MODEL: Final = "model"
"""The evidence of a row that no kernel has the whole say of."""


def _marks(kernel: str) -> dict[str, str]:
    # What a row may have as evidence, and the mark for it.
    return {f"confirmed on {kernel}": "confirmed", f"disagrees on {kernel}": "disagrees", MODEL: ""}


def _refuse_rows(rows: Iterable[Row]) -> None:
    for row in rows:
        of_kind("a row of the matrix", row, Mapping)
        missing = [name for name in (*CELL_NAMES, "defects") if name not in row]
        if missing:
            raise GmemvizError(f"a row of the matrix has no {' and no '.join(missing)}")


def _cells(rows: Iterable[Row]) -> Cells:
    cells: dict[tuple[str, ...], Shown] = {}
    for row in rows:
        key = tuple(choice(name, row[name], allowed) for name, allowed in AXES.items())
        if key in cells:
            raise GmemvizError(f"the matrix has two rows for {', '.join(key)}")
        cells[key] = Shown(row, _look(row), _mark(row))
    return cells


def _look(row: Row) -> str:
    if row["defects"] is None:
        return "inapplicable"
    if row["defects"]:
        return choice("defect", row["code"], VERDICTS)
    if row["verdict"] != "correct":
        return "undecided"
    return "correct" if row["conventional"] else "unconventional"


def _mark(row: Row) -> str:
    if row["defects"] is None:  # what is no design has no verdict, whatever it says
        return ""
    marks = _marks(row["kernel"])
    return marks[choice("evidence", row.get("evidence", MODEL), marks)]


def _said(cells: Cells) -> dict[str, int]:
    """Count the cells by the mark for who says their verdict; nothing, where no kernel did."""
    found = Counter(shown.mark for shown in cells.values() if shown.row["defects"] is not None)
    if found.keys().isdisjoint(MARKS):
        return {}
    return {mark: found[mark] for mark in (*MARKS, "")}


def _asked(kernel: str, said: Mapping[str, int]) -> str:
    # Which kernel was asked, and when; without the words of its distribution.
    if not said:
        return ""
    about = next(iter(confirmed(kernel).values()), {"release": kernel, "date": "undated"})
    release = about["release"].partition("+")[0]
    return f"; {said['confirmed']} confirmed on {release} ({about['date']})"


# --- the sheet --------------------------------------------------------------------------


def cell_id(row: Row) -> str:
    """Return the id of a row's cell in DOT and SVG."""
    return element_id("cell", *(row[name] for name in CELL_NAMES[1:]))


def grid(rows: Iterable[Row]) -> list[list[str]]:
    """Return the ids of the cells as they stand in the picture: lines of ids."""
    cells, placements = _cells(rows), list(PLACEMENTS)
    lines = []
    for start in range(0, len(placements), BLOCKS):
        for cleanup in CLEANUPS:
            keys = product(placements[start : start + BLOCKS], [cleanup], METADATA)
            lines.append([cell_id(cells[key].row) for key in keys if key in cells])
    return lines


def draw_matrix(rows: Iterable[Row], *, kernel: str = "", mount: str = "own") -> Drawing:
    """Return the Drawing of one kernel and mount of `rows`, fit for a slide.

    `rows` come from `gmemviz.study.matrix`; without a `kernel` it is the
    newest of theirs. UnknownNameError where they have none of that kernel or mount.
    """
    rows = list(rows)
    _refuse_rows(rows)
    there = {row["kernel"] for row in rows}
    known = [name for name in kernels() if name in there] or sorted(there)
    kernel = choice("kernel", kernel or (known or [""])[-1], known)
    rows = [row for row in rows if row["kernel"] == kernel]
    choice("mount", mount, dict.fromkeys(row["mount"] for row in rows))
    cells = _cells(row for row in rows if row["mount"] == mount)
    said = _said(cells)
    title = f"Kernel {kernel}, {mount} mount: {len(cells)} cells, simulated{_asked(kernel, said)}"
    nodes = [page(), words(title, 0, 1, 760, size=15, bold=True), words(READING, 0, 19, 760)]
    nodes += [*_names(), *_boxes(cells), *_legend(cells, said, kernel), *_small_print(cells)]
    alt = _text(cells, said, kernel)
    return Sheet("matrix", title, alt, tuple(nodes), graph=Sheet.GRAPH, origin="simulated")


def _tops() -> dict[str, float]:
    # Cleanups that begin with the same word stand together.
    tops: dict[str, float] = {}
    top, before = 0.0, ""
    for name in CLEANUPS:
        family = name.replace("+", "-").partition("-")[0]
        top += FAMILY if before not in ("", family) else 0
        tops[name], before = top, family
        top += LINE
    return tops


def _corners() -> dict[str, tuple[float, float]]:
    corners: dict[str, tuple[float, float]] = {}
    for index, name in enumerate(PLACEMENTS):
        corners[name] = MARGIN + ACROSS * (index % BLOCKS), TOPS[index // BLOCKS]
    return corners


def _names() -> Iterator[Node]:
    for name, (x, y) in _corners().items():
        is_upper = y == TOPS[0]
        top = y - STAIR * len(METADATA) - 2 if is_upper else y - 16
        yield words(name, x, top, 110, size=10.5, bold=True)
        if is_upper:
            yield from _stairs(x, y)
        if x == MARGIN:
            for cleanup, line in _tops().items():
                yield words(cleanup, 0, y + line, MARGIN - 5, size=9, end=RIGHT)


def _stairs(left: float, bottom: float) -> Iterator[Node]:
    # A name a step, down to its column; no line crosses a name, since the last stands highest.
    for column, name in enumerate(METADATA):
        x, top = left + CELL * (column + 0.5), bottom - STAIR * (column + 1) - 2
        yield rule(x, top + 2, bottom - 2)
        yield words(name, x - 122, top, 120, size=8, end=RIGHT)


def _boxes(cells: Cells) -> Iterator[Node]:
    corners, tops, columns = _corners(), _tops(), list(METADATA)
    for key in product(*AXES.values()):
        if key in cells:
            placement, cleanup, metadata = key
            shown, (x, y) = cells[key], corners[placement]
            place = x + CELL * columns.index(metadata), y + tops[cleanup], CELL - 1, LINE - 1
            sign = shown.sign + _struck(shown.mark)
            yield box(cell_id(shown.row), sign, shown.look, _tip(shown), place, mark=shown.mark)


def _struck(mark: str) -> str:
    # Where a kernel agrees, the corner of the cell says so.
    return MARKS[mark].symbol if mark == "disagrees" else ""


def _tip(shown: Shown) -> str:
    row = shown.row
    verdict = ", ".join(row["defects"] or ()) or VERDICTS[shown.look].label
    where = f"{row['placement']}, {row['cleanup']}, {row['metadata']}"
    cell = tuple(row[name] for name in CELL_NAMES)
    judgement, line = kernel_line(cell, row["defects"], row["code"])
    kernel = f" {judgement.capitalize()} {row['kernel']}: {line}" if judgement else ""
    return f"{where}: {verdict}. {row['why']}{kernel}"


SELDOM: Final = ("undecided", "busy-inodes", "double-free", "hang", "objects-remain")
"""Verdicts that have a line only where a cell has them: they are of Designs written out."""


def _counts(cells: Cells) -> Iterator[tuple[str, int, int]]:
    # How many cells show it, and how many have it at all, beside others.
    shown = Counter(cell.look for cell in cells.values())
    every = Counter(chain.from_iterable(cell.row["defects"] or () for cell in cells.values()))
    for name in VERDICTS:
        if shown[name] or name not in SELDOM:
            yield name, shown[name], every[name] or shown[name]


def _says(mark: str, kernel: str) -> str:
    return f"{mark} on {kernel}" if mark else "model only"


def _legend(cells: Cells, said: Mapping[str, int], kernel: str) -> Iterator[Node]:
    x, counts = KEY + CELL + 4, list(_counts(cells))
    yield words("shown", KEY_SHOWN, 4, 48, size=8, end=RIGHT)
    yield words("in all", KEY_ALL, 4, 48, size=8, end=RIGHT)
    for line, (name, shown, every) in enumerate(counts):
        y, look = 18 + KEY_LINE * line, VERDICTS[name]
        place = KEY, y + 4, CELL - 1, LINE - 1
        yield box(element_id("key", name), look.symbol, name, look.label, place)
        yield words(name, x, y, 120, size=9, bold=True)
        yield words(str(shown), KEY_SHOWN, y, 48, size=9, end=RIGHT)
        yield words(str(every), KEY_ALL, y, 48, size=9, end=RIGHT)
        yield words(look.label, x, y + 10, 160, size=8)
    for line, (mark, count) in enumerate(said.items()):
        y, says = 20 + KEY_LINE * len(counts) + KEY_MARK * line, _says(mark, kernel)
        place = KEY, y + 1, CELL - 1, LINE - 1
        label = MARKS[mark].label if mark else "no kernel has the whole say"
        yield box(element_id("key", says), _struck(mark), "chip", label, place, mark=mark)
        yield words(says, x, y, 120, size=9, bold=True)
        yield words(str(count), KEY_ALL, y, 48, size=9, end=RIGHT)


# The bounds come first: all the rest is said within them.
def _within(cells: Cells) -> tuple[str, ...]:
    bounds = bounds_of_rows(shown.row for shown in cells.values())
    return (bounds, *ASSUMPTIONS) if bounds else ASSUMPTIONS


def _small_print(cells: Cells) -> Iterator[Node]:
    lines = wrap(" ".join(_within(cells)), width=SMALL)
    for number, line in enumerate(reversed(lines), 1):
        yield words(line, 0, HEIGHT - 10 * number, WIDTH, size=7.5)


# --- the words --------------------------------------------------------------------------


def _text(cells: Cells, said: Mapping[str, int], kernel: str) -> str:
    lines = [READING]
    for name, shown, every in _counts(cells):
        look = VERDICTS[name]
        lines.append(f"{look.symbol:4}{shown:4}{every:4} {name}: {look.label}")
    for mark, count in said.items():
        lines.append(f"{_symbol(mark):4}{count:4}     {_says(mark, kernel)}")
    for placement in PLACEMENTS:
        lines += ["", f"{placement}: {', '.join(METADATA)}"]
        for cleanup in CLEANUPS:
            signs = [_sign(cells.get((placement, cleanup, kind))) for kind in METADATA]
            lines.append(f"{cleanup:22}{''.join(signs)}".rstrip())
    return "\n".join((*lines, "", *_within(cells)))


def _sign(shown: Shown | None) -> str:
    return f"{shown.sign + _symbol(shown.mark) if shown else '':5}"


def _symbol(mark: str) -> str:
    return MARKS[mark].symbol if mark else ""
