"""Read tables of operations: their slots, whose filesystem they are, who is called through them.

Not here: plain calls (`extract/code`). Start with `tables.py`.
"""

from gmemviz.extract.ops.callbacks import AT_ONCE, LATER, QUEUES, registrations
from gmemviz.extract.ops.receivers import Receivers, chain, declared
from gmemviz.extract.ops.registered import registered
from gmemviz.extract.ops.tables import RawTable, tables
from gmemviz.extract.ops.wiring import filesystems

__all__ = (
    "AT_ONCE",
    "LATER",
    "QUEUES",
    "RawTable",
    "Receivers",
    "chain",
    "declared",
    "filesystems",
    "registered",
    "registrations",
    "tables",
)
