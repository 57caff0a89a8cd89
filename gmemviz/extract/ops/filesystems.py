"""Tell whose tables are whose: the filesystem of a table, and all that carry it.

From a file_system_type the functions that mount it are followed to where `s_op` is set:

    static int toyfs_fill(struct super_block *sb)
    {
            sb->s_op = &toyfs_ops;                            toyfs_ops is of "toyfs"
    }
    static struct file_system_type toyfs_type = { .name = "toyfs", .get_tree = toyfs_fill };

That is in the type's own file, in its folder, or in a file of somebody else's whose functions it
calls (fs/libfs.c:init_pseudo@v6.12). Several types may carry one table: vfat and msdos share that
of fs/fat/inode.c, and sysfs borrows kernfs's.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final

from gmemviz.extract.code import Definition, body_end, definitions
from gmemviz.extract.ops.tables import Placed, RawTable
from gmemviz.extract.tree import Tree

Key = tuple[str, int]
"""A table, by its path and offset."""

Mentions = Mapping[str, set[str]]
"""The words in the body of each function, or in each table."""

Goals = Mapping[str, frozenset[Key]]
"""What leads to tables when a body mentions it: their own names, and functions that set s_op."""

WORD: Final = re.compile(rb"[A-Za-z_]\w+")
DEEPEST: Final = 8  # steps from a file_system_type to the function that sets s_op
NOT_MOUNTING: Final = frozenset({"name", "kill_sb", "owner", "parameters"})


def filesystems(
    tree: Tree, placed: list[Placed]
) -> tuple[Mapping[Key, str], Mapping[Key, set[str]]]:
    """Return the filesystem's name of each table that has one, and all that carry a table.

    The first has tables of every kind; the second, the names of the types whose superblocks
    carry each super_operations, has none that nobody is found to carry.
    """
    elsewhere = _ways_in(tree, placed)
    names: dict[Key, str] = {}
    carriers: dict[Key, set[str]] = defaultdict(set)
    for folder_name, tables in _by_folder(placed).items():
        folder = Folder(tree, folder_name, tables)
        names.update(folder.owners())
        for path, entry, filesystem in folder.types:
            for key in _carried(folder, path, entry, elsewhere):
                carriers[key].add(filesystem)
    return names, carriers


def _by_folder(placed: Iterable[Placed]) -> dict[str, list[Placed]]:
    """Group tables by folder, as far as one has a file_system_type."""
    folders: dict[str, list[Placed]] = defaultdict(list)
    with_type = set()
    for path, table in placed:
        name = path.rsplit("/", 1)[0]
        folders[name].append((path, table))
        if table.struct == "file_system_type":
            with_type.add(name)
    return {name: tables for name, tables in folders.items() if name in with_type}


class Folder:
    """Hold the tables of one folder, among them at least one file_system_type."""

    def __init__(self, tree: Tree, name: str, placed: list[Placed]) -> None:
        self.tree = tree
        self.name = name
        self.placed = placed
        self.known: dict[frozenset[str], Mentions] = {}
        # A folder below fs/ is one filesystem's own; fs/, mm/, drivers/x/ are shared by several.
        self.shared = not name.startswith("fs/")
        self.types: list[tuple[str, RawTable, str]] = []
        for path, table in placed:
            if table.struct == "file_system_type":
                self.types.append((path, table, self.type_name(path, table)))

    def owners(self) -> dict[Key, str]:
        """Name the super_operations first, then the tables that lie beside them.

        Another table is of the one filesystem whose super_operations stand in its file, or of
        the one type there, or of the one filesystem of the folder.
        """
        types = {(path, table.at): name for path, table, name in self.types}
        mounted: dict[Key, str] = {}
        for path, table in self.placed:
            if table.struct == "super_operations":
                mounted[path, table.at] = self.mounted_by(path, table)
        in_folder = set() if self.shared else set(mounted.values())
        found = {**mounted, **types}
        for path, table in self.placed:
            if (path, table.at) not in found:
                found[path, table.at] = (
                    _only(name for (other, _), name in mounted.items() if other == path)
                    or _only(name for (other, _), name in types.items() if other == path)
                    or _only(in_folder)
                )
        return {key: name for key, name in found.items() if name}

    def type_name(self, path: str, table: RawTable) -> str:
        """Return the type's name: a string, or what its macro or variable stands for."""
        value = next((value for member, value, *_ in table.slots if member == "name"), "")
        if value.startswith('"') or not value:
            return value[1:]
        # `#define TOYFS_NAME "toyfs"`, or `static const char toyfs_name[] = "toyfs";`
        pattern = re.compile(rb"\b" + value.encode() + rb"\b[^;\n\"]*\"([^\"\n]*)\"")
        headers = (other for other in self.tree.files([self.name]) if other.endswith(".h"))
        for other in (path, *headers):
            match = pattern.search(self.tree.read(other))
            if match:
                return match[1].decode("latin-1")
        return ""

    def mounted_by(self, path: str, table: RawTable) -> str:
        """Return the type whose functions mention the table, by the fewest steps.

        Of several, that with the folder's name comes first: ext4 of the types in fs/ext4.
        """
        near = [entry for entry in self.types if entry[0] == path]
        if len({name for *_, name in near}) == 1:
            return near[0][2]
        if not near and self.shared:
            return ""
        mentions = self.mentions(self.placed)
        steps = {}
        for _, entry, name in near or self.types:
            steps[name] = _distance(entry, table.name, mentions)
        folder = self.name.rsplit("/", 1)[-1]
        reached = [name for name in steps if name and steps[name] <= DEEPEST]
        least = min(reached, key=lambda name: (name != folder, steps[name], name), default="")
        if least:
            return least
        names = {entry.name: name for _, entry, name in self.types}
        beside = self.initialised_beside(table.name)
        return next((names[word] for word in beside if word in names), "")

    def mentions(self, placed: list[Placed]) -> Mentions:
        """Return the words in the body of each function beside some tables, and in the tables."""
        paths = frozenset(path for path, _ in placed)
        if paths in self.known:
            return self.known[paths]
        found: dict[str, set[str]] = defaultdict(set)
        for path in sorted(paths):
            for definition, body in _bodies(self.tree, path):
                found[definition.name] |= _words_of(body)
        for _, table in placed:
            if table.struct != "super_operations":
                found[table.name] |= table.values()
        self.known[paths] = found
        return found

    def initialised_beside(self, name: str) -> list[str]:
        """Return the words of the initialisers that point to `name`, in the order of the files.

        `struct toy_version v = { .type = &toyfs_type, .sops = &toyfs_ops };` ties those two.
        """
        pattern = re.compile(rb"=\s*\{([^{}]*&" + name.encode() + rb"\b[^{}]*)\}")
        beside: list[str] = []
        for path in self.tree.files([self.name]):
            for match in pattern.finditer(self.tree.read(path)):
                beside += (word.decode() for word in WORD.findall(match[1]))
        return beside


