"""Draw the history of guest_memfd: a line a step, a column a hook, and what is freed there."""

from collections.abc import Iterator, Mapping
from typing import Final

from gmemviz.facts import HookName
from gmemviz.model import check
from gmemviz.render.drawing import Drawing, Node, element_id
from gmemviz.render.sheet import RIGHT, WIDTH, Sheet, box, page, rule, words
from gmemviz.render.theme import VERDICTS
from gmemviz.study import FREES, Entry, frees, gallery, history, verdict

# All in points, on the sheet.
TOP, LINE, BAR = 74.0, 35.0, 25.0
"""Where the lines begin, how far apart they are, how high a box is."""

DAY, TITLE, MOUNT = 60.0, 68.0, 200.0
COLUMNS: Final[Mapping[HookName, float]] = dict(zip(FREES, (262.0, 429.0, 596.0), strict=True))
SAID: Final = 772.0
WIDE: Final = 157.0
FULL: Final = 36
"""Letters that fit into a box."""

READING: Final = (
    "Line: a step, oldest first; in bold a release; below it the Design that is played. Box: a "
    "hook that is set, and what it frees. No box: the hook is NULL. Last: what the search says."
)


class Lines(Sheet):
    """Show a Sheet as SVG: with so few boxes it is the smaller picture, and its alt says it all."""

    image = Drawing.image


def draw_history() -> Drawing:
    """Return the picture of the steps that can be played; verdicts are searched for now."""
    played = [entry for entry in history() if entry.design]
    lines = [node for at, entry in enumerate(played) for node in _line(entry, TOP + LINE * at)]
    title = f"Where guest_memfd frees what its inode owns, 2023 to {played[-1].title}, simulated"
    upright = rule(DAY + 3, TOP - 4, TOP + LINE * len(played))
    nodes = (page(), *_head(title), upright, *lines)
    alt = "\n".join(map(_says, played))
    return Lines("history", title, alt, nodes, graph=Lines.GRAPH, origin="simulated")


def _head(title: str) -> Iterator[Node]:
    yield words(title, 0, 0, WIDTH, size=17, bold=True)
    yield words(READING, 0, 24, WIDTH, size=9)
    for name, x in ("mount", MOUNT), *COLUMNS.items(), ("verdict", SAID):
        yield words(name, x, TOP - 24, WIDE, size=11, bold=True)


def _line(entry: Entry, y: float) -> Iterator[Node]:
    design = gallery(entry.design)
    yield words(entry.day, 0, y, DAY, size=9, end=RIGHT)
    title = f"Linux {entry.title}" if entry.release else entry.title  # a font has to be for letters
    yield words(title, TITLE, y - 2, MOUNT - TITLE, size=11, bold=bool(entry.release))
    yield words(design.name, TITLE, y + 13, MOUNT - TITLE, size=7.5)
    yield words(design.mount.name, MOUNT, y, 62, size=9)
    for hook, what in frees(design).items():
        if what != "NULL":
            look = "hook" if what == "nothing" else "held"
            yield _box(entry, hook, what, look, (COLUMNS[hook], WIDE, y))
    report = check(design)
    look = (report.defects or ("correct",))[0]
    yield _box(entry, "verdict", verdict(report), look, (SAID, WIDTH - SAID, y))


def _box(
    entry: Entry, column: str, text: str, look: str, where: tuple[float, float, float]
) -> Node:
    x, width, y = where
    says = VERDICTS[look].label if column == "verdict" else f"{column} frees {text}"
    name = element_id("step", entry.title, column)
    return box(name, _broken(text), look, f"{entry.title}: {says}", (x, y, width, BAR))


def _broken(text: str) -> str:
    first, _, rest = text.rpartition(", ")
    return f"{first},\n{rest}" if len(text) > FULL else text


def _says(entry: Entry) -> str:
    design = gallery(entry.design)
    bodies = "; ".join(
        f"{hook} {'is NULL' if what == 'NULL' else f'frees {what}'}"
        for hook, what in frees(design).items()
    )
    when = entry.day or "no day known"
    said = verdict(check(design))
    return f"{when}, {entry.title}: {design.mount.name} mount; {bodies}; {said} ({design.name})"
