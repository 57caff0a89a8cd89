"""Draw the matrix: what the search says of every placement, cleanup and kind of metadata."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any, Final

from gmemviz.errors import GmemvizError, choice, of_kind
from gmemviz.facts import kernels
from gmemviz.model import CLEANUPS, METADATA, PLACEMENTS
from gmemviz.render.drawing import Drawing, Node, element_id
from gmemviz.render.sheet import HEIGHT, RIGHT, WIDTH, Sheet, box, page, rule, words
from gmemviz.render.theme import MARKS, VERDICTS
from gmemviz.study import ASSUMPTIONS, confirmed, told
from gmemviz.text import wrap

Row = Mapping[str, Any]
Looks = Mapping[tuple[str, ...], tuple[Row, str]]
"""What stands in a cell: by placement, cleanup and metadata, the row and its verdict's name."""

AXES: Final[Mapping[str, Iterable[str]]] = {
    "placement": PLACEMENTS, "cleanup": CLEANUPS, "metadata": METADATA,
}  # fmt: skip

READING: Final = (
    "Block: where the pointer lies. Row: which hook frees. Column: what is freed. "
    "Letter: what the shortest run to a defect shows; + other runs show more."
)

# All in points, on the sheet.
CELL, LINE, FAMILY = 19.0, 12.7, 2.4
MARGIN, ACROSS = 122.0, 223.0
BLOCKS: Final = 3
"""Blocks, one a placement, that stand side by side."""
TOPS: Final = (133.0, 329.0)
STAIR: Final = 9.5
KEY, KEY_LINE, KEY_MARK = 774.0, 22.4, 13.6
SMALL: Final = 210
"""Letters of the small print that fill a line."""


# --- the answers ------------------------------------------------------------------------


def _look(row: Row) -> str:
    if row["defects"] is None:
        return "inapplicable"
    if row["defects"]:
        return choice("defect", row["code"], VERDICTS)
    if not row.get("complete", True):
        return "undecided"
    return "correct" if row["conventional"] else "unconventional"


def _refuse_rows(rows: Iterable[Row]) -> None:
    for row in rows:
        of_kind("a row of the matrix", row, Mapping)
        if missing := [name for name in ("kernel", "mount", *AXES, "defects") if name not in row]:
            raise GmemvizError(f"a row of the matrix has no {' and no '.join(missing)}")


def _looks(rows: Iterable[Row]) -> Looks:
    found: dict[tuple[str, ...], tuple[Row, str]] = {}
    for row in rows:
        key = tuple(choice(name, row[name], allowed) for name, allowed in AXES.items())
        if key in found:
            raise GmemvizError(f"the matrix has two rows for {', '.join(key)}")
        found[key] = row, _look(row)
    return found


def _evidence(kernel: str, looks: Looks) -> dict[str, int]:
    """Count the cells by who says their verdict; nothing, where no kernel was asked."""
    names = (f"confirmed on {kernel}", f"disagrees on {kernel}", "model")
    found = Counter(
        choice("evidence", row.get("evidence", "model"), names)
        for row, _ in looks.values()
        if row["defects"] is not None  # what is no design has no verdict
    )
    if not found.keys() - {"model"}:
        return {}
    return {name.replace("model", "model only"): found[name] for name in names}


def _asked(kernel: str, said: Mapping[str, int]) -> str:
    # Which kernel was asked, and when; without the words of its distribution.
    if not said:
        return ""
    about = next(iter(confirmed(kernel).values()), {"release": kernel, "date": "undated"})
    release = about["release"].partition("+")[0]
    return f"; {said[f'confirmed on {kernel}']} confirmed on {release} ({about['date']})"


# --- the sheet --------------------------------------------------------------------------


def cell_id(row: Row) -> str:
    """Return the id of a row's cell in DOT and SVG."""
    return element_id("cell", *(row[name] for name in ("mount", *AXES)))


