"""Say of a run that shows a defect what it is about: what was freed, by whom, who came then.

These are the names that a report to linux-fsdevel would give, such as fs/inode.c:evict that reads
what free_inode has given back; each is a field, and one sentence has them all.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final, NamedTuple

from gmemviz.facts import CONTEXTS, HOOKS, Event
from gmemviz.model.design import GRACE, WORKER, DefectCode, Design, Kept
from gmemviz.model.machine import FREED, Cell
from gmemviz.model.road import cells
from gmemviz.model.search.explore import Exploration, Found
from gmemviz.model.search.run import Path, Step, path_to
from gmemviz.shown import shows_itself


class Doer(NamedTuple):
    """Name who did something: the function or hook, whose task it was, and where that ran.

    `task` is an actor or a callback of the Design, or "" where the teardown itself did it.
    """

    name: str = ""
    task: str = ""
    where: str = ""

    @property
    def who(self) -> str:
        """Return the name, and whose task it was where that is another's."""
        return f"{self.name} of {self.task}" if self.task not in ("", self.name) else self.name

    def __str__(self) -> str:
        return f"{self.who}, {self.where}," if self.where else self.who


NOBODY = Doer()


@shows_itself
class Reason(NamedTuple):
    """Give a defect in parts: the object, who freed it, who came then, and what is wrong in that.

    `freer` is nobody where nothing was freed before, `toucher` where the defect shows only when no
    step is left, as a leak does; `step` is 0 then. `reason` completes a sentence about the toucher,
    or about the object where nobody touches it. `doing` is what the toucher does to the object, as
    "reads", without what is wrong in that; "" where it does nothing to its memory.
    """

    code: DefectCode
    object: str
    freer: Doer
    toucher: Doer
    reason: str
    scenario: str
    step: int
    doing: str = ""

    @property
    def sentence(self) -> str:
        """Return all of it as one sentence."""
        if not self.step:
            return f"{self.object} {self.reason} ({self.scenario})."
        joint = "in" if self.freer.name in HOOKS else "by"
        freed = f"{self.object} is freed {joint} {self.freer}".rstrip(",")
        start = f"{freed}; then " if self.freer != NOBODY else ""
        # What must not sleep or lock says itself where it is.
        is_said = self.toucher.where in self.reason
        toucher = self.toucher.who if is_said else str(self.toucher)
        return f"{start}{toucher} {self.reason} ({self.scenario}, step {self.step})."

    def answer(self) -> dict[str, str | int]:
        """Return its parts by name, those of a Doer as words."""
        return {
            "code": self.code,
            "object": self.object,
            "freer": self.freer.who,
            "freed_where": self.freer.where,
            "toucher": self.toucher.who,
            "touched_where": self.toucher.where,
            "reason": self.reason,
            "scenario": self.scenario,
            "step": self.step,
        }

    def __repr__(self) -> str:
        return f"<Reason {self.code}: {self.sentence}>"


def freed_in(run: Iterable[Step]) -> dict[str, Event]:
    """Return the step that freed each cell last, of those that a run frees."""
    freed: dict[str, Event] = {}
    for step in run:
        freed |= dict.fromkeys(step.freed, step.event)
    return freed


def where_freed(event: Event, design: Design) -> str:
    """Return the hook or the function that frees, or the title of what is the Design's own.

    What is deferred has an event of its name, such as `blob after a grace period`, and no function.
    """
    doer = _doer(event, design, is_hook=True)
    return f"{'by' if event.function in tasks_of(design) else 'in'} {doer.name}"


def reason_of(path: Path, run: Sequence[Step]) -> Reason:
    """Return what a run shows to be wrong; `run` are the steps of `path`, which has a defect."""
    defect, design = path.defect, path.world.design
    assert defect is not None
    freed = freed_in(run).get(defect.cell or defect.object)
    return Reason(
        defect.code,
        defect.object,
        _doer(freed, design, _section(freed, run), is_hook=True) if freed else NOBODY,
        NOBODY if path.is_at_end else _doer(run[-1].event, design, run[-1].cells),
        defect.doing,
        path.world.scenario.name,
        0 if path.is_at_end else len(run),
        _done_to(defect.cell or defect.object, run),
    )


def _done_to(cell: str, run: Sequence[Step]) -> str:
    touches = (touch for touch in reversed(run[-1].touches) if touch.object == cell)
    touch = next(touches, None)
    return touch.doing if touch else ""


# What is freed is said of the hook, and what is wrong of the function, which may be called in it.
def _doer(
    event: Event, design: Design, at: Mapping[str, Cell] | None = None, *, is_hook: bool = False
) -> Doer:
    tasks = tasks_of(design)
    name = (event.hook if is_hook else "") or event.function
    return Doer(tasks.get(name, name), tasks.get(event.actor, ""), _where(event, design, at or {}))


