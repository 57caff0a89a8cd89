"""Make the film of a recording beside the run of the model that fits it the furthest.

A frame is a pair of what was recorded and what was simulated, or one of them alone. The picture has
two lanes, recorded left and simulated right, folded into blocks that stand side by side.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final, NamedTuple

from gmemviz.errors import of_kind
from gmemviz.evidence.validate import Conformity, Pair
from gmemviz.facts import CONTEXTS, Event, Facts
from gmemviz.render.drawing import Node
from gmemviz.render.films.film import Film, Trail, frame_of
from gmemviz.render.sheet import LEFT, Place, Sheet, at

BOTH: Final = "recorded and simulated"
FIRST: Final = "first difference"
ON_ITS_WAY: Final = "and the model enters it too, on the way to a step that is not reached"
ENDS: Final = "recorded_end"
END_WORDS: Final = "the recording ends"

MEANING: Final = "○ process, □ atomic, ◇ softirq, ⬡ not known or nobody; = both"

LANE, BETWEEN, GAP, ROW, INDENT = 196.0, 14.0, 26.0, 14.0, 4.0
"""In points: a lane, the room between the two, from block to block, a row, a call's depth."""

RIGHT_LANE: Final = LANE + BETWEEN
"""From a block's left edge to its right lane."""

HIGH: Final = ROW - 1.5
DEEPEST: Final = 10
"""Calls that are indented; deeper ones stand below the last of them."""
BLOCKS: Final = 2
WIDEST: Final = 36
"""Characters above a lane."""
SHOWN: Final = 6
"""Of what the model allowed, as many stand in the picture; the words have them all."""


def film_of_conformity(found: Conformity, facts: Facts | None = None) -> Film:
    """Return the film of a recording and a model's run in step: a frame a pair.

    What only one side has leaves the other where it was. `facts` place what is recorded alone.
    """
    of_kind("found", found, Conformity)
    name = found.recorded.title.partition(": ")[0]  # the note has the whole
    title = f"{name} beside {found.design.title}"
    return Film(title, BOTH, _note(found), (_beside(found),), tuple(_frames(found, facts)))


def _note(found: Conformity) -> str:
    recorded, scenario = found.recorded, found.scenario
    matched, named = len(found.matched), len(found.named)
    words = [
        f"{found.verdict}: {matched} of the {named} events that the model names fit its run",
        f"recorded on {recorded.kernel}, {recorded.title}",
        f"simulated: {scenario.name}, {scenario.says}",
    ]
    words += [f"missing: {sentence}" for sentence in recorded.missing]
    if found.rest:
        words.append(f"the model goes on with {', '.join(found.rest)}")
    return "; ".join(words)


# --- a pair -----------------------------------------------------------------------------


class Row(NamedTuple):
    """Give a pair and its two sides, one of which may be missing."""

    pair: Pair
    event: Event | None
    step: Event | None
    is_matched: bool
    is_first_difference: bool
    is_last_step: bool

    @property
    def ids(self) -> list[str]:
        """Return the ids of what stands in the picture for it."""
        event_id, step_id = _event_id(self.pair.event), _step_id(self.pair.step)
        return [event_id] * bool(self.event) + [step_id] * bool(self.step)


def _rows(found: Conformity) -> Iterator[Row]:
    events, steps = found.recorded.events, found.model.events
    first = found.difference.event if found.difference else None
    for pair in found.pairs:
        event = None if pair.event is None else events[pair.event]
        step = None if pair.step is None else steps[pair.step]
        is_first, is_last = pair.event == first is not None, pair.step == len(steps) - 1
        yield Row(pair, event, step, pair.event in found.matched, is_first, is_last)


def _event_id(number: int | None) -> str:
    return f"recorded_{number}"


def _step_id(number: int | None) -> str:
    return f"simulated_{number}"


def _is_cut(found: Conformity) -> bool:
    # The recording ends too soon: the difference is at no event of it.
    return found.difference is not None and found.difference.event is None


