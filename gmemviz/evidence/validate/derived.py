"""Make a Design of a filesystem that the gallery does not have, as a recording can be held to it.

What its hooks do is derived of the deeds that come along. Some of what a recording shows no hook of
the superblock says, and that is added: names, which hooks of files ran, and what drop_inode answers
where it calls generic_drop_inode.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain
from typing import Final

from gmemviz.derive import derive, shipped_tables
from gmemviz.errors import RecordingError
from gmemviz.evidence.validate.filesystem import Home, home_of, tables_at
from gmemviz.facts import HOOKS, Facts, HookName, Trace, load, snapshots, table_key
from gmemviz.model import Design, hooks_of
from gmemviz.model.design import Action
from gmemviz.record.inode import base

DROPS: Final = ("if nlink 0: return 1", "return 0")
"""What a drop_inode answers that goes on as the VFS does.
(include/linux/fs.h:generic_drop_inode@v6.12)"""

ENDS: Final[tuple[HookName, ...]] = ("kill_sb",)
"""Hooks of a superblock's end in which a function of the VFS may stand as it is."""


def derived_of(home: Home, trace: Trace, facts: Facts) -> tuple[Design, ...]:
    """Return the Designs of a filesystem, one for each way that its source leaves open.

    RecordingError, which names it, where its source was not read: of another kernel than those
    that are shipped, or where it has no super_operations of its own.
    """
    if facts.kernel not in snapshots() or facts is not load(facts.kernel):
        raise _refused(home, "was not read", "gmemviz derive --tree TREE --fs NAME writes one")
    ways = [_ways_of(facts.kernel, table_key(table)) for table in home.tables]
    if not any(ways):
        raise _refused(home, "has no super_operations of its own", "write one")
    return tuple(_as_recorded(way, home, trace, facts) for way in chain.from_iterable(ways))


@cache
def _ways_of(kernel: str, key: str) -> tuple[Design, ...]:
    read = next(read for read in shipped_tables(kernel) if table_key(read.table) == key)
    derived = derive(read)
    return derived.designs if derived.is_full else tuple(map(_once, derived.designs))


def _refused(home: Home, why: str, what: str) -> RecordingError:
    return RecordingError(
        f"the inode is of {home}, which the gallery does not have, and {home.path} {why}: name a "
        f"Design with --design; {what}"
    )


# A source with too many questions is read without some of its returns, so a body may do on some
# ways what it does again on all: no way does that twice, as clear_inode asserts, and no free could.
# (fs/ext4/inode.c:ext4_evict_inode, fs/inode.c:clear_inode@v7.3)
def _once(design: Design) -> Design:
    hooks = tuple((hook, tuple(_without_repeats(body))) for hook, body in design.hooks)
    return replace(design, hooks=hooks)


def _without_repeats(body: Sequence[Action]) -> Iterator[Action]:
    for at, action in enumerate(body):
        if not action.only_if or action._replace(only_if=()) not in body[at + 1 :]:
            yield action


def _as_recorded(design: Design, home: Home, trace: Trace, facts: Facts) -> Design:
    functions = dict(design.functions)
    theirs = [hook for hook in ENDS if _is_everybodys(functions.get(hook, ""), home, facts)]
    bodies = {hook: body for hook, body in design.hooks if hook not in theirs}
    functions = {hook: function for hook, function in functions.items() if hook in bodies}
    for hook, function in _left_out(design, home, trace, facts):
        lines = DROPS if hook == "drop_inode" else ()
        bodies |= dict(hooks_of({hook: lines}))
        functions[hook] = function
    hooks = tuple((hook, bodies[hook]) for hook in HOOKS if hook in bodies)
    has_names = any("lookup" in dict(table.slots) for table in tables_at(home.path, facts))
    return replace(design, hooks=hooks, functions=tuple(sorted(functions.items())), named=has_names)


# A kill_sb may be kill_anon_super itself, which a Design without one has anyway.
# (fs/super.c:kill_anon_super@v6.12)
def _is_everybodys(function: str, home: Home, facts: Facts) -> bool:
    return bool(function) and home_of([function], facts) != home.path


# Hooks of its tables that a derived Design has no body of: what its superblock leaves to a helper
# of the VFS, and those of files, inodes and folios that ran. They release nothing that was read.
def _left_out(
    design: Design, home: Home, trace: Trace, facts: Facts
) -> Iterator[tuple[HookName, str]]:
    ran = {(event.hook, base(event.function)) for event in trace.events if event.hook}
    slots = set(chain.from_iterable(table.slots for table in home.tables))
    of_files = chain.from_iterable(table.slots for table in tables_at(home.path, facts))
    slots |= ran.intersection(of_files)
    for hook in HOOKS:
        for named, function in sorted(slots):
            if named == hook and design.body(hook) is None:
                yield hook, function
