"""Parse function_graph text into a Trace, in one pass, or into a stream of events."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Final

from gmemviz.facts import Event, Trace
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
    survey = Reader()
    for _ in _windows(survey, opened):
        pass
    contexts, graphed = survey.finish(), survey.rows.graphed
    reader = Reader()
    for count in _windows(reader, opened):
        yield from reader.rows.events(count, contexts, survey.names, graphed)
    reader.finish()
    yield from reader.rows.events(len(reader.rows), contexts, survey.names, graphed)


# Reads all, and halts with how many rows are over, each time before these are forgotten.
def _windows(reader: Reader, opened: Opens) -> Iterator[int]:
    with opened() as lines:
        for line in lines:
            reader.take(line)
            reader.marks.clear()
            if len(reader.rows) >= 2 * WINDOW:
                yield WINDOW
                reader.rows.forget(WINDOW)


# str.splitlines would copy the text, and break lines at more than a newline.
def _lines(text: str) -> Iterator[str]:
    return (line[0] for line in re.finditer(r"[^\n]*\n|[^\n]+", text))
