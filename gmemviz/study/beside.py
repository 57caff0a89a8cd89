"""Hold two Designs beside each other in one course of events, and find the beat that decides.

One of them shows what is wrong, and the other goes the same way as far as it can: what it does in
place of that is the answer. So free_inode, too late for a second creation, stands beside
evict_inode, which had given back what hugetlb is short of (fs/hugetlbfs/inode.c@v6.12).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final, NamedTuple

from gmemviz.facts import Event
from gmemviz.model import Path, Report
from gmemviz.model.design import DEFECTS, DefectCode, unmarked
from gmemviz.model.machine import FREED, REFUSED
from gmemviz.model.search import Beat, Step, aligned, frees, steps, where_freed
from gmemviz.shown import shows_itself
from gmemviz.study.moment import moment
from gmemviz.study.ranked import ranked

OVER: Final = "its run is over."
"""What stands for the step of a run that has no more."""


class Side(NamedTuple):
    """Hold one of two runs: its Report, the run, and its steps."""

    report: Report
    path: Path
    run: tuple[Step, ...]


@shows_itself
class Beside(NamedTuple):
    """Give two runs laid out beat by beat, and the beat at which the difference decides.

    `code` is the defect that one of them shows and the other mostly does not, "" where neither has
    any.
    """

    a: Side
    b: Side
    beats: tuple[Beat, ...]
    moment: int
    code: DefectCode | None

    @property
    def sides(self) -> tuple[Side, Side]:
        """Return both."""
        return self.a, self.b

    @property
    def scenario(self) -> str:
        """Return the scenario of both."""
        return self.a.path.world.scenario.name

    @property
    def events(self) -> tuple[Event | None, Event | None]:
        """Return what either does at the beat that decides; None where it does nothing there."""
        pairs = zip(self.sides, self.beats[self.moment][:2], strict=True)
        a, b = (None if at is None else side.run[at].event for side, at in pairs)
        return a, b

    @property
    def object(self) -> str:
        """Return the cell of what decides: the defect's, or what is freed there; "" for none."""
        defects = [side.path.defect for side in self.sides if side.path.defect]
        for defect in defects:
            if defect.code == self.code:
                return defect.cell or defect.object
        steps = _at(self.sides, self.beats[self.moment])
        return next(chain.from_iterable(step.freed for step in steps), "")

    @property
    def told(self) -> tuple[str, str]:
        """Return for either side what it does at that beat, and where it frees what decides."""
        a, b = self.events
        return self._told(self.a, a), self._told(self.b, b)

    def _told(self, side: Side, event: Event | None) -> str:
        own = (beat.a if side is self.a else beat.b for beat in self.beats[: self.moment + 1])
        reached = sum(number is not None for number in own)
        said = [event.sentence] if event else []
        if self.object and not (event and _is_about(event, unmarked(self.object))):
            said.append(_freed(side, self.object, reached))
        return " ".join(said) or OVER

    def __repr__(self) -> str:
        count = sum(not beat.is_same for beat in self.beats)
        return f"<Beside {self.scenario}: {len(self.beats)} beats, {count} differ>"


def beside(a: Report, b: Report) -> Beside | None:
    """Return two runs that answer each other; None where no run of one can follow the other's.

    The run is that of the defect to hear first among those that one of them alone has; without any,
    a whole run of `a`.
    """
    if not (a.applicable and b.applicable):
        return None
    for code, leads in _deciding(a, b):
        first, second = (a, b) if leads is a else (b, a)
        path = first.path(code) if code else first.whole
        other = second.like(path) if path else None
        if path and other:
            led, follows = _side(first, path), _side(second, other)
            sides = (led, follows) if leads is a else (follows, led)
            beats = aligned(sides[0].run, sides[1].run, a.design, b.design)
            return Beside(*sides, beats, _moment(sides, beats, leads_a=leads is a), code)
    return None


def lettered(told: tuple[str, str]) -> str:
    """Return what is said of either of two Designs as one text.

    >>> lettered(("granted.", "refused."))
    'A: granted. B: refused.'
    """
    return f"A: {told[0]} B: {told[1]}"


# A step that frees it, or shows what is wrong with it, says so itself.
def _is_about(event: Event, name: str) -> bool:
    ends = (FREED, REFUSED, *DEFECTS)
    return any(effect.object == name and effect.change in ends for effect in event.effects)


# Who does nothing at that beat has done it before, does it later, or has nothing of the kind.
def _freed(side: Side, cell: str, reached: int) -> str:
    name = unmarked(cell)
    if cell not in side.path.world.names:
        return f"It has no {name}."
    for number, step in enumerate(side.run, 1):
        if cell in step.freed:
            when = "was freed" if number <= reached else "is freed later,"
            where = where_freed(step.event, side.report.design)
            return f"{name} {when} {where} (step {number} of {len(side.run)})."
    return f"{name} is not freed in this run."


def _side(report: Report, path: Path) -> Side:
    return Side(report, path, tuple(steps(path, report.facts)))


# What both have decides nothing between them, and a run of it is shown where there is no other. A
# scenario may ask about one of them alone, such as a named inode: then the next code is tried.
def _deciding(a: Report, b: Report) -> Iterator[tuple[DefectCode | None, Report]]:
    alone = ranked(set(a.found) ^ set(b.found))
    for code in (*alone, *ranked(set(a.found) & set(b.found))):
        yield code, a if code in a.found else b
    yield None, a
    yield None, b


# Where one shows a defect, that is the moment; two correct runs part where memory is given back.
def _moment(sides: tuple[Side, Side], beats: Sequence[Beat], *, leads_a: bool) -> int:
    leads = sides[0] if leads_a else sides[1]
    led = [beat.a if leads_a else beat.b for beat in beats]
    if leads.path.defect:
        return led.index(moment(leads.path, leads.run))
    apart = [number for number, beat in enumerate(beats) if not beat.is_same]
    # What an inode owns is what a Design is about; a folio goes in the one way or the other.
    owned = set(chain.from_iterable(side.path.world.objects for side in sides))
    freeing = [number for number in apart if any(map(frees, _at(sides, beats[number])))]
    own = [at for at in freeing if _freed_at(sides, beats[at]) & owned]
    telling = own or freeing or apart
    return telling[0] if telling else led.index(moment(leads.path, leads.run))


def _freed_at(sides: Sequence[Side], beat: Beat) -> set[str]:
    return set(chain.from_iterable(step.freed for step in _at(sides, beat)))


def _at(sides: Sequence[Side], beat: Beat) -> Iterable[Step]:
    pairs = zip(sides, beat[:2], strict=True)
    return [side.run[number] for side, number in pairs if number is not None]
