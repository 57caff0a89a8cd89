"""Draw runs as strips above each other, fit for a slide: who does what when, what lives until when.

A column is an act that tells: a hook that runs or is passed by, memory that comes, waits or goes, a
creation that is refused. Acts alike stand in one column, so a gap in a strip is a difference. All
words are at least 20 px high on a slide of 1280 x 720, also beside a player's buttons.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import chain, groupby
from typing import Any, Final, NamedTuple

from gmemviz.facts import Context, Event, Facts, Trace
from gmemviz.model import Design, Path, Report
from gmemviz.model.design import unmarked
from gmemviz.model.machine import AWAITING, REFUSED
from gmemviz.model.search import Step, steps
from gmemviz.render import engine
from gmemviz.render.drawing import UNSEEN, Drawing, Node, element_id
from gmemviz.render.films import Film, Trail, frame_of
from gmemviz.render.memory import STATUS
from gmemviz.render.sheet import LEFT, RIGHT, WIDTH, Place, Sheet, at, box, words
from gmemviz.render.theme import VERDICTS
from gmemviz.study import moment, ranked

# All in points, on the sheet.
TEXT: Final = 16.5
"""20 px where the sheet is as wide as a slide's inside."""

GUTTER: Final = 162.0
"""Where the columns begin: the names of what lives stand left of it."""

HEAD, LINE, WHERE, BAR, GAP = 26.0, 20.0, 22.0, 26.0, 14.0
LETTER: Final = 9.8
"""About as wide as a letter of the words is."""

LINES: Final = 3
"""Lines that a function's name may break into."""

MOST: Final = 5
"""Lives that a strip shows; the inode and what it owns come first."""

WORDS: Final[Mapping[Context, str]] = {
    "P": "may sleep", "L": "i_lock held", "A": "atomic", "B": "softirq", "?": "",
}  # fmt: skip
CLOSE: Final = "close(2)"
SECOND: Final = "second create"
"""The act of whoever makes another inode meanwhile, and is granted what is scarce or is not."""


class DrawnAct(NamedTuple):
    """Give something that somebody does: its name, where it runs, its steps, and what came of it.

    `look` is what its box wears: the Design's own hooks and what is wrong stand out.
    """

    label: str
    context: Context
    begin: int
    end: int
    sentence: str = ""
    look: str = "vfs"


class DrawnLife(NamedTuple):
    """Give an object's role after each act of its strip, and the act at which it is wronged."""

    name: str
    roles: tuple[str, ...]
    wrong: int | None = None
    wrong_role: str = "defect"


class Strip(NamedTuple):
    """Give one run as it is drawn: what is said of it, its acts and the lives of its objects."""

    heading: str
    look: str
    acts: tuple[DrawnAct, ...]
    lives: tuple[DrawnLife, ...] = ()
    origin: str = "simulated"


# --- a run as a strip -------------------------------------------------------------------


def strip_of_report(report: Report, heading: str = "", path: Path | None = None) -> Strip:
    """Return the strip of a Report's counterexample, or of a whole run; `path` names another."""
    shown = path or report.counterexample or report.whole
    assert shown is not None, "a Report without a run has nothing to draw"
    codes = ranked(report.found)
    code = shown.defect.code if shown.defect else (codes[0] if codes else "correct")
    return strip_of_run(shown, report.facts, heading or code, code)


def strip_of_run(path: Path, facts: Facts, heading: str, look: str) -> Strip:
    """Return the strip of any run, such as one that a walk has taken (`model.drive`)."""
    run = tuple(steps(path, facts))
    told = _moment(path, run)
    acts = tuple(_acts(path, run, told))
    met = next((n for n, act in enumerate(acts) if act.begin <= told <= act.end), None)
    return Strip(heading, look, acts, tuple(_lives(path, run, acts, met)))


# A walk has no defect in its Path, and may have come to a refusal all the same. Where nothing is
# wrong no step is told: all have their names already.
def _moment(path: Path, run: Sequence[Step]) -> int:
    refused = [n for n, step in enumerate(run) if _refused(step)]
    if path.defect is None:
        return refused[-1] if refused else -1
    return moment(path, run)


