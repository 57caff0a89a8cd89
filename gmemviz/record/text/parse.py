"""Parse function_graph text into a Trace, in one pass, or into a stream of events."""

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Final, NamedTuple

from gmemviz.facts import Event, Trace
from gmemviz.record.text.context import Contexts
from gmemviz.record.text.reader import Reader

Opens = Callable[[], AbstractContextManager[Iterable[str]]]

WINDOW: Final = 4096
"""How many entries `stream` holds back, for what later lines say about them."""


def parse(
    text_or_lines: str | Iterable[str], *, title: str = "", kernel: str = "", since: str = ""
) -> Trace:
    """Parse function_graph text, whole or in lines, with any of its columns.

    The text may be as tracefs has it or as `trace-cmd report` prints it. An event
    is a function's entry. `depth` is the kernel's own count, read from the
    indentation; `context` comes from the latency format's flags (see `Contexts`: L
    says that the preemption count is above the recording's baseline, not whose
    lock is held). `arguments` are what funcgraph-args, funcgraph-retval ("ret") and
    the events of kprobes and fprobes tell of that entry; an entry that only such a
    probe shows is an event too. A line `# symbol ADDRESS NAME [MODULE]` before it names
    a function that the text only has as that address, its module having been gone when
    the kernel printed it. Other comments are marks. What is damaged or cut
    off is left out and named in `missing`; text without any function_graph line is
    a RecordingError. What the tracer watched is told by a head (`heads`): `watched` is
    None without one. `kernel` is used where the text has no header line that names it.
    With `since`, only what follows the last mark that begins with it is kept.
    """
    reader = Reader(kernel, since)
    lines = _lines(text_or_lines) if isinstance(text_or_lines, str) else text_or_lines
    for line in lines:
        reader.take(line)
    contexts = reader.finish()
    rows = reader.rows
    doubles = rows.doubles(rows.graphed)
    # A mark is named by the row behind it, of which those that are told twice become no event.
    marks = [(at - rows.first - bisect_left(doubles, at), text) for at, text in reader.marks]
    events = tuple(rows.events(len(rows), contexts, reader.names, rows.graphed))
    missing, watched = tuple(reader.missing()), reader.watched()
    return Trace(title, reader.kernel, "recorded", events, tuple(marks), missing, watched)


def stream(opened: Opens) -> Iterator[Event]:
    """Give the events that `parse` would, one by one and in flat memory.

    Reads twice what `opened` opens, since the baseline of the contexts is known
    only at the end. What a function returned is told if it did so within the next
    WINDOW entries. Text without any function_graph line is a RecordingError.
    """
    survey = Survey(opened)
    for _ in survey.first():
        pass
    for shown in survey.again():
        if isinstance(shown.said, Event):
            yield shown.said


class Surveyed(NamedTuple):
    """Give an event or a mark's text, with the number that orders both; a mark comes first."""

    number: int
    said: Event | str


class Survey:
    """Read a text twice, in flat memory: as far as one may know it then, and whole.

    The first time a context is B or not told: which count of preemption is a task's lowest is known
    at the end. What the lines lack is, too.
    """

    def __init__(self, opened: Opens) -> None:
        self._opened = opened
        self._reader = Reader()
        self._contexts = Contexts(())

    def first(self) -> Iterator[Surveyed]:
        """Give what is shown, with contexts that are not judged."""
        yield from _shown(self._reader, self._opened, self._contexts, {}, ())
        self._contexts = self._reader.finish()
        yield from _rest(self._reader, Contexts(()), {}, ())

    def again(self) -> Iterator[Surveyed]:
        """Give the same as `parse` would."""
        reader, names, graphed = Reader(), self._reader.names, self._reader.rows.graphed
        yield from _shown(reader, self._opened, self._contexts, names, graphed)
        reader.finish()
        yield from _rest(reader, self._contexts, names, graphed)

    def trace(self, title: str, events: Iterable[Event], marks: Iterable[tuple[int, str]]) -> Trace:
        """Return a Trace of some of the events, and of what was said of the whole."""
        reader = self._reader
        missing = tuple(reader.missing())
        return Trace(
            title, reader.kernel, "recorded", tuple(events), tuple(marks), missing, reader.watched()
        )


# Reads all, and gives half of the rows each time before these are forgotten.
def _shown(
    reader: Reader,
    opened: Opens,
    contexts: Contexts,
    names: Mapping[str, str],
    graphed: Collection[str],
) -> Iterator[Surveyed]:
    with opened() as lines:
        for line in lines:
            reader.take(line)
            if len(reader.rows) >= 2 * WINDOW:
                yield from _in_order(reader, WINDOW, contexts, names, graphed)
                reader.rows.forget(WINDOW)


def _rest(
    reader: Reader, contexts: Contexts, names: Mapping[str, str], graphed: Collection[str]
) -> Iterator[Surveyed]:
    yield from _in_order(reader, len(reader.rows), contexts, names, graphed)
    yield from (Surveyed(number, text) for number, text in reader.marks)
    reader.marks.clear()


# Rows up to there, and the marks before each of them.
def _in_order(
    reader: Reader,
    count: int,
    contexts: Contexts,
    names: Mapping[str, str],
    graphed: Collection[str],
) -> Iterator[Surveyed]:
    marks, end = reader.marks, reader.rows.first + count
    passed = 0
    for number, event in reader.rows.numbered(count, contexts, names, graphed):
        while passed < len(marks) and marks[passed][0] <= number:
            yield Surveyed(*marks[passed])
            passed += 1
        yield Surveyed(number, event)
    while passed < len(marks) and marks[passed][0] < end:
        yield Surveyed(*marks[passed])
        passed += 1
    del marks[:passed]


# str.splitlines would copy the text, and break lines at more than a newline.
def _lines(text: str) -> Iterator[str]:
    return (line[0] for line in re.finditer(r"[^\n]*\n|[^\n]+", text))
