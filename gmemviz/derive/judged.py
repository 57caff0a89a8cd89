"""Keep the verdict on every table of a shipped kernel, so that a census has it at once.

A search of all 88 tables takes half a minute; `make facts` does it, and `judged.json` has a line a
table, which says in a diff what a change of the model or of the reading makes of whom. A verdict
is on what the source says as far as it was read: that a kernel was seen to break is told elsewhere
(`evidence`).
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple, cast

from gmemviz.derive.verdict import Verdict, VerdictWord
from gmemviz.errors import choice
from gmemviz.facts import census, combination, load, snapshots, super_tables, table_key
from gmemviz.shown import shows_itself

FILE: Final = "judged.json"


@shows_itself
class Judged(NamedTuple):
    """Say what the source of one table comes to.

    `ways` is how many Designs it makes, `unread` how many of its statements were not understood.
    `codes` are the defects of those Designs: of a table that was read in part they may come from
    what was not read, and no word of them is said.
    """

    verdict: VerdictWord
    unread: int
    ways: int
    codes: tuple[str, ...] = ()

    @property
    def read(self) -> str:
        """Return ``full`` or ``part``."""
        return "part" if self.unread else "full"

    def __str__(self) -> str:
        if self.verdict == "defects":
            return f"the source as read allows {', '.join(self.codes)}"
        return f"{self.verdict}, {self.unread} statements unread" if self.unread else self.verdict


def judged_of(verdict: Verdict) -> Judged:
    """Return what is kept of a verdict."""
    codes = sorted({code for report in verdict.broken for code in report.defects or ()})
    derived = verdict.derived
    return Judged(verdict.word, len(derived.unread), len(derived.designs), tuple(codes))


def judged(kernel: str) -> Mapping[str, Judged]:
    """Return the verdict on each table of a shipped kernel, by `facts.table_key`."""
    return _all()[choice("kernel", kernel, snapshots())]


def by_hooks(kernel: str) -> dict[tuple[str, ...], str]:
    """Return what the tables that set the same hooks come to, as a census has a row for them.

    >>> by_hooks("6.12")[()]
    '3 correct'
    """
    facts, found = load(kernel), judged(kernel)
    groups: dict[tuple[str, ...], list[Judged]] = {
        hooks: [] for hooks in census(facts).combinations
    }
    for table in super_tables(facts):
        groups[combination(table)].append(found[table_key(table)])
    return {hooks: counted(group) for hooks, group in groups.items()}


def counted(found: Iterable[Judged]) -> str:
    """Return how many have which verdict, the most frequent first.

    Codes are left out: two tables whose sources allow different things have one word.
    """
    counts = sorted(Counter(map(spoken, found)).items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{number} {word}" for word, number in counts)


def spoken(found: Judged) -> str:
    """Return a verdict in the words of a census; a source, and no kernel, is what allows a defect.

    >>> spoken(Judged("defects", 0, 1, ("leak",)))
    'whose source as read allows a defect'
    """
    return "whose source as read allows a defect" if found.verdict == "defects" else found.verdict


def packed(kernels: Mapping[str, Mapping[str, Judged]]) -> str:
    """Return the text of `judged.json`: a line a table, in the order of the facts."""
    parts = []
    for kernel, tables in kernels.items():
        lines = [f"{json.dumps(key)}: {json.dumps(found)}" for key, found in tables.items()]
        parts.append(f"{json.dumps(kernel)}: {{\n" + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


@cache
def _all() -> Mapping[str, Mapping[str, Judged]]:
    text = (files("gmemviz.derive") / FILE).read_text(encoding="utf-8")
    kernels: dict[str, dict[str, list[Any]]] = json.loads(text)
    found = {}
    for kernel, tables in kernels.items():
        found[kernel] = {key: _judged(row) for key, row in tables.items()}
    return found


def _judged(row: list[Any]) -> Judged:
    verdict, unread, ways, codes = row
    return Judged(cast(VerdictWord, verdict), unread, ways, tuple(codes))
