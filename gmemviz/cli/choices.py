"""Read a Design from the command line: a gallery name, a file, or five choices."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from gmemviz.errors import GmemvizError
from gmemviz.facts import kernels
from gmemviz.model import CLEANUPS, METADATA, MOUNTS, PLACEMENTS, Design, design_from_choices
from gmemviz.study import designs, gallery

__all__ = ("add_design", "read_design", "read_file")

_NAMES = ("kernel", "mount", "placement", "cleanup", "metadata")


def add_design(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name a Design."""
    parser.add_argument("name", nargs="?", help=f"a Design of the gallery: {', '.join(designs())}")
    parser.add_argument(
        "--design", type=Path, metavar="FILE", help="a Design of your own, written in TOML"
    )
    lists: tuple[Iterable[str], ...] = (kernels(), MOUNTS, PLACEMENTS, CLEANUPS, METADATA)
    for name, allowed in zip(_NAMES, lists, strict=True):
        parser.add_argument(f"--{name}", metavar=name.upper(), help=", ".join(allowed))


def read_design(arguments: argparse.Namespace) -> Design:
    """Return the Design that the arguments name; GmemvizError where they name none."""
    chosen = {name: getattr(arguments, name) for name in _NAMES}
    ways = (arguments.name, arguments.design, any(chosen.values()))
    if sum(map(bool, ways)) > 1:
        raise GmemvizError("give one of a gallery name, --design FILE or the five choices")
    if arguments.name:
        return gallery(arguments.name)
    if arguments.design:
        return read_file(arguments.design)
    if missing := [f"--{name}" for name, value in chosen.items() if not value]:
        raise GmemvizError(
            f"a Design is a gallery name, --design FILE or five choices; missing: "
            f"{', '.join(missing)}"
        )
    return design_from_choices(**chosen)


def read_file(path: Path) -> Design:
    """Return the Design that a file of TOML says; GmemvizError where it can't be read or meant."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise GmemvizError(f"cannot read {path}: {getattr(error, 'strerror', error)}") from None
    return Design.from_text(text, name=path.stem)
