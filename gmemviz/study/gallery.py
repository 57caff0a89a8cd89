"""Find a Design by a word or by five: what kernels have and what was proposed, or a cell."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

from gmemviz.errors import choice
from gmemviz.model import Design, design_from_choices
from gmemviz.shown import Several

CHOICES: Final = ("kernel", "mount", "placement", "cleanup", "metadata")
"""What a cell chooses, in the order of its words."""

Cell = tuple[str, ...]
"""Five words, such as ("7.3", "own", "i_private", "none", "resv_map")."""


@cache
def _all() -> Mapping[str, Design]:
    text = files("gmemviz.study").joinpath("gallery.toml").read_text(encoding="utf-8")
    return {name: Design.from_table(name, table) for name, table in tomllib.loads(text).items()}


def designs() -> tuple[str, ...]:
    """Return the names of the gallery, sorted."""
    return Several(sorted(_all()))


def gallery(name: str) -> Design:
    """Return a Design of the gallery by its name; UnknownNameError lists the names."""
    return _all()[choice("design", name, designs())]


def design_of_cell(cell: Sequence[str]) -> Design:
    """Return the Design of a cell, by its words; UnknownNameError for a wrong one."""
    return design_from_choices(**dict(zip(CHOICES, cell, strict=True)))
