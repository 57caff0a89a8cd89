"""Say which tables a filesystem's name means, and refuse a name that means none.

A filesystem goes by its type's name (`tmpfs`), by its file's or folder's (`shmem`, `fat`), by
the name of another type with the same tables (`vfat`), and by what it is usually called.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

from gmemviz.errors import choice, of_kind
from gmemviz.facts.records import OpsTable
from gmemviz.shown import Several


class HasTables(Hashable, Protocol):
    """Stand for the facts of a kernel, of which only the tables are asked."""

    @property
    def tables(self) -> tuple[OpsTable, ...]:
        """Hold every table of hooks."""


Filesystems = Collection[str] | None
"""Which filesystems' tables a hook leads to: by type, file or folder name; None for all."""

Key = tuple[str, str]
"""A table, by its path and name."""

Tables = frozenset[Key]

_OWNERS: Final = ("super_operations", "file_system_type")
"""Structs whose tables make a filesystem of the file that has one."""


@cache
def _usage() -> dict[str, Any]:
    import tomllib  # the package stays quick to import

    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def aliases() -> Mapping[str, str]:
    """Return usual names, used where a kernel has no filesystem that is called so itself."""
    names: Mapping[str, str] = _usage()["aliases"]
    return names


def usual_name(word: str) -> str:
    """Return what a filesystem is called in mount(2), where `word` is a usual name of it.

    >>> usual_name("bpffs"), usual_name("ext4")
    ('bpf', 'ext4')
    """
    return aliases().get(word, word)


@cache
def filesystem_names(facts: HasTables) -> tuple[str, ...]:
    """Return every name that `filesystems=` and ``--fs`` take for this kernel, sorted."""
    names = _known(facts)
    usual = [alias for alias, name in aliases().items() if name in names]
    return Several(sorted({*names, *usual}))


def chosen(facts: HasTables, filesystems: Filesystems) -> Tables | None:
    """Return the tables that names mean, None for all; UnknownNameError for any other name."""
    if filesystems is None:
        return None
    return frozenset().union(*(tables_called(facts, name) for name in listed(filesystems)))


def told(facts: HasTables, filesystems: Filesystems) -> tuple[str, ...]:
    """Return a sentence for each name that stands for another here."""
    sentences = []
    for name in listed(filesystems or ()):
        real = _meaning(facts, name)
        if real != name:
            sentences.append(f"{name} is a usual name of {real}, whose tables are meant")
    return tuple(sentences)


def in_either(
    old: HasTables, new: HasTables, filesystems: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names that each of two kernels knows; UnknownNameError for one of neither."""
    of_old, of_new = filesystem_names(old), filesystem_names(new)
    either = sorted({*of_old, *of_new})
    names = [choice("filesystem", name, either) for name in listed(filesystems)]
    return (
        tuple(name for name in names if name in of_old),
        tuple(name for name in names if name in of_new),
    )


def listed(filesystems: Collection[str]) -> tuple[str, ...]:
    """Return the names one by one; a string is one name, and not a collection of letters.

    TypeError for what is no collection: an iterator has no names left for whoever asks next.
    """
    of_kind("filesystems", filesystems, Collection)
    return (filesystems,) if isinstance(filesystems, str) else tuple(filesystems)


def tables_called(facts: HasTables, name: str) -> Tables:
    """Return a filesystem's own tables, and those that it has in common with another."""
    return _known(facts)[_meaning(facts, name)]


# The name that this kernel has for a filesystem.
def _meaning(facts: HasTables, name: str) -> str:
    name = choice("filesystem", name, filesystem_names(facts))
    return name if name in _known(facts) else aliases()[name]


# The tables of each filesystem, by every name that the kernel's source has for it.
@cache
def _known(facts: HasTables) -> dict[str, Tables]:
    groups: dict[str, set[Key]] = defaultdict(set)
    by_file: dict[str, set[Key]] = defaultdict(set)
    homes: set[str] = set(_usage()["typeless"])
    for table in facts.tables:
        word = _file_name(table.path)
        by_file[word].add(_key(table))
        if table.struct in _OWNERS:
            homes.add(word)
        if table.filesystem:
            groups[table.filesystem].add(_key(table))
    for word in homes & by_file.keys() - {""}:
        groups[word] |= by_file[word]
    for name, borrowed in list(_borrowings(facts, groups)):
        groups[name] |= borrowed
    return {name: frozenset(tables) for name, tables in groups.items()}


# The tables that a type without a super_operations of its own gets with another's.
def _borrowings(facts: HasTables, groups: Mapping[str, set[Key]]) -> Iterator[tuple[str, set[Key]]]:
    supers = [table for table in facts.tables if table.struct == "super_operations"]
    keys_of_supers = set(map(_key, supers))
    types_in: dict[str, set[str]] = defaultdict(set)
    for table in facts.tables:
        if table.struct == "file_system_type":
            types_in[table.path].add(table.filesystem)
    for table in supers:
        borrowers = [
            name for name in table.carriers if not keys_of_supers & groups.get(name, set())
        ]
        around = [other for other in facts.tables if borrowers and _goes_with(other, table)]
        for name in borrowers:
            shared = [other for other in around if _is_shared(other, name, table, types_in)]
            yield name, set(map(_key, shared))


# A type gets all that lies around its super_operations, but for what is in another type's file.
def _is_shared(
    other: OpsTable, name: str, table: OpsTable, types_in: Mapping[str, set[str]]
) -> bool:
    if other.struct == "file_system_type" and other.filesystem != name:
        return False
    return other.path == table.path or types_in.get(other.path, {name}) == {name}


# Of the same filesystem as a super_operations, or in one folder with it where it is of none.
def _goes_with(other: OpsTable, table: OpsTable) -> bool:
    if table.filesystem:
        return other.filesystem == table.filesystem
    folder = table.path.rpartition("/")[0]  # fs/kernfs is one thing, fs/ is many
    return other.path.startswith(f"{folder}/" if "/" in folder else table.path)


def _key(table: OpsTable) -> Key:
    return table.path, table.name


# The name by which a file's filesystem goes: its folder below fs/, or its stem; "" for none.
def _file_name(path: str) -> str:
    folder, _, file = path.rpartition("/")
    stem, last = file.partition(".")[0], folder.rpartition("/")[2]
    has_own_folder = path.startswith("fs/") and "/" in folder
    generic: list[str] = _usage()["generic"]
    word = last if has_own_folder or stem in generic else stem
    return "" if word in generic else word
