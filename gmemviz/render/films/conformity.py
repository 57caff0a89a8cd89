"""Make the film of a recording beside the run of the model that fits it the furthest.

A frame is a pair of what was recorded and what was simulated, or one of them alone. The picture has
two lanes, recorded left and simulated right, folded into blocks that stand side by side.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

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


def _event_id(number: int) -> str:
    return f"recorded_{number}"


def _step_id(number: int) -> str:
    return f"simulated_{number}"


def _event(found: Conformity, pair: Pair) -> Event | None:
    return None if pair.event is None else found.recorded.events[pair.event]


def _step(found: Conformity, pair: Pair) -> Event | None:
    return None if pair.step is None else found.model.events[pair.step]


def _is_first_difference(found: Conformity, pair: Pair) -> bool:
    difference = found.difference
    return difference is not None and pair.event is not None and pair.event == difference.event


def _is_cut(found: Conformity) -> bool:
    # The recording ends too soon: the difference is at no event of it.
    return found.difference is not None and found.difference.event is None


def _is_last_step(found: Conformity, pair: Pair) -> bool:
    return pair.step is not None and pair.step == len(found.model.events) - 1


# --- frames -----------------------------------------------------------------------------


def _frames(found: Conformity, facts: Facts | None) -> Iterator[dict[str, Any]]:
    trail = Trail()
    for pair in found.pairs:
        is_first = _is_first_difference(found, pair)
        code = found.defect if _is_last_step(found, pair) else ""
        role = "differs" if is_first else "defect" if code else ""
        roles = trail.step(*_ids(pair), role=role or "now", after=role or "done")
        yield frame_of(_told(found, pair, facts), roles, FIRST if is_first else code)
    if found.difference and _is_cut(found):
        sentence = f"{found.difference.sentence} {_allowed(found)}"
        end = Event(END_WORDS, "recorded", "?", 0, sentence=sentence)
        yield frame_of(end, trail.step(ENDS, role="differs"), FIRST)


def _ids(pair: Pair) -> list[str]:
    ids = [] if pair.event is None else [_event_id(pair.event)]
    return ids if pair.step is None else [*ids, _step_id(pair.step)]


# The recorded event where there is one, with what the model knows beside.
def _told(found: Conformity, pair: Pair, facts: Facts | None) -> Event:
    event, step = _event(found, pair), _step(found, pair)
    shown = event or step
    assert shown is not None  # a pair has one side at least
    source = shown.source or (step.source if step else None)
    if source is None and facts and facts.has_function(shown.function):
        source = facts.source(shown.function)
    actors = [f"recorded {event.actor}"] if event else []
    actors += [f"simulated {step.actor}"] if step else []
    hook = shown.hook or (step.hook if step else "")
    sentence = _sentence(found, pair, event, step)
    return replace(shown, actor=" | ".join(actors), hook=hook, sentence=sentence, source=source)


def _sentence(found: Conformity, pair: Pair, event: Event | None, step: Event | None) -> str:
    if step:
        return _of_step(found, pair, event, step)
    assert event is not None
    if found.difference and _is_first_difference(found, pair):
        return f"Recorded: {found.difference.sentence} {_allowed(found)}"
    return _alone(found, pair, event.function)


def _of_step(found: Conformity, pair: Pair, event: Event | None, step: Event) -> str:
    if found.ended and _is_last_step(found, pair):
        return f"Simulated: {step.sentence} The kernel said: {found.ended.line}"
    if event:
        return f"Recorded and simulated: {step.sentence}"
    return f"Simulated only: {step.sentence} {_why_unseen(found, pair, step)}".rstrip()


def _alone(found: Conformity, pair: Pair, function: str) -> str:
    number = pair.event
    assert number is not None
    if found.ended and number >= found.ended.event:
        why = "the model's run has ended before, so nothing is compared"
    elif number < min(found.named, default=0):
        why = "this is before the road, where nothing is compared"
    elif number in found.matched:
        return f"Recorded: {function} runs, {ON_ITS_WAY}."
    else:
        why = _WHY_ALONE[found.sign(number)]
    return f"Recorded only: {function} runs; {why}."


_WHY_ALONE: Final = {
    "~": "it is not on the inode's road, so it is not compared",
    "-": "the model does not name this call",
    "": "after the first difference nothing is compared",
}
"""By the sign that a Conformity gives an event."""


def _why_unseen(found: Conformity, pair: Pair, step: Event) -> str:
    first = next((both.step for both in found.pairs if None not in both), None)
    if first is None or pair.step is None or pair.step < first:
        return "This is before the road, where nothing is compared."
    why = dict(found.unseen).get(step.function, "")
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
    allowed = _allowed_rows(found)
    rows = len(found.pairs) + (len(allowed) if _is_cut(found) else 0)
    tall = -(-rows // BLOCKS)  # rounded up
    for block in range(-(-rows // tall)):
        x, _ = _corner(block * tall, tall)
        yield _label(f"head_recorded_{block}", _head(f"recorded on {found.recorded.kernel}"), x, 0)
        right = x + RIGHT_LANE
        yield _label(f"head_simulated_{block}", _head(f"simulated: {found.design.title}"), right, 0)
    shown: set[int] = set()
    for row, pair in enumerate(found.pairs):
        yield from _row(found, pair, row, _corner(row, tall), shown)
    if found.difference is None:
        return
    first = [row for row, pair in enumerate(found.pairs) if _is_first_difference(found, pair)]
    at_row = first[0] if first else len(found.pairs)
    if _is_cut(found):
        x, y = _corner(at_row, tall)
        yield _placed(ENDS, END_WORDS, "vfs", found.difference.sentence, (x, y, LANE, HIGH))
    for number, words in enumerate(allowed):
        x, y = _corner(at_row + number, tall)
        yield _label(f"allowed_{number}", words, x + RIGHT_LANE, y)


def _corner(row: int, tall: int) -> tuple[float, float]:
    block, line = divmod(row, tall)
    return block * (2 * LANE + BETWEEN + GAP), ROW * (line + 1.4)


def _head(words: str) -> str:
    return words if len(words) <= WIDEST else f"{words[: WIDEST - 1]}…"


def _row(
    found: Conformity, pair: Pair, row: int, corner: tuple[float, float], shown: set[int]
) -> Iterator[Node]:
    (x, y), right = corner, corner[0] + RIGHT_LANE
    event, step = _event(found, pair), _step(found, pair)
    if event and pair.event is not None:
        yield _box(_event_id(pair.event), f"{pair.event + 1}", event, (x, y))
    if step and pair.step is not None and pair.step not in shown:
        yield _box(_step_id(pair.step), f"{pair.step + 1}", step, (right, y))
        shown.add(pair.step)
    elif pair.step is not None:  # such as one step for two folios
        yield _label(f"again_{row}", f"… step {pair.step + 1} again", right, y)
    elif pair.event in found.matched:
        yield _label(f"entered_{row}", "… on the way to a step", right, y)
    if pair.event in found.matched:
        yield _label(f"same_{row}", "=", x + LANE + 3, y)


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


def _box(name: str, number: str, event: Event, corner: tuple[float, float]) -> Node:
    indent = INDENT * min(event.depth, DEEPEST)
    words = f"{number} {CONTEXTS[event.context].sign} {event.function}"
    place = (corner[0] + indent, corner[1], LANE - indent, HIGH)
    hook = f" ({event.hook})" if event.hook else ""
    tip = event.sentence or event.function
    return _placed(name, words, "hook" if event.hook else "vfs", f"{tip}{hook}", place)


def _label(name: str, words: str, x: float, y: float) -> Node:
    wide = BETWEEN if len(words) == 1 else LANE
    return _placed(name, words, "note", " ", (x, y, wide, HIGH))


def _placed(name: str, words: str, look: str, tip: str, place: Place) -> Node:
    size = (*at(place, bottom=0, margin="0.03,0"), ("fontsize", "9"))
    return Node(name, words + LEFT, look, tip, "box", size)


def _words(found: Conformity) -> str:
    lines = [f"{found.verdict}: recorded | simulated"]
    for pair in found.pairs:
        event, step = _event(found, pair), _step(found, pair)
        if _is_first_difference(found, pair):
            sign = "≠"
        else:
            sign = "=" if pair.event in found.matched else "|"
        left, right = event.function if event else "", step.function if step else ""
        lines.append(f"{left} {sign} {right}".strip())
    return "\n".join(lines)
