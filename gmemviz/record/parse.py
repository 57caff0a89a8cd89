"""Parse function_graph text into a Trace, in one pass."""

import re
from array import array
from collections.abc import Iterable, Iterator
from math import isnan, nan
from sys import intern
from typing import Final

from gmemviz.errors import RecordingError
from gmemviz.facts.records import Event, Trace
from gmemviz.record.context import contexts
from gmemviz.record.lines import (
    COLUMNS,
    GRAPH_LINE,
    HEADER,
    KERNEL,
    LOST_EVENTS,
    TASK_SWITCH,
)
from gmemviz.record.stacks import Stacks

__all__ = ("DISORDER", "MIXED_CPUS", "parse")

LOST: Final = "The kernel's ring buffer lost events"
MIXED_CPUS: Final = "Events of several CPUs may be mixed, and none of them says which is its own."

NO_ENTRY: Final = "Functions ran whose entry is not there"
DAMAGED: Final = "Lines are damaged or not function_graph"
DISORDER: Final = (LOST, MIXED_CPUS, NO_ENTRY, DAMAGED)
"""How a sentence of Trace.missing begins that forbids to count the events."""


def parse(text_or_lines: str | Iterable[str], *, title: str = "", kernel: str = "") -> Trace:
    """Parse function_graph text, whole or in lines, with any of its columns.

    An event is a function's entry. `depth` is the kernel's own count, read from
    the indentation; `context` comes from the latency format's flags (see
    `contexts`: L says that the preemption count is above the recording's
    baseline, not whose lock is held). What is damaged or cut off is left out and
    named in `missing`; text without any function_graph line is a RecordingError.
    `kernel` is used where the text has no header line that names it.
    """
    reader = _Reader(kernel)
    lines = _lines(text_or_lines) if isinstance(text_or_lines, str) else text_or_lines
    for line in lines:
        reader.take(line)
    return reader.trace(title)


# str.splitlines would copy the text, and break lines at more than a newline.
def _lines(text: str) -> Iterator[str]:
    return (line[0] for line in re.finditer(r"[^\n]*\n|[^\n]+", text))


class _Reader:
    # Lists of fields while reading: the events need the baseline, known only at the end.
    def __init__(self, kernel: str) -> None:
        self.kernel = kernel
        self.names_tracer = self.has_one_cpu = False
        self.line_count = 0
        self.lost: list[str] = []
        self.cpus: set[str] = set()
        self.running: dict[str, str] = {}
        self.renamed: dict[str, str] = {}
        self.bare = 0
        self.damaged: list[int] = []
        self._start_over()

    def _start_over(self) -> None:
        self.functions: list[str] = []
        self.situations: list[tuple[str, str]] = []
        self.known: dict[tuple[str, str], tuple[str, str]] = {}
        self.depths = array("H")
        self.times = array("d")
        self.marks: list[tuple[int, str]] = []
        self.stacks = Stacks()
        self.fitting = 0

    def take(self, line: str) -> None:
        self.line_count += 1
        match = GRAPH_LINE.match(line)
        if match is None:
            self._take_other(line)
            return
        time, cpu, task, flags, duration, indent, function, kind, tail, mark, interrupt = (
            match.group(*COLUMNS, "indent", "function", "kind", "tail", "mark", "interrupt")
        )
        if interrupt is not None or not self._fits((time, cpu, task, flags, duration)):
            return
        if mark is not None:
            self.marks.append((len(self.functions), mark.strip()))
            return
        actor = self._actor(cpu or "", task)
        depth = len(indent) // 2
        if function is None:
            self.stacks.leave(actor, depth, tail)
            return
        self.stacks.enter(actor, depth, function, is_leaf=kind == ";")
        situation = (flags or "", actor)
        self.functions.append(intern(function))
        self.situations.append(self.known.setdefault(situation, situation))
        self.depths.append(depth)
        self.times.append(float(time) if time else nan)

    def _fits(self, columns: tuple[str | None, ...]) -> bool:
        # A line with other columns than the first one is damaged; only if the second
        # has more, it is the first that was cut. C code looks like a graph without
        # columns, so that one needs its header.
        bare = columns.count(None)
        if self.fitting == 1 and bare < self.bare:
            self.damaged.append(self.line_count - 1)
            self._start_over()
        is_foreign = bare == len(COLUMNS) and not self.names_tracer
        if is_foreign or (self.fitting and bare != self.bare):
            self.damaged.append(self.line_count)
            return False
        self.bare = bare
        self.fitting += 1
        return True

    def _actor(self, cpu: str, task: str | None) -> str:
        self.cpus.add(cpu)
        if task is None:
            return self.running.get(cpu) or f"CPU{cpu or '?'}"
        if task.endswith("-0") and cpu.strip("0"):
            return f"swapper/{cpu}-0"  # every CPU has an idle task, all with pid 0
        return task

    def _take_other(self, line: str) -> None:
        if switch := TASK_SWITCH.match(line):
            cpu = switch["cpu"] or ""
            unnamed = f"CPU{cpu or '?'}"
            self.stacks.rename(unnamed, self.renamed.setdefault(unnamed, switch["before"]))
            self.running[cpu] = self._actor(cpu, switch["after"])
        elif lost := LOST_EVENTS.match(line):
            self.lost.append(lost["count"] or "an unknown number")
        elif header := KERNEL.match(line):
            self.kernel = header["kernel"]
        elif not HEADER.match(line):
            self.damaged.append(self.line_count)
        self.names_tracer |= line.startswith("# tracer: function_graph")
        self.has_one_cpu |= line.startswith("# latency:") and "#P:1)" in line

    def trace(self, title: str) -> Trace:
        if not self.functions:
            raise RecordingError(
                f"no function_graph line in {self.line_count} lines "
                "(expected lines such as ' 0)   2.584 us    |  dput();')"
            )
        self.stacks.finish()
        context = contexts(self.known)
        events = tuple(
            Event(
                function=function,
                actor=self.renamed.get(situation[1], situation[1]),
                context=context[situation],
                depth=depth,
                time=None if isnan(time) else time,
            )
            for function, situation, depth, time in zip(
                self.functions, self.situations, self.depths, self.times, strict=True
            )
        )
        missing = tuple(self._missing())
        return Trace(title, self.kernel, "recorded", events, tuple(self.marks), missing)

    def _missing(self) -> Iterator[str]:
        stacks, damaged = self.stacks, self.damaged
        actors = {self.renamed.get(actor, actor) for _, actor in self.known}
        said = {
            "No header line names the kernel.": not self.kernel,
            "No latency-format column tells the contexts.": not any(f for f, _ in self.known),
            "No TASK/PID column and no task switch names the tasks.": any(
                actor.startswith("CPU") for actor in actors
            ),
            MIXED_CPUS: len(self.cpus - {""}) > 1 or ("" in self.cpus and not self.has_one_cpu),
            f"{LOST}: {' + '.join(self.lost)}.": self.lost,
            f"{NO_ENTRY}: {stacks.no_entry}.": stacks.no_entry,
            f"Functions were entered whose exit is not there: {stacks.no_exit}, "
            f"the last one is {stacks.last_without_exit}.": stacks.no_exit,
            f"{DAMAGED}: {len(damaged)}, "
            f"the first one is line {damaged[0] if damaged else 0}.": damaged,
        }
        return (sentence for sentence, is_true in said.items() if is_true)