# --- frames -----------------------------------------------------------------------------


def _frames(found: Conformity, facts: Facts | None) -> Iterator[dict[str, Any]]:
    trail = Trail()
    for row in _rows(found):
        code: str = found.defect if row.is_last_step else ""
        role = "defect" if code else ""
        if row.is_first_difference:
            code, role = FIRST, "differs"
        roles = trail.step(*row.ids, role=role or "now", after=role or "done")
        yield frame_of(_told(found, row, facts), roles, code)
    if found.difference and _is_cut(found):
        sentence = f"{found.difference.sentence} {_allowed(found)}"
        end = Event(END_WORDS, "recorded", "?", 0, sentence=sentence)
        yield frame_of(end, trail.step(ENDS, role="differs"), FIRST)


# The recorded event where there is one, with what the model knows beside.
def _told(found: Conformity, row: Row, facts: Facts | None) -> Event:
    event, step = row.event, row.step
    shown = event or step
    assert shown is not None  # a pair has one side at least
    source = shown.source or (step.source if step else None)
    if source is None and facts and facts.has_function(shown.function):
        source = facts.source(shown.function)
    actors = [f"recorded {event.actor}"] if event else []
    actors += [f"simulated {step.actor}"] if step else []
    hook, sentence = shown.hook or (step.hook if step else ""), _sentence(found, row)
    return replace(shown, actor=" | ".join(actors), hook=hook, sentence=sentence, source=source)


def _sentence(found: Conformity, row: Row) -> str:
    if row.step and found.ended and row.is_last_step:
        return f"Simulated: {row.step.sentence} The kernel said: {found.ended.line}"
    if row.step and row.event:
        return f"Recorded and simulated: {row.step.sentence}"
    if row.step:
        return f"Simulated only: {row.step.sentence} {_why_unseen(found, row.pair.step)}".rstrip()
    if found.difference and row.is_first_difference:
        return f"Recorded: {found.difference.sentence} {_allowed(found)}"
    return _alone(found, row)


def _alone(found: Conformity, row: Row) -> str:
    number, event = row.pair.event, row.event
    assert number is not None
    assert event is not None
    if found.ended and number >= found.ended.event:
        why = "the model's run has ended before, so nothing is compared"
    elif number < min(found.named, default=0):
        why = "this is before the road, where nothing is compared"
    elif row.is_matched:
        return f"Recorded: {event.function} runs, {ON_ITS_WAY}."
    else:
        why = _WHY_ALONE[found.sign(number)]
    return f"Recorded only: {event.function} runs; {why}."


# By the sign that a Conformity gives an event.
_WHY_ALONE: Final = {
    "~": "it is not on the inode's road, so it is not compared",
    "-": "the model does not name this call",
    "": "after the first difference nothing is compared",
}


def _why_unseen(found: Conformity, number: int | None) -> str:
    first = next((both.step for both in found.pairs if None not in both), None)
    if first is None or number is None or number < first:
        return "This is before the road, where nothing is compared."
    why = dict(found.unseen).get(found.model.events[number].function, "")
    return f"Not recorded: {why}." if why else ""


def _allowed(found: Conformity) -> str:
    assert found.difference is not None
    allowed = "; ".join(map(str, found.difference.allowed)) or "nothing, its run is over"
    return f"The model allowed there: {allowed}."


# --- the picture ------------------------------------------------------------------------


def _beside(found: Conformity) -> Sheet:
    title = f"Recorded left, simulated right, a row a pair: {MEANING}"
    nodes = tuple(_nodes(found))
    return Sheet("beside", title, _words(found), nodes, graph=Sheet.GRAPH, origin=BOTH)


