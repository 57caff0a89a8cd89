"""Write many Designs into few files, since each file costs the compiler the kernel's headers."""

from collections.abc import Mapping
from typing import Final

from gmemviz.model import Design
from gmemviz.translate.c.source import driver_table, module_source

A_FILE: Final = 60
"""Designs in a file: the compiler needs more memory for more, and more time for fewer."""


def module_units(designs: Mapping[str, Design]) -> dict[str, str]:
    """Return the texts of a module of all the Designs; the names in C begin with their keys.

    Where the compiler refuses a line, it names the key as the file.
    """
    texts = [
        f'#line 1 "{start}.c"\n{module_source(design, start=start)}\n'
        f"{driver_table(design, start=start)}"
        for start, design in designs.items()
    ]
    chunks = [texts[at : at + A_FILE] for at in range(0, len(texts), A_FILE)]
    units = {f"designs_{number}": "\n".join(chunk) for number, chunk in enumerate(chunks)}
    return {**units, "table": _table(designs)}


def _table(designs: Mapping[str, Design]) -> str:
    lines = [
        "// SPDX-License-Identifier: GPL-2.0 OR MIT",
        '#include "judge.h"',
        *(f"extern const struct design {start}_design;" for start in designs),
        "const struct design *const designs[] = {",
        *(f"\t&{start}_design," for start in designs),
        "\tNULL",
        "};",
    ]
    return "\n".join(lines) + "\n"
