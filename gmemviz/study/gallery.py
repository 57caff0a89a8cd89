"""Read named Designs: what kernels have, and what was proposed, each with its source."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from gmemviz.errors import choice
from gmemviz.model import Design
from gmemviz.shown import Several


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
