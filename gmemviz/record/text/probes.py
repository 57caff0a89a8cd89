"""Give the arguments that probe events show to the entries that they belong to."""

from typing import NamedTuple

from gmemviz.record.text.lines import NAMELESS, PAIR, PROBE, RETURNED
from gmemviz.record.text.rows import Pairs, RecordedRows
from gmemviz.record.text.stacks import Entered, Stacks

# A probe further in than a function's first instructions does not show its entry. One
# at the very place where ftrace hooks in is called by ftrace, one behind it by a trap.
ENTRY_BYTES = 16
FTRACE_BYTES = (0, 4)


class Probed(NamedTuple):
    """Hold what one probe event said until it is clear which entry it belongs to."""

    name: str
    function: str
    by_ftrace: bool
    time: str | None
    arguments: Pairs


def pairs(text: str) -> Pairs:
    """Give the (name, value) pairs of a text such as inode=0xff, gfp=0xc40."""
    return tuple((name, value.strip('"')) for name, value in PAIR.findall(text))


def returned(text: str | None) -> Pairs:
    """Give ("ret", value) if a text after a function's end says what it returned."""
    found = RETURNED.search(text) if text else None
    return (("ret", found[1]),) if found else ()


class Probes:
    """Match probe events with entries, task by task.

    An event stands right before or right after the entry of its function: which of
    both depends on who registered first with ftrace, and may differ within one
    recording. One that stands at neither is an entry that the graph does not have,
    and becomes a row of its own. A return probe's event stands beside the exit.
    """

    def __init__(self, rows: RecordedRows, stacks: Stacks) -> None:
        self.nameless = 0
        self._rows = rows
        self._stacks = stacks
        self.waiting: dict[str, list[Probed]] = {}
        self._entered: dict[str, Entered | None] = {}
        self._left: dict[str, Entered | None] = {}
        self._names: dict[str, set[str]] = {}

    def enter(self, actor: str, entered: Entered, *, is_leaf: bool) -> None:
        """Learn that the graph shows an entry; it takes what waits for it."""
        if self.waiting or self._names:
            waiting = self.waiting.pop(actor, ())
            for probed in waiting:
                self._rows.add_arguments(entered[1], probed.arguments, by_ftrace=probed.by_ftrace)
            self._names[actor] = {probed.name for probed in waiting}
        self._entered[actor] = None if is_leaf else entered
        self._left[actor] = entered if is_leaf else None

    def leave(self, actor: str, entered: Entered | None) -> None:
        """Learn that the graph shows an exit."""
        self._entered[actor] = None
        self._left[actor] = entered

    def take(self, text: str, actor: str, time: str | None) -> None:
        """Take the text of an event; one that is not of a probe tells nothing here."""
        found = PROBE.match(text)
        if found is None:
            self.nameless += NAMELESS.match(text) is not None
            return
        arguments = pairs(found["arguments"])
        offset = int(found["offset"] or "0", 16)
        if found["caller"]:
            self._take_return(actor, found["function"], arguments)
        elif offset <= ENTRY_BYTES:
            name, function = found.group("name", "function")
            probed = Probed(name, function, offset in FTRACE_BYTES, time, arguments)
            self._take_entry(actor, probed)

    def settle(self, actor: str, function: str | None = None) -> None:
        """Give rows to what waits for another entry than that of `function`."""
        waiting = self.waiting.get(actor)
        if not waiting or waiting[0].function == function:
            return
        del self.waiting[actor]
        first, depth = waiting[0], self._stacks.depth(actor)
        number = self._rows.append_alone(first.function, actor, depth, first.time)
        for probed in waiting:
            self._rows.add_arguments(number, probed.arguments)

    def finish(self) -> None:
        """Give rows to everything that still waits."""
        for actor in list(self.waiting):
            self.settle(actor)

    def _take_entry(self, actor: str, probed: Probed) -> None:
        entered, names = self._entered.get(actor), self._names.setdefault(actor, set())
        if entered and entered[0] == probed.function and probed.name not in names:
            names.add(probed.name)
            self._rows.add_arguments(entered[1], probed.arguments, by_ftrace=probed.by_ftrace)
            return
        waiting = self.waiting.get(actor, ())
        if any(p.function != probed.function or p.name == probed.name for p in waiting):
            self.settle(actor)
        self.waiting.setdefault(actor, []).append(probed)

    def _take_return(self, actor: str, function: str, arguments: Pairs) -> None:
        for entered in (self._left.get(actor), self._stacks.innermost(actor)):
            if entered and entered[0] == function:
                self._rows.add_arguments(entered[1], arguments, by_ftrace=True)
                return