def _nodes(found: Conformity) -> Iterator[Node]:
    rows, allowed = list(_rows(found)), _allowed_rows(found)
    count = len(rows) + (len(allowed) if _is_cut(found) else 0)
    tall = -(-count // BLOCKS)  # rounded up
    for block in range(-(-count // tall)):
        x, _ = _corner(block * tall, tall)
        yield _label(f"head_recorded_{block}", _head(f"recorded on {found.recorded.kernel}"), x, 0)
        right = x + RIGHT_LANE
        yield _label(f"head_simulated_{block}", _head(f"simulated: {found.design.title}"), right, 0)
    shown: set[int] = set()
    for number, row in enumerate(rows):
        yield from _row(row, number, _corner(number, tall), shown)
    if found.difference is None:
        return
    firsts = [number for number, row in enumerate(rows) if row.is_first_difference]
    first = firsts[0] if firsts else len(rows)
    if _is_cut(found):
        place = (*_corner(first, tall), LANE, HIGH)
        yield _placed(ENDS, END_WORDS, "vfs", found.difference.sentence, place)
    for number, words in enumerate(allowed):
        x, y = _corner(first + number, tall)
        yield _label(f"allowed_{number}", words, x + RIGHT_LANE, y)


def _corner(row: int, tall: int) -> tuple[float, float]:
    block, line = divmod(row, tall)
    return block * (2 * LANE + BETWEEN + GAP), ROW * (line + 1.4)


def _head(words: str) -> str:
    return words if len(words) <= WIDEST else f"{words[: WIDEST - 1]}…"


# A step that two events fit, such as those of two folios, is a box only once: `shown` has those
# that are there.
def _row(row: Row, number: int, corner: tuple[float, float], shown: set[int]) -> Iterator[Node]:
    (x, y), right, pair = corner, corner[0] + RIGHT_LANE, row.pair
    if row.event and pair.event is not None:
        yield _box(_event_id(pair.event), pair.event, row.event, (x, y))
    if row.step and pair.step is not None and pair.step not in shown:
        yield _box(_step_id(pair.step), pair.step, row.step, (right, y))
        shown.add(pair.step)
    elif pair.step is not None:
        yield _label(f"again_{number}", f"… step {pair.step + 1} again", right, y)
    elif row.is_matched:
        yield _label(f"entered_{number}", "… on the way to a step", right, y)
    if row.is_matched:
        yield _label(f"same_{number}", "=", x + LANE + 3, y)


# In the model's lane, which is empty from the first difference on.
def _allowed_rows(found: Conformity) -> list[str]:
    if found.difference is None:
        return []
    allowed = found.difference.allowed
    if not allowed:
        return ["≠ allowed: nothing, its run is over"]
    rows = [f"≠ allowed: {CONTEXTS[step.context].sign} {step.function}" for step in allowed[:SHOWN]]
    more = len(allowed) - len(rows)
    return [*rows, f"… and {more} more"] if more > 0 else rows


def _box(name: str, number: int, event: Event, corner: tuple[float, float]) -> Node:
    indent = INDENT * min(event.depth, DEEPEST)
    words = f"{number + 1} {CONTEXTS[event.context].sign} {event.function}"
    hook = f" ({event.hook})" if event.hook else ""
    tip = f"{event.sentence or event.function}{hook}"
    place = (corner[0] + indent, corner[1], LANE - indent, HIGH)
    return _placed(name, words, "hook" if event.hook else "vfs", tip, place)


def _label(name: str, words: str, x: float, y: float) -> Node:
    wide = BETWEEN if len(words) == 1 else LANE
    return _placed(name, words, "note", " ", (x, y, wide, HIGH))


def _placed(name: str, words: str, look: str, tip: str, place: Place) -> Node:
    size = (*at(place, bottom=0, margin="0.03,0"), ("fontsize", "9"))
    return Node(name, words + LEFT, look, tip, "box", size)


def _words(found: Conformity) -> str:
    lines = [f"{found.verdict}: recorded | simulated"]
    for row in _rows(found):
        sign = "=" if row.is_matched else "|"
        if row.is_first_difference:
            sign = "≠"
        left = row.event.function if row.event else ""
        right = row.step.function if row.step else ""
        lines.append(f"{left} {sign} {right}".strip())
    return "\n".join(lines)