def grid(rows: Iterable[Row]) -> list[list[str]]:
    """Return the ids of the cells as they stand in the picture: lines of ids."""
    looks = _looks(rows)
    names = list(PLACEMENTS)
    lines = [
        list(product(names[at : at + BLOCKS], [cleanup], METADATA))
        for at in range(0, len(names), BLOCKS)
        for cleanup in CLEANUPS
    ]
    return [[cell_id(looks[key][0]) for key in line if key in looks] for line in lines]


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
    looks = _looks(row for row in rows if row["mount"] == mount)
    said = _evidence(kernel, looks)
    title = f"Kernel {kernel}, {mount} mount: {len(looks)} cells, simulated{_asked(kernel, said)}"
    nodes = (
        page(),
        words(title, 0, 1, 760, size=15, bold=True),
        words(READING, 0, 19, 760),
        *_names(),
        *_cells(looks),
        *_legend(looks, said),
        *_small_print(),
    )
    return Sheet("matrix", title, _text(looks, said), nodes, graph=Sheet.GRAPH, origin="simulated")


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
    return {
        name: (MARGIN + ACROSS * (index % BLOCKS), TOPS[index // BLOCKS])
        for index, name in enumerate(PLACEMENTS)
    }


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


def _cells(looks: Looks) -> Iterator[Node]:
    corners, tops, columns = _corners(), _tops(), list(METADATA)
    for key in product(*AXES.values()):
        if key in looks:
            row, look = looks[key]
            (x, y), column = corners[key[0]], columns.index(key[2])
            place = x + CELL * column, y + tops[key[1]], CELL - 1, LINE - 1
            mark = _mark(row.get("evidence", ""))
            sign = _symbol(row, look) + _struck(mark)
            yield box(cell_id(row), sign, look, _tooltip(row, look), place, mark=mark)


def _mark(evidence: str) -> str:
    mark = evidence.partition(" ")[0]
    return mark if mark in MARKS else ""


def _struck(mark: str) -> str:
    # Where a kernel agrees, the corner of the cell says so.
    return MARKS[mark].symbol if mark == "disagrees" else ""


def _symbol(row: Row, look: str) -> str:
    return VERDICTS[look].symbol + ("+" if len(row["defects"] or ()) > 1 else "")


def _tooltip(row: Row, look: str) -> str:
    said = ", ".join(row["defects"] or ()) or VERDICTS[look].label
    where = f"{row['placement']}, {row['cleanup']}, {row['metadata']}"
    return f"{where}: {said}. {row['why']}{_heard(row)}"


def _heard(row: Row) -> str:
    # Of what the kernel said, the line for the code in the cell, or the first there is.
    cell = tuple(row[name] for name in ("kernel", "mount", *AXES))
    head, *lines = told(cell, row["defects"]).splitlines() or [""]
    of_code = f"{row['code']} ", f"{row['code']}:"
    line = min(lines, key=lambda line: not line.startswith(of_code), default="")
    return f" {head.partition(' on ')[0].capitalize()} on {row['kernel']}: {line}" if head else ""


def _counts(looks: Looks) -> Iterator[tuple[str, int, int]]:
    # How many cells show it, and how many have it at all, beside others.
    shown = Counter(look for _, look in looks.values())
    every = Counter(code for row, _ in looks.values() for code in row["defects"] or ())
    for name in VERDICTS:
        if shown[name] or name != "undecided":
            yield name, shown[name], every[name] or shown[name]


def _legend(looks: Looks, said: Mapping[str, int]) -> Iterator[Node]:
    x, counts = KEY + CELL + 4, list(_counts(looks))
    yield words("shown", KEY + 92, 4, 48, size=8, end=RIGHT)
    yield words("in all", KEY + 132, 4, 48, size=8, end=RIGHT)
    for line, (name, shown, every) in enumerate(counts):
        y, look = 18 + KEY_LINE * line, VERDICTS[name]
        place = KEY, y + 4, CELL - 1, LINE - 1
        yield box(element_id("key", name), look.symbol, name, look.label, place)
        yield words(name, x, y, 120, size=9, bold=True)
        yield words(str(shown), KEY + 92, y, 48, size=9, end=RIGHT)
        yield words(str(every), KEY + 132, y, 48, size=9, end=RIGHT)
        yield words(look.label, x, y + 10, 160, size=8)
    for line, (says, count) in enumerate(said.items()):
        y, mark = 20 + KEY_LINE * len(counts) + KEY_MARK * line, _mark(says)
        place = KEY, y + 1, CELL - 1, LINE - 1
        label = MARKS[mark].label if mark else "no kernel has the whole say"
        yield box(element_id("key", says), _struck(mark), "chip", label, place, mark=mark)
        yield words(says, x, y, 120, size=9, bold=True)
        yield words(str(count), KEY + 132, y, 48, size=9, end=RIGHT)


def _small_print() -> Iterator[Node]:
    lines = wrap(" ".join(ASSUMPTIONS), width=SMALL)
    for number, line in enumerate(reversed(lines), 1):
        yield words(line, 0, HEIGHT - 10 * number, WIDTH, size=7.5)


def _text(looks: Looks, said: Mapping[str, int]) -> str:
    lines = [READING]
    for name, shown, every in _counts(looks):
        look = VERDICTS[name]
        lines.append(f"{look.symbol:4}{shown:4}{every:4} {name}: {look.label}")
    for says, count in said.items():
        mark = _mark(says)
        lines.append(f"{MARKS[mark].symbol if mark else '':4}{count:4}     {says}")
    for placement in PLACEMENTS:
        lines += ["", f"{placement}: {', '.join(METADATA)}"]
        for cleanup in CLEANUPS:
            line = [looks.get((placement, cleanup, kind)) for kind in METADATA]
            signs = "".join(f"{_sign(*cell) if cell else '':5}" for cell in line)
            lines.append(f"{cleanup:22}{signs}".rstrip())
    return "\n".join((*lines, "", *ASSUMPTIONS))


def _sign(row: Row, look: str) -> str:
    mark = _mark(row.get("evidence", ""))
    return _symbol(row, look) + (MARKS[mark].symbol if mark else "")