def _acts(path: Path, run: Sequence[Step], told: int) -> Iterator[DrawnAct]:
    named = [(_label(path, run, n, told), n) for n in range(len(run))]
    telling = [(label, n) for label, n in named if label]
    for label, alike in groupby(telling, key=lambda pair: pair[0]):
        numbers = [n for _, n in alike]
        begin, end = numbers[0], numbers[-1]
        # Of an act that is wrong the step that is so is said, of any other what it comes to.
        is_wrong = begin <= told <= end
        step = run[told if is_wrong else end]
        yield DrawnAct(
            label, step.event.context, begin, end, _said(step), _look(step, is_wrong=is_wrong)
        )


def _look(step: Step, *, is_wrong: bool) -> str:
    if is_wrong:
        return "defect"
    return "hook" if step.event.hook or step.passed else "vfs"


def _said(step: Step) -> str:
    return step.event.sentence.removeprefix(step.event.function).lstrip(": ")


def _refused(step: Step) -> bool:
    return any(effect.change == REFUSED for effect in step.effects)


# The first actor makes the inode; a reader is told where it comes to what is wrong.
def _label(path: Path, run: Sequence[Step], number: int, told: int) -> str:
    step, design = run[number], path.world.design
    event, owner = step.event, run[0].event.actor
    if event.function == design.creator and event.actor != owner:
        return SECOND if step.effects else ""
    if event.actor not in (owner, "rcu"):
        return event.function if number == told else ""
    if event.hook and event.hook != "alloc_inode":
        return _entered(run, event)
    if step.passed or number == told:
        return event.function
    if event.function == CLOSE:
        return CLOSE if "done" not in event.sentence else ""
    return _of_memory(step, design)


# The hook's own name, whatever it calls: `truncate_inode_pages_final` is called by evict_inode.
def _entered(run: Sequence[Step], event: Event) -> str:
    return next(step.event.function for step in run if step.event.hook == event.hook)


# What the inode owns comes with it: a folio, or the LSM's blob, is nobody's metadata here.
def _of_memory(step: Step, design: Design) -> str:
    own = {"inode", *(kept.kind.cell for kept in design.keeps)}
    changes = {effect.change for effect in step.effects if effect.object in own}
    if "allocated" in changes:
        return design.creator
    is_telling = AWAITING in changes or "inode" in step.freed
    return step.event.function if is_telling else ""


def _lives(
    path: Path, run: Sequence[Step], acts: Sequence[DrawnAct], met: int | None
) -> Iterator[DrawnLife]:
    defect = path.defect
    wronged = (defect.cell or defect.object) if defect else _scarce(run)
    role = "leaked" if path.is_at_end else "defect"
    owned = [kept.kind.cell for kept in path.world.design.keeps if kept.kind.owns_object]
    names = [name for name in ("inode", *owned, "folio") if name in run[0].cells]
    lives = {name: tuple(STATUS[run[act.end].cells[name]] for act in acts) for name in names}
    lived = [(name, roles) for name, roles in lives.items() if set(roles) != {"absent"}]
    for name, roles in lived[:MOST]:
        yield DrawnLife(unmarked(name), roles, met if name == wronged else None, role)


def _scarce(run: Sequence[Step]) -> str:
    refused = [e.object for step in run for e in step.effects if e.change == REFUSED]
    return refused[0] if refused else ""


def strip_of_recording(trace: Trace, heading: str, beside: Strip) -> Strip:
    """Return the strip of a recording: its hooks, and what of `beside` it has besides."""
    named = {act.label for act in beside.acts}
    acts: list[DrawnAct] = []
    for number, event in enumerate(trace.events):
        is_hook = event.hook and event.hook != "alloc_inode"
        is_new = not acts or acts[-1].label != event.function
        if (is_hook or event.function in named) and is_new:
            look = "hook" if event.hook else "vfs"
            acts.append(
                DrawnAct(event.function, event.context, number, number, event.sentence, look)
            )
    return Strip(heading, "correct", tuple(acts), origin=trace.origin)


# --- columns ----------------------------------------------------------------------------


