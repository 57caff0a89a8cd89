"""Put a Design together for one super_operations table: hooks, metadata, readers, module.

Each way through the hooks makes a Design of its own, and all are checked. What had to be assumed,
and what was not read, stands beside.

    alloc_inode, evict_inode, ...      hooks, each line with the statements that it comes from
    what a hook gives back             metadata, with its placement, and who of the inodes has it
    get_link, permission               actors under RCU, where they read metadata
    the module's exit                  whether it waits before it destroys the cache

Creators are read where alloc_inode leaves something unset: that those set it in time which were not
seen to set it is assumed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from gmemviz.derive.bodies import I_LOCK, Context, Line, body, callbacks, in_workers
from gmemviz.derive.creators import built, late, silent, unset
from gmemviz.derive.metadata import KINDS_MADE, LEAVES, MEMORY, Owned, named, owned, placed
from gmemviz.derive.page import with_places
from gmemviz.derive.readers import readers
from gmemviz.derive.records import Derived, TableRead
from gmemviz.derive.superblock import INFO, ending, late_hooks, owned_by_superblock, read_late
from gmemviz.derive.ways import NEW, HookWay, relevant, too_many, ways_through
from gmemviz.facts import Deed, FunctionDeeds, HookName, Source, Unread, load
from gmemviz.model import Design

ALWAYS: Final = ("generic_delete_inode", "inode_just_drop")
"""Functions for drop_inode that answer yes (fs/inode.c:generic_delete_inode@v6.12)."""

GENERIC: Final = ("generic_drop_inode", "inode_generic_drop")
"""Functions for drop_inode that answer as the VFS itself does."""

ELSEWHERE: Final = "alloc container"
"""What is done for an alloc_inode that allocates nothing: its creators do (fs/xfs/xfs_super.c)."""

DESTROY: Final = "destroy_inode"
LATER: Final = "call_rcu free struct"
"""What is done for a destroy_inode that gives nothing back of what alloc_inode did not allocate:
somebody has the inode again, and gives it back. (fs/xfs/xfs_super.c:xfs_fs_destroy_inode@v6.12)"""

DESTROYED: Final = "cache destroyed"

Places = dict[tuple[str, str], tuple[Source, ...]]


def derive(read: TableRead) -> Derived:
    """Return the Designs of a table, and what they rest on."""
    own = _kinds(read.hooks)
    beside = [found for _, found in read.beside.values()]
    kinds = (*own, *owned_by_superblock(read.hooks, read.ends, beside))
    kinds = placed(kinds, load(read.kernel))
    through = ways_through(read.hooks, own, _optional(read, own))
    assumed = [kind.assumed for kind in kinds if kind.assumed]
    for kind in kinds:
        assumed += [f"{at.path}:{at.line}: {kind.name} is somebody else's" for at in kind.handed]
    assumed += through.assumed
    assumed += _assumed_of(read)
    written = Writer(read, kinds)
    ends = read.ends.values() if len(kinds) > len(own) else ()
    tables = {repr(table): table for table in map(written.table, through.ways)}
    open_kinds = unset(kinds, _born(read.hooks))
    if open_kinds and not read.creators:
        names = ", ".join(kind.name for kind in open_kinds)
        assumed.append(f"creators set {names} before they can fail: {NEW} does not")
    assumed += silent(open_kinds, read.creators)
    name = read.table.filesystem or read.table.name
    located = [with_places(table, written.places) for table in tables.values()]
    return Derived(
        read.table,
        tuple(Design.from_table(name, table) for table in located),
        tuple(located),
        written.places,
        tuple(dict.fromkeys(assumed)),
        (
            *_all(found.unread for found in (*read.hooks.values(), *ends)),
            *_unfollowed(read, kinds),
            *_in_walk(read, kinds),
            *_unwritten(read),
            *_drains(read),
            *_some_late(open_kinds, read.creators),
        ),
        _all(found.deeper for found in read.hooks.values()),
    )


def left_unset(hooks: Mapping[HookName, FunctionDeeds]) -> tuple[Owned, ...]:
    """Return the metadata that alloc_inode leaves as an earlier life of the memory left it."""
    return unset(_kinds(hooks), _born(hooks))


def _born(hooks: Mapping[HookName, FunctionDeeds]) -> tuple[Deed, ...]:
    return hooks[NEW].deeds if NEW in hooks else ()


def _kinds(hooks: Mapping[HookName, FunctionDeeds]) -> tuple[Owned, ...]:
    ends = [found for hook, found in hooks.items() if hook != NEW]
    return owned([deed for found in ends for deed in found.deeds], _born(hooks))


# What is read, or done, where a pointer is NULL: some inodes have it then, and others have none.
def _optional(read: TableRead, kinds: Sequence[Owned]) -> frozenset[str]:
    hooks = [deed for hook, found in read.hooks.items() for deed in relevant(hook, found, kinds)]
    beside = list(chain.from_iterable(found.deeds for _, found in read.beside.values()))
    found = set()
    for deed in (*hooks, *(deed for deed in beside if named(kinds, deed.path))):
        for test in (test for way in deed.ways for test in way):
            if test.kind == "set" and test.negated and not test.key:
                found |= {kind.name for kind in kinds if kind.path == test.about}
    return frozenset(found)


def _all(groups: Iterable[tuple[Unread, ...]]) -> tuple[Unread, ...]:
    return tuple(dict.fromkeys(entry for group in groups for entry in group))


# A Design's creators fail early for all that is unset, or for none of it.
def _some_late(kinds: Sequence[Owned], creators: Sequence[FunctionDeeds]) -> Iterable[Unread]:
    places = {kind.name: late(kind, creators) for kind in kinds}
    if not all(places.values()):
        for name, place in places.items():
            if place is not None:
                yield Unread(place, f"{name} may be unset then", "other members are set in time")


def _unfollowed(read: TableRead, kinds: Sequence[Owned]) -> Iterable[Unread]:
    for hook, count in too_many(read.hooks, kinds).items():
        found = read.hooks[hook]
        place = Source(found.path, found.line, found.function, "")
        yield Unread(place, f"{count} questions lead through {hook}", "they have too many answers")


# drop_inode is called under i_lock. That it takes it once more, or drops it for some inodes, the
# language has no word for: then nothing that it does is written.
def _unwritten(read: TableRead) -> tuple[Unread, ...]:
    found = read.hooks.get("drop_inode")
    deeds = found.deeds if found else ()
    locks = [deed for deed in deeds if deed.path == I_LOCK]
    if not locks:
        return ()
    if locks[0].kind == "locked":
        return (Unread(locks[0].at, "i_lock is taken once more", "iput_final holds it already"),)
    if any(deed.ways != ((),) for deed in locks):
        could = "i_lock is dropped, and anything done without it"
        return (Unread(locks[0].at, could, "that depends on a condition"),)
    return ()


# What a hook of path walk itself hands to a function that is nowhere: it may read it under RCU.
def _in_walk(read: TableRead, kinds: Sequence[Owned]) -> Iterable[Unread]:
    for _, found in read.beside.values() if kinds else ():
        yield from found.unread


class Writer:
    """Write the table of a Design for one way; `places` gathers where its lines come from."""

    def __init__(self, read: TableRead, kinds: Sequence[Owned]) -> None:
        self.read = read
        self.kinds = kinds
        self.places: Places = {}
        self.born = _born(read.hooks)

    def lines(self, title: str, lines: Iterable[Line]) -> list[str]:
        """Return the texts of lines, and keep their places."""
        texts = []
        for line in lines:
            self.places.setdefault((title, line.text), line.at)
            texts.append(line.text)
        return texts

    def table(self, way: HookWay) -> dict[str, Any]:
        """Return the Design of one way, as its TOML would be read."""
        later: dict[str, Any] = {}
        hooks: dict[str, Any] = {}
        for hook, found in self.read.hooks.items():
            if hook == "drop_inode":
                hooks |= self.drop(found, way)
            else:
                hooks[hook] = {"function": found.function, "does": self.hook(hook, way)}
            if hook in hooks:
                later |= self.later(hook, way)
        if any(kind.placement == INFO for kind in self.kinds):
            hooks |= self.ends()
        acting = {}
        for actor in readers(self.read.beside, self.kinds, way.not_owned):
            acting[actor.name] = {"holds": "rcu", "does": self.lines(actor.name, actor.lines)}
        there = [kind for kind in self.kinds if kind.name not in way.not_owned]
        metadata = {kind.name: _metadata(kind) for kind in there}
        return {
            "kernel": self.read.kernel,
            "mount": "own",
            "allocator": "new_inode",
            "kinds": _kinds_of_inode(metadata, hooks, later, acting),
            "filled": self.read.has_pages and way.has_pages,
            **_module(self.read),
            **self.early(there),
            "metadata": metadata,
            "hooks": hooks,
            **({"actors": acting} if acting else {}),
            **({"callbacks": later} if later else {}),
        }

    def context(self, hook: HookName, way: HookWay) -> Context:
        """Return whose deeds are written, on this way."""
        answers = way.answers[hook]
        is_new = hook == NEW
        return Context(hook, self.kinds, answers, is_new, False, way.absent, way.borrowed)

    def hook(self, hook: HookName, way: HookWay) -> list[str]:
        """Return the body of one hook; where the inode's memory comes and goes may be elsewhere."""
        found = self.read.hooks[hook]
        is_late = hook in late_hooks(self.read.ends)
        late_lines = read_late(found.deeds, self.kinds) if is_late else []
        deeds = relevant(hook, found, self.kinds)
        does = self.lines(hook, [*late_lines, *body(deeds, self.context(hook, way))])
        if hook == NEW and not does:
            return [ELSEWHERE]
        return [LATER] if hook == DESTROY and not does and _is_kept(self.read) else does

    def drop(self, found: FunctionDeeds, way: HookWay) -> dict[str, Any]:
        """Return drop_inode: what it does under i_lock, and that the inode goes.

        What else it answers is taken to be what generic_drop_inode would.
        """
        does = self.hook("drop_inode", way) if not _unwritten(self.read) else []
        if not does and found.function not in ALWAYS:
            return {}
        return {"drop_inode": {"function": found.function, "does": [*does, "return 1"]}}

    def later(self, hook: HookName, way: HookWay) -> dict[str, Any]:
        """Return the callbacks that a hook hands to call_rcu."""
        deeds = relevant(hook, self.read.hooks[hook], self.kinds)
        found = {}
        works = in_workers(self.read.hooks[hook].deeds)
        for name, group in callbacks(deeds, self.kinds).items():
            inner = self.context(hook, way)._replace(hook=name, is_callback=name not in works)
            lines = [*read_late(group, self.kinds), *body(group, inner)]
            runs = {"runs": "worker"} if name in works else {}
            found[name] = {**runs, "does": self.lines(name, lines)}
        return found

    def ends(self) -> dict[str, Any]:
        """Return put_super and kill_sb, where they say what becomes of s_fs_info."""
        found: dict[str, Any] = {}
        for hook, deeds in self.read.ends.items():
            does = self.lines(hook, ending(hook, deeds))
            if does:
                found[hook] = {"function": deeds.function, "does": does}
        return found

    def early(self, there: Sequence[Owned]) -> dict[str, Any]:
        """Return how what alloc_inode leaves unset is set: in time, the root's too, as a rule.

        Where a creator was read that puts its inode before, it may fail early.
        """
        open_kinds = unset(there, self.born)
        if not open_kinds:
            return {}
        names = [kind.name for kind in open_kinds]
        found: dict[str, Any] = {"root_sets": names}
        if not all(late(kind, self.read.creators) for kind in open_kinds):
            found["fails_early"] = False
        once = built(open_kinds, self.read.constructor)
        return found | ({"constructor": [f"init {name}" for name in once]} if once else {})