def tasks_of(design: Design) -> dict[str, str]:
    """Return the titles of a Design's actors and callbacks, by the names that events have for them.

    What a body defers without a name has a title as well (kernel/rcu/tree.c:kvfree_call_rcu@v6.12).
    Where two of one actor are at work, the second has a number behind its name.
    """
    titles = {f"{kept.kind.name} {GRACE}": _runs_it(kept, design) for kept in design.keeps}
    titles |= {f"{kept.kind.name} {WORKER}": "its worker" for kept in design.keeps}
    for actor in design.actors:
        names = (own.rpartition(":")[2] for own in cells.instances(actor.name))
        titles |= dict.fromkeys(names, f"actor {actor.name}")
    return titles | {later.name: f"callback {later.name}" for later in design.callbacks}


# kfree_rcu frees, and does no more; what else giving back takes is a callback's of its own, as is
# what a body says to be freed through another function: "free acl after a grace period via iput".
def _runs_it(kept: Kept, design: Design) -> str:
    through = set()
    for action in chain.from_iterable(design.bodies.values()):
        if action.metadata == kept.kind.name and action.verb == f"free {GRACE}":
            through.add(action.via)
    is_plain = kept.kind.release == "kfree" and through <= _FREES_BY_RCU
    return "kfree_rcu's callback" if is_plain else "its RCU callback"


_FREES_BY_RCU: Final = frozenset({"", "kfree_rcu", "kvfree_rcu", "kfree_rcu_mightsleep"})


def _section(event: Event, run: Sequence[Step]) -> Mapping[str, Cell]:
    return next(step.cells for step in run if step.event is event)


# Process context, where all is allowed, explains nothing. An actor that holds RCU says so until its
# rcu_read_unlock: "atomic" is also who holds a spinlock.
# (include/linux/rcupdate.h:rcu_read_lock@v6.12)
def _where(event: Event, design: Design, at: Mapping[str, Cell]) -> str:
    if event.context == "A" and _is_under_rcu(event, design, at):
        return "under RCU"
    return "" if event.context in "P?" else CONTEXTS[event.context].word


def _is_under_rcu(event: Event, design: Design, at: Mapping[str, Cell]) -> bool:
    readers = at.get("readers", ())
    assert isinstance(readers, tuple)
    for actor in design.actors:
        if actor.holds == "rcu" and actor.name == event.actor:
            return not set(readers).isdisjoint(cells.instances(actor.name))
    return False


# --- other runs to the same defect ------------------------------------------------------


Key = tuple[str, ...]


def different_runs(
    searches: Sequence[Exploration], code: DefectCode, extra: tuple[Exploration, Found] | None
) -> Iterator[Path]:
    """Yield runs that show `code`, the shortest first, no two of them alike.

    Two are alike where scenario, object, freer and toucher are the same. First comes one run of
    each scenario, then those that differ in who does it. `extra` is what no single search shows.
    """
    found = [(search, found) for search in searches for found in _shown(search, code)]
    found = found or ([extra] if extra else [])
    found.sort(key=lambda pair: pair[1].depth)  # a stable sort: scenarios stay in their order
    of_scenario: dict[str, Key] = {}
    shortest: dict[Key, tuple[Exploration, Found]] = {}
    for search, failure in found:
        name = search.world.scenario.name
        key = name, *_told_apart(search, failure)
        of_scenario.setdefault(name, key)
        shortest.setdefault(key, (search, failure))
    for key in dict.fromkeys((*of_scenario.values(), *shortest)):
        yield path_to(*shortest[key])


def _shown(search: Exploration, code: DefectCode) -> Iterator[Found]:
    return (found for found in search.failures if found.defect and found.defect.code == code)


def _told_apart(search: Exploration, found: Found) -> Key:
    defect = found.defect
    assert defect is not None
    cell = defect.cell or defect.object
    freer = _freed_by(search, found, cell) if cell in search.world.names else ()
    touched = _at(search, found.move.actor, found.move.act) if found.move else ()
    return (defect.object, *freer, "", *touched)


# Back along the run, to the step before which the memory was not freed yet.
def _freed_by(search: Exploration, found: Found, cell: str) -> Key:
    state, world = found.state, search.world
    while world.cell(state, cell) == FREED and (origin := search.came_from[state]):
        before, move = origin
        if world.cell(before, cell) != FREED:
            return _at(search, move.actor, move.act)
        state = before
    return ()


# Two of one actor are alike, and have one title.
def _at(search: Exploration, actor: int, act: int) -> Key:
    world, program = search.world, search.world.programs[actor]
    place = program.act(act).place
    task = tasks_of(world.design).get(program.shown, program.shown)
    return task, place.hook, place.function
