"""Read named Designs: what kernels have, and what was proposed, each with its source."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from gmemviz.errors import choice
from gmemviz.facts import kernels
from gmemviz.model.choices import METADATA, MOUNTS, PLACEMENTS
from gmemviz.model.design import Design, Kept, hooks_of, refuse_nonsense

__all__ = ("design_from_table", "designs", "gallery")


def design_from_table(name: str, table: Mapping[str, Any]) -> Design:
    """Return the Design that one table of a TOML file says.

    `metadata` maps kinds to placements, `hooks` maps a hook to what it ``does``
    and the ``function`` that does it. UnknownNameError for a word not known, DesignError
    for what cannot be meant.
    """
    hooks = table.get("hooks", {})
    design = Design(
        kernel=choice("kernel", table["kernel"], kernels()),
        mount=MOUNTS[choice("mount", table["mount"], MOUNTS)],
        hooks=hooks_of({hook: tuple(body["does"]) for hook, body in hooks.items()}),
        keeps=tuple(_kept(kind, place) for kind, place in sorted(table["metadata"].items())),
        name=name,
        functions=tuple(sorted((h, b["function"]) for h, b in hooks.items() if "function" in b)),
        **{key: table[key] for key in _AS_THEY_ARE if key in table},
        says=table.get("says", ""),
        source=table.get("source", ""),
    )
    return refuse_nonsense(design)


_AS_THEY_ARE = (
    "creator", "allocator", "adds_folio", "mappable", "huge_folios", "attaches_late",
)  # fmt: skip


def _kept(kind: str, placement: str) -> Kept:
    return Kept(
        METADATA[choice("metadata", kind, METADATA)],
        PLACEMENTS[choice("placement", placement, PLACEMENTS)],
    )


@cache
def _all() -> Mapping[str, Design]:
    text = files("gmemviz.study").joinpath("gallery.toml").read_text(encoding="utf-8")
    return {name: design_from_table(name, table) for name, table in tomllib.loads(text).items()}


def designs() -> tuple[str, ...]:
    """Return the names of the gallery, sorted."""
    return tuple(sorted(_all()))


def gallery(name: str) -> Design:
    """Return a Design of the gallery by its name; UnknownNameError lists the names."""
    return _all()[choice("design", name, designs())]
