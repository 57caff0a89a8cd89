"""Draw the survey of a kernel: a line a set of hooks, a box as wide as its tables are many.

A filesystem is named only where a finding is about it: where the source of some shipped kernel, as
read, allows a defect, in this one or in another. All words are at least 20 px high on a slide of
1280 x 720, which is 15 points of the sheet.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final, NamedTuple

from gmemviz.derive import VerdictWord
from gmemviz.facts import INODE_HOOKS, load
from gmemviz.render.drawing import Drawing, Node, element_id
from gmemviz.render.sheet import RIGHT, WIDTH, Place, Sheet, box, page, words
from gmemviz.render.theme import READINGS, VERDICTS
from gmemviz.study.tables import SurveyRow, survey, suspects

LOOKS: Final[Mapping[VerdictWord, str]] = {
    "correct": "correct",
    "correct as far as read": "as-far-as-read",
    "undecided": "undecided",
    "defects": "allows-defects",
}
"""What a box wears, in the order in which they stand on a line."""

SAYS: Final[Mapping[VerdictWord, str]] = {
    "correct": "correct",
    "correct as far as read": "as far as read",
    "undecided": "undecided",
    "defects": "the source as read allows a defect",
}

# All in points, on the sheet.
TEXT: Final = 15.0
"""20 px on a slide of 1280 x 720."""

HOOK, NUMBER, BARS, NAMES = 66.0, 336.0, 382.0, 666.0
"""How wide a hook's column is; where the numbers, the boxes and the names begin."""

WIDEST: Final = 268.0
TOP, BOTTOM, GAP, LINE = 82.0, 490.0, 5.0, 22.0
KEY: Final = 494.0
MARK: Final = 15.0
LETTER: Final = 7.6
"""About as wide as a letter of the words is, to set one thing behind another."""

READING: Final = (
    "Line: a set of hooks. Box: how many tables, and what their own source comes to as read."
)
CAVEAT: Final = (
    "No kernel was asked. Named: whom the source of some shipped kernel, as read, allows a defect."
)


class HookSet(NamedTuple):
    """Be the tables that set the same hooks."""

    hooks: tuple[str, ...]
    rows: tuple[SurveyRow, ...]

    @property
    def frees(self) -> tuple[bool, ...]:
        """Return by what the inode's memory goes and who cleans up: lines alike stand together."""
        return tuple(hook in self.hooks for hook in ("destroy_inode", "free_inode"))


def draw_survey(kernel: str) -> Drawing:
    """Return the picture of every super_operations of a shipped kernel, fit for a slide.

    UnknownNameError for a kernel whose deeds are not shipped.
    """
    rows = survey(kernel)
    groups = _groups(rows)
    title = f"{len(rows)} super_operations of Linux {kernel}, and what their source allows"
    nodes = [page(), words(title, 0, 0, WIDTH, size=21, bold=True)]
    nodes += [words(READING, 0, 30, WIDTH, size=TEXT), *_head(), *_key(rows)]
    unit = WIDEST / max(len(group.rows) for group in groups)
    for group, y in zip(groups, _tops(groups), strict=True):
        nodes += [*_dots(group, y), *_bars(group, y, unit), *_named(group, y)]
    alt = "\n".join([READING, *map(_words, groups), CAVEAT])
    name = element_id("survey", kernel)
    full = f"{title} ({load(kernel).release})"
    return Sheet(name, full, alt, tuple(nodes), graph=Sheet.GRAPH, origin="simulated")


# Who sets destroy_inode comes first, then who sets free_inode; of those alike, the commonest.
def _groups(rows: Iterable[SurveyRow]) -> list[HookSet]:
    found: dict[tuple[str, ...], list[SurveyRow]] = {}
    for row in rows:
        found.setdefault(row.hooks, []).append(row)
    groups = [HookSet(hooks, tuple(alike)) for hooks, alike in found.items()]
    return sorted(groups, key=lambda group: (_last_first(group), -len(group.rows), group.hooks))


def _last_first(group: HookSet) -> tuple[bool, ...]:
    return tuple(not sets for sets in group.frees)


