"""Read the lines of a recording into rows, and note what they do not hold."""

from collections.abc import Iterator
from re import Match
from typing import Final

from gmemviz.errors import RecordingError
from gmemviz.facts import Watched
from gmemviz.record.text.context import Contexts
from gmemviz.record.text.heads import HeadReader
from gmemviz.record.text.lines import (
    COLLAPSED,
    COLUMNS,
    CONSOLE,
    GRAPH_LINE,
    HEADER,
    KERNEL,
    LONGEST,
    LOST_EVENTS,
    ONE_CPU,
    PREFIX,
    REPORT_LINE,
    SYMBOL,
    TASK_SWITCH,
)
from gmemviz.record.text.probes import Probes, pairs, returned
from gmemviz.record.text.rows import RecordedRows, Situation
from gmemviz.record.text.stacks import Stacks


class Disorder(str):
    """Be a sentence of `Trace.missing` that forbids to count events, or to trust their order."""

    __slots__ = ()


class Loss(Disorder):
    """Be a sentence of `Trace.missing` by which functions may have run that are not there."""

    __slots__ = ()


# What is said of a recording; the braces take how often, and which.
NO_KERNEL: Final = "No header line names the kernel."
NO_FLAGS: Final = "No latency-format column tells the contexts."


class Unreturned(str):
    """Be a sentence of `Trace.missing` that says that functions may have gone on unseen."""

    __slots__ = ()


NO_TASK: Final = "No TASK/PID column and no task switch names the tasks."
MIXED_CPUS: Final = Disorder(
    "Events of several CPUs may be mixed, and none of them says which is its own."
)
LOST: Final = Loss("The kernel's ring buffer lost events: {}.")
LEFT_OUT: Final = Disorder("What came before the mark {} events.")
NO_ENTRY: Final = Loss("Functions ran whose entry is not there: {}.")
NO_EXIT: Final = Unreturned("Functions were entered whose exit is not there: {}.")
BACKWARDS: Final = Disorder("Lines are not in the order of their times: {}.")
NAMELESS: Final = (
    "Probe events name no function, so neither arguments nor what they add to the "
    "preemption counts are told: {}."
)
DAMAGED: Final = Loss("Lines are damaged or not function_graph: {}.")

COLLAPSE: Final = (
    "the blanks before the column FUNCTION CALLS have been made one, on {} lines: they say who "
    "called whom, so take the text as the kernel wrote it"
)

# How the kernel's own words begin (kernel/sched/core.c:__schedule_bug@v6.12).
SLEPT: Final = "BUG: scheduling while atomic"


