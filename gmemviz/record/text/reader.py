"""Read the lines of a recording into rows, and note what they do not hold."""

from collections.abc import Iterator
from re import Match
from typing import Final

from gmemviz.errors import RecordingError
from gmemviz.record.text.context import Contexts
from gmemviz.record.text.lines import (
    COLUMNS,
    CONSOLE,
    GRAPH_LINE,
    HEADER,
    KERNEL,
    LONGEST,
    LOST_EVENTS,
    ONE_CPU,
    REPORT_LINE,
    SYMBOL,
    TASK_SWITCH,
)
from gmemviz.record.text.probes import Probes, pairs, returned
from gmemviz.record.text.rows import Rows, Situation
from gmemviz.record.text.stacks import Stacks

LOST: Final = "The kernel's ring buffer lost events"
MIXED_CPUS: Final = "Events of several CPUs may be mixed, and none of them says which is its own."
NO_ENTRY: Final = "Functions ran whose entry is not there"
DAMAGED: Final = "Lines are damaged or not function_graph"
LEFT_OUT: Final = "What came before the mark"
BACKWARDS: Final = "Lines are not in the order of their times"
SLEPT: Final = "BUG: scheduling while atomic"
DISORDER: Final = (LOST, MIXED_CPUS, NO_ENTRY, DAMAGED, LEFT_OUT, BACKWARDS)
"""How a sentence of Trace.missing begins that forbids to count the events."""


