"""Do what a hook's actions, and the VFS's defaults for them, do to the inode.

The defaults are fs/inode.c's and mm/truncate.c's: alloc_inode_sb, truncate_inode_pages_final,
clear_inode, call_rcu, free_inode_nonrcu; a Design's hooks call the same ones, or do as much
themselves. Each operation is one atomic step. A defect is never decided here: operations touch,
free, sleep and lock, and the Machine notices.
"""

from collections.abc import Mapping
from functools import cache, partial
from typing import Final

from gmemviz.facts import HookName
from gmemviz.model.design import MEMBERS, SHUTDOWNS, Action, Kept, Verb, is_set_once
from gmemviz.model.machine import (
    AWAITING,
    I_CLEAR,
    I_FREEING,
    INODE_CACHEP,
    OWN_CACHE,
    STALE,
    Cell,
    Machine,
    NoFunction,
    Operation,
    Target,
    Test,
    stands_for,
)
from gmemviz.model.road.folios import take_out
from gmemviz.model.road.lines import nothing
from gmemviz.model.road.metadata import attach_at_birth, init, read_when_empty, releases
from gmemviz.model.road.references import attach
from gmemviz.model.road.waiting import waits
from gmemviz.model.road.ways import is_given

# The same operation is the same object, so that programs can be compared.
_partial = cache(partial)

_ANSWER: Final = NoFunction("design", "what the Design's drop_inode returns")


@stands_for(NoFunction("model", "a compiler looks the fields up, before any kernel runs"))
def compile_fields(m: Machine, t: Target) -> None:
    """Look up every kernel field that the Design writes, and what it calls; `no-such-field`."""
    for kept in t.design.keeps:
        struct, name = kept.placement.struct, kept.placement.field
        if struct and not t.facts.has_field(struct, name):
            member = MEMBERS.get(kept.placement.name)
            write = f", write {member.instead}" if member and member.instead else ""
            doing = f"fails: struct {struct} has no {name} in {t.facts.tag}{write}"
            m.fail("no-such-field", f"{struct}.{name}", doing)
    for function in SHUTDOWNS:  # 7.3 has no kill_litter_super any more
        if function in t.design.said and not t.facts.has_function(function):
            m.fail("no-such-field", function, f"fails: {t.facts.tag} has no {function}")


@waits("somebody else has the folio locked", "include/linux/pagemap.h:folio_lock")
def may_truncate(m: Machine, t: Target) -> bool:
    """Return whether nobody else has the folio locked: truncation removes a locked folio only."""
    return not m.get(f"{t.folio}.locked")


@stands_for("mm/truncate.c:truncate_inode_pages_range")
def truncate(m: Machine, t: Target) -> None:
    """Remove every folio, reading what truncation reads; an empty mapping is left alone."""
    m.touch(t.inode, "truncates")
    m.sleep(t.inode, "locks a folio of")
    read_when_empty(m, t)
    take_out(m, t)


@stands_for("fs/inode.c:clear_inode")
def clear_inode(m: Machine, t: Target) -> None:
    """Assert that nothing is left, and set I_CLEAR."""
    m.touch(t.inode, "clears")
    state = m.count(f"{t.inode}.i_state")
    m.bug_on(t.inode, "BUG_ON(nrpages)", condition=m.count(f"{t.inode}.nrpages") > 0)
    m.bug_on(t.inode, "BUG_ON(!I_FREEING)", condition=not state & I_FREEING)
    m.bug_on(t.inode, "BUG_ON(I_CLEAR)", condition=bool(state & I_CLEAR))
    m[f"{t.inode}.i_state"] = I_FREEING | I_CLEAR
    m.says(t.inode, "I_FREEING | I_CLEAR")


@stands_for("include/linux/fs.h:alloc_inode_sb")
def allocate_default(m: Machine, t: Target) -> None:
    """Take a struct inode from inode_cachep, as alloc_inode does where the hook is NULL."""
    m.allocate(t.inode, cache=INODE_CACHEP)
    _find_as_it_was(m, t)


