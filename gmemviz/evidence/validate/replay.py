"""Walk the model's transition system along the steps that a recording shows.

All ways at once: after each event the walk has every configuration that some run could be in, so
a choice of the model's that turns out wrong later costs nothing and needs no turning back. How
each was reached first is kept, and read backwards once the end is there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from gmemviz.evidence.validate.alphabet import fits
from gmemviz.evidence.validate.entries import ProgramEntry, Start, Where
from gmemviz.evidence.validate.system import SPEAKS, Config, System, Taken
from gmemviz.facts import Context, Event
from gmemviz.model import Path

SHOWN: Final[Mapping[Context, Context]] = {"A": "L"}
"""How the tracer shows a context of the model: L and A both raise the preemption count."""


SKIPS: Final = 3
"""How many steps in a row are tried as the ones that never happened."""


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
    `path.defect` is what ended this one. `skipped` is a step that, had it shown, the next event
    could follow: what is wrong is that it never happened.
    """

    start: Start | None
    taken: tuple[Taken, ...]
    path: Path
    matched: tuple[int, ...]
    allowed: tuple[tuple[Where, Where | None], ...]
    is_over: bool
    defects: tuple[str, ...]
    skipped: Where | None = None


def walk(system: System, events: Sequence[Recorded]) -> Walked:
    """Walk along `events` as far as some run of the model has them, in their order."""
    walking = _Walk(system, events)
    *_, (number, configs) = walking.along()
    return walking.ended(number, configs)


def walk_to_defect(system: System, events: Sequence[Recorded], code: str) -> Walked | None:
    """Walk along `events` to a defect that ends a run of the model, as late as may be.

    None where no run that has these events up to there ends with `code`. It ends before the road
    begins only where nobody has been on such a road: else that would fit whatever was recorded.
    """
    walking = _Walk(system, events)
    for number, configs in reversed(list(walking.along())):
        for config in configs:
            is_asked = number or not walking.has_begun((number, config))
            if is_asked and (found := walking.failed(number, config, code)):
                return found
    return None


def agrees(entry: ProgramEntry, event: Event) -> bool:
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

    def along(self) -> Iterator[tuple[int, list[Config]]]:
        first = self.system.first()
        self.came[0, first] = None
        configs = self.reach(0, [first])
        yield 0, configs
        for number in range(len(self.events)):
            following = list(self.consume(number, configs))
            if not following:
                return
            configs = self.reach(number + 1, following)
            yield number + 1, configs

    # Whatever may happen without a word of it in the recording.
    def reach(self, number: int, configs: Iterable[Config]) -> list[Config]:
        reached = list(configs)
        for config in reached:  # grows as it goes
            for taken, after in self.system.silent(config):
                if (number, after) not in self.came:
                    self.came[number, after] = (number, config), taken
                    reached.append(after)
        return reached

    # What may be the next event, where its caller fits as well.
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

    def _is_allowed(self, where: Where, start: Start | None, shown: Recorded) -> bool:
        above = self.system.callers(start)[where]
        entry = self.system.entries.entry(where)
        if not self._fits(where, shown) or not agrees(entry, shown.event):
            return False
        if above is None or shown.caller is None:
            return above is None and shown.caller is None
        return self._fits(above, self.events[shown.caller])

    def _fits(self, where: Where, shown: Recorded) -> bool:
        entry = self.system.entries.entry(where)
        return fits(entry, shown.event, shown.name, self.system.seen)

    # A run that is over there is preferred to one that only came as far.
    def ended(self, number: int, configs: Sequence[Config]) -> Walked:
        over = next((config for config in configs if self.system.is_over(config)), None)
        last = over or configs[-1]
        allowed: dict[tuple[Where, Where | None], None] = {}
        codes = set()
        for config in configs:
            above = self.system.callers(config.start)
            allowed |= {(where, above[where]): None for _, where in self.system.shown(config)}
            shown = {defect.code for *_, defect in self.system.failures(config)}
            codes |= shown & SPEAKS
        taken, path = self._back((number, last))
        if over:
            path = replace(path, defect=self.system.held(over))
        return Walked(
            start=last.start,
            taken=taken,
            path=path,
            matched=tuple(event.number for event in self.events[:number]),
            allowed=tuple(allowed),
            is_over=over is not None,
            defects=tuple(sorted(codes)),
            skipped=self._skipped(number, configs),
        )

    # The first of the fewest steps behind which the next event comes; a hook goes with its callees.
    def _skipped(self, number: int, configs: Sequence[Config]) -> Where | None:
        front: list[tuple[Where | None, Config]] = [(None, config) for config in configs]
        for _ in range(SKIPS if number < len(self.events) else 0):
            beyond: list[tuple[Where | None, Config]] = []
            for first, config in front:
                for where, reached, is_next in self._beyond(number, config):
                    if is_next:
                        return first or where
                    beyond += [(first or where, after) for after in reached]
            front = beyond
        return None

    # In a walk of its own: what it tries is no way that this one went.
    def _beyond(self, number: int, config: Config) -> Iterator[tuple[Where, list[Config], bool]]:
        for following, where in self.system.shown(config):
            trial = _Walk(self.system, self.events)
            entered = [after for _, after in self.system.enter(config, following, where)]
            reached = trial.reach(number, entered)
            yield where, reached, any(trial.consume(number, reached))

    # Whether the way there has been on the road to evict at all.
    def has_begun(self, key: _Key) -> bool:
        while origin := self.came[key]:
            key, taken = origin
            if self.system.begins(key[1], taken):
                return True
        return False

    def failed(self, number: int, config: Config, code: str) -> Walked | None:
        for last, where, defect in self.system.failures(config):
            is_shown = where in self.system.callers(config.start)
            if defect.code != code or (is_shown and not self._is_next(number, where, config)):
                continue
            taken, path = self._back((number, config))
            number_shown = self.events[number].number if is_shown else None
            assert last.move
            return Walked(
                start=config.start,
                taken=(*taken, last._replace(event=number_shown)),
                path=replace(path, moves=(*path.moves, last.move), defect=defect),
                matched=tuple(event.number for event in self.events[: number + is_shown]),
                allowed=(),
                is_over=True,
                defects=(code,),
            )
        return None

    # What shows is there only if the recording has it next.
    def _is_next(self, number: int, where: Where | None, config: Config) -> bool:
        assert where
        return number < len(self.events) and self._is_allowed(
            where, config.start, self.events[number]
        )

    # The way that led there, from its end to the start.
    def _back(self, key: _Key) -> tuple[tuple[Taken, ...], Path]:
        states, taken = [key[1].state], []
        while origin := self.came[key]:
            key, step = origin
            taken.append(step)
            if step.move:
                states.append(key[1].state)
        moves = tuple(step.move for step in reversed(taken) if step.move)
        return tuple(reversed(taken)), Path(self.system.entries.world, tuple(states[::-1]), moves)
