"""Say which tables a filesystem's name means, and refuse a name that means none.

A filesystem goes by its type's name (`tmpfs`), by its file's or folder's (`shmem`, `fat`), by
the name of another type with the same tables (`vfat`), and by what it is usually called.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

from gmemviz.errors import choice
from gmemviz.facts.records import OpsTable

if TYPE_CHECKING:
    from gmemviz.facts.snapshot import Facts

__all__ = ("ALIASES", "HOSTED", "Filesystems", "Tables", "chosen", "filesystem_names", "in_either", "tables_called", "told")

Filesystems = Collection[str] | None
"""Which filesystems' tables a hook leads to: by type, file or folder name; None for all."""

Key = tuple[str, str]
"""A table, by its path and name."""

Tables = frozenset[Key]

ALIASES: Final = {
    # What the functions of one begin with.
    "ovl": "overlay",
    "kvm_gmem": "guest_memfd",
    "gmem": "guest_memfd",
    "anon_inode": "anon_inodefs",
    "kernfs_sops": "kernfs",
    "v9fs": "9p",
    "hugetlb": "hugetlbfs",
    "sock": "sockfs",
    # What Documentation/filesystems, a Kconfig entry or a mount command calls it.
    "overlayfs": "overlay",
    "smb": "cifs",
    "smbfs": "cifs",
    "procfs": "proc",
    "bpffs": "bpf",
    "binderfs": "binder",
    "cgroupfs": "cgroup",
    "cgroup1": "cgroup",
    "blockdev": "bdev",
    "bdevfs": "bdev",
    "mqueuefs": "mqueue",
    "isofs": "iso9660",
    "fat32": "vfat",
    "reiser": "reiserfs",
    "shm": "tmpfs",
}
"""Usual names, used where a kernel has no filesystem that is called so itself."""

HOSTED: Final = {"guest_memfd": "anon_inodefs"}
"""Whose inodes another filesystem makes, in a kernel where it has no type of its own.

virt/kvm/guest_memfd.c:__kvm_gmem_create@v6.12 takes an inode of anon_inode_create_getfile.
"""

OWNERS: Final = ("super_operations", "file_system_type")
# Names of files and folders that say nothing of a filesystem.
GENERIC: Final = frozenset(
    ("inode", "super", "file", "main", "mount", "core", "client", "tests", "legacy", "fs"),
)


def filesystem_names(facts: "Facts") -> tuple[str, ...]:
    """Return every name that `filesystems=` and ``--fs`` take for this kernel, sorted."""
    names = known(facts)
    return tuple(sorted({*names, *(alias for alias, name in ALIASES.items() if name in names)}))


def chosen(facts: "Facts", filesystems: Filesystems) -> Tables | None:
    """Return the tables that names mean, None for all; UnknownNameError for any other name."""
    if filesystems is None:
        return None
    return frozenset().union(*(with_host(facts, name) for name in listed(filesystems)))


def told(facts: "Facts", filesystems: Filesystems) -> tuple[str, ...]:
    """Return a sentence for each name that stands for another here."""
    said = []
    for name in listed(filesystems or ()):
        real = meaning(facts, name)
        said += [f"{name} is a usual name of {real}, whose tables are meant"] * (real != name)
        if host := host_of(facts, real):
            said.append(f"{real} has no tables of an inode in {facts.kernel}: {host} makes its inodes")
    return tuple(said)


def in_either(old: "Facts", new: "Facts", filesystems: Collection[str]) -> tuple[tuple[str, ...], ...]:
    """Return the names that each of two kernels knows; UnknownNameError for one of neither."""
    names = listed(filesystems)
    both = {*filesystem_names(old), *filesystem_names(new)}
    for name in names:
        choice("filesystem", name, sorted(both))
    return tuple(
        tuple(name for name in names if name in filesystem_names(facts)) for facts in (old, new)
    )


def listed(filesystems: Collection[str]) -> tuple[str, ...]:
    # A string is a collection of letters, and nobody means those.
    return (filesystems,) if isinstance(filesystems, str) else tuple(filesystems)


def meaning(facts: "Facts", name: str) -> str:
    """Return the name that this kernel has for a filesystem, or raise UnknownNameError."""
    if isinstance(name, str) and name not in known(facts) and name in filesystem_names(facts):
        return ALIASES[name]
    return choice("filesystem", name, filesystem_names(facts))


def tables_called(facts: "Facts", name: str) -> Tables:
    """Return a filesystem's own tables, and those that it has in common with another."""
    return known(facts)[meaning(facts, name)]


def with_host(facts: "Facts", name: str) -> Tables:
    own = tables_called(facts, name)
    host = host_of(facts, meaning(facts, name))
    return own | known(facts)[host] if host else own


def host_of(facts: "Facts", name: str) -> str:
    host = HOSTED.get(name, "")
    typed = any(t.filesystem == name and t.struct in OWNERS for t in facts.tables) if host else True
    return "" if typed or host not in known(facts) else host


@cache
def known(facts: "Facts") -> dict[str, Tables]:
    """Return the tables of each filesystem, by every name that the kernel's source has for it."""
    groups: dict[str, set[Key]] = defaultdict(set)
    by_file: dict[str, set[Key]] = defaultdict(set)
    homes = set(HOSTED)
    for table in facts.tables:
        words = file_names(table.path)
        homes.update(words if table.struct in OWNERS else ())
        for word in words:
            by_file[word].add(key(table))
        if table.filesystem:
            groups[table.filesystem].add(key(table))
    for word in homes & by_file.keys():
        groups[word] |= by_file[word]
    for name, borrowed in list(borrowings(facts, groups)):
        groups[name] |= borrowed
    return {name: frozenset(tables) for name, tables in groups.items()}


def borrowings(facts: "Facts", groups: dict[str, set[Key]]) -> Iterator[tuple[str, set[Key]]]:
    """Yield the tables that a type without a super_operations of its own gets with another's."""
    supers = [table for table in facts.tables if table.struct == "super_operations"]
    has_own = {name for name, keys in groups.items() if any(key(table) in keys for table in supers)}
    for table in supers:
        around = groups[table.filesystem] if table.filesystem else beside(facts, table)
        for name in table.carriers:
            if name not in has_own:
                yield name, {key(table), *(around - of_others(facts, table, name))}


def of_others(facts: "Facts", table: OpsTable, name: str) -> set[Key]:
    """Return what lies in the file of another type: msdos's own is not what vfat shares."""
    types = [one for one in facts.tables if one.struct == "file_system_type"]
    others = {one.path for one in types if one.filesystem != name} - {table.path}
    named = {key(one) for one in types if one.filesystem != name}
    return named | {key(one) for one in facts.tables if one.path in others}


def beside(facts: "Facts", table: OpsTable) -> set[Key]:
    """Return the tables of a folder below fs/, or else of the one file."""
    folder = table.path.rpartition("/")[0]
    place = f"{folder}/" if folder.count("/") else table.path
    return {key(one) for one in facts.tables if one.path.startswith(place)}


def key(table: OpsTable) -> Key:
    return table.path, table.name


def file_names(path: str) -> Iterable[str]:
    """Return the names by which a file's filesystem goes: its folder below fs/, or its stem."""
    folder, _, file = path.rpartition("/")
    stem, last = file.partition(".")[0], folder.rpartition("/")[2]
    own_folder = path.startswith("fs/") and "/" in folder
    words = (last,) if own_folder or stem in GENERIC else (stem,)
    return [word for word in words if word not in GENERIC]