@stands_for("include/linux/fs.h:alloc_inode_sb")
def allocate_container(m: Machine, t: Target) -> None:
    """Take a container from the Design's cache: where it was used before, it has what was in it.

    Slab memory is not cleared, and a constructor (inode_init_once) runs once a slab only.
    """
    m.allocate(t.inode, cache=OWN_CACHE)
    _find_as_it_was(m, t)


# A word that the last owner set is stale then, and one that was cleared is as it was constructed; a
# pointer tells by itself to whom it leads.
def _find_as_it_was(m: Machine, t: Target) -> None:
    if t.address == t.inode:
        return
    for kept in t.design.keeps:
        if kept.placement.holder == "container" or is_set_once(kept.placement):
            left = m[f"{t.address}.{kept.kind.cell}"]
            m[t.slot(kept)] = left if kept.kind.owns_object else _LEFT_IN_WORD.get(left, left)


@stands_for("include/linux/fs.h:alloc_inode_sb")
def allocate_used_container(m: Machine, t: Target) -> None:
    """Take a container that was used before: what alloc_inode does not set is what was in it."""
    m.allocate(t.inode, cache=OWN_CACHE)
    for kept in t.design.unset_at_birth:
        m[t.slot(kept)] = STALE


@stands_for("fs/inode.c:free_inode_nonrcu")
def free_default(m: Machine, t: Target) -> None:
    """Give the struct to inode_cachep."""
    m.free(t.inode, cache=INODE_CACHEP)


@stands_for("mm/slub.c:kmem_cache_free")
def free_struct(m: Machine, t: Target) -> None:
    """Give the struct to the cache that it came from."""
    if t.design.has_container:
        m.touch("cache", "frees", "into")
    m.free(t.inode, cache=OWN_CACHE if t.design.has_container else INODE_CACHEP)


@stands_for(_ANSWER)
def drop(m: Machine, _: Target) -> None:
    """Answer that the inode shall go."""
    m.register = 1


@stands_for(_ANSWER)
def keep(m: Machine, _: Target) -> None:
    """Answer that the inode may stay cached."""
    m.register = 0


@stands_for("kernel/rcu/tree.c:call_rcu")
def call_rcu(m: Machine, t: Target) -> None:
    """Queue a callback behind the readers that are inside now, as destroy_inode does."""
    m.touch(t.inode, "queues")
    if m[t.inode] == AWAITING:
        m.fail("double-free", t.inode, f"queues i_rcu of {t.inode}, which is queued already")
    m[f"{t.inode}.waits_for"] = m["readers"]
    m[t.inode] = AWAITING
    m.says(t.inode, AWAITING)


_LEFT_IN_WORD: Final[Mapping[Cell, Cell]] = {"set": STALE, "cleared": None}

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
"""What each verb does, but for those about metadata: a row a verb."""


def operations(action: Action, hook: HookName, t: Target) -> tuple[Operation, ...]:
    """Return what `action` may do in `hook`: an operation for each way it may go."""
    if not can_reach(action, hook, t):
        return (nothing,)
    match action.verb:
        case "free":
            return releases(_kept(action, t), untested=action.untested)
        case "init":
            return (init(_kept(action, t)),)
        case "attach":
            kept = _kept(action, t)
            is_birth = hook == "alloc_inode"
            return (attach_at_birth(kept) if is_birth else _partial(attach, kept=kept),)
        case "alloc container" if t.address == t.inode and t.design.unset_at_birth:
            return (allocate_container, allocate_used_container)
        case verb:
            return (_BY_VERB[verb],)


def guard_of(action: Action) -> Test | None:
    """Return the test that an action waits for, or None where it waits for nothing."""
    return may_truncate if action.verb == "truncate" else None


def can_reach(action: Action, hook: HookName, t: Target) -> bool:
    """Return whether a hook has a way to the metadata that `action` is to free."""
    return action.verb != "free" or is_given(hook, _kept(action, t))


def _kept(action: Action, t: Target) -> Kept:
    return t.kept(action.metadata)
