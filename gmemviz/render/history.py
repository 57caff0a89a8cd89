"""Draw the history of guest_memfd: a line a step, a column a hook, and what is freed there."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from gmemviz.facts import HookName
from gmemviz.model import Design, Report
from gmemviz.render.drawing import Drawing, Node, element_id
from gmemviz.render.sheet import RIGHT, WIDTH, Place, Sheet, box, page, rule, words
from gmemviz.render.theme import VERDICTS
from gmemviz.study import FREES, Entry, frees, history, verdict

# All in points, on the sheet.
TOP, LINE, BAR = 74.0, 35.0, 25.0
"""Where the lines begin, how far apart they are, how high a box is."""

DAY, TITLE, MOUNT = 60.0, 68.0, 200.0
COLUMNS: Final[Mapping[HookName, float]] = dict(zip(FREES, (262.0, 429.0, 596.0), strict=True))
VERDICT: Final = 772.0
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


class Played(NamedTuple):
    """Give a step that can be played, what its Design frees in each hook, and its Report."""

    entry: Entry
    freed: Mapping[HookName, str]
    report: Report

    @property
    def design(self) -> Design:
        """Return the Design that is played."""
        return self.report.design


def draw_history() -> Drawing:
    """Return the picture of the steps that can be played; verdicts are searched for now."""
    played = list(_played())
    title = (
        f"Where guest_memfd frees what its inode owns, 2023 to {played[-1].entry.title}, simulated"
    )
    nodes = [page(), *_head(title), rule(DAY + 3, TOP - 4, TOP + LINE * len(played))]
    for row, step in enumerate(played):
        nodes += _line(step, TOP + LINE * row)
    alt = "\n".join(map(_words, played))
    return Lines("history", title, alt, tuple(nodes), graph=Lines.GRAPH, origin="simulated")


def _played() -> Iterator[Played]:
    for entry in history():
        if report := entry.report:
            yield Played(entry, frees(report.design), report)


def _head(title: str) -> Iterator[Node]:
    yield words(title, 0, 0, WIDTH, size=17, bold=True)
    yield words(READING, 0, 24, WIDTH, size=9)
    for name, x in ("mount", MOUNT), *COLUMNS.items(), ("verdict", VERDICT):
        yield words(name, x, TOP - 24, WIDE, size=11, bold=True)


def _line(played: Played, y: float) -> Iterator[Node]:
    entry, design = played.entry, played.design
    yield words(entry.day, 0, y, DAY, size=9, end=RIGHT)
    title = f"Linux {entry.title}" if entry.release else entry.title  # a font has to be for letters
    yield words(title, TITLE, y - 2, MOUNT - TITLE, size=11, bold=bool(entry.release))
    yield words(design.name, TITLE, y + 13, MOUNT - TITLE, size=7.5)
    yield words(design.mount.name, MOUNT, y, 62, size=9)
    for hook, freed in played.freed.items():
        if freed != "NULL":
            look, tip = "hook" if freed == "nothing" else "held", f"{hook} frees {freed}"
            yield _box(entry, hook, freed, look, tip, at=(COLUMNS[hook], y, WIDE, BAR))
    look = _look(played.report)
    said, label = verdict(played.report), VERDICTS[look].label
    yield _box(entry, "verdict", said, look, label, at=(VERDICT, y, WIDTH - VERDICT, BAR))


def _look(report: Report) -> str:
    if report.defects:
        return report.defects[0]
    return "correct" if report.verdict == "correct" else "undecided"


def _box(entry: Entry, column: str, text: str, look: str, tip: str, *, at: Place) -> Node:
    first, _, rest = text.rpartition(", ")
    lines = f"{first},\n{rest}" if len(text) > FULL else text
    name = element_id("step", entry.title, column)
    return box(name, lines, look, f"{entry.title}: {tip}", at)


def _words(played: Played) -> str:
    entry, design = played.entry, played.design
    bodies = []
    for hook, freed in played.freed.items():
        bodies.append(f"{hook} is NULL" if freed == "NULL" else f"{hook} frees {freed}")
    when, said = entry.day, verdict(played.report)
    mount = f"{design.mount.name} mount"
    return f"{when}, {entry.title}: {mount}; {'; '.join(bodies)}; {said} ({design.name})"
