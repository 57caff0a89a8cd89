"""Tell which filesystem a table belongs to, from its file_system_type."""

import re
from collections import defaultdict
from collections.abc import Iterable

from gmemviz.extract.code import body_end, definitions
from gmemviz.extract.ops.tables import RawTable
from gmemviz.extract.tree import Tree

Placed = tuple[str, RawTable]
WORD = re.compile(rb"[A-Za-z_]\w+")
DEEPEST = 8  # steps from a file_system_type to the function that sets s_op


def filesystems(tree: Tree, tables: Iterable[Placed]) -> dict[tuple[str, int], str]:
    """Return the filesystem's name of each table that has one, by (path, offset)."""
    found: dict[tuple[str, int], str] = {}
    for name, placed in by_folder(tables).items():
        found.update(Folder(tree, name, placed).wire())
    return found


def by_folder(tables: Iterable[Placed]) -> dict[str, list[Placed]]:
    """Group tables by folder, as far as one has a file_system_type."""
    folders: dict[str, list[Placed]] = defaultdict(list)
    for path, table in tables:
        folders[path.rsplit("/", 1)[0]].append((path, table))
    return {
        name: placed
        for name, placed in folders.items()
        if any(table.struct == "file_system_type" for _, table in placed)
    }


def words_of(body: bytes) -> set[str]:
    """Return the identifiers of a text."""
    return {word.decode() for word in WORD.findall(body)}


class Folder:
    """Hold the tables of one folder, among them at least one file_system_type."""

    def __init__(self, tree: Tree, name: str, placed: list[Placed]) -> None:
        self.tree = tree
        self.name = name
        self.placed = placed
        self.known: dict[frozenset[str], dict[str, set[str]]] = {}
        # A folder below fs/ is one filesystem's own; fs/, mm/, drivers/x/ are shared by several.
        self.shared = not name.startswith("fs/")
        self.types = [
            (path, table, self.type_name(path, table))
            for path, table in placed
            if table.struct == "file_system_type"
        ]

    def wire(self) -> dict[tuple[str, int], str]:
        """Name the super_operations first, then the tables that lie beside them."""
        names = {
            (path, table): self.mounted_by(path, table)
            for path, table in self.placed
            if table.struct == "super_operations"
        }
        found = {}
        for path, table in self.placed:
            beside = {name for (other, _), name in names.items() if other == path}
            here = {name for other, _, name in self.types if other == path}
            folder = set() if self.shared else set(names.values())
            own = [{names[path, table]}] if (path, table) in names else [beside, here, folder]
            if table.struct == "file_system_type":
                own = [{self.type_name(path, table)}]
            single = (choice - {""} for choice in own if len(choice - {""}) == 1)
            found[path, table.at] = "".join(next(single, ()))
        return {key: name for key, name in found.items() if name}

    def type_name(self, path: str, table: RawTable) -> str:
        """Return the type's name: a string, or what its macro or variable stands for."""
        value = next((value for member, value, *_ in table.slots if member == "name"), "")
        if value.startswith('"') or not value:
            return value[1:]
        pattern = re.compile(rb"\b" + value.encode() + rb"\b[^;\n\"]*\"([^\"\n]*)\"")
        headers = (other for other in self.tree.files([self.name]) if other.endswith(".h"))
        found = (pattern.search(self.tree.read(other)) for other in (path, *headers))
        return next((match.group(1).decode("latin-1") for match in found if match), "")

    def mounted_by(self, path: str, table: RawTable) -> str:
        """Return the type whose functions mention the table, by the fewest steps."""
        near = [entry for entry in self.types if entry[0] == path]
        if len({name for *_, name in near}) == 1:
            return near[0][2]
        if not near and self.shared:
            return ""
        mentions = self.mentions(self.placed)
        steps = {
            name: _distance(entry, table.name, mentions) for _, entry, name in near or self.types
        }
        folder = self.name.rsplit("/", 1)[-1]
        reached = [name for name in steps if name and steps[name] <= DEEPEST]
        least = min(reached, key=lambda name: (name != folder, steps[name], name), default="")
        return least or self.initialised_with(table.name)

    def mentions(self, placed: list[Placed]) -> dict[str, set[str]]:
        """Return the words in the body of each function beside some tables, and in the tables."""
        paths = frozenset(path for path, _ in placed)
        if paths in self.known:
            return self.known[paths]
        found = self.known[paths] = defaultdict(set)
        for path in sorted(paths):
            text = self.tree.read(path)
            for definition in definitions(text):
                found[definition.name] |= words_of(
                    text[definition.body : body_end(text, definition.body)]
                )
        for _, table in placed:
            if table.struct != "super_operations":
                found[table.name] |= {value for _, value, *_ in table.slots}
        return found

    def initialised_with(self, table: str) -> str:
        """Return the type that stands beside the table in another initialiser, as in nfs."""
        names = {entry.name: name for _, entry, name in self.types}
        beside = self.initialised_beside(table)
        return next((names[word] for word in beside if word in names), "")

    def initialised_beside(self, name: str) -> list[str]:
        """Return the words of the initialisers that point to `name`, in the order of the files."""
        pattern = re.compile(rb"=\s*\{([^{}]*&" + name.encode() + rb"\b[^{}]*)\}")
        return [
            word.decode()
            for path in self.tree.files([self.name])
            for match in pattern.finditer(self.tree.read(path))
            for word in WORD.findall(match.group(1))
        ]


def _distance(start: RawTable, goal: str, mentions: dict[str, set[str]]) -> int:
    layer = {value for _, value, *_ in start.slots}
    seen = set(layer)
    for steps in range(DEEPEST):
        words: set[str] = set().union(*(mentions.get(name, set()) for name in layer))
        if goal in words:
            return steps
        layer = {word for word in words if word in mentions} - seen
        seen |= layer
    return DEEPEST + 1
