"""Survey every super_operations of a shipped kernel: a row a table, in a second and without a tree.

    survey("7.3")            88 rows, each with what its hooks keep, who reads it, and the verdict
    survey_frame(rows)       the same as a pandas DataFrame
    suspects()               whom the source of some shipped kernel, as read, allows a defect

Verdicts are the stored ones (`derive.judged`); `check_shipped` gives the run behind one.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from gmemviz.derive import Derived, Judged, derive, judged, shipped_tables
from gmemviz.errors import choice
from gmemviz.facts import (
    INODE_HOOKS,
    Facts,
    OpsTable,
    combination,
    defaults,
    load,
    snapshots,
    table_key,
)
from gmemviz.parts import needs
from gmemviz.record import load_recording, recordings
from gmemviz.shown import Group, Several, shows_itself

if TYPE_CHECKING:
    import pandas as pd


@shows_itself
class SurveyRow(NamedTuple):
    """Say of one table which hooks it sets, what they keep where, who reads it, and what follows.

    `metadata` are (name, placement) over all ways of the table, `readers` who comes without a
    reference. `recorded`: one of its own hooks ran in a recording that is shipped of this kernel.
    That such a hook runs is seen then; it says nothing for or against the verdict.
    """

    filesystem: str
    table: str
    path: str
    line: int
    hooks: tuple[str, ...]
    metadata: tuple[tuple[str, str], ...]
    readers: tuple[str, ...]
    found: Judged
    recorded: bool

    @property
    def name(self) -> str:
        """Return what people call it: some tables serve no type that the source names."""
        return self.filesystem or self.table

    @property
    def evidence(self) -> str:
        """Return what the row rests on; no kernel was asked for the verdict in any case."""
        return f"read in {self.found.read}" + (", hooks recorded" if self.recorded else "")

    def __repr__(self) -> str:
        return f"<SurveyRow {self.name}: {self.found}>"


def survey(kernel: str) -> Several[SurveyRow]:
    """Return a row for each super_operations table of a shipped kernel, by path and line.

    UnknownNameError for a kernel whose deeds are not shipped.
    """
    choice("kernel", kernel, snapshots())
    return Several(_rows(kernel))


@cache
def _rows(kernel: str) -> tuple[SurveyRow, ...]:
    found, ran = judged(kernel), _recorded(kernel)
    read = shipped_tables(kernel)
    return tuple(_row(derive(each), found[table_key(each.table)], ran) for each in read)


def _row(derived: Derived, found: Judged, ran: frozenset[str]) -> SurveyRow:
    table, texts = derived.table, derived.texts
    kept: dict[str, str] = {}
    readers: dict[str, None] = {}
    for text in texts:  # what a way leaves out another may have
        kept |= {name: row["placement"] for name, row in text.get("metadata", {}).items()}
        readers |= dict.fromkeys(text.get("actors", ()))
    place = table.filesystem, table.name, table.path, table.line
    is_recorded = not ran.isdisjoint(_own(table))
    owns = tuple(sorted(kept.items()))
    return SurveyRow(*place, combination(table), owns, tuple(readers), found, is_recorded)


def _own(table: OpsTable) -> tuple[str, ...]:
    return tuple(function for hook, function in table.slots if hook in INODE_HOOKS)


# A hook that several tables set is nobody's own, such as inode_just_drop of 7.3, nor is what the
# VFS calls where a hook is NULL: that one ran says nothing of whose inode it was.
def _recorded(kernel: str) -> frozenset[str]:
    names = [name for name in recordings() if name.startswith(f"{kernel}-")]
    ran = {event.function for name in names for event in load_recording(name).events}
    return frozenset(ran - _shared(load(kernel)))


def _shared(facts: Facts) -> set[str]:
    shared = {edge.callee for hook in INODE_HOOKS for edge in defaults(facts, hook)}
    seen: set[str] = set()
    for table in facts.tables:
        own = set(_own(table))
        shared |= own & seen
        seen |= own
    return shared


@cache
def suspects() -> Group[str]:
    """Return the tables, by name, of which some shipped kernel's source as read allows a defect.

    >>> "proc_sops" in suspects()  # in 6.1, and mended since
    True
    """
    named = (key for kernel in snapshots() for key in _allowing(judged(kernel)))
    return Group(key.rpartition(" ")[2] for key in named)


def _allowing(found: Mapping[str, Judged]) -> list[str]:
    return [key for key, each in found.items() if each.verdict == "defects"]


def survey_frame(rows: Iterable[SurveyRow]) -> "pd.DataFrame":
    """Return a survey as a table: a line a row, with lists in words, and its place last.

    >>> survey_frame(survey("7.3")).loc["guest_memfd", "metadata"]
    'policy'
    """
    with needs("lab"):
        import pandas as pd  # half a second that a survey does not need

    listed = list(rows)
    lines = {
        "filesystem": [row.name for row in listed],
        "hooks": [_short(row.hooks) for row in listed],
        "metadata": [", ".join(dict(row.metadata)) for row in listed],
        "placement": [_places(row) for row in listed],
        "readers": [", ".join(row.readers) for row in listed],
        "verdict": [f"{row.found}" for row in listed],
        "evidence": [row.evidence for row in listed],
        "table": [f"{row.path}:{row.line}" for row in listed],
    }
    return pd.DataFrame(lines).set_index("filesystem")


# All five end alike: "alloc, evict, free" is read sooner.
def _short(hooks: Iterable[str]) -> str:
    return ", ".join(hook.removesuffix("_inode") for hook in hooks)


def _places(row: SurveyRow) -> str:
    return ", ".join(sorted({place for _, place in row.metadata}))