def columns(strips: Sequence[Strip]) -> list[tuple[int | None, ...]]:
    """Return for each column the number of each strip's act in it, None for a gap."""
    table: list[tuple[int | None, ...]] = [(n,) for n in range(len(strips[0].acts))]
    labels = [act.label for act in strips[0].acts]
    for number, strip in enumerate(strips[1:], 1):
        own = [act.label for act in strip.acts]
        gap: tuple[int | None, ...] = (None,) * number
        merged, names = [], []
        for _, a, b, c, d in SequenceMatcher(None, labels, own, autojunk=False).get_opcodes():
            for n in range(max(b - a, d - c)):
                left, right = a + n < b, c + n < d
                merged.append((*(table[a + n] if left else gap), c + n if right else None))
                names.append(labels[a + n] if left else own[c + n])
        table, labels = merged, names
    return table


# --- drawing ----------------------------------------------------------------------------


class Plan(NamedTuple):
    """Give where things stand: how wide a column is, and where each strip begins."""

    table: Sequence[tuple[int | None, ...]]
    tops: tuple[float, ...]
    act: float
    height: float

    @property
    def wide(self) -> float:
        """Return the width of a column."""
        return (WIDTH - GUTTER) / max(1, len(self.table))

    def left(self, column: float) -> float:
        """Return where a column begins."""
        return GUTTER + self.wide * column


# All boxes are as high as the name that breaks into most lines.
def _plan(strips: Sequence[Strip]) -> Plan:
    plan = Plan(columns(strips), (), 0.0, 0.0)
    acts = chain.from_iterable(strip.acts for strip in strips)
    labels = [in_lines(act.label, plan.wide - 8) for act in acts]
    act = LINE * (1 + max((label.count("\n") for label in labels), default=0)) + 8
    tops, y = [], 0.0
    for strip in strips:
        tops.append(y)
        y += HEAD + act + WHERE + BAR * len(strip.lives) + GAP
    return plan._replace(tops=tuple(tops), act=act, height=y - GAP)


def draw_strips(title: str, *strips: Strip) -> Drawing:
    """Return the picture of one or several runs, above each other in the same columns."""
    plan = _plan(strips)
    place = 0.0, 0.0, WIDTH, plan.height
    nodes = [Node("page", "", "note", " ", extra=(*at(place), *UNSEEN))]
    for number, strip in enumerate(strips):
        nodes += _strip(number, strip, plan)
    alt = "\n".join(_words(strip) for strip in strips)
    return Sheet("strips", title, alt, tuple(nodes), graph=Sheet.GRAPH, origin=strips[0].origin)


def _strip(number: int, strip: Strip, plan: Plan) -> Iterator[Node]:
    y, look = plan.tops[number], strip.look
    mark = element_id("strip", str(number))
    yield _filled(mark, VERDICTS[look].symbol, look, look, (0, y + 2, 30, HEAD - 6))
    yield words(strip.heading, 38, y - 1, WIDTH - 38, size=TEXT + 1, bold=True)
    for column, acts in enumerate(plan.table):
        if (at_act := acts[number]) is not None:
            yield from _act(number, column, strip.acts[at_act], plan)
    for row, life in enumerate(strip.lives):
        yield from _life(number, life, y + HEAD + plan.act + WHERE + BAR * row, plan)


def _act(number: int, column: int, act: DrawnAct, plan: Plan) -> Iterator[Node]:
    x, y = plan.left(column), plan.tops[number] + HEAD
    place = x, y, plan.wide - 5, plan.act - 4
    name = act_id(number, column)
    yield _filled(name, in_lines(act.label, plan.wide - 8), act.look, act.sentence, place)
    yield words(WORDS[act.context], x, y + plan.act - 5, plan.wide - 5, size=TEXT, end="")


def act_id(strip: int, column: int) -> str:
    """Return the id of an act's box in DOT and SVG."""
    return element_id("act", str(strip), str(column))


