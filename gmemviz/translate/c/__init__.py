"""Write a Design as C of our own: its hooks, its metadata, and the table that the driver reads.

Not here: the driver around it (`record/module`), which is C already. Start with `source.py`.
"""

from gmemviz.translate.c.names import cannot_write, is_played, not_written
from gmemviz.translate.c.plays import Play, beside_reader, plays_of
from gmemviz.translate.c.source import CREATOR, module_source, source_lines
from gmemviz.translate.c.units import module_units

__all__ = (
    "CREATOR",
    "Play",
    "beside_reader",
    "cannot_write",
    "is_played",
    "module_source",
    "module_units",
    "not_written",
    "plays_of",
    "source_lines",
)