def _metadata(kind: Owned) -> dict[str, Any]:
    found: dict[str, Any] = {"placement": kind.placement}
    if kind.left_empty:
        found["left_empty"] = True
    if kind.at_birth:
        found["born_in_alloc"] = True
    if kind.by_i_mapping:
        found["by_i_mapping"] = True
    if kind.of:
        found["of"] = list(kind.of)
    return found


# Every kind of inode that some line asks about; a regular file there always is.
def _kinds_of_inode(*groups: Mapping[str, Any]) -> list[str]:
    words = repr(groups)
    asked = [word for word in KINDS_MADE if re.search(rf"\b{word}\b", words)]
    return ["regular", *(word for word in asked if word != "regular")]


# Whether an rcu_barrier comes before the last cache that the module's exit destroys: which of them
# is the inodes' own is not read, and fs/jffs2/super.c destroys others first.
def _module(read: TableRead) -> dict[str, Any]:
    if read.module_exit is None:
        return {}
    deeds = read.module_exit.deeds
    order = [deed.kind for deed in deeds if deed.kind == DESTROYED or deed.via == "rcu_barrier"]
    if DESTROYED not in order:
        return {}
    last = len(order) - order[::-1].index(DESTROYED)
    return {"module": True, "owner": True, "barrier": any(k != DESTROYED for k in order[:last])}


