"""Write many Designs into few files, since each file costs the compiler the kernel's headers."""

from collections.abc import Mapping, Sequence
from typing import Final

from gmemviz.model import Design
from gmemviz.translate.c.fragments import fill
from gmemviz.translate.c.names import Names
from gmemviz.translate.c.played import besides, table_of_plays
from gmemviz.translate.c.plays import Play
from gmemviz.translate.c.source import driver_table, module_source

A_FILE: Final = 60
"""Designs in a file: the compiler needs more memory for more, and more time for fewer."""


def module_units(
    designs: Mapping[str, Design], plays: Mapping[str, Sequence[Play]] | None = None
) -> dict[str, str]:
    """Return the texts of a module of all the Designs; the names in C begin with their keys.

    `plays` are those of Designs that say more than a cell of the matrix, by the same keys. Where
    the compiler refuses a line, it names the key as the file.
    """
    plays = plays or {}
    texts = [_unit(design, start, plays.get(start, ())) for start, design in designs.items()]
    files = [texts[at : at + A_FILE] for at in range(0, len(texts), A_FILE)]
    units = {f"designs_{number}": "\n".join(file) for number, file in enumerate(files)}
    externs = [f"extern const struct design {start}_design;" for start in designs]
    rows = [f"\t&{start}_design," for start in designs]
    units["table"] = fill("table", {"externs": externs, "designs": rows}) + "\n"
    if plays:
        units["plays"] = '#include "played.h"\n\n' + table_of_plays(plays) + "\n"
    return units


def _unit(design: Design, start: str, plays: Sequence[Play]) -> str:
    text, table = module_source(design, start=start), driver_table(design, start=start)
    beside = f"\n{besides(Names(start, design), plays)}\n" if plays else ""
    return f'#line 1 "{start}.c"\n{text}\n{table}{beside}'
