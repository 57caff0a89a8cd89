"""Tell of which filesystem the inode is that a recording follows, by the functions that ran.

A function that many filesystems have in their tables tells nothing: generic_delete_inode is the
drop_inode of fifty. One that stands in a filesystem's own files does, and so does a pair that only
one table has, such as free_inode_nonrcu as destroy_inode in fs/pipe.c
(fs/inode.c:free_inode_nonrcu@v6.12). A broken kernel may run one hook of another filesystem, so the
most of what ran tells.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final, NamedTuple

from gmemviz.facts import HOOKS, SUPER, Facts, OpsTable, Trace
from gmemviz.record.inode import base

FOLDERS: Final = "fs/"
"""Below it a filesystem has a folder of its own; a file beside them, as fs/pipe.c, is a home, too,
and so is each file elsewhere: mm/ is everybody's."""


class Home(NamedTuple):
    """Give where a filesystem's source stands, and what of it ran.

    `path` is a folder with its slash, or a file. `ran` are its own functions that were seen and
    are hooks, or else others' that only it has so. `tables` are its super_operations that have the
    most of the hooks: a filesystem may have two, as fs/9p/, or none, as mm/secretmem.c.
    """

    path: str
    ran: tuple[str, ...]
    tables: tuple[OpsTable, ...] = ()

    @property
    def name(self) -> str:
        """Return the filesystem's name, or where its source stands."""
        names = {table.filesystem or table.name for table in self.tables}
        return names.pop() if len(names) == 1 else self.path

    def __str__(self) -> str:
        return f"{self.name} ({', '.join(self.ran)})"


class _Known(NamedTuple):
    """Hold the tables of a home, and which functions stand in them as what."""

    tables: tuple[OpsTable, ...]
    slots: frozenset[tuple[str, str]]
    functions: frozenset[str]


def homes_told(trace: Trace, facts: Facts) -> tuple[Home, ...]:
    """Return the filesystem whose functions ran; several where they tell as much of each.

    None where nothing that ran is any filesystem's own.
    """
    pairs: set[tuple[str, str]] = {
        (event.hook, base(event.function)) for event in trace.events if event.hook
    }
    by_own = _homes_of({base(event.function) for event in trace.events}, facts)
    scores: dict[str, tuple[int, int]] = {}
    for home, known in _homes(facts).items():
        own, ran = by_own.get(home, set()), len(pairs & known.slots)
        if ran or own & known.functions:
            scores[home] = (len(own), ran)
    most = max(scores.values(), default=(0, 0))
    best = sorted(home for home, score in scores.items() if score == most)
    return tuple(_home(home, by_own.get(home, set()), pairs, _homes(facts)[home]) for home in best)


def home_of(functions: Iterable[str], facts: Facts) -> str:
    """Return where the filesystem stands that has these functions as hooks, or ""."""
    homes = _homes_of(functions, facts)
    return min(homes, key=lambda home: (-len(homes[home]), home), default="")


def tables_at(path: str, facts: Facts) -> tuple[OpsTable, ...]:
    """Return every table of a filesystem, of inodes and files as well."""
    homes = _homes(facts)
    return homes[path].tables if path in homes else ()


def _home(path: str, own: set[str], pairs: set[tuple[str, str]], known: _Known) -> Home:
    supers = [table for table in known.tables if table.struct == SUPER]
    counts = [len(pairs & set(table.slots)) for table in supers]
    most = max(counts, default=0)
    having = zip(supers, counts, strict=True)
    shared = {f"{function} as {hook}" for hook, function in pairs & known.slots}
    told_by = sorted(own & known.functions or shared)
    return Home(path, tuple(told_by), tuple(table for table, count in having if count == most))


# Of functions, those that stand in one home alone, where they or others are hooks.
def _homes_of(functions: Iterable[str], facts: Facts) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for function in functions:
        homes = {_home_of_path(known.path) for known in facts.functions.get(function, ())}
        homes = homes or _by_slot(facts).get(function, set())  # of a hook facts may have the slot
        if len(homes) == 1 and homes <= _homes(facts).keys():
            found[homes.pop()].add(function)
    return found


def _home_of_path(path: str) -> str:
    folder, _, rest = path.removeprefix(FOLDERS).partition("/")
    return f"{FOLDERS}{folder}/" if path.startswith(FOLDERS) and rest else path


@cache
def _homes(facts: Facts) -> Mapping[str, _Known]:
    tables: dict[str, list[OpsTable]] = defaultdict(list)
    for table in facts.tables:
        tables[_home_of_path(table.path)].append(table)
    found: dict[str, _Known] = {}
    for home, those in sorted(tables.items()):
        if any(map(_ends_inodes, those)):
            slots = frozenset(slot for table in those for slot in table.slots)
            found[home] = _Known(tuple(those), slots, frozenset(function for _, function in slots))
    return found


# fs/inode.c and fs/dcache.c have tables as well, that end nothing.
def _ends_inodes(table: OpsTable) -> bool:
    return table.struct == SUPER or not set(HOOKS).isdisjoint(dict(table.slots))


@cache
def _by_slot(facts: Facts) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for table in facts.tables:
        for _, function in table.slots:
            found[function].add(_home_of_path(table.path))
    return found
