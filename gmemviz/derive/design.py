"""Put a Design together for one super_operations table: hooks, metadata, readers, module.

Each way through the hooks makes a Design of its own, and all are checked. What had to be assumed,
and what was not read, stands beside.

    alloc_inode, evict_inode, ...      hooks, each line with the statements that it comes from
    what a hook gives back             metadata, with its placement, and who of the inodes has it
    get_link, permission               actors under RCU, where they read metadata
    the module's exit                  whether it waits before it destroys the cache

Creators are not read: that they set in time what alloc_inode leaves unset is assumed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from gmemviz.derive.bodies import Context, Line, body, callbacks
from gmemviz.derive.metadata import KINDS_MADE, Owned, owned
from gmemviz.derive.page import with_places
from gmemviz.derive.readers import readers
from gmemviz.derive.records import Derived, TableRead
from gmemviz.derive.ways import NEW, HookWay, relevant, too_many, ways_through
from gmemviz.facts import FunctionDeeds, Source, Unread
from gmemviz.model import Design

ALWAYS: Final = ("generic_delete_inode", "inode_just_drop")
"""Functions for drop_inode that answer yes (fs/inode.c:generic_delete_inode@v6.12)."""

GENERIC: Final = ("generic_drop_inode", "inode_generic_drop")
"""Functions for drop_inode that answer as the VFS itself does."""

ELSEWHERE: Final = "alloc container"
"""What is done for an alloc_inode that allocates nothing: its creators do (fs/xfs/xfs_super.c)."""

DESTROYED: Final = "cache destroyed"

Places = dict[tuple[str, str], tuple[Source, ...]]


def derive(read: TableRead) -> Derived:
    """Return the Designs of a table, and what they rest on."""
    ends = [found for hook, found in read.hooks.items() if hook != NEW]
    kinds = owned([deed for found in ends for deed in found.deeds])
    through = ways_through(read.hooks, kinds)
    assumed = [kind.assumed for kind in kinds if kind.assumed]
    assumed += through.assumed
    assumed += _assumed_of(read)
    written = Writer(read)
    tables = {repr(table): table for table in map(written.table, through.ways)}
    names = ", ".join(sorted(written.unset))
    if names:
        assumed.append(f"creators set {names} before they can fail: {NEW} does not")
    name = read.table.filesystem or read.table.name
    placed = [with_places(table, written.places) for table in tables.values()]
    return Derived(
        read.table,
        tuple(Design.from_table(name, table) for table in placed),
        tuple(placed),
        written.places,
        tuple(dict.fromkeys(assumed)),
        (*_all(found.unread for found in read.hooks.values()), *_unfollowed(read, kinds)),
        _all(found.deeper for found in read.hooks.values()),
    )


def _all(groups: Iterable[tuple[Unread, ...]]) -> tuple[Unread, ...]:
    return tuple(dict.fromkeys(entry for group in groups for entry in group))


def _unfollowed(read: TableRead, kinds: Sequence[Owned]) -> Iterable[Unread]:
    for hook, count in too_many(read.hooks, kinds).items():
        found = read.hooks[hook]
        place = Source(found.path, found.line, found.function, "")
        yield Unread(place, f"{count} questions lead through {hook}", "they have too many answers")


class Writer:
    """Write the table of a Design for one way; `places` gathers where its lines come from."""

    def __init__(self, read: TableRead) -> None:
        self.read = read
        self.places: Places = {}
        self.unset: set[str] = set()

    def lines(self, title: str, lines: Iterable[Line]) -> list[str]:
        """Return the texts of lines, and keep their places."""
        texts = []
        for line in lines:
            self.places.setdefault((title, line.text), line.at)
            texts.append(line.text)
        return texts

    def table(self, way: HookWay) -> dict[str, Any]:
        """Return the Design of one way, as its TOML would be read."""
        hooks: dict[str, Any] = {}
        later: dict[str, Any] = {}
        for hook, found in self.read.hooks.items():
            if hook == "drop_inode":
                hooks |= _drop(found)
                continue
            deeds = relevant(hook, found)
            context = Context(hook, way.kinds, way.answers[hook], hook == NEW)
            does = self.lines(hook, body(deeds, context))
            if hook == NEW and not does:
                does = [ELSEWHERE]
            hooks[hook] = {"function": found.function, "does": does}
            for name, group in callbacks(deeds).items():
                inner = Context(name, way.kinds, way.answers[hook], is_callback=True)
                later[name] = {"does": self.lines(name, body(group, inner))}
        acting = {}
        for actor in readers(self.read.beside, way.kinds):
            acting[actor.name] = {"holds": "rcu", "does": self.lines(actor.name, actor.lines)}
        metadata = {kind.name: _metadata(kind) for kind in way.kinds}
        return {
            "kernel": self.read.kernel,
            "mount": "own",
            "allocator": "new_inode",
            "kinds": _kinds_of_inode(metadata, hooks, later, acting),
            "filled": self.read.has_pages and way.has_pages,
            **_module(self.read),
            **self.early(hooks, way),
            "metadata": metadata,
            "hooks": hooks,
            **({"actors": acting} if acting else {}),
            **({"callbacks": later} if later else {}),
        }

    def early(self, hooks: Mapping[str, Any], way: HookWay) -> dict[str, Any]:
        """Return that creators set in time what alloc_inode leaves unset, the root's too.

        Creators are not read: who sets the member may do it before anything can fail.
        """
        does = hooks.get(NEW, {}).get("does", ())
        set_here = {line.partition(" ")[2].split(" ")[0] for line in does}
        members = [kind for kind in way.kinds if kind.is_member and not kind.left_empty]
        unset = [kind.name for kind in members if kind.name not in set_here]
        self.unset.update(unset)
        return {"fails_early": False, "root_sets": unset} if unset else {}


def _drop(found: FunctionDeeds) -> dict[str, Any]:
    if found.function in ALWAYS:
        return {"drop_inode": {"function": found.function, "does": ["return 1"]}}
    return {}


def _metadata(kind: Owned) -> dict[str, Any]:
    found: dict[str, Any] = {"placement": kind.placement}
    if kind.left_empty:
        found["left_empty"] = True
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


def _assumed_of(read: TableRead) -> list[str]:
    found = []
    if read.module_exit is not None and not _module(read):
        found.append("the module's exit destroys no cache that was found")
    new = read.hooks.get(NEW)
    if new is not None and not any(deed.kind == "allocated" for deed in new.deeds):
        found.append(f"{new.function} allocates nothing: whoever creates an inode does")
    drop = read.hooks.get("drop_inode")
    if drop is not None and drop.function not in (*ALWAYS, *GENERIC):
        found.append(f"{drop.function} answers as generic_drop_inode does")
    return found
