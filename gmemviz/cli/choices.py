"""Read a Design from the command line: a gallery name, or five choices."""

import argparse
from collections.abc import Iterable

from gmemviz.errors import GmemvizError
from gmemviz.facts import kernels
from gmemviz.model import CLEANUPS, METADATA, MOUNTS, PLACEMENTS, Design, design_from_choices
from gmemviz.study import designs, gallery

__all__ = ("add_design", "read_design")

_NAMES = ("kernel", "mount", "placement", "cleanup", "metadata")


def add_design(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name a Design."""
    parser.add_argument("name", nargs="?", help=f"a Design of the gallery: {', '.join(designs())}")
    lists: tuple[Iterable[str], ...] = (kernels(), MOUNTS, PLACEMENTS, CLEANUPS, METADATA)
    for name, allowed in zip(_NAMES, lists, strict=True):
        parser.add_argument(f"--{name}", metavar=name.upper(), help=", ".join(allowed))


def read_design(arguments: argparse.Namespace) -> Design:
    """Return the Design that the arguments name; GmemvizError where they name none."""
    chosen = {name: getattr(arguments, name) for name in _NAMES}
    if arguments.name:
        if any(chosen.values()):
            raise GmemvizError("give a name of the gallery or the five choices, not both")
        return gallery(arguments.name)
    if missing := [f"--{name}" for name, value in chosen.items() if not value]:
        raise GmemvizError(
            f"a Design is a gallery name or five choices; missing: {', '.join(missing)}"
        )
    return design_from_choices(**chosen)
