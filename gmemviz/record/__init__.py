"""Recordings of real kernels: booted in QEMU, parsed into a Trace, one inode followed.

Not here: judging a Trace (`study`).
May import: errors, facts.
"""

from gmemviz.record.files import events, load_recording, read, recordings
from gmemviz.record.follow import follow
from gmemviz.record.parse import parse
from gmemviz.record.session import record

__all__ = ("events", "follow", "load_recording", "parse", "read", "record", "recordings")
