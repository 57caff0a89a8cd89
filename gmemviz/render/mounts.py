"""Draw what a mount decides, fit for a slide: whose table of hooks the inode leads to.

A column a Design, which differ in the mount alone: inode, its superblock, that one's s_op, and what
becomes of the metadata. (fs/inode.c:evict@v6.12 asks `inode->i_sb->s_op`.)
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from gmemviz.facts import HOOKS
from gmemviz.model import Design, Report
from gmemviz.render import engine
from gmemviz.render.drawing import UNSEEN, Arrow, Drawing, Node, element_id
from gmemviz.render.sheet import WIDTH, Place, Sheet, at, box, words
from gmemviz.render.strips import TEXT
from gmemviz.render.theme import VERDICTS
from gmemviz.study import ranked
from gmemviz.text import wrap

# All in points, on the sheet.
HEAD, BOX, GAP, LINE = 32.0, 48.0, 26.0, 20.0
LETTERS: Final = 33
"""Of a line of the reason."""

REASON: Final = 4
"""Lines of it."""


class Part(NamedTuple):
    """Give a box of a column: its id, its lines, and what it wears."""

    name: str
    text: str
    look: str


def draw_mounts(reports: Sequence[Report]) -> Drawing:
    """Return the picture of Reports of one cleanup and metadata, each of another mount."""
    wide = WIDTH / len(reports)
    nodes, edges, height = [], [], 0.0
    for number, report in enumerate(reports):
        x, room = wide * number, wide - 24
        look = _look(report)
        yields = VERDICTS[look].symbol
        nodes.append(_filled(Part(f"mark{number}", yields, look), (x, 2, 30, HEAD - 8)))
        said = f"{report.design.mount.name}: {look}"
        nodes.append(words(said, x + 36, -1, room - 36, size=TEXT + 1, bold=True))
        y, before = HEAD + 4, ""
        for part in _parts(report):
            name = element_id(part.name, str(number))
            nodes.append(_filled(part._replace(name=name), (x, y, room, BOX)))
            if before and part.look not in ("idle", "leaked"):
                edges.append(Arrow(element_id(before, name), before, name, "pointer"))
            before, y = name, y + BOX + (6 if part.look == "vfs" else GAP)
        for line in wrap(report.why.partition(";")[0], width=LETTERS)[:REASON]:
            nodes.append(words(line, x, y - 14, room, size=TEXT))
            y += LINE
        height = max(height, y)
    page = Node("page", "", "note", " ", extra=(*at((0, 0, WIDTH, height)), *UNSEEN))
    alt = "\n".join(f"{report.design.mount.name}: {report.why}" for report in reports)
    title = "Whose hooks the inode leads to"
    graph = Sheet.GRAPH
    return Sheet(
        "mounts", title, alt, (page, *nodes), tuple(edges), graph=graph, origin="simulated"
    )


def _look(report: Report) -> str:
    codes = ranked(report.found)
    return codes[0] if codes else "correct"


def _parts(report: Report) -> Iterator[Part]:
    design, mount = report.design, report.design.mount
    yield Part("inode", "struct inode\ni_sb", "held")
    if not mount.is_set_up:  # the first inode already reads what alloc_super would have set
        yield Part("sb", "super_block, zeroed\ns_user_ns: NULL", "defect")
        yield Part("s_op", "your super_operations\nno inode gets so far", "idle")
        return
    whose = "of its own" if mount.own_table else "of anon_inodefs"
    yield Part("sb", f"super_block {whose}\ns_op", "held")
    hook = _hook(design)
    if mount.own_table:
        yield Part("s_op", f"your super_operations\n{hook}: your_{hook}", "hook")
    else:
        yield Part("s_op", f"simple_super_operations\n{hook}: NULL", "vfs")
        yield Part("lost", "your super_operations\nno i_sb leads here", "idle")
    kept = ", ".join(each.kind.name for each in design.keeps)
    is_leaked = "leak" in report.found
    says = "never freed" if is_leaked else f"freed in {hook}"
    yield Part("kept", f"{kept}\n{says}", "leaked" if is_leaked else "freed")


def _hook(design: Design) -> str:
    return next(hook for hook, _ in design.hooks if HOOKS[hook].struct == "super_operations")


def _filled(part: Part, place: Place) -> Node:
    node = box(part.name, part.text, part.look, part.text, place)
    return replace(node, extra=(*node.extra, ("fontsize", f"{TEXT:g}"), ("fontname", engine.FONT)))
