"""Find in an actor's code who calls whom, and what of it a followed inode would show."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from gmemviz.facts import Context
from gmemviz.model.machine import Act, Enter, Program
from gmemviz.model.search import World

NOBODY = -1
EVICT = "evict"


class Where(NamedTuple):
    """Name one entry: the actor's number, and the entry's among that actor's."""

    actor: int
    entry: int


Start = Where


class Entry(NamedTuple):
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
class Entries:
    """Give the entries of every actor of a World, and by instruction."""

    world: World
    _walks: dict[tuple[int, int, int], tuple[Ahead, ...]] = field(default_factory=dict, repr=False)

    @cached_property
    def all(self) -> tuple[tuple[Entry, ...], ...]:
        """Return the entries of each actor, in the order of its code."""
        return tuple(tuple(entry for _, entry in found.values()) for found in self._by_instruction)

    @cached_property
    def names(self) -> frozenset[str]:
        """Return the functions that are entered."""
        return frozenset(entry.function for entries in self.all for entry in entries)

    def at(self, actor: int, instruction: int) -> Where | None:
        """Return the entry that an instruction of an actor makes, if it makes one."""
        number = self._by_instruction[actor].get(instruction)
        return Where(actor, number[0]) if number else None

    def entry(self, where: Where) -> Entry:
        """Return the entry at `where`."""
        return self.all[where.actor][where.entry]

    def caller(self, where: Where) -> Where | None:
        """Return the entry that calls the one at `where`."""
        number = self.entry(where).caller
        return Where(where.actor, number) if number != NOBODY else None

    def ahead(self, actor: int, done: int, register: int) -> "tuple[Ahead, ...]":
        """Return what an actor meets after `done` Acts up to its next: functions, then the Act."""
        at = (actor, done, register)
        if at not in self._walks:
            self._walks[at] = tuple(self._walk(*at))
        return self._walks[at]

    def _walk(self, actor: int, done: int, register: int) -> "Iterator[Ahead]":
        program = self.world.programs[actor]
        at = program.acts[done - 1] + 1 if done else 0
        for one in program.walk(done, register):  # in the order of the code
            at = next(n for n in range(at, len(program.code)) if program.code[n] is one)
            yield Ahead(one, self.at(actor, at))

    def roads(self) -> Iterator[Where]:
        """Yield the entries from which the code leads to evict."""
        for actor, entries in enumerate(self.all):
            for number in sorted(self._leading[actor]):
                if entries[number].function != EVICT:
                    yield Where(actor, number)

    def shown(self, start: Start) -> tuple[Where, ...]:
        """Return what `gmemviz.record.inode.follow` would keep if the road began at `start`.

        That is: all under evict, what the functions of the road and the hooks call, and the
        callback by which RCU frees the same inode.
        """
        own = (Where(start.actor, number) for number in self._kept(start))
        inode = self.world.programs[start.actor].target.inode
        callbacks = (
            Where(actor, number)
            for actor, program in enumerate(self.world.programs)
            if program.target.inode == inode
            for number in self._called_by_rcu(actor)
        )
        return (*own, *callbacks)

    @cached_property
    def _by_instruction(self) -> tuple[dict[int, tuple[int, Entry]], ...]:
        return tuple(
            {at: (number, entry) for number, (at, entry) in enumerate(_entries(program))}
            for program in self.world.programs
        )

    @cached_property
    def _leading(self) -> tuple[frozenset[int], ...]:
        return tuple(
            frozenset(
                above
                for number, entry in enumerate(entries)
                if entry.function == EVICT
                for above in (number, *_above(entries, number))
            )
            for entries in self.all
        )

    def _kept(self, start: Start) -> Iterator[int]:
        entries, leading = self.all[start.actor], self._leading[start.actor]
        under_evict = {
            number
            for number in range(len(entries))
            if any(entries[above].function == EVICT for above in _above(entries, number))
        }
        for number, entry in enumerate(entries):
            if number == start.entry:
                yield number
            elif start.entry in _above(entries, number):
                caller = entries[entry.caller]
                callers = leading | under_evict
                is_hooks = caller.hook and caller.caller in callers
                if number in under_evict or entry.caller in leading or is_hooks:
                    yield number

    def _called_by_rcu(self, actor: int) -> Iterator[int]:
        entries = self.all[actor]
        for number, entry in enumerate(entries):
            root = entries[(number, *_above(entries, number))[-1]]
            if root.context == "B" == entry.context:
                yield number


def _above(entries: tuple[Entry, ...], number: int) -> tuple[int, ...]:
    found: list[int] = []
    while (number := entries[number].caller) != NOBODY:
        found.append(number)
    return tuple(found)


# An Act that does something through a function has no Enter of its own. (model/search/compiler.py)
def _entries(program: Program) -> Iterator[tuple[int, Entry]]:
    frames: dict[int, tuple[int, Enter | Act]] = {}
    number = 0
    for at, one in enumerate(program.code):
        if not isinstance(one, Enter | Act) or (isinstance(one, Enter) and one.passed):
            continue
        place = one.place
        if isinstance(one, Act):
            frame = frames.get(place.depth)
            is_open = frame and isinstance(frame[1], Enter) and frame[1].place == place
            if is_open or not place.caller:
                continue
        caller = frames.get(place.depth - 1)
        is_its = caller is not None and caller[1].place.function == place.caller
        yield (
            at,
            Entry(
                place.function,
                place.context,
                caller[0] if caller and is_its else NOBODY,
                place.hook if place.op == place.hook and place.kind == "ops" else "",
                place.op if place.kind == "default" else "",
            ),
        )
        frames = {depth: frame for depth, frame in frames.items() if depth < place.depth}
        frames[place.depth] = (number, one)
        number += 1
