"""Read tables of operations: their slots, whose filesystem they are, who is called through them.

Not here: plain calls (`extract/code`). Start with `tables.py`; `filesystems.py` says whose a
table is, `receivers.py` which table a member call goes through.
"""

from gmemviz.extract.ops.callbacks import registrations
from gmemviz.extract.ops.filesystems import filesystems
from gmemviz.extract.ops.receivers import Receivers, chain, declared
from gmemviz.extract.ops.tables import Placed, RawTable, initialiser, tables

__all__ = (
    "Placed",
    "RawTable",
    "Receivers",
    "chain",
    "declared",
    "filesystems",
    "initialiser",
    "registrations",
    "tables",
)
