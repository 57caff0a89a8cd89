"""Recordings of real kernels: booted in QEMU, parsed into a Trace, one inode followed.

Also kernels that play a module of Designs: what their consoles said of it (`judge`), and one run
recorded (`judged`).
Not here: what a Trace or a console means for a Design (`study`).
May import: errors, facts, processes.
"""

from gmemviz.record.boot import record
from gmemviz.record.inode import follow
from gmemviz.record.text import events, load_recording, parse, read, recordings

__all__ = ("events", "follow", "load_recording", "parse", "read", "record", "recordings")