class Reader:
    """Take one line after the other; `rows` hold the entries that it saw.

    With `since`, what came before the last mark that begins so is forgotten.
    """

    def __init__(self, kernel: str = "", since: str = "") -> None:
        self.kernel = kernel
        self.rows = Rows()
        self.names: dict[str, str] = {}
        self._symbols: dict[str, str] = {}
        self._since = since
        self._names_tracer = self._has_one_cpu = False
        self._lines = self._damaged = self._first_damaged = 0
        self._lost = self._lost_unknown = 0
        self._cpus: set[str] = set()
        self._running: dict[str, str] = {}
        self._bare = 0
        self._start_over()

    def _start_over(self) -> None:
        self.rows.clear()
        self.marks: list[tuple[int, str]] = []
        self._stacks = Stacks()
        self._probes = Probes(self.rows, self._stacks)
        self._fitting = 0
        self._left_out = ""
        self._backwards = 0
        self._last = (0, "")
        self._miscounted: set[str] = set()

    def take(self, line: str) -> None:
        """Take the next line."""
        self._lines += 1
        if len(line) > LONGEST:
            self._damage(self._lines)
        elif match := GRAPH_LINE.match(line) or REPORT_LINE.match(line):
            self._take_graph(match)
        else:
            self._take_other(line)

    def finish(self) -> Contexts:
        """Learn that no line is left, and give the contexts of the rows.

        Raises RecordingError if no line was one of function_graph.
        """
        self._probes.finish()
        self._stacks.finish()
        if not self.rows.situations:
            raise RecordingError(
                f"no function_graph line in {self._lines} lines "
                "(expected lines such as ' 0)   2.584 us    |  dput();')"
            )
        return Contexts(self.rows.situations, self.rows.under_probe)

    def _take_graph(self, match: Match[str]) -> None:
        columns = match.group(*COLUMNS)
        time, cpu, task, flags, _ = columns
        indent, function, interrupt = match.group("indent", "function", "interrupt")
        if interrupt is not None or not self._fits(columns.count(None)):
            return
        actor = self._actor(cpu or "", task)
        if time is not None:
            self._pass(time)
        if function is not None:
            told = "" if actor in self._miscounted else flags or ""
            self._enter(match, function, (told, actor), len(indent) // 2)
        elif match["exit"]:
            self._leave(match, actor, len(indent) // 2)
        elif event := match["event"]:
            if event.startswith(CONSOLE):
                self._hear(event, actor)
            else:
                self._probes.take(event, actor, time)
        else:
            self._probes.settle(actor)
            self._mark(match["mark"].strip())

    # Who slept where it must not has lost its preemption count: what its flags say is not true
    # any more. (kernel/sched/core.c:schedule_debug@v7.3)
    def _hear(self, said: str, actor: str) -> None:
        self.marks.append((self.rows.next, said))
        if SLEPT in said:
            self._miscounted.add(actor)

    def _enter(self, match: Match[str], function: str, situation: Situation, depth: int) -> None:
        time, arguments, kind, more = match.group("time", "arguments", "kind", "more")
        function = self._symbols.get(function, function)
        actor, is_leaf = situation[1], kind == ";"
        if self._probes.waiting:
            self._probes.settle(actor, function)
        entered = (function, self.rows.append(function, situation, depth, time))
        if arguments or more:
            self.rows.tell(entered[1], (*pairs(arguments), *returned(more)))
        self._stacks.enter(actor, depth, entered, is_leaf=is_leaf)
        self._probes.enter(actor, entered, is_leaf=is_leaf)

    def _leave(self, match: Match[str], actor: str, depth: int) -> None:
        if self._probes.waiting:
            self._probes.settle(actor)
        tail = match["tail"]
        entered = self._stacks.leave(actor, depth, self._symbols.get(tail, tail))
        self._probes.leave(actor, entered)
        if entered and "=" in (more := match["returned"] or ""):
            self.rows.tell(entered[1], returned(more))

    # The digits behind the point are as many in each line, so text compares as numbers do.
    def _pass(self, time: str) -> None:
        now = (len(time), time)
        self._backwards += now < self._last
        self._last = now

    def _mark(self, text: str) -> None:
        if self._since and text.startswith(self._since):
            self._left_out = f"{LEFT_OUT} {text!r} was left out: {self.rows.next} events."
            self.rows.forget(len(self.rows))
            self.marks.clear()
        self.marks.append((self.rows.next, text))

    def _fits(self, bare: int) -> bool:
        # A line with other columns than the first one is damaged; only if the second
        # has more, it is the first that was cut. C code looks like a graph without
        # columns, so that one needs its header.
        if bare == self._bare and self._fitting > 1:
            return True
        if self._fitting == 1 and bare < self._bare:
            self._damage(self._lines - 1)
            self._start_over()
        is_foreign = bare == len(COLUMNS) and not self._names_tracer
        if is_foreign or (self._fitting and bare != self._bare):
            self._damage(self._lines)
            return False
        self._bare = bare
        self._fitting += 1
        return True

    def _damage(self, line: int) -> None:
        self._first_damaged = self._first_damaged or line
        self._damaged += 1

    def _actor(self, cpu: str, task: str | None) -> str:
        self._cpus.add(cpu)
        if task is None:
            return self._running.get(cpu) or f"CPU{cpu or '?'}"
        if task.endswith("-0") and cpu.strip("0"):
            return f"swapper/{cpu}-0"  # every CPU has an idle task, all with pid 0
        return task

    def _take_other(self, line: str) -> None:
        if switch := TASK_SWITCH.match(line):
            cpu = switch["cpu"] or ""
            # The CPU column may be hidden; a switch names its CPU all the same.
            for unnamed in (f"CPU{cpu or '?'}", "CPU?"):
                self._stacks.rename(unnamed, self.names.setdefault(unnamed, switch["before"]))
            self._running[cpu] = self._running[""] = self._actor(cpu, switch["after"])
        elif lost := LOST_EVENTS.match(line):
            self._lost += int(lost["count"] or 0)
            self._lost_unknown += lost["count"] is None
        elif header := KERNEL.match(line):
            self.kernel = header["kernel"]
        elif symbol := SYMBOL.match(line):
            self._symbols[symbol["address"]] = symbol["name"]
        elif not HEADER.match(line):
            self._damage(self._lines)
        self._names_tracer |= line.startswith("# tracer: function_graph")
        self._has_one_cpu |= ONE_CPU.match(line) is not None

    def missing(self) -> Iterator[str]:
        """Give a sentence for each thing that the lines do not hold."""
        actors = {self.names.get(actor, actor) for _, actor in self.rows.situations}
        stacks = self._stacks
        lost = [str(self._lost)] * bool(self._lost) + ["an unknown number"] * self._lost_unknown
        said = {
            "No header line names the kernel.": not self.kernel,
            "No latency-format column tells the contexts.": not any(
                flags for flags, _ in self.rows.situations
            ),
            "No TASK/PID column and no task switch names the tasks.": any(
                actor.startswith("CPU") for actor in actors
            ),
            MIXED_CPUS: len(self._cpus - {""}) > 1 or ("" in self._cpus and not self._has_one_cpu),
            f"{LOST}: {' + '.join(lost[:2])}.": lost,
            f"{self._left_out}": self._left_out,
            f"{NO_ENTRY}: {stacks.no_entry}.": stacks.no_entry,
            f"Functions were entered whose exit is not there: {stacks.no_exit}, "
            f"the last one is {stacks.last_without_exit}.": stacks.no_exit,
            f"{BACKWARDS}: {self._backwards}.": self._backwards,
            "Probe events name no function, so neither arguments nor what they add to the "
            f"preemption counts are told: {self._probes.nameless}.": self._probes.nameless,
            f"{DAMAGED}: {self._damaged}, "
            f"the first one is line {self._first_damaged}.": self._damaged,
        }
        return (sentence for sentence, is_true in said.items() if is_true)