def _only(names: Iterable[str]) -> str:
    different = set(names) - {""}
    return different.pop() if len(different) == 1 else ""


def _words_of(body: bytes) -> set[str]:
    return {word.decode() for word in WORD.findall(body)}


def _bodies(tree: Tree, path: str) -> Iterator[tuple[Definition, bytes]]:
    text = tree.read(path)
    for definition in definitions(text):
        yield definition, text[definition.body : body_end(text, definition.body)]


# What `words` are, and what is mentioned one step, two steps, ... from them.
def _layers(words: set[str], mentions: Mentions) -> Iterator[set[str]]:
    seen: set[str] = set()
    while words:
        yield words
        layer = (words & mentions.keys()) - seen
        seen |= layer
        words = set().union(*(mentions[name] for name in layer))


def _distance(start: RawTable, goal: str, mentions: Mentions) -> int:
    layers = islice(_layers(start.values(), mentions), 1, DEEPEST + 1)
    return next((steps for steps, words in enumerate(layers) if goal in words), DEEPEST + 1)


def _carried(folder: Folder, path: str, entry: RawTable, elsewhere: Goals) -> frozenset[Key]:
    """Return the tables of the nearest s_op that mounting a type leads to.

    The type's own file comes first, then its folder and the functions of others; last what only
    stands beside the type in an initialiser.
    """
    here = [placed for placed in folder.placed if placed[0] == path]
    around = here if folder.shared else folder.placed
    return (
        _nearest(entry, _named(here), folder.mentions(here))
        or _nearest(entry, {**elsewhere, **_named(around)}, folder.mentions(around))
        or _beside(folder, entry.name)
    )


def _nearest(start: RawTable, goals: Goals, mentions: Mentions) -> frozenset[Key]:
    words = {value for member, value, *_ in start.slots if member not in NOT_MOUNTING}
    for layer in islice(_layers(words, mentions), DEEPEST):
        reached = layer & goals.keys()
        if reached:
            return frozenset().union(*(goals[word] for word in reached))
    return frozenset()


def _beside(folder: Folder, name: str) -> frozenset[Key]:
    goals = _named(folder.placed)
    words = folder.initialised_beside(name)
    return frozenset().union(*(goals.get(word, ()) for word in words))


def _named(placed: Iterable[Placed]) -> Goals:
    tables = [entry for entry in placed if entry[1].struct == "super_operations"]
    return {table.name: frozenset({(path, table.at)}) for path, table in tables}


# The functions that other files may call and that come to set a table as s_op.
def _ways_in(tree: Tree, placed: list[Placed]) -> Goals:
    found: dict[str, frozenset[Key]] = defaultdict(frozenset)
    for path in sorted({path for path, table in placed if table.struct == "super_operations"}):
        here = [entry for entry in placed if entry[0] == path]
        for goal, keys in _named(here).items():
            for function in _leading_to(tree, path, goal, here):
                found[function] |= keys
    return found


# In fs/libfs.c:init_pseudo@v6.12 a function names an fs_context_operations, whose get_tree names
# a function that names the one which sets `s->s_op`; only the first may be called by others.
def _leading_to(tree: Tree, path: str, goal: str, here: list[Placed]) -> list[str]:
    functions: dict[str, tuple[bool, bytes]] = {}
    for definition, body in _bodies(tree, path):
        if not definition.is_struct:
            functions[definition.name] = definition.static, body
    mentions = {name: _words_of(body) for name, (_, body) in functions.items()}
    for _, table in here:
        if table.struct == "fs_context_operations":
            mentions[table.name] = table.values()
    sets = re.compile(rb"[^=!]=(?!=)[^;=]*&" + goal.encode() + rb"\s*;")  # and no comparison
    reached = {name for name, (_, body) in functions.items() if sets.search(body)}
    for _ in range(DEEPEST):
        reached |= {name for name, words in mentions.items() if words & reached}
    return [name for name in functions if name in reached and not functions[name][0]]