def _life(number: int, life: DrawnLife, y: float, plan: Plan) -> Iterator[Node]:
    name = element_id("life", str(number), life.name)
    yield words(_cut(life.name, GUTTER - 8), 0, y - 1, GUTTER - 8, size=TEXT, end=RIGHT)
    shown = _through(life.roles, [acts[number] for acts in plan.table])
    begin = 0
    for role, alike in groupby(shown):
        end = begin + len(list(alike))
        if role in ("held", "awaiting"):
            # What is freed in the next column ends in its middle.
            more = 0.45 if end < len(shown) else 0.0
            place = plan.left(begin), y, plan.wide * (end - begin + more) - 5, BAR - 5
            says = "waits for RCU" if role == "awaiting" else ""
            fits = LETTER * len(says) < place[2]
            yield _filled(element_id(name, role), says if fits else "", role, life.name, place)
        elif role == "freed":
            yield words("freed", plan.left(begin + 0.5), y - 1, plan.wide / 2, size=TEXT, end=LEFT)
        begin = end
    if life.wrong is not None:
        column = next(c for c, acts in enumerate(plan.table) if acts[number] == life.wrong)
        place = plan.left(column), y, plan.wide - 5, BAR - 5
        says = "never freed" if life.wrong_role == "leaked" else "✖"
        yield _filled(element_id(name, "wrong"), says, life.wrong_role, life.name, place)


# In a gap nothing happens: what lived goes on.
def _through(roles: Sequence[str], acts: Sequence[int | None]) -> list[str]:
    shown: list[str] = []
    for act in acts:
        shown.append(roles[act] if act is not None else (shown or ["absent"])[-1])
    return shown


def _filled(name: str, text: str, look: str, tip: str, place: Place) -> Node:
    node = box(name, text, look, tip or text or look, place)
    font = (("fontsize", f"{TEXT:g}"), ("fontname", engine.FONT))
    return replace(node, extra=(*node.extra, *font))


def in_lines(label: str, room: float) -> str:
    r"""Return a function's name in lines of at most `room` points, broken behind underscores.

    >>> in_lines("truncate_inode_pages_final", 150).splitlines()
    ['truncate_inode_', 'pages_final']
    """
    lines = [""]
    for part in filter(None, re.findall(r"[^_\W]*[\W_]*", label)):
        if lines[-1] and LETTER * len(lines[-1] + part.rstrip()) > room:
            lines.append("")
        lines[-1] += part
    shown = [_cut(line, room) for line in lines[:LINES]]
    return "\n".join(shown) if len(lines) <= LINES else "\n".join((*shown[:-1], f"{shown[-1]}…"))


def _cut(text: str, room: float) -> str:
    most = max(3, int(room / LETTER))
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _words(strip: Strip) -> str:
    acts = [f"{act.label} ({WORDS[act.context] or 'nobody'}): {act.sentence}" for act in strip.acts]
    return "\n".join([strip.heading, *acts])


# --- played -----------------------------------------------------------------------------


def film_of_strips(title: str, *strips: Strip) -> Film:
    """Return strips as a film, a column a step; it opens where the first strip tells most."""
    drawing, table = draw_strips(title, *strips), columns(strips)
    trail, frames = Trail(), []
    for column, acts in enumerate(table):
        there = [(n, strips[n].acts[at_act]) for n, at_act in enumerate(acts) if at_act is not None]
        wrong = [n for n, act in there if act.look == "defect"]
        now = [act_id(n, column) for n, _ in there]
        roles = trail.step(*now) | {act_id(n, column): "defect" for n in wrong}
        frames.append(_frame(strips, there, roles))
    told = [number for number, frame in enumerate(frames) if frame["defect"]]
    at_moment = told[0] if told else len(frames) - 1
    return Film(title, strips[0].origin, "", (drawing,), tuple(frames), title, at_moment)


def _frame(
    strips: Sequence[Strip], there: Sequence[tuple[int, DrawnAct]], roles: dict[str, str]
) -> dict[str, Any]:
    # A slide has room for one sentence: that of what is wrong, else of the last strip.
    number, act = next((pair for pair in there if pair[1].look == "defect"), there[-1])
    event = Event(act.label, "", act.context, 0, sentence=act.sentence)
    return frame_of(event, roles, strips[number].look if act.look == "defect" else "")
