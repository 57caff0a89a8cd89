"""Take what was said of a tree the last time, as far as the tree is as it was.

    fs/toy/inode.c has changed      read anew: what was read in it, or looks up what it defines
    nothing else has                all other tables are answered as before, and no body is read

An answer is kept with the files, names and folders that it rests on (`extract.Rested`), and with
the scans of the tree's files at that time, so that both are always of one state of the tree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, NamedTuple

from gmemviz.derive import Road
from gmemviz.extract import KernelDeeds, Rested
from gmemviz.facts import OpsTable
from gmemviz.kept import Store, content_key


class Before(NamedTuple):
    """Be what was said of one table: of which words of the tree, on what it rests, and what."""

    told: str
    rested: Rested
    answer: dict[str, Any]


class Earlier:
    """Hold the answers to one question about one tree; without a store there are none."""

    def __init__(self, store: Store, question: object) -> None:
        self.store = store
        self.key = content_key(["tree", question])
        found = store.get(self.key) or {}
        self.scans: Mapping[str, Any] = found.get("scans", {})
        self.answers = {key: _unpacked(row) for key, row in found.get("answers", {}).items()}
        self.road: Road | None = None
        self.changed: set[str] = set()
        self.names: set[str] = set()

    def hold(self, deeds: KernelDeeds, road: Road) -> None:
        """See what of the tree has changed since."""
        self.road = road
        self.changed = deeds.scans.changed if self.answers else set()
        self.names = deeds.scans.names(self.changed)

    def of(self, deeds: KernelDeeds, table: OpsTable) -> dict[str, Any] | None:
        """Return what was said of a table, if all that it rests on is as it was."""
        before = self.answers.get(key_of(table))
        if before is None or before.told != self.told(deeds, table):
            return None
        return before.answer if before.rested.stands(self.changed, self.names) else None

    # The tables of a folder belong together by what functions of many files do: as it comes out.
    def told(self, deeds: KernelDeeds, table: OpsTable) -> str:
        """Return what says which table it is, and which are beside it, on whose road."""
        beside = [asdict(other) for other in deeds.beside(table)]
        road = [self.road.kernel, *self.road.assumed] if self.road else []
        return content_key([asdict(table), beside, deeds.tag, road])

    def keep(self, deeds: KernelDeeds, said: Iterable[tuple[OpsTable, Before]]) -> None:
        """Keep these answers, beside those that still stand, with the tree as it is now."""
        new = {key_of(table): before for table, before in said}
        if self.store.folder is None or (not new and not self.changed):
            return
        rows = {key: _packed(before) for key, before in {**self.answers, **new}.items()}
        self.store.put(self.key, {"scans": deeds.scans.plain(), "answers": rows})


def key_of(table: OpsTable) -> str:
    """Return what tells a table of a tree from others."""
    return f"{table.path}:{table.line} {table.name}"


def _packed(before: Before) -> list[Any]:
    return [before.told, list(before.rested), before.answer]


def _unpacked(row: list[Any]) -> Before:
    told, rested, answer = row
    return Before(told, Rested(*map(tuple, rested)), answer)