class Reader:
    """Take one line after the other; `rows` hold the entries that it saw.

    `marks` are (number of the row that comes next, text). `names` are those of tasks that only a
    switch named, by what they are called in the rows: CPU0, or CPU? without a column.
    With `since`, what came before the last mark that begins so is forgotten.
    """

    def __init__(self, kernel: str = "", since: str = "") -> None:
        self.kernel = kernel
        self.names: dict[str, str] = {}
        self._since = since
        self._symbols: dict[str, str] = {}  # by address
        self._head = HeadReader()
        self._is_prefixed = False
        self._collapsed = 0
        self._names_tracer = self._has_one_cpu = False
        self._lines = self._damaged = self._first_damaged = 0
        self._lost = self._lost_unknown = 0  # events, and stretches of an unknown number
        self._cpus: set[str] = set()
        self._running: dict[str, str] = {}  # the task that a switch named last, by CPU
        self._hidden_columns = 0
        self._start_over()

    # What only the lines told that are kept.
    def _start_over(self) -> None:
        self.rows = RecordedRows()
        self.marks: list[tuple[int, str]] = []
        self._stacks = Stacks()
        self._probes = Probes(self.rows, self._stacks)
        self._fitting = 0  # lines with the same columns
        self._left_out = ""
        self._backwards = 0
        self._last_time = (0, "")
        self._miscounted: set[str] = set()  # tasks with a wrong preemption count

    def take(self, line: str) -> None:
        """Take the next line."""
        self._lines += 1
        if len(line) > LONGEST:
            self._damage(self._lines)
            return
        line = line.expandtabs() if "\t" in line else line
        if self._is_prefixed or (not self._fitting and PREFIX.match(line)):
            self._is_prefixed = True
            line = PREFIX.sub("", line, count=1)
        if match := GRAPH_LINE.match(line) or REPORT_LINE.match(line):
            self._take_graph(match)
        else:
            self._take_other(line)

    def finish(self) -> Contexts:
        """Learn that no line is left, and give the contexts of the rows.

        Raises RecordingError if no line was one of function_graph.
        """
        self._probes.finish()
        self._stacks.finish()
        if self._collapsed > len(self.rows.shown):
            raise RecordingError(COLLAPSE.format(self._collapsed))
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
        actor, depth = self._actor(cpu or "", task), len(indent) // 2
        if time is not None:
            self._pass(time)
        if function is not None:
            shown = "" if actor in self._miscounted else flags or ""
            self._enter(match, function, (shown, actor), depth)
        elif match["exit"]:
            self._leave(match, actor, depth)
        elif event := match["event"]:
            self._take_event(event, actor, time)
        else:
            self._probes.settle(actor)
            self._mark(match["mark"].strip())

    # Who slept where it must not has lost its preemption count: what its flags say is not true
    # any more. (kernel/sched/core.c:schedule_debug@v6.12 sets the count anew)
    def _take_event(self, event: str, actor: str, time: str | None) -> None:
        if not event.startswith(CONSOLE):
            self._probes.take(event, actor, time)
            return
        self.marks.append((self.rows.next, event))
        if SLEPT in event:
            self._miscounted.add(actor)

    def _enter(self, match: Match[str], function: str, situation: Situation, depth: int) -> None:
        time, arguments, kind, more = match.group("time", "arguments", "kind", "more")
        function = self._symbols.get(function, function)
        actor, is_leaf = situation[1], kind == ";"
        if self._probes.waiting:
            self._probes.settle(actor, function)
        number = self.rows.append(function, situation, depth, time)
        entered = (function, number)
        if arguments or more:
            self.rows.add_arguments(number, (*pairs(arguments), *returned(more)))
        self._stacks.enter(actor, depth, entered, is_leaf=is_leaf)
        self._probes.enter(actor, entered, is_leaf=is_leaf)

    def _leave(self, match: Match[str], actor: str, depth: int) -> None:
        if self._probes.waiting:
            self._probes.settle(actor)
        tail = match["tail"]
        entered = self._stacks.leave(actor, depth, self._symbols.get(tail, tail))
        self._probes.leave(actor, entered)
        if entered and "=" in (more := match["returned"] or ""):
            self.rows.add_arguments(entered[1], returned(more))

    # The digits behind the point are as many in each line, so text compares as numbers do.
    def _pass(self, time: str) -> None:
        now = (len(time), time)
        self._backwards += now < self._last_time
        self._last_time = now

    def _mark(self, text: str) -> None:
        if self._since and text.startswith(self._since):
            self._left_out = f"{text!r} was left out: {self.rows.next}"
            self.rows.forget(len(self.rows))
            self.marks.clear()
        self.marks.append((self.rows.next, text))

    # A line with other columns than the first one is damaged; only if the second has more, it is
    # the first that was cut. C code looks like a graph without columns, so that one needs a header.
    def _fits(self, hidden: int) -> bool:
        if hidden == self._hidden_columns and self._fitting > 1:
            return True
        if self._fitting == 1 and hidden < self._hidden_columns:
            self._damage(self._lines - 1)
            self._start_over()
        is_foreign = hidden == len(COLUMNS) and not self._names_tracer
        if is_foreign or (self._fitting and hidden != self._hidden_columns):
            self._damage(self._lines)
            return False
        self._hidden_columns = hidden
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
        elif not (self._head.take(line) or HEADER.match(line)):
            self._collapsed += COLLAPSED.match(line) is not None
            self._damage(self._lines)
        self._names_tracer |= line.startswith("# tracer: function_graph")
        self._has_one_cpu |= ONE_CPU.match(line) is not None

    def watched(self) -> Watched | None:
        """Return what the head says that was watched; None where there is none to believe."""
        return self._head.watched(self.rows.shown)

    def missing(self) -> Iterator[str]:
        """Give a sentence for each thing that the lines do not hold, some of them a `Disorder`."""
        stacks = self._stacks
        situations = self.rows.situations
        actors = [self.names.get(actor, actor) for _, actor in situations]
        is_mixed = len(self._cpus - {""}) > 1 or ("" in self._cpus and not self._has_one_cpu)
        lost = [str(self._lost)] * bool(self._lost) + ["an unknown number"] * self._lost_unknown
        no_exit = f"{stacks.no_exit}, the last one is {stacks.last_without_exit}"
        damaged = f"{self._damaged}, the first one is line {self._first_damaged}"
        details: dict[str, object] = {
            NO_KERNEL: not self.kernel,
            NO_FLAGS: not any(flags for flags, _ in situations),
            NO_TASK: any(actor.startswith("CPU") for actor in actors),
            MIXED_CPUS: is_mixed,
            LOST: " + ".join(lost[:2]),
            LEFT_OUT: self._left_out,
            NO_ENTRY: stacks.no_entry,
            NO_EXIT: stacks.no_exit and no_exit,
            BACKWARDS: self._backwards,
            NAMELESS: self._probes.nameless,
            DAMAGED: self._damaged and damaged,
        }
        for sentence, detail in details.items():
            if detail:
                yield type(sentence)(sentence.format(detail))
        yield from self._head.faults(self.rows.shown)
