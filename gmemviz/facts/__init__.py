"""Facts: what kernels say, as frozen records; snapshots in data/, loader, queries, diff.

Not here: how facts are got (`extract`, `probe`, `record`) and what could happen (`model`).
Start with `records` (what an entry says), then `query`; a kernel is added in kernels.toml.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar

from gmemviz.errors import choice
from gmemviz.facts import deed_file, encoding
from gmemviz.facts.census import INODE_HOOKS, Census, census, combination
from gmemviz.facts.deed_file import table_key
from gmemviz.facts.deeds import (
    Deed,
    DeedKind,
    FunctionDeeds,
    Tested,
    TestKind,
    Unread,
)
from gmemviz.facts.diff import Diff, diff
from gmemviz.facts.filesystems import (
    filesystem_names,
    in_either,
    listed,
    tables_called,
    told,
    usual_name,
)
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
    Watched,
)
from gmemviz.facts.releases import (
    Pin,
    judge_kernel,
    kernel_name,
    kernel_of_release,
    kernels,
    known_kernels,
    pins,
    release_numbers,
    snapshots,
)
from gmemviz.facts.snapshot import Facts, by_name
from gmemviz.facts.supers import SUPER, super_names, super_tables
from gmemviz.facts.vocabulary import CONTEXTS, HOOKS, TABLES, Context, HookName, InHook

__all__ = (
    "CONTEXTS",
    "HOOKS",
    "INODE_HOOKS",
    "SUPER",
    "TABLES",
    "Call",
    "CallKind",
    "Census",
    "Context",
    "Deed",
    "DeedKind",
    "Diff",
    "Edge",
    "Effect",
    "Event",
    "Experiment",
    "Facts",
    "Field",
    "Function",
    "FunctionDeeds",
    "Guard",
    "HookName",
    "InHook",
    "Measurement",
    "Observation",
    "OpsTable",
    "Pin",
    "ProbeReport",
    "Slot",
    "Source",
    "TestKind",
    "Tested",
    "Trace",
    "Unread",
    "Watched",
    "by_name",
    "callees",
    "callers",
    "census",
    "census_frame",
    "combination",
    "defaults",
    "diff",
    "filesystem_names",
    "frame",
    "in_either",
    "is_noise",
    "judge_kernel",
    "kernel_name",
    "kernel_of_release",
    "kernels",
    "known_kernels",
    "listed",
    "load",
    "load_deeds",
    "pins",
    "predecessors",
    "reached",
    "release_numbers",
    "road",
    "setters",
    "snapshots",
    "super_names",
    "super_tables",
    "table_key",
    "tables_called",
    "through",
    "told",
    "usual_name",
)

_DATA = Path(__file__).parent / "data"
TableDeeds = TypeVar("TableDeeds")


def load(kernel: str) -> Facts:
    """Return the shipped facts of a kernel, such as ``7.3``; UnknownNameError names `snapshots`."""
    return _read(choice("kernel", kernel, snapshots()))


def load_deeds(kernel: str, kind: type[TableDeeds]) -> Mapping[str, TableDeeds]:
    """Return the shipped deeds of a kernel's super_operations, one `kind` a table.

    They go by `table_key`. UnknownNameError names `snapshots`.
    """
    return deed_file.read(_DATA / f"{choice('kernel', kernel, snapshots())}-deeds.json.xz", kind)


@cache
def _read(kernel: str) -> Facts:
    return encoding.read(_DATA / f"{kernel}.json.gz")
