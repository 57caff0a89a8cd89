"""Judge whether a Design follows the kernel's convention: a judgement, not an outcome.

Two questions decide where something is given back: who may still read it, and who set it up. What
a path walk in RCU mode may read goes in free_inode, which runs after a grace period; what
alloc_inode allocated in destroy_inode, or in free_inode where giving it back is a kfree; what came
to the inode during its life in evict_inode, after truncation and beside clear_inode. drop_inode
only decides. (Documentation/filesystems/porting.rst and vfs.rst of 6.12 say so: evict_inode is for
what balances nothing that alloc_inode did, and what waits for RCU has a hook of its own.)
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

from gmemviz.errors import of_kind
from gmemviz.model import Action, Design, Report
from gmemviz.model.design import Kept, Release, Verb, is_put_by_vfs
from gmemviz.model.road import OF_INODE
from gmemviz.shown import shows_itself
from gmemviz.study.named import named


@shows_itself
class Judgement(NamedTuple):
    """Say whether a Design is conventional, and why (not)."""

    conventional: bool
    reason: str


def judge(design: Design | str | Path) -> Judgement:
    """Return the judgement on `design`; the first breach of the rule is the reason."""
    found = named(design)
    of_kind("design", found, Design)
    for breach in _breaches(found):
        return Judgement(False, breach)
    return Judgement(True, "each undo sits in the hook that pairs with its do")


def judged(report: Report) -> Judgement | None:
    """Return the judgement on a Design that is correct, or None: what is broken needs none."""
    return judge(report.design) if report.verdict == "correct" else None


UNDOES: Final[tuple[Verb, ...]] = (
    "free", "free after a grace period", "free in a worker", "put", "put after a grace period",
    "hand over",
)  # fmt: skip
"""Words that undo an attaching, at once or later."""

_GETS: Final[tuple[Verb, ...]] = ("get", "get unless zero")
_PUTS: Final[tuple[Verb, ...]] = ("put", "put after a grace period")
_READS: Final[tuple[Verb, ...]] = ("read", *_GETS)

FREES_MEMORY: Final[frozenset[Release]] = frozenset({"clear word", "kfree"})
"""Releases that neither lock nor sleep, so that they may stand in a callback."""

FREES_STRUCT: Final[frozenset[Verb]] = frozenset({
    "free struct", "call_rcu free struct", "free to inode_cachep",
})  # fmt: skip


def _breaches(design: Design) -> Iterator[str]:
    yield from _of_struct(design)
    for hook, body in design.hooks:
        for index, action in enumerate(body):
            if action.verb in UNDOES:
                yield from _misplaced(design, hook, body[:index], action)
    yield from _of_evict(design)
    undone = {action.metadata for action in _actions(design) if action.verb in UNDOES}
    for kept in design.keeps:
        is_undone = kept.kind.name in undone or is_put_by_vfs(kept.placement)
        if kept.kind.owns_object and not is_undone:
            yield f"nothing undoes the attaching of {kept.kind.name}"


# A hook may free at once or later, or hand it to a callback; somebody else may free it, too.
def _actions(design: Design) -> Iterator[Action]:
    return chain.from_iterable(design.bodies.values())


# The VFS frees what it took from inode_cachep itself. (fs/inode.c:i_callback@v6.12)
def _of_struct(design: Design) -> Iterator[str]:
    allocates, frees = design.body("alloc_inode") is not None, design.body("free_inode")
    of_rcu = any(action.metadata in _read_by_rcu(design) for action in frees or ())
    if frees is not None and not allocates and not of_rcu:
        yield "free_inode is set, and there is no alloc_inode for it to undo"
    verbs = {action.verb for action in _actions(design)}
    if design.has_container and not verbs & FREES_STRUCT:
        yield "alloc_inode is set, and no hook gives back what it allocated"
    if "call_rcu free struct" in verbs:
        yield "the struct is handed to call_rcu by the Design, and free_inode is for that"


# What evict_inode must do, since its caller does not. (fs/inode.c:evict@v6.12)
def _of_evict(design: Design) -> Iterator[str]:
    body = design.body("evict_inode")
    verbs = {action.verb for action in body or ()}
    if body is not None and "clear_inode" not in verbs:
        yield "evict_inode does not call clear_inode"
    if body is not None and design.filled and "truncate" not in verbs:
        yield "evict_inode leaves the pages where they are"


def _misplaced(
    design: Design, hook: str, before: Sequence[Action], action: Action
) -> Iterator[str]:
    name = action.metadata
    (kept,) = [kept for kept in design.keeps if kept.kind.name == name]
    if action.verb in _PUTS and _is_got(design, before, name):
        return
    if hook == "drop_inode":
        yield f"drop_inode only decides, and here it frees {name}"
    elif hook == "evict_inode" and _is_born_in_alloc(design, kept):
        yield f"evict_inode frees {name}, which alloc_inode allocated: destroy_inode is for that"
    elif action.verb in ("free", "put"):
        yield from _too_soon(design, hook, kept, {past.verb for past in before})
        yield from _too_late(design, hook, kept)


# A reference that alloc_inode has taken, or the body itself, is put where that is undone.
def _is_got(design: Design, before: Sequence[Action], name: str) -> bool:
    birth = design.body("alloc_inode") or ()
    return any(each.verb in _GETS and each.metadata == name for each in (*birth, *before))


# Whoever has waited for all readers frees at once, as kern_unmount does, and sleeps for it: that is
# for who takes down a superblock, not an inode. (fs/namespace.c:kern_unmount@v6.12)
def _too_soon(design: Design, hook: str, kept: Kept, past: set[Verb]) -> Iterator[str]:
    name = kept.kind.name
    has_waited = "synchronize_rcu" in past and kept.placement.holder == "superblock"
    if hook != "free_inode" and name in _read_by_rcu(design) and not has_waited:
        way = "free_inode" if kept.placement.holder in OF_INODE else "call_rcu or kfree_rcu"
        yield f"{hook} frees {name} at once, which RCU mode may read: {way} is for that"
    if hook == "evict_inode" and design.filled and "truncate" not in past:
        yield f"evict_inode frees {name} before the pages are gone"


# A callback must not sleep, and what it locks it may find locked. Freeing memory is fine there.
def _too_late(design: Design, hook: str, kept: Kept) -> Iterator[str]:
    name, is_of_rcu = kept.kind.name, kept.kind.name in _read_by_rcu(design)
    if hook == "free_inode" and not is_of_rcu and kept.kind.release not in FREES_MEMORY:
        yield f"free_inode does more for {name} than free memory: destroy_inode is for that"
    if hook in ("destroy_inode", "free_inode") and not _may_come_late(design, kept):
        yield f"{hook} frees {name}, which alloc_inode did not set up"


# A member of the container is alloc_inode's to set up; what RCU mode may read has no other hook.
def _may_come_late(design: Design, kept: Kept) -> bool:
    is_member = kept.placement.holder == "container" or _is_born_in_alloc(design, kept)
    return is_member or kept.kind.name in _read_by_rcu(design)


def _is_born_in_alloc(design: Design, kept: Kept) -> bool:
    body = design.body("alloc_inode") or ()
    attached = {action.metadata for action in body if action.verb == "attach"}
    return kept.kind.born_in_alloc or kept.kind.name in attached


# A path walk in RCU mode reads i_link (fs/namei.c:pick_link@v6.12); the Design says who else does.
def _read_by_rcu(design: Design) -> frozenset[str]:
    names: set[str] = set()
    for kept in design.keeps:
        if kept.kind.read_without_reference or kept.placement.name == "i_link":
            names.add(kept.kind.name)
    for actor in design.actors:
        if actor.holds == "rcu":
            names |= {action.metadata for action in actor.does if action.verb in _READS}
            lists = {action.name for action in actor.does if action.verb == "walk"}
            names |= _on_lists(design, lists)
    return frozenset(names)


def _on_lists(design: Design, lists: set[str]) -> set[str]:
    puts = (action for action in _actions(design) if action.verb == "put on")
    return {action.metadata for action in puts if action.name in lists}
