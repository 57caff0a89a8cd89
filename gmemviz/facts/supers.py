"""Find the super_operations that a word means: a table, a filesystem, or a usual name of one.

super_tables(load("7.3"), "tmpfs")      the table shmem_ops of mm/shmem.c
super_tables(load("7.3"), "9p")         two tables: one for each of its protocols
"""

from functools import cache
from typing import Final

from gmemviz.errors import choice
from gmemviz.facts.filesystems import filesystem_names
from gmemviz.facts.records import OpsTable
from gmemviz.facts.snapshot import Facts

SUPER: Final = "super_operations"


def super_tables(facts: Facts, name: str = "") -> tuple[OpsTable, ...]:
    """Return the super_operations that a name means; "" means all.

    A unit test's table in fs/ext4 is called ext4, too, by its folder; and a tmpfs is a ramfs in a
    build without shmem. So a table's own names come first, then whose superblocks it may serve.
    UnknownNameError for a name that no table of the kernel has.
    """
    tables = tuple(table for table in facts.tables if table.struct == SUPER)
    if not name:
        return tables
    word = choice(f"filesystem of {facts.kernel}", name, super_names(facts))
    for names in (_own_names, _carriers):
        if found := tuple(table for table in tables if word in names(table)):
            return found
    return facts.tables_of(word, SUPER)


@cache
def super_names(facts: Facts) -> tuple[str, ...]:
    """Return every name that `super_tables` takes, sorted.

    The facts name file_system_types, too, that set no super_operations of their own: those are
    left out.
    """
    of_types = [name for name in filesystem_names(facts) if facts.tables_of(name, SUPER)]
    return tuple(sorted({*of_types, *(table.name for table in super_tables(facts))}))


def _own_names(table: OpsTable) -> tuple[str, ...]:
    return (table.name, table.filesystem)


def _carriers(table: OpsTable) -> tuple[str, ...]:
    return table.carriers
