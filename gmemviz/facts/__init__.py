"""Facts: what kernels say, as frozen records; snapshots in data/, loader, queries, diff.

Not here: how facts are got (`extract`, `probe`, `record`) and what could happen (`model`).
May import: errors.
"""

from functools import cache
from pathlib import Path

from gmemviz.errors import choice
from gmemviz.facts import encoding
from gmemviz.facts.census import INODE_HOOKS, Census, census
from gmemviz.facts.diff import Diff, diff
from gmemviz.facts.filesystems import filesystem_names, in_either, listed, told
from gmemviz.facts.frames import census_frame, frame
from gmemviz.facts.noise import is_noise
from gmemviz.facts.probed import Experiment, Measurement, Observation, ProbeReport
from gmemviz.facts.query import (
    Edge,
    Slot,
    callees,
    callers,
    defaults,
    predecessors,
    reached,
    road,
    setters,
    through,
)
from gmemviz.facts.records import (
    Call,
    CallKind,
    Effect,
    Event,
    Field,
    Function,
    Guard,
    OpsTable,
    Source,
    Trace,
)
from gmemviz.facts.snapshot import Facts, by_name
from gmemviz.facts.vocabulary import CONTEXTS, HOOKS, Context, HookName, InHook
from gmemviz.shown import Several

__all__ = (
    "CONTEXTS",
    "HOOKS",
    "INODE_HOOKS",
    "Call",
    "CallKind",
    "Census",
    "Context",
    "Diff",
    "Edge",
    "Effect",
    "Event",
    "Experiment",
    "Facts",
    "Field",
    "Function",
    "Guard",
    "HookName",
    "InHook",
    "Measurement",
    "Observation",
    "OpsTable",
    "ProbeReport",
    "Slot",
    "Source",
    "Trace",
    "by_name",
    "callees",
    "callers",
    "census",
    "census_frame",
    "defaults",
    "diff",
    "filesystem_names",
    "frame",
    "in_either",
    "is_noise",
    "kernel_of_release",
    "kernels",
    "listed",
    "load",
    "predecessors",
    "reached",
    "road",
    "setters",
    "through",
    "told",
)

DATA = Path(__file__).parent / "data"
SUFFIX = ".json.gz"


def kernels() -> tuple[str, ...]:
    """Return the names of the kernels whose facts the package ships, oldest first."""
    names = (path.name[: -len(SUFFIX)] for path in DATA.glob(f"*{SUFFIX}"))
    return Several(sorted(names, key=lambda name: tuple(map(int, name.split(".")))))


def kernel_of_release(release: str) -> str | None:
    """Return the shipped kernel whose facts a release has, as 7.3 for 7.3-rc5, or None.

    >>> [kernel_of_release(release) for release in ("7.3.4+deb13-amd64", "6.12.117", "6.1", "7.30")]
    ['7.3', '6.12', None, None]
    """
    for kernel in kernels():
        rest = release.removeprefix(kernel)
        if release == kernel or (rest != release and not rest[:1].isdigit()):
            return kernel
    return None


def load(kernel: str) -> Facts:
    """Return the shipped facts of a kernel, such as ``7.3``; UnknownNameError names `kernels`."""
    return _read(kernel if isinstance(kernel, str) else choice("kernel", kernel, kernels()))


@cache
def _read(kernel: str) -> Facts:
    return encoding.read(DATA / (choice("kernel", kernel, kernels()) + SUFFIX))
