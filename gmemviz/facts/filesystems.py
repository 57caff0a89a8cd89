"""Say which tables a filesystem's name means, and refuse a name that means none.

A filesystem goes by its type's name (`tmpfs`), by its file's or folder's (`shmem`, `fat`), by
the name of another type with the same tables (`vfat`), and by what it is usually called.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator
from functools import cache
from typing import Final, Protocol

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

ALIASES: Final = {
    # What functions of theirs begin with.
    "anon_inode": "anon_inodefs",
    "gmem": "guest_memfd",
    "hugetlb": "hugetlbfs",
    "kvm_gmem": "guest_memfd",
    "ovl": "overlay",
    "sock": "sockfs",
    "v9fs": "9p",
    # What a folder of more than one filesystem, Documentation/filesystems or a path calls them.
    "binderfs": "binder",
    "bpffs": "bpf",
    "cgroupfs": "cgroup",
    "overlayfs": "overlay",
    "procfs": "proc",
    "shm": "tmpfs",
    "smb": "cifs",
    "smbfs": "cifs",
}
"""Usual names, used where a kernel has no filesystem that is called so itself."""

TYPELESS: Final = frozenset({"guest_memfd"})
"""Files that count as a filesystem in a kernel where they have no type of their own.

virt/kvm/guest_memfd.c:__kvm_gmem_create@v6.12.117 takes an inode of anon_inodefs, with its own
operations of the file and the mapping.
"""

OWNERS: Final = ("super_operations", "file_system_type")
# Names of files and folders that say nothing of a filesystem.
GENERIC: Final = frozenset(
    ("inode", "super", "file", "main", "mount", "core", "client", "tests", "legacy", "fs"),
)


@cache
def filesystem_names(facts: HasTables) -> tuple[str, ...]:
    """Return every name that `filesystems=` and ``--fs`` take for this kernel, sorted."""
    names = known(facts)
    return Several(sorted({*names, *(alias for alias, name in ALIASES.items() if name in names)}))


def chosen(facts: HasTables, filesystems: Filesystems) -> Tables | None:
    """Return the tables that names mean, None for all; UnknownNameError for any other name."""
    if filesystems is None:
        return None
    return frozenset().union(*(tables_called(facts, name) for name in listed(filesystems)))


def told(facts: HasTables, filesystems: Filesystems) -> tuple[str, ...]:
    """Return a sentence for each name that stands for another here."""
    names = ((name, meaning(facts, name)) for name in listed(filesystems or ()))
    return tuple(
        f"{name} is a usual name of {real}, whose tables are meant"
        for name, real in names
        if name != real
    )


def in_either(
    old: HasTables, new: HasTables, filesystems: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names that each of two kernels knows; UnknownNameError for one of neither."""
    of_old, of_new = filesystem_names(old), filesystem_names(new)
    names = [choice("filesystem", one, sorted({*of_old, *of_new})) for one in listed(filesystems)]
    return tuple(n for n in names if n in of_old), tuple(n for n in names if n in of_new)


def listed(filesystems: Collection[str]) -> tuple[str, ...]:
    """Return the names one by one; a string is one name, and not a collection of letters.

    TypeError for what is no collection: an iterator has no names left for whoever asks next.
    """
    of_kind("filesystems", filesystems, Collection)
    return (filesystems,) if isinstance(filesystems, str) else tuple(filesystems)


def meaning(facts: HasTables, name: str) -> str:
    """Return the name that this kernel has for a filesystem, or raise UnknownNameError."""
    if isinstance(name, str) and name not in known(facts) and name in filesystem_names(facts):
        return ALIASES[name]
    return choice("filesystem", name, filesystem_names(facts))


def tables_called(facts: HasTables, name: str) -> Tables:
    """Return a filesystem's own tables, and those that it has in common with another."""
    return known(facts)[meaning(facts, name)]


@cache
def known(facts: HasTables) -> dict[str, Tables]:
    """Return the tables of each filesystem, by every name that the kernel's source has for it."""
    groups: dict[str, set[Key]] = defaultdict(set)
    by_file: dict[str, set[Key]] = defaultdict(set)
    homes = set(TYPELESS)
    for table in facts.tables:
        words = file_names(table.path)
        homes.update(words if table.struct in OWNERS else ())
        for word in words:
            by_file[word].add(_key(table))
        if table.filesystem:
            groups[table.filesystem].add(_key(table))
    for word in homes & by_file.keys():
        groups[word] |= by_file[word]
    for name, borrowed in list(borrowings(facts, groups)):
        groups[name] |= borrowed
    return {name: frozenset(tables) for name, tables in groups.items()}


def borrowings(facts: HasTables, groups: dict[str, set[Key]]) -> Iterator[tuple[str, set[Key]]]:
    """Yield the tables that a type without a super_operations of its own gets with another's."""
    supers = [table for table in facts.tables if table.struct == "super_operations"]
    has_own = {
        name for name, keys in groups.items() if any(_key(table) in keys for table in supers)
    }
    types: dict[str, set[str]] = defaultdict(set)
    for table in facts.tables:
        if table.struct == "file_system_type":
            types[table.path].add(table.filesystem)
    for table in supers:
        borrowers = set(table.carriers) - has_own
        around = [one for one in facts.tables if borrowers and goes_with(one, table)]
        for name in borrowers:
            foreign = {path for path, names in types.items() if names != {name}} - {table.path}
            shared = (one for one in around if one.path not in foreign)
            yield name, {_key(one) for one in shared if not _is_type_of_another(one, name)}


def goes_with(one: OpsTable, table: OpsTable) -> bool:
    """Tell whether a table is of the same filesystem as a super_operations, or lies with it."""
    if table.filesystem:
        return one.filesystem == table.filesystem
    folder = table.path.rpartition("/")[0]  # fs/kernfs is one thing, fs/ is many
    return one.path.startswith(f"{folder}/" if "/" in folder else table.path)


def _is_type_of_another(one: OpsTable, name: str) -> bool:
    return one.struct == "file_system_type" and one.filesystem != name


def _key(table: OpsTable) -> Key:
    return table.path, table.name


def file_names(path: str) -> list[str]:
    """Return the names by which a file's filesystem goes: its folder below fs/, or its stem."""
    folder, _, file = path.rpartition("/")
    stem, last = file.partition(".")[0], folder.rpartition("/")[2]
    own_folder = path.startswith("fs/") and "/" in folder
    words = (last,) if own_folder or stem in GENERIC else (stem,)
    return [word for word in words if word not in GENERIC]