def _tops(groups: Sequence[HookSet]) -> list[float]:
    parted = [before.frees != group.frees for before, group in pairwise(groups)]
    line = min(LINE, (BOTTOM - TOP - GAP * sum(parted)) / len(groups))
    tops = [TOP]
    for is_parted in parted:
        tops.append(tops[-1] + line + GAP * is_parted)
    return tops


def _head() -> Iterator[Node]:
    for column, hook in enumerate(INODE_HOOKS):
        name = hook.removesuffix("_inode")
        yield words(name, HOOK * column, TOP - 24, HOOK, size=TEXT, bold=True, end="")
    yield words("tables", NUMBER - 20, TOP - 24, 60, size=TEXT, end=RIGHT)


def _dots(group: HookSet, y: float) -> Iterator[Node]:
    for column, hook in enumerate(INODE_HOOKS):
        is_set = hook in group.hooks
        side = 11.0 if is_set else 3.0
        place = HOOK * (column + 0.5) - side / 2, y + (TEXT - side) / 2, side, side
        look, tip = ("hook", f"{hook} is set") if is_set else ("chip", f"{hook} is NULL")
        name = element_id("set", *group.hooks, "for", hook)
        yield replace(box(name, "", look, tip, place), shape="circle")


def _bars(group: HookSet, y: float, unit: float) -> Iterator[Node]:
    yield words(str(len(group.rows)), NUMBER, y - 3, 40, size=TEXT, bold=True, end=RIGHT)
    left = BARS
    for verdict, count in _counted(group.rows):
        place = left, y - 2, unit * count - 1, TEXT + 4
        name = element_id("bar", *group.hooks, "of", LOOKS[verdict])
        tables = ", ".join(row.name for row in group.rows if row.found.verdict == verdict)
        yield _filled(name, str(count), LOOKS[verdict], f"{SAYS[verdict]}: {tables}", place)
        left += unit * count


def _counted(rows: Iterable[SurveyRow]) -> list[tuple[VerdictWord, int]]:
    counts = Counter(row.found.verdict for row in rows)
    return [(verdict, counts[verdict]) for verdict in LOOKS if counts[verdict]]


def _filled(name: str, text: str, look: str, tip: str, place: Place) -> Node:
    node = box(name, text, look, tip, place)
    return replace(node, extra=(*node.extra, ("fontsize", f"{TEXT:g}")))


def _named(group: HookSet, y: float) -> Iterator[Node]:
    x = NAMES
    for row in group.rows:
        if row.table in suspects():
            look = LOOKS[row.found.verdict]
            place = x, y, MARK, MARK
            name = element_id("of", row.path, row.table)
            yield _filled(name, _symbol(look), look, f"{row.name}: {row.found}", place)
            wide = LETTER * len(row.name) + 6
            is_bold = row.found.verdict == "defects"
            yield words(row.name, x + MARK + 3, y - 3, wide, size=TEXT, bold=is_bold)
            x += MARK + wide + 10


def _symbol(look: str) -> str:
    return (READINGS.get(look) or VERDICTS[look]).symbol


def _key(rows: Iterable[SurveyRow]) -> Iterator[Node]:
    x = 0.0
    for verdict, count in _counted(rows):
        look, text = LOOKS[verdict], f"{count} {SAYS[verdict]}"
        yield _filled(element_id("key", look), _symbol(look), look, text, (x, KEY, MARK, MARK))
        yield words(text, x + MARK + 4, KEY - 3, LETTER * len(text) + 8, size=TEXT)
        x += MARK + LETTER * len(text) + 20
    yield words(CAVEAT, 0, KEY + 16, WIDTH, size=TEXT)


def _words(group: HookSet) -> str:
    hooks = ", ".join(group.hooks) or "no hook of the inode"
    counts = ", ".join(f"{count} {SAYS[verdict]}" for verdict, count in _counted(group.rows))
    named = [f"{row.name}: {row.found}" for row in group.rows if row.table in suspects()]
    return "; ".join([f"{len(group.rows)} set {hooks}: {counts}", *named])
