"""Hold the entries of a recording in columns until they can become events."""

from array import array
from collections.abc import Collection, Iterator, Mapping
from math import isnan, nan

from gmemviz.facts import Event
from gmemviz.record.text.context import Contexts

Pairs = tuple[tuple[str, str], ...]
"""Names and values of arguments."""

Situation = tuple[str, str]
"""The flags that a line shows, and the task that it names."""


class RecordedRows:
    """Hold functions, tasks, depths, times and arguments, one row an entry.

    A row is named by its number, which counts from the recording's first entry and
    stays when earlier rows are forgotten. What only a probe shows was entered too:
    it has a row, but none of its own if the graph has that function elsewhere.
    """

    def __init__(self) -> None:
        self.first = 0
        self.situations: dict[Situation, Situation] = {}
        self.under_probe: set[Situation] = set()
        self.graphed: dict[str, str] = {}
        self._by_probe: set[str] = set()
        self._functions: list[str] = []
        self._situations: list[Situation] = []
        self._depths = array("H")
        self._times = array("d")
        self._arguments: dict[int, Pairs] = {}
        self._probed: set[int] = set()
        self._alone: set[int] = set()

    def __len__(self) -> int:
        return len(self._functions)

    @property
    def shown(self) -> set[str]:
        """Return the functions of all rows, also of those that were forgotten."""
        return self.graphed.keys() | self._by_probe

    @property
    def next(self) -> int:
        """Give the number of the row that comes next."""
        return self.first + len(self._functions)

    def append(self, function: str, situation: Situation, depth: int, time: str | None) -> int:
        """Add a row for an entry of the graph, and give its number."""
        function = self.graphed.setdefault(function, function)
        return self._append(function, situation, depth, time)

    def append_alone(self, function: str, actor: str, depth: int, time: str | None) -> int:
        """Add a row for an entry that only a probe shows, and give its number."""
        # Without flags: those of a probe's line may be of the trap that it is.
        number = self._append(function, ("", actor), depth, time)
        self._by_probe.add(function)
        self._alone.add(number)
        return number

    # Each text is kept once, however often it comes: a million rows have some hundred of them.
    def _append(self, function: str, situation: Situation, depth: int, time: str | None) -> int:
        number = self.next
        self._functions.append(function)
        self._situations.append(self.situations.setdefault(situation, situation))
        self._depths.append(depth)
        self._times.append(float(time) if time else nan)
        return number

    def add_arguments(self, number: int, pairs: Pairs, *, by_ftrace: bool = False) -> None:
        """Add arguments to a row; one that was forgotten is left as it was."""
        if number < self.first:
            return
        known = self._arguments.get(number, ())
        self._arguments[number] = known + tuple(pair for pair in pairs if pair not in known)
        if by_ftrace and number not in self._alone:
            self._probed.add(number)
            self.under_probe.add(self._situations[number - self.first])

    def doubles(self, graphed: Collection[str]) -> list[int]:
        """Give the numbers of rows by a probe alone, of functions that the graph has."""
        return sorted(n for n in self._alone if self._functions[n - self.first] in graphed)

    def events(
        self, count: int, contexts: Contexts, names: Mapping[str, str], graphed: Collection[str]
    ) -> Iterator[Event]:
        """Give the first `count` rows as events; `names` are those of unnamed tasks."""
        for _, event in self.numbered(count, contexts, names, graphed):
            yield event

    def numbered(
        self, count: int, contexts: Contexts, names: Mapping[str, str], graphed: Collection[str]
    ) -> Iterator[tuple[int, Event]]:
        """Give the same, each with its number, which marks count by, too."""
        doubles = set(self.doubles(graphed))
        for index in range(count):
            number, situation = self.first + index, self._situations[index]
            if number in doubles:
                continue
            time = self._times[index]
            yield (
                number,
                Event(
                    function=self._functions[index],
                    actor=names.get(situation[1], situation[1]),
                    context=contexts.of(situation, is_probed=number in self._probed),
                    depth=self._depths[index],
                    time=None if isnan(time) else time,
                    arguments=self._arguments.get(number, ()),
                ),
            )

    def forget(self, count: int) -> None:
        """Forget the first `count` rows, and keep the numbers of the others."""
        for number in range(self.first, self.first + count):
            self._arguments.pop(number, None)
            self._probed.discard(number)
            self._alone.discard(number)
        for column in (self._functions, self._situations, self._depths, self._times):
            del column[:count]
        self.first += count
