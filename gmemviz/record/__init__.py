"""Recordings of real kernels: function_graph text becomes a Trace, one inode is followed.

Not here: booting kernels, judging a Trace (`study`).
May import: errors, facts.
"""

from gmemviz.record.files import load_recording, read, recordings
from gmemviz.record.follow import follow
from gmemviz.record.parse import parse

__all__ = ("follow", "load_recording", "parse", "read", "recordings")
