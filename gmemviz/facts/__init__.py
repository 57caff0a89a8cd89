"""Facts: what kernels say, as frozen records; snapshots in data/, loader, queries, diff.

Not here: how facts are got (`extract`, `probe`, `record`) and what could happen (`model`).
May import: errors.
"""

from functools import cache
from pathlib import Path

from gmemviz.errors import choice
from gmemviz.facts import encoding
from gmemviz.facts.census import Census, census
from gmemviz.facts.diff import Diff, diff
from gmemviz.facts.filesystems import filesystem_names
from gmemviz.facts.frames import census_frame, frame
from gmemviz.facts.query import (
    Edge,
    Slot,
    callees,
    callers,
    defaults,
    reached,
    road,
    setters,
    through,
)
from gmemviz.facts.snapshot import Facts
from gmemviz.shown import Several

__all__ = (
    "Census",
    "Diff",
    "Edge",
    "Facts",
    "Slot",
    "callees",
    "callers",
    "census",
    "census_frame",
    "defaults",
    "diff",
    "filesystem_names",
    "frame",
    "kernels",
    "load",
    "reached",
    "road",
    "setters",
    "through",
)

DATA = Path(__file__).parent / "data"
SUFFIX = ".json.gz"


def kernels() -> tuple[str, ...]:
    """Return the names of the kernels whose facts the package ships, oldest first."""
    names = (path.name[: -len(SUFFIX)] for path in DATA.glob(f"*{SUFFIX}"))
    return Several(sorted(names, key=lambda name: tuple(map(int, name.split(".")))))


def load(kernel: str) -> Facts:
    """Return the shipped facts of a kernel, such as ``7.3``; UnknownNameError names `kernels`."""
    return _read(kernel if isinstance(kernel, str) else choice("kernel", kernel, kernels()))


@cache
def _read(kernel: str) -> Facts:
    return encoding.read(DATA / (choice("kernel", kernel, kernels()) + SUFFIX))
