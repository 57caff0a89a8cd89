"""Say what the stage shows of two Designs at once: one course of events, two memories, one beat.

Both runs stand above each other in one timeline, where equal acts are at the same beat: a gap is a
difference. Each side is a run as `stage.py` says it, in its own steps, so nothing is drawn in
another way than alone.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from gmemviz.errors import GmemvizError, of_kind
from gmemviz.model import Design, Report, check
from gmemviz.model.search import Step
from gmemviz.stage.headline import Headline, headline
from gmemviz.stage.stage import drawn_run, run_value
from gmemviz.study import Beside, beside, data, lettered

LETTERS: Final = "AB"
"""What either side is called, in a strip beside its lanes."""


def stage_of_both(a: Design | Report, b: Design | Report) -> dict[str, Any]:
    """Return what the stage shows of two Designs, as JSON-plain data.

    Keys: ``headline``, the difference that decides; ``sides``, either as `stage` has it, with
    ``letter``, ``label``, ``told`` and the steps that are ``apart``; ``beats``, the step of either
    at each; ``moment``, the beat to open at; ``object``, what it is about. GmemvizError where no
    run of one can follow the other's.
    """
    of_kind("a", a, Design, Report)
    of_kind("b", b, Design, Report)
    reports = [check(shown) if isinstance(shown, Design) else shown for shown in (a, b)]
    found = beside(*reports)
    if found is None:
        titles = " and ".join(report.design.title for report in reports)
        raise GmemvizError(f"no run of one can follow the other's: {titles}")
    labels = _labels(*(report.design.title for report in reports))
    return data({
        "title": " | ".join(labels),
        "headline": _headline(found)._asdict(),
        "reason": lettered(found.told),
        "scenario": found.a.path.world.scenario.says,
        "moment": found.moment,
        "object": found.object,
        "beats": [beat[:2] for beat in found.beats],
        "sides": [_side(found, number, labels[number]) for number in range(2)],
    })  # fmt: skip


# The defect that decides is the headline; of two correct Designs it is where they part.
def _headline(found: Beside) -> Headline:
    for side in (found.b, found.a):
        if found.code in side.report.found and side.path.defect:
            return headline(side.report, found.code)
    if all(beat.is_same for beat in found.beats):
        return headline(found.a.report)
    told = found.told[1] if found.events[1] else found.told[0]
    letter = "B" if found.events[1] else "A"
    sentence = f"Both are {found.a.report.verdict}; {letter} alone: {told.rstrip('.')}"
    return headline(found.a.report)._replace(sentence=sentence)


# A title's words that the other has as well say nothing here.
def _labels(a: str, b: str) -> tuple[str, str]:
    words = a.split(", "), b.split(", ")
    alone = [[word for word in own if word not in words[1 - at]] for at, own in enumerate(words)]
    return ", ".join(alone[0]) or a, ", ".join(alone[1]) or b


def _side(found: Beside, number: int, label: str) -> dict[str, Any]:
    side = found.sides[number]
    at = _own(found, number)
    said = headline(side.report, side.path.defect.code if side.path.defect else None)
    drawn = drawn_run(side.report, side.path, also=(at, *_answering(found, number)))
    return {
        **run_value(side.report, drawn),
        "letter": LETTERS[number],
        "label": label,
        "title": side.report.design.title,
        "headline": said._asdict(),
        "told": found.told[number],
        "apart": _apart(found, number),
    }


# The step that a side has come to at the beat that decides.
def _own(found: Beside, number: int) -> int:
    own = [beat[number] for beat in found.beats[: found.moment + 1]]
    return max((at for at in own if at is not None), default=0)


# What stands beside a line of the other's body is seen too, where the VFS does it unasked, such as
# truncate_inode_pages_final of an empty mapping. (fs/inode.c:evict@v6.12)
def _answering(found: Beside, number: int) -> Iterator[int]:
    other = found.sides[1 - number]
    for beat in found.beats:
        own, theirs = beat[number], beat[1 - number]
        if own is not None and theirs is not None and _is_line(other.run[theirs]):
            yield own


# How memory is made is mostly one slice, as in a run alone.
def _is_line(step: Step) -> bool:
    return bool(step.word) and step.event.hook != "alloc_inode"


# Behind the end of the other's run there is nothing to differ from.
def _apart(found: Beside, number: int) -> Sequence[int]:
    over = max(at for at, beat in enumerate(found.beats) if beat[1 - number] is not None)
    beats = [beat for at, beat in enumerate(found.beats) if at <= over and not beat.is_same]
    return [at for beat in beats if (at := beat[number]) is not None]
