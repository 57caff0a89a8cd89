"""Make the film of a recording beside the run of the model that fits it the furthest."""

from collections.abc import Iterator
from typing import Any, Final

from gmemviz.errors import of_kind
from gmemviz.evidence.validate import Conformity, Pair
from gmemviz.facts import CONTEXTS, Event, Facts
from gmemviz.render.drawing import Node
from gmemviz.render.films.film import Film
from gmemviz.render.sheet import LEFT, Sheet

BOTH: Final = "recorded and simulated"
FIRST: Final = "first difference"
ON_ITS_WAY: Final = "and the model enters it too, on the way to a step that is not reached"
ENDS: Final = "recorded_end"

MEANING: Final = "○ process, □ atomic, ◇ softirq, ⬡ not known or nobody; = both"

LANE, BETWEEN, GAP, ROW, INDENT = 196.0, 14.0, 26.0, 14.0, 4.0
"""In points: a lane, the room between the two, from block to block, a row, a call's depth."""

DEEPEST: Final = 10
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
    frames = tuple(_frames(found, facts))
    name = found.recorded.title.partition(": ")[0]  # the note has the whole
    title = f"{name} beside {found.design.title}"
    return Film(title, BOTH, _note(found), (_beside(found),), frames)


def _event_id(number: int) -> str:
    return f"recorded_{number}"


def _step_id(number: int) -> str:
    return f"simulated_{number}"


def _note(found: Conformity) -> str:
    recorded, scenario = found.recorded, found.scenario
    matched, named = len(found.matched), len(found.named)
    words = [
        f"{found.verdict}: {matched} of the {named} events that the model names fit its run",
        f"recorded on {recorded.kernel}, {recorded.title}",
        f"simulated: {scenario.name}, {scenario.says}",
        *(f"missing: {sentence}" for sentence in recorded.missing),
        *([f"the model goes on with {', '.join(found.rest)}"] if found.rest else []),
    ]
    return "; ".join(words)


# ---- frames ------------------------------------------------------------------------


def _frames(found: Conformity, facts: Facts | None) -> Iterator[dict[str, Any]]:
    done: dict[str, str] = {}
    for pair in found.pairs:
        is_first = pair.event is not None and pair.event == _first(found)
        code = found.defect if _is_last_step(found, pair) else ""
        now = _ids(pair)
        role = "differs" if is_first else "defect" if code else ""
        yield {
            **_said(found, pair, facts),
            "roles": {**done, **dict.fromkeys(now, role or "now")},
            "defect": FIRST if is_first else code,
        }
        done.update(dict.fromkeys(now, role or "done"))
    if found.difference and found.difference.event is None:
        yield _end(found, done)


def _first(found: Conformity) -> int | None:
    return found.difference.event if found.difference else None


def _is_last_step(found: Conformity, pair: Pair) -> bool:
    return pair.step is not None and pair.step == len(found.model.events) - 1


def _ids(pair: Pair) -> list[str]:
    ids = [_event_id(pair.event)] if pair.event is not None else []
    return ids + ([_step_id(pair.step)] if pair.step is not None else [])


def _said(found: Conformity, pair: Pair, facts: Facts | None) -> dict[str, Any]:
    event = found.recorded.events[pair.event] if pair.event is not None else None
    step = found.model.events[pair.step] if pair.step is not None else None
    told = event or step
    assert told is not None  # a pair has one side at least
    source = told.source or (step.source if step else None)
    if source is None and facts and facts.has_function(told.function):
        source = facts.source(told.function)
    return {
        "label": told.function,
        "actor": " | ".join(
            f"{side} {one.actor}" for side, one in (("recorded", event), ("simulated", step)) if one
        ),
        "context": told.context,
        "hook": told.hook or (step.hook if step else ""),
        "sentence": _sentence(found, pair, event, step),
        "source": str(source) if source else "",
    }


def _sentence(found: Conformity, pair: Pair, event: Event | None, step: Event | None) -> str:
    if step:
        return _of_step(found, pair, event, step)
    assert event is not None
    assert pair.event is not None
    if found.difference and pair.event == _first(found):
        return f"Recorded: {found.difference.sentence} {_allowed(found)}"
    return _alone(found, pair.event, event.function)


def _of_step(found: Conformity, pair: Pair, event: Event | None, step: Event) -> str:
    if found.ended and _is_last_step(found, pair):
        return f"Simulated: {step.sentence} The kernel said: {found.ended.line}"
    if event:
        return f"Recorded and simulated: {step.sentence}"
    return f"Simulated only: {step.sentence} {_why_unseen(found, pair, step)}".rstrip()


def _alone(found: Conformity, number: int, function: str) -> str:
    if found.ended and number >= found.ended.event:
        why = "the model's run has ended before, so nothing is compared"
    elif number < min(found.named, default=0):
        why = "this is before the road, where nothing is compared"
    elif number in found.matched:
        return f"Recorded: {function} runs, {ON_ITS_WAY}."
    elif found.sign(number) == "~":
        why = "it is not on the inode's road, so it is not compared"
    elif found.sign(number) == "-":
        why = "the model does not name this call"
    else:
        why = "after the first difference nothing is compared"
    return f"Recorded only: {function} runs; {why}."


def _why_unseen(found: Conformity, pair: Pair, step: Event) -> str:
    first = next((one.step for one in found.pairs if None not in one), None)
    if first is None or pair.step is None or pair.step < first:
        return "This is before the road, where nothing is compared."
    why = dict(found.unseen).get(step.function, "")
    return f"Not recorded: {why}." if why else ""


def _allowed(found: Conformity) -> str:
    assert found.difference is not None
    allowed = [str(one) for one in found.difference.allowed]
    return f"The model allowed there: {'; '.join(allowed) or 'nothing, its run is over'}."


