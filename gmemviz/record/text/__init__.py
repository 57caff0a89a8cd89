"""Read the text of a tracer into events: columns, stacks, probes, contexts; keep recordings.

Not here: which events are of one inode (`inode`). Start with `parse.py`.
"""

from gmemviz.record.text.files import events, lines_of, load_recording, read, recordings, telling
from gmemviz.record.text.heads import HeadReader, head_of
from gmemviz.record.text.lines import CONSOLE
from gmemviz.record.text.parse import Survey, parse
from gmemviz.record.text.reader import Disorder, Loss, Unreturned

__all__ = (
    "CONSOLE",
    "Disorder",
    "HeadReader",
    "Loss",
    "Survey",
    "Unreturned",
    "events",
    "head_of",
    "lines_of",
    "load_recording",
    "parse",
    "read",
    "recordings",
    "telling",
)
