"""Walk the model's transition system along the steps that a recording shows."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from gmemviz.facts.records import Context, Event
from gmemviz.model import Path
from gmemviz.study.conform_calls import Entry, Start, Where
from gmemviz.study.conform_system import Config, System, Taken
from gmemviz.study.conform_words import fits

__all__ = ("Recorded", "Walked", "agrees", "walk")

SHOWN: Final[dict[Context, Context]] = {"A": "L"}
"""How the tracer shows a context of the model: L and A both raise the preemption count."""


class Recorded(NamedTuple):
    """Give an event that the model names: its number in the recording, its function's base name.

    `caller` is the place among these events of the nearest one above it.
    """

    number: int
    event: Event
    name: str
    caller: int | None


@dataclass(frozen=True)
class Walked:
    """Give how far a walk came, a shortest way there, and what the model allowed next.

    `matched` are the numbers of the events that it has. `allowed` are entries, each with the one
    that it shows below. `is_over`: a run ends there; `defects` are those that end one there.
    """

    start: Start | None
    taken: tuple[Taken, ...]
    path: Path
    matched: tuple[int, ...]
    allowed: tuple[tuple[Where, Where | None], ...]
    is_over: bool
    defects: tuple[str, ...]


def walk(system: System, events: Sequence[Recorded]) -> Walked:
    """Walk along `events` as far as some run of the model has them, in their order."""
    walking = _Walk(system, events)
    first = system.first()
    walking.came[0, first] = None
    configs = walking.reach(0, [first])
    for number in range(len(events)):
        following = list(walking.consume(number, configs))
        if not following:
            return walking.ended(number, configs)
        configs = walking.reach(number + 1, following)
    return walking.ended(len(events), configs)


def agrees(entry: Entry, event: Event) -> bool:
    """Say whether an event's context is that of the entry; "?" may be any."""
    expected = SHOWN.get(entry.context, entry.context)
    return "?" in (event.context, expected) or expected == event.context


_Key = tuple[int, Config]


@dataclass
class _Walk:
    """Keep all configurations that the events so far may have led to, and how."""

    system: System
    events: Sequence[Recorded]
    came: dict[_Key, tuple[_Key, Taken] | None] = field(default_factory=dict)

    def reach(self, number: int, configs: Iterable[Config]) -> list[Config]:
        reached = list(configs)
        for config in reached:  # grows as it goes
            for taken, after in self.system.silent(config):
                if (number, after) not in self.came:
                    self.came[number, after] = (number, config), taken
                    reached.append(after)
        return reached

    def consume(self, number: int, configs: Iterable[Config]) -> Iterator[Config]:
        for config in configs:
            for following, where in self.system.shown(config):
                if not self._is_allowed(where, config.start, self.events[number]):
                    continue
                for taken, after in self.system.enter(config, following, where):
                    key = number + 1, after
                    if key not in self.came:
                        event = self.events[number].number
                        self.came[key] = (number, config), taken._replace(event=event)
                        yield after

    def _is_allowed(self, where: Where, start: Start | None, one: Recorded) -> bool:
        above = self.system.callers(start)[where]
        if not self._fits(where, one) or not agrees(self.system.entries.entry(where), one.event):
            return False
        if above is None or one.caller is None:
            return above is None and one.caller is None
        return self._fits(above, self.events[one.caller])

    def _fits(self, where: Where, one: Recorded) -> bool:
        return fits(self.system.entries.entry(where), one.event, one.name, self.system.seen.facts)

    def ended(self, number: int, configs: Sequence[Config]) -> Walked:
        over = next((config for config in configs if self.system.is_over(config)), None)
        last = over or configs[-1]
        allowed = {
            (where, self.system.callers(config.start)[where]): None
            for config in configs
            for _, where in self.system.shown(config)
        }
        taken, path = self._back((number, last))
        return Walked(
            start=last.start,
            taken=taken,
            path=path,
            matched=tuple(one.number for one in self.events[:number]),
            allowed=tuple(allowed),
            is_over=over is not None,
            defects=tuple(sorted({c for config in configs for c in self.system.defects(config)})),
        )

    def _back(self, key: _Key) -> tuple[tuple[Taken, ...], Path]:
        states, taken = [key[1].state], []
        while origin := self.came[key]:
            key, step = origin
            taken.append(step)
            if step.move:
                states.append(key[1].state)
        moves = tuple(step.move for step in reversed(taken) if step.move)
        return tuple(reversed(taken)), Path(self.system.entries.world, tuple(states[::-1]), moves)
