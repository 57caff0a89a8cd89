"""Write many Designs into few files, since each file costs the compiler the kernel's headers."""

from collections.abc import Mapping
from typing import Final

from gmemviz.model import Design
from gmemviz.translate.c.fragments import fill
from gmemviz.translate.c.source import driver_table, module_source

A_FILE: Final = 60
"""Designs in a file: the compiler needs more memory for more, and more time for fewer."""


def module_units(designs: Mapping[str, Design]) -> dict[str, str]:
    """Return the texts of a module of all the Designs; the names in C begin with their keys.

    Where the compiler refuses a line, it names the key as the file.
    """
    texts = [_unit(design, start) for start, design in designs.items()]
    files = [texts[at : at + A_FILE] for at in range(0, len(texts), A_FILE)]
    units = {f"designs_{number}": "\n".join(file) for number, file in enumerate(files)}
    externs = [f"extern const struct design {start}_design;" for start in designs]
    rows = [f"\t&{start}_design," for start in designs]
    return {**units, "table": fill("table", {"externs": externs, "designs": rows}) + "\n"}


def _unit(design: Design, start: str) -> str:
    text, table = module_source(design, start=start), driver_table(design, start=start)
    return f'#line 1 "{start}.c"\n{text}\n{table}'
