"""Write a Design as C of our own: its hooks, its metadata, and the table that the driver reads.

Not here: the driver around it (`record/module`), which is C already. Start with `source.py`.
"""

from gmemviz.translate.c.names import cannot_write, not_written
from gmemviz.translate.c.source import CREATOR, module_source, source_lines
from gmemviz.translate.c.units import module_units

__all__ = (
    "CREATOR",
    "cannot_write",
    "module_source",
    "module_units",
    "not_written",
    "source_lines",
)
