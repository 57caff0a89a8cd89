"""Find in an actor's code who calls whom, and what of it a followed inode would show."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import NamedTuple, TypeGuard

from gmemviz.facts import Context
from gmemviz.model.machine import Act, Enter, Program, State, progress
from gmemviz.model.search import World

NOBODY = -1
EVICT = "evict"
EXITS = ("module exit", "module init gives up")
"""Functions of a module's own, that have another name in each: a recording shows what they call."""


class Where(NamedTuple):
    """Name one entry: the actor's number, and the entry's among that actor's."""

    actor: int
    entry: int


Start = Where


class ProgramEntry(NamedTuple):
    """Give one place of an actor's code where a function is entered.

    `hook` is "" but for the function that runs as that hook; `default` is the hook whose
    being NULL leads here. `caller` is the number of the entry that it is called from.
    """

    function: str
    context: Context
    caller: int
    hook: str = ""
    default: str = ""


class Ahead(NamedTuple):
    """Give an instruction that an actor has before it, and the entry that it makes, if any."""

    does: Enter | Act
    where: Where | None


@dataclass(frozen=True)
class ProgramCode:
    """Give the entries of one actor in the order of its code, and their numbers by instruction."""

    entries: tuple[ProgramEntry, ...]
    at: dict[int, int]

    @cached_property
    def above(self) -> tuple[tuple[int, ...], ...]:
        """Return for each entry those that it stands below, the nearest first."""
        above: list[tuple[int, ...]] = []
        for entry in self.entries:  # a caller comes before what it calls
            is_called = entry.caller != NOBODY
            above.append((entry.caller, *above[entry.caller]) if is_called else ())
        return tuple(above)

    @cached_property
    def evicts(self) -> frozenset[int]:
        """Return the entries into evict. (fs/inode.c:evict@v6.12)"""
        return frozenset(
            number for number, entry in enumerate(self.entries) if entry.function == EVICT
        )

    @cached_property
    def leading(self) -> frozenset[int]:
        """Return the entries into evict, and all from which the code leads there."""
        return self.evicts.union(*(self.above[number] for number in self.evicts))

    @cached_property
    def under_evict(self) -> frozenset[int]:
        """Return the entries below evict."""
        return frozenset(
            number for number, above in enumerate(self.above) if not self.evicts.isdisjoint(above)
        )

    def kept(self, start: int) -> Iterator[int]:
        """Yield what is on the road that begins at an entry, and what its functions call."""
        yield start
        on_road = self.leading | self.under_evict
        for number, above in enumerate(self.above):
            if start not in above:
                continue
            caller = self.entries[above[0]]
            is_by_hook = bool(caller.hook) and caller.caller in on_road
            if number in self.under_evict or above[0] in self.leading or is_by_hook:
                yield number

    def beside(self, start: int) -> Iterator[int]:
        """Yield what a module's exit calls beside the branch of its code that the road is on."""
        way = (start, *self.above[start])
        if self.entries[way[-1]].function not in EXITS or len(way) == 1:
            return
        for number, above in enumerate(self.above):
            if way[-1] in above and way[-2] not in (number, *above):
                yield number

    def called_by_rcu(self) -> Iterator[int]:
        """Yield what runs in softirq, below what begins there: an RCU callback."""
        for number, above in enumerate(self.above):
            root = above[-1] if above else number
            if self.entries[root].context == "B" == self.entries[number].context:
                yield number


@dataclass(frozen=True)
class Entries:
    """Give the entries of every actor of a World, and by instruction."""

    world: World
    _walks: dict[tuple[int, int, int], tuple[Ahead, ...]] = field(default_factory=dict, repr=False)

    @cached_property
    def codes(self) -> tuple[ProgramCode, ...]:
        """Return the entries of each actor."""
        return tuple(map(_code, self.world.programs))

    @cached_property
    def names(self) -> frozenset[str]:
        """Return the functions that are entered."""
        every = chain.from_iterable(code.entries for code in self.codes)
        return frozenset(entry.function for entry in every)

    def at(self, actor: int, instruction: int) -> Where | None:
        """Return the entry that an instruction of an actor makes, if it makes one."""
        number = self.codes[actor].at.get(instruction)
        return Where(actor, number) if number is not None else None

    def entry(self, where: Where) -> ProgramEntry:
        """Return the entry at `where`."""
        return self.codes[where.actor].entries[where.entry]

    def caller(self, where: Where) -> Where | None:
        """Return the entry that calls the one at `where`."""
        number = self.entry(where).caller
        return Where(where.actor, number) if number != NOBODY else None

    def ahead(self, state: State, actor: int) -> tuple[Ahead, ...]:
        """Return what an actor meets in a state up to its next Act: functions, then the Act."""
        done, register = progress(state, actor)
        at = (actor, done, register)
        if at not in self._walks:
            self._walks[at] = tuple(self._walk(*at))
        return self._walks[at]

    def _walk(self, actor: int, done: int, register: int) -> Iterator[Ahead]:
        program = self.world.programs[actor]
        at = program.acts[done - 1] + 1 if done else 0
        for instruction in program.walk(done, register):  # in the order of the code, or anew
            ahead = chain(range(at, len(program.code)), range(at))
            at = next(n for n in ahead if program.code[n] is instruction)
            yield Ahead(instruction, self.at(actor, at))

    def roads(self) -> Iterator[Where]:
        """Yield the entries from which the code leads to evict."""
        for actor, code in enumerate(self.codes):
            for number in sorted(code.leading - code.evicts):
                yield Where(actor, number)

    def shown(self, start: Start) -> tuple[Where, ...]:
        """Return what `gmemviz.record.inode.follow` would keep if the road began at `start`.

        That is: all under evict, what the functions of the road and the hooks call, what a module's
        exit calls beside, and the callback by which RCU frees the same inode.
        """
        own = self.codes[start.actor]
        kept = chain(own.kept(start.entry), own.beside(start.entry))
        shown = [Where(start.actor, number) for number in kept]
        programs = self.world.programs
        for actor, code in enumerate(self.codes):
            if programs[actor].target.inode == programs[start.actor].target.inode:
                shown += [Where(actor, number) for number in code.called_by_rcu()]
        return tuple(shown)


# An Act that does something through a function has no Enter of its own. (model/search/compiler.py)
def _code(program: Program) -> ProgramCode:
    entries: list[ProgramEntry] = []
    numbers: dict[int, int] = {}
    frames: dict[int, tuple[int, Enter | Act]] = {}  # by depth: what is entered there, and runs
    for at, instruction in enumerate(program.code):
        if not _may_enter(instruction):
            continue
        place = instruction.place
        _, open_here = frames.get(place.depth, (NOBODY, None))
        is_open = isinstance(open_here, Enter) and open_here.place == place
        if isinstance(instruction, Act) and (is_open or not place.caller):
            continue
        number, above = frames.get(place.depth - 1, (NOBODY, None))
        is_its = above is not None and above.place.function == place.caller
        frames = {depth: frame for depth, frame in frames.items() if depth < place.depth}
        frames[place.depth] = (len(entries), instruction)
        numbers[at] = len(entries)
        entries.append(
            ProgramEntry(
                place.function,
                place.context,
                number if is_its else NOBODY,
                place.hook if place.op == place.hook and place.kind == "ops" else "",
                place.op if place.kind == "default" else "",
            )
        )
    return ProgramCode(tuple(entries), numbers)


def _may_enter(instruction: object) -> TypeGuard[Enter | Act]:
    return isinstance(instruction, Act) or (
        isinstance(instruction, Enter) and not instruction.passed
    )