def _end(found: Conformity, done: dict[str, str]) -> dict[str, Any]:
    assert found.difference is not None
    return {
        "label": "the recording ends",
        "actor": "recorded",
        "context": "?",
        "hook": "",
        "sentence": f"{found.difference.sentence} {_allowed(found)}",
        "source": "",
        "roles": {**done, ENDS: "differs"},
        "defect": FIRST,
    }


# ---- the picture -------------------------------------------------------------------


def _beside(found: Conformity) -> Sheet:
    nodes = tuple(_nodes(found))
    title = f"Recorded left, simulated right, a row a pair: {MEANING}"
    return Sheet(
        "beside", title, _words(found), nodes, graph=Sheet.GRAPH, origin=BOTH
    )  # fmt: skip


def _nodes(found: Conformity) -> Iterator[Node]:
    rows = len(found.pairs) + (len(_allowed_rows(found)) or 1 if _is_cut(found) else 0)
    tall = -(-rows // BLOCKS)
    shown: set[int] = set()
    for block in range(-(-rows // tall)):
        x = block * (2 * LANE + BETWEEN + GAP)
        yield _label(f"head_recorded_{block}", _head(f"recorded on {found.recorded.kernel}"), x, 0)
        right = x + LANE + BETWEEN
        yield _label(f"head_simulated_{block}", _head(f"simulated: {found.design.title}"), right, 0)
    for row, pair in enumerate(found.pairs):
        x, y = _corner(row, tall)
        if pair.event is not None:
            event = found.recorded.events[pair.event]
            yield _box(_event_id(pair.event), f"{pair.event + 1}", event, (x, y))
        if pair.step is not None and pair.step not in shown:
            step = found.model.events[pair.step]
            yield _box(_step_id(pair.step), f"{pair.step + 1}", step, (x + LANE + BETWEEN, y))
            shown.add(pair.step)
        elif pair.step is not None:
            again = f"… step {pair.step + 1} again"
            yield _label(f"again_{row}", again, x + LANE + BETWEEN, y)
        elif pair.event in found.matched:
            yield _label(f"entered_{row}", "… on the way to a step", x + LANE + BETWEEN, y)
        if pair.event in found.matched:
            yield _label(f"same_{row}", "=", x + LANE + 3, y)
    yield from _difference(found, tall)


def _head(words: str) -> str:
    return words if len(words) <= WIDEST else f"{words[: WIDEST - 1]}…"


def _is_cut(found: Conformity) -> bool:
    return found.difference is not None and found.difference.event is None


def _corner(row: int, tall: int) -> tuple[float, float]:
    block, line = divmod(row, tall)
    return block * (2 * LANE + BETWEEN + GAP), ROW * (line + 1.4)


def _difference(found: Conformity, tall: int) -> Iterator[Node]:
    if found.difference is None:
        return
    first = next(
        (row for row, pair in enumerate(found.pairs) if pair.event == found.difference.event),
        len(found.pairs),
    )
    if _is_cut(found):
        x, y = _corner(len(found.pairs), tall)
        words = found.difference.sentence
        yield _placed(ENDS, "the recording ends", "vfs", words, (x, y, LANE, ROW - 1.5))
        first = len(found.pairs)
    for number, words in enumerate(_allowed_rows(found)):
        x, y = _corner(first + number, tall)
        yield _label(f"allowed_{number}", words, x + LANE + BETWEEN, y)


# In the model's lane, which is empty from the first difference on.
def _allowed_rows(found: Conformity) -> list[str]:
    assert found.difference is not None
    allowed = found.difference.allowed
    if not allowed:
        return ["≠ allowed: nothing, its run is over"]
    words = [f"≠ allowed: {CONTEXTS[one.context].sign} {one.function}" for one in allowed[:SHOWN]]
    more = len(allowed) - len(words)
    return [*words, f"… and {more} more"] if more > 0 else words


def _box(name: str, number: str, event: Event, corner: tuple[float, float]) -> Node:
    indent = INDENT * min(event.depth, DEEPEST)
    words = f"{number} {CONTEXTS[event.context].sign} {event.function}"
    place = (corner[0] + indent, corner[1], LANE - indent, ROW - 1.5)
    hook = f" ({event.hook})" if event.hook else ""
    tip = event.sentence or event.function
    return _placed(name, words, "hook" if event.hook else "vfs", f"{tip}{hook}", place)


def _label(name: str, words: str, x: float, y: float) -> Node:
    wide = BETWEEN if len(words) == 1 else LANE
    return _placed(name, words, "note", " ", (x, y, wide, ROW - 1.5))


def _placed(
    name: str, words: str, look: str, tip: str, place: tuple[float, float, float, float]
) -> Node:
    x, y, wide, high = place
    size = (
        ("pos", f"{x + wide / 2:g},{-y - high / 2:g}"),
        ("width", f"{wide / 72:.4f}"),
        ("height", f"{high / 72:.4f}"),
        ("fixedsize", "true"),
        ("margin", "0.03,0"),
        ("fontsize", "9"),
    )
    return Node(name, words + LEFT, look, tip, "box", size)


def _words(found: Conformity) -> str:
    lines = [f"{found.verdict}: recorded | simulated"]
    for pair in found.pairs:
        event = found.recorded.events[pair.event].function if pair.event is not None else ""
        step = found.model.events[pair.step].function if pair.step is not None else ""
        is_first = pair.event is not None and pair.event == _first(found)
        sign = "≠" if is_first else "=" if pair.event in found.matched else "|"
        lines.append(f"{event} {sign} {step}".strip())
    return "\n".join(lines)
