"""Point at what is wrong, and at who touches what: the arrows of the memory picture.

Whatever a defect is about has a place: an object of the heap, a slot of a table, a field that this
kernel has not, or, for what is none of these, an object of its own that is drawn for it alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from gmemviz.facts import HOOKS
from gmemviz.model import Path
from gmemviz.model.design import DefectCode, unmarked
from gmemviz.model.machine import REFUSED, Defect
from gmemviz.model.search import Step, World
from gmemviz.stage.drawn import Drawn, StructRow
from gmemviz.stage.memory import SUPERBLOCK, Scene, pool_of
from gmemviz.stage.tables import LOST, S_OP

WHO: Final = "who"
"""The id of the pill that says who runs: what is wrong with somebody who waits for ever."""


class CodeMark(NamedTuple):
    """Say where a code is marked, and the word on the arrow: "" is what the step itself does."""

    verb: str = ""
    at: Literal["object", "who", "pool"] = "object"


MARKS: Final[Mapping[DefectCode, CodeMark]] = {
    "assertion": CodeMark("hits"),
    "busy-inodes": CodeMark("still lists"),
    "crash": CodeMark("follows"),
    "deadlock": CodeMark("takes"),
    "double-free": CodeMark("frees"),
    "hang": CodeMark("waits", "who"),  # of somebody who waits, and not of memory
    "inode-leak": CodeMark("nobody frees"),
    "late-release": CodeMark("-ENOMEM", "pool"),  # what the second creation meets is an empty pool
    "leak": CodeMark("nobody frees"),
    "lock-context": CodeMark("takes"),
    "no-such-field": CodeMark("names"),
    "objects-remain": CodeMark("destroys"),
    "out-of-reach": CodeMark("needs"),
    "per-file": CodeMark("sees"),
    "sleep-in-atomic": CodeMark("sleeps"),
    "sleep-in-softirq": CodeMark("sleeps"),
    "stale-alias": CodeMark("finds"),
    "unreachable-hook": CodeMark("no run calls"),
    "use-after-free": CodeMark(),
    "wrong-branch": CodeMark("reads"),
    "wrong-cache": CodeMark(),
}
"""How each code is drawn in memory."""


class MemoryPlace(NamedTuple):
    """Name a place in memory: an object, and a member of it or ""."""

    object: str
    member: str = ""


class Pointing(NamedTuple):
    """Give an arrow from who runs to what it touches, with a verb on it."""

    spot: MemoryPlace
    verb: str
    is_wrong: bool


def spot_of(defect: Defect, drawn: Scene, path: Path) -> MemoryPlace:
    """Return where what a defect is about is drawn."""
    name = defect.cell or defect.object
    if MARKS[defect.code].at == "who":
        return MemoryPlace(WHO)
    if defect.object in HOOKS:
        return _slot(defect.object, drawn)
    if any(name in frame for frame in drawn.frames):
        is_zeroed = name == SUPERBLOCK and not path.world.design.mount.is_set_up
        return MemoryPlace(name, "s_user_ns" if is_zeroed else "")
    for kept in path.world.design.keeps:
        if kept.kind.name == defect.object:
            return MemoryPlace(*drawn.members[path.world.programs[0].target.slot(kept)])
    owner, dot, member = name.rpartition(".")
    return MemoryPlace(owner, member) if dot else MemoryPlace(name)


# A hook that is in a table which nobody's pointer leads to is wrong there, not where a NULL is.
def _slot(hook: str, drawn: Scene) -> MemoryPlace:
    holding = [table for table in drawn.tables if hook in table.hooks]
    lost = [table for table in holding if table.id == LOST]
    return MemoryPlace((lost or holding)[0].id if holding else S_OP, hook)


def with_spot(spot: MemoryPlace, frame: Mapping[str, Drawn], world: World) -> dict[str, Drawn]:
    """Return the memory of one step with what is wrong in it, where the heap has no such object."""
    if spot.object in frame or spot.object == WHO:
        return dict(frame)
    missing = (StructRow(spot.member, "no such member", look="null"),) if spot.member else ()
    note = f"of {world.design.kernel}" if spot.member else "shared"
    drawn = Drawn(unmarked(spot.object), "allocated", note, missing)
    return {**frame, spot.object: drawn}


def arrows(step: Step, wrong: MemoryPlace | None, verb: str) -> Iterator[Pointing]:
    """Yield what a step touches, in its order; `wrong` is where it must not, with what it does."""
    if step.passed:
        yield Pointing(MemoryPlace(S_OP, step.passed), "finds NULL", is_wrong=wrong is not None)
        return
    for name, said in _touched(step).items():
        if said and (wrong is None or name != wrong.object):
            yield Pointing(MemoryPlace(name), said, is_wrong=False)
    if wrong:
        yield Pointing(wrong, verb, is_wrong=True)


# What is scarce is asked of its pool: the object that is not there was never touched.
def _touched(step: Step) -> dict[str, str]:
    touched = {touch.object: touch.verb for touch in step.touches}
    for effect in step.effects:
        if effect.change == REFUSED and f"{effect.object}.holder" in step.cells:
            touched.pop(effect.object, None)
            touched[pool_of(effect.object)] = "-ENOMEM"
    return touched


def verb_of(path: Path, last: Step) -> str:
    """Return the word for the arrow to what is wrong; `last` is the step that shows it."""
    assert path.defect is not None
    cell = path.defect.cell or path.defect.object
    touched = [touch.verb for touch in last.touches if touch.verb]
    own = [touch.verb for touch in last.touches if touch.verb and touch.object == cell]
    return MARKS[path.defect.code].verb or (own or touched or ["reads"])[-1]


def plain_arrows(found: Sequence[Pointing]) -> list[dict[str, Any]]:
    """Return arrows as plain data, what is wrong last: it is drawn over the others."""
    ordered = sorted(found, key=lambda arrow: arrow.is_wrong)
    return [{**a.spot._asdict(), "verb": a.verb, "wrong": a.is_wrong} for a in ordered]