# The language has no wait for a work in a module's exit.
def _drains(read: TableRead) -> tuple[Unread, ...]:
    works = in_workers(deed for found in read.hooks.values() for deed in found.deeds)
    exits = read.module_exit.deeds if works and read.module_exit else ()
    waits = [deed for deed in exits if deed.kind == "drained"]
    could = "the module's exit waits for works"
    return tuple(Unread(deed.at, could, "which of them is not followed") for deed in waits)


# Whoever allocates inodes elsewhere has them again: fs/xfs/xfs_super.c reclaims them in a worker.
def _is_kept(read: TableRead) -> bool:
    hooks = read.hooks
    if NEW not in hooks or DESTROY not in hooks or "free_inode" in hooks:
        return False
    memory = [deed for hook in (NEW, DESTROY) for deed in hooks[hook].deeds
              if deed.path in MEMORY]  # fmt: skip
    return not any(deed.kind in (*LEAVES, "allocated") for deed in memory)


def _assumed_of(read: TableRead) -> list[str]:
    found = []
    if read.module_exit is not None and not _module(read):
        found.append("the module's exit destroys no cache that was found")
    new = read.hooks.get(NEW)
    if new is not None and not any(deed.kind == "allocated" for deed in new.deeds):
        found.append(f"{new.function} allocates nothing: whoever creates an inode does")
    if _is_kept(read):
        found.append(f"{read.hooks[DESTROY].function} keeps the inode: it is given back later")
    drop = read.hooks.get("drop_inode")
    if drop is not None and drop.function not in (*ALWAYS, *GENERIC):
        found.append(f"{drop.function} answers as generic_drop_inode does")
    return found
