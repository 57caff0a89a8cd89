"""Do what a hook's actions, and the VFS's defaults for them, do to the inode.

Each operation is one atomic step. A defect is never decided here: operations
touch, free, sleep and lock, and the Machine notices.
"""

from collections.abc import Callable, Mapping
from typing import Final

from gmemviz.facts import HookName
from gmemviz.model.design import Action, Holder, Kept, Verb
from gmemviz.model.machine import (
    AWAITING,
    I_CLEAR,
    I_FREEING,
    INODE_CACHEP,
    OWN_CACHE,
    STALE,
    Machine,
    Operation,
    Target,
)
from gmemviz.model.road.metadata import (
    attach_at_birth,
    init,
    put_folio,
    read_all,
    read_when_empty,
    releases,
)


def compile_fields(m: Machine, t: Target) -> None:
    """Look up every kernel field that the Design writes; `no-such-field`."""
    for kept in t.design.keeps:
        struct, name = kept.placement.struct, kept.placement.field
        if struct and not t.facts.has_field(struct, name):
            m.fail(
                "no-such-field", f"{struct}.{name}",
                f"fails: struct {struct} has no {name} in {t.facts.tag}",
            )  # fmt: skip


def truncate(m: Machine, t: Target) -> None:
    """Remove the folio, reading what truncation reads. (mm/truncate.c)"""
    m.touch(t.inode, "truncates")
    m.sleep(t.inode, "locks a folio of")
    read_when_empty(m, t)
    if not m.count(f"{t.inode}.nrpages"):
        return
    read_all(m, t)
    m[f"{t.inode}.nrpages"] = 0
    m[f"{t.folio}.mapping"] = None
    m.says(t.folio, "out of the page cache")
    if not m["pinned"]:
        put_folio(m, t)


def clear_inode(m: Machine, t: Target) -> None:
    """Assert that nothing is left, and set I_CLEAR. (fs/inode.c:clear_inode)"""
    m.touch(t.inode, "clears")
    state = m.count(f"{t.inode}.i_state")
    m.bug_on(t.inode, "BUG_ON(nrpages)", condition=m.count(f"{t.inode}.nrpages") > 0)
    m.bug_on(t.inode, "BUG_ON(!I_FREEING)", condition=not state & I_FREEING)
    m.bug_on(t.inode, "BUG_ON(I_CLEAR)", condition=bool(state & I_CLEAR))
    m[f"{t.inode}.i_state"] = I_FREEING | I_CLEAR
    m.says(t.inode, "I_FREEING | I_CLEAR")


def allocate_default(m: Machine, t: Target) -> None:
    """Take a struct inode from inode_cachep. (fs/inode.c:alloc_inode)"""
    m.allocate(t.inode, cache=INODE_CACHEP)


def allocate_container(m: Machine, t: Target) -> None:
    """Take a container from the Design's cache: where it was used before, it has what was in it."""
    m.allocate(t.inode, cache=OWN_CACHE)
    if t.address == t.inode:
        return
    for kept in t.design.keeps:
        if kept.placement.holder == "container":
            m[t.slot(kept)] = m[f"{t.address}.{kept.kind.cell}"]


def allocate_used_container(m: Machine, t: Target) -> None:
    """Take a container that was used before: what alloc_inode does not set is what was in it."""
    m.allocate(t.inode, cache=OWN_CACHE)
    for kept in unset_at_birth(t):
        m[t.slot(kept)] = STALE


def unset_at_birth(t: Target) -> tuple[Kept, ...]:
    """Return the members of the container that alloc_inode leaves as an earlier life left them.

    What is left empty when it is released is empty then.
    """
    set_here = {action.metadata for action in t.design.body("alloc_inode") or ()}
    return tuple(
        kept
        for kept in t.design.keeps
        if kept.placement.holder == "container" and not kept.kind.left_empty
        if kept.kind.name not in set_here
    )


def free_default(m: Machine, t: Target) -> None:
    """Give the struct to inode_cachep. (fs/inode.c:free_inode_nonrcu)"""
    m.free(t.inode, cache=INODE_CACHEP)


def free_struct(m: Machine, t: Target) -> None:
    """Give the struct to the cache that it came from."""
    if t.design.has_container:
        m.touch("cache", "frees into")
    m.free(t.inode, cache=OWN_CACHE if t.design.has_container else INODE_CACHEP)


def may_truncate(m: Machine, t: Target) -> bool:
    """Return whether nobody else has the folio locked. (mm/truncate.c)"""
    return not m.get(f"{t.folio}.locked")


def drop_unhashed(m: Machine, t: Target) -> None:
    """Answer that the inode shall go, unless it is hashed and linked. (fs/inode.c)"""
    m.register = int("hashed" not in t.traits)


def drop(m: Machine, _: Target) -> None:
    """Answer that the inode shall go."""
    m.register = 1


def keep(m: Machine, _: Target) -> None:
    """Answer that the inode may stay cached."""
    m.register = 0


def call_rcu(m: Machine, t: Target) -> None:
    """Queue a callback behind the readers that are inside now. (fs/inode.c:destroy_inode)"""
    m.touch(t.inode, "queues")
    if m[t.inode] == AWAITING:
        m.fail("double-free", t.inode, f"queues i_rcu of {t.inode}, which is queued already")
    m[f"{t.inode}.waits_for"] = m["readers"]
    m[t.inode] = AWAITING
    m.says(t.inode, AWAITING)


_BY_VERB: Final[Mapping[Verb, Operation]] = {
    "alloc container": allocate_container,
    "alloc struct": allocate_default,
    "call_rcu free struct": call_rcu,
    "clear_inode": clear_inode,
    "free struct": free_struct,
    "free to inode_cachep": free_default,
    "return 0": keep,
    "return 1": drop,
    "truncate": truncate,
}


def guard_of(action: Action) -> Callable[[Machine, Target], bool] | None:
    """Return the test that an action waits for, or None where it waits for nothing."""
    return may_truncate if action.verb == "truncate" else None


def _kept(action: Action, t: Target) -> Kept:
    return next(kept for kept in t.design.keeps if kept.kind.name == action.metadata)


def can_reach(action: Action, hook: HookName, t: Target) -> bool:
    """Return whether a hook has a way to the metadata that `action` is about.

    Only release is given the file, and by it the dentry, which d_release is given.
    (include/linux/fs.h:struct file_operations, include/linux/dcache.h:struct dentry_operations)
    """
    ways: dict[Holder, tuple[HookName, ...]] = {
        "file": ("release",), "dentry": ("release", "d_release"),
    }  # fmt: skip
    return action.verb != "free" or hook in ways.get(_kept(action, t).placement.holder, (hook,))


def _nothing(_: Machine, __: Target) -> None:
    pass


def operations(action: Action, hook: HookName, t: Target) -> tuple[Operation, ...]:
    """Return what `action` may do in `hook`: an operation for each way it may go."""
    if not can_reach(action, hook, t):
        return (_nothing,)
    if action.verb == "free":
        return releases(_kept(action, t), untested=action.untested)
    if action.verb == "init":
        return (init(_kept(action, t)),)
    if action.verb == "attach":
        return (attach_at_birth(_kept(action, t)),)
    if action.verb == "alloc container" and t.address == t.inode and unset_at_birth(t):
        return (allocate_container, allocate_used_container)
    return (_BY_VERB[action.verb],)
