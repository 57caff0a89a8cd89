"""Tell every filesystem whose superblocks carry a table: vfat and msdos share one, sysfs borrows.

From a file_system_type the functions that mount it are followed to where `s_op` is set: in its
own file, in its folder, or in a file of somebody else's whose functions it calls (fs/libfs.c).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from gmemviz.extract.code import body_end, definitions
from gmemviz.extract.ops.tables import RawTable
from gmemviz.extract.ops.wiring import DEEPEST, Folder, Placed, by_folder, words_of
from gmemviz.extract.tree import Tree

Key = tuple[str, int]
"""A table, by its path and offset."""

Goals = Mapping[str, frozenset[Key]]
"""What leads to tables when a body mentions it: their own names, and functions that set s_op."""

NOT_MOUNTING: Final = frozenset({"name", "kill_sb", "owner", "parameters"})


def registered(tree: Tree, tables: Iterable[Placed]) -> dict[Key, tuple[str, ...]]:
    """Return the names of the types that carry each super_operations, sorted."""
    placed = list(tables)
    elsewhere = ways_in(tree, placed)
    found: dict[Key, set[str]] = defaultdict(set)
    for name, group in by_folder(placed).items():
        folder = Folder(tree, name, group)
        for path, entry, filesystem in folder.types:
            for key in carried(folder, path, entry, elsewhere):
                found[key].add(filesystem)
    return {key: tuple(sorted(names - {""})) for key, names in found.items()}


def carried(folder: Folder, path: str, entry: RawTable, elsewhere: Goals) -> frozenset[Key]:
    """Return the tables of the nearest s_op that mounting a type leads to."""
    here = [one for one in folder.placed if one[0] == path]
    around = here if folder.shared else folder.placed
    return (
        nearest(entry, _named(here), folder.mentions(here))
        or nearest(entry, {**elsewhere, **_named(around)}, folder.mentions(around))
        or beside(folder, entry.name)
    )


def beside(folder: Folder, name: str) -> frozenset[Key]:
    """Return the tables that stand beside a type in another initialiser, as in nfs."""
    goals = _named(folder.placed)
    words = folder.initialised_beside(name)
    return frozenset(key for word in words for key in goals.get(word, ()))


def _named(placed: Iterable[Placed]) -> Goals:
    return {
        table.name: frozenset({(path, table.at)})
        for path, table in placed
        if table.struct == "super_operations"
    }


def nearest(start: RawTable, goals: Goals, mentions: Mapping[str, set[str]]) -> frozenset[Key]:
    """Return what the fewest steps from a type's functions lead to, if any do."""
    words = {value for member, value, *_ in start.slots if member not in NOT_MOUNTING}
    seen: set[str] = set()
    for _ in range(DEEPEST):
        if reached := words & goals.keys():
            return frozenset().union(*(goals[word] for word in reached))
        layer = (words & mentions.keys()) - seen
        seen |= layer
        words = set().union(*(mentions[name] for name in layer))
    return frozenset()


def ways_in(tree: Tree, placed: list[Placed]) -> Goals:
    """Return the functions that other files may call and that come to set a table as s_op."""
    found: dict[str, set[Key]] = defaultdict(set)
    for path in sorted({path for path, table in placed if table.struct == "super_operations"}):
        here = [one for one in placed if one[0] == path]
        for goal, keys in _named(here).items():
            for function in leading_to(tree, path, goal, here):
                found[function] |= keys
    return {function: frozenset(keys) for function, keys in found.items()}


def leading_to(tree: Tree, path: str, goal: str, here: list[Placed]) -> Iterator[str]:
    """Yield the functions of a file, other than static ones, by which it sets a table."""
    text = tree.read(path)
    functions = {one.name: one for one in definitions(text, path) if not one.is_struct}
    bodies = {name: text[one.body : body_end(text, one.body)] for name, one in functions.items()}
    mentions = {name: words_of(body) for name, body in bodies.items()}
    mentions |= {
        table.name: {value for _, value, *_ in table.slots}
        for _, table in here
        if table.struct == "fs_context_operations"
    }
    sets = re.compile(rb"[^=!]=(?!=)[^;=]*&" + goal.encode() + rb"\s*;")  # and no comparison
    reached = {name for name, body in bodies.items() if sets.search(body)}
    for _ in range(DEEPEST):
        reached |= {name for name, words in mentions.items() if words & reached}
    yield from (name for name in reached if name in functions and not functions[name].static)
