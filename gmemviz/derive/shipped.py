"""Take what was read of a filesystem from the deeds that gmemviz ships: no tree is needed."""

from gmemviz.derive.records import TableRead
from gmemviz.facts import load, load_deeds, super_tables, table_key


def shipped_tables(kernel: str, filesystem: str = "") -> tuple[TableRead, ...]:
    """Return what was read of a filesystem's super_operations, by path and line.

    "" means those of all. It goes by any name of it, and a table by its own (`facts.super_names`).
    UnknownNameError for a name that no table of the kernel has.
    """
    deeds = load_deeds(kernel, TableRead)
    return tuple(deeds[table_key(table)] for table in super_tables(load(kernel), filesystem))
