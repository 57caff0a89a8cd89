"""Turn what was found in a tree into records: tables with their lines, members of structs."""

from collections.abc import Iterable

from gmemviz.extract.ops import RawTable, filesystems, registered
from gmemviz.extract.reader import Reader
from gmemviz.extract.roots import FIELD_STRUCTS, TABLES, TEARDOWN_HOOKS
from gmemviz.extract.tree import Tree
from gmemviz.extract.walk import Targets
from gmemviz.facts import Field, OpsTable

Placed = tuple[str, RawTable]


def teardown_targets(found: Iterable[Placed]) -> Targets:
    """Return the functions in each teardown hook, as (name, path of the table)."""
    slots: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for path, table in found:
        for member, value, *_ in table.slots:
            if member in TEARDOWN_HOOKS.get(table.struct, ()):
                slots.setdefault((table.struct, member), []).append((value, path))
    return slots


def table_records(tree: Tree, found: list[Placed]) -> tuple[OpsTable, ...]:
    """Return the tables as records, sorted by struct, path and line."""
    names = filesystems(tree, found)
    carriers = registered(tree, found)
    records = []
    for path, table in found:
        if table.struct in TABLES:
            filesystem = names.get((path, table.at), "")
            carry = {filesystem, *carriers.get((path, table.at), ())} - {""}
            records.append(_record(tree, path, table, filesystem, sorted(carry)))
    return tuple(sorted(records, key=lambda table: (table.struct, table.path, table.line)))


def _record(
    tree: Tree, path: str, table: RawTable, filesystem: str, carriers: Iterable[str]
) -> OpsTable:
    # A file_system_type's name and flags are not hooks; a name is told by its quote.
    slots = sorted(slot for slot in table.slots if slot[1].isidentifier())
    return OpsTable(
        name=table.name,
        struct=table.struct,
        path=path,
        line=tree.line(path, table.at),
        slots=tuple((member, value) for member, value, *_ in slots),
        filesystem=filesystem,
        carriers=tuple(carriers) if table.struct == "super_operations" else (),
        lines=tuple(tree.line(path, offset) for _, _, offset, _ in slots),
        conditions=tuple((member, condition) for member, _, _, condition in slots if condition),
    )


def read_fields(reader: Reader) -> dict[tuple[str, str], Field]:
    """Return the members of the structs that placements of metadata use."""
    fields = {}
    for struct in sorted(FIELD_STRUCTS):
        place = reader.index.struct(struct)
        if place is None:
            continue
        for member in reader.receivers.members(struct, place.path).values():
            line = reader.tree.line(place.path, place.body + member.offset)
            fields[struct, member.name] = Field(
                struct, member.name, place.path, line, member.condition
            )
    return fields
