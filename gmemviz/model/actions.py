"""Do what the kernel's lines and a hook's actions do to the heap.

Each operation is one atomic step. A defect is never decided here: operations
touch, free, sleep and lock, and the Machine notices.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from gmemviz.facts import Facts
from gmemviz.model.design import Action, Design, Kept
from gmemviz.model.machine import AWAITING, I_CLEAR, I_FREEING, Machine

__all__ = ("Operation", "Target", "operations")

INODE_CACHEP: Final = "inode_cachep"
OWN_CACHE: Final = "its own cache"


@dataclass(frozen=True, slots=True)
class Target:
    """Name the objects that one actor works on.

    `inode` is the inode's cell, `suffix` tells its objects from another's,
    `init_fails` makes inode_init_always fail (path I of the exit paths), and a
    file that `is_path_only` (O_PATH) has empty_fops, so no release. `unmounts`:
    the mount may go while this actor runs.
    """

    design: Design
    facts: Facts
    inode: str = "inode"
    suffix: str = ""
    init_fails: bool = False
    is_path_only: bool = False
    unmounts: bool = False

    @property
    def table(self) -> Mapping[str, tuple[Action, ...]]:
        """Return the hooks that ``i_sb->s_op`` and ``f_op`` really hold."""
        return {
            hook: body
            for hook, body in self.design.hooks
            if (not self.is_path_only if hook == "release" else self.design.mount.own_table)
        }

    def object(self, kept: Kept) -> str:
        """Return the cell of the metadata's memory."""
        return kept.kind.name + self.suffix

    def slot(self, kept: Kept) -> str:
        """Return the cell of the pointer (or word) to the metadata."""
        return f"{self.inode}.{kept.kind.name}"

    @property
    def folio(self) -> str:
        """Return the cell of the inode's folio."""
        return "folio" + self.suffix


Operation = Callable[[Machine, Target], None]


# --- reaching metadata ------------------------------------------------------------


def _reach(m: Machine, t: Target, kept: Kept, doing: str) -> None:
    m.touch(t.inode, doing)
    if kept.placement.in_container and m[f"{t.inode}.cache"] != OWN_CACHE:
        m.fail(
            "wrong-cache", t.inode,
            f"{doing} {kept.kind.name} by container_of, past an inode that "
            f"{m[f'{t.inode}.cache']} handed out alone",
        )  # fmt: skip


def compile_fields(m: Machine, t: Target) -> None:
    """Look up every kernel field that the Design writes; `no-such-field`."""
    for kept in t.design.keeps:
        struct, name = kept.placement.struct, kept.placement.field
        if struct and not t.facts.has_field(struct, name):
            m.fail(
                "no-such-field", f"{struct}.{name}",
                f"fails: struct {struct} has no {name} in {t.facts.tag}",
            )  # fmt: skip


def attach(m: Machine, t: Target) -> None:
    """Allocate the metadata and store it, as the creator does after alloc_inode."""
    for kept in t.design.keeps:
        _reach(m, t, kept, "writes")
        slot, kind = t.slot(kept), kept.kind
        if not kind.owns_object:
            m[slot] = "set"
            m.says(kind.name, "set")
            continue
        holder = m[f"{kind.name}.holder"] if kind.scarce else None
        if isinstance(holder, str):
            m[f"{kind.name}.refused"] = int(m[holder] == AWAITING)
            m.says(kind.name, "refused")
            return
        if kind.scarce:
            m[f"{kind.name}.holder"] = t.inode
        m.allocate(t.object(kept))
        m[slot] = t.object(kept)


def _release(m: Machine, t: Target, kept: Kept, *, sleeps: bool) -> None:
    kind, slot = kept.kind, t.slot(kept)
    _reach(m, t, kept, "reads")
    if m[slot] is None:  # the pattern's NULL test: the root inode, or an early error
        return
    if not kind.owns_object:
        m[slot] = "cleared"
        m.says(kind.name, "cleared")
        return
    name = t.object(kept)
    m.touch(name, "releases")
    if sleeps:
        m.sleep(name, "sleeps to release")
    if kind.release == "plain lock":
        m.lock(name)
    m.free(name)
    if kind.scarce:
        _give_back(m, kept)


def _give_back(m: Machine, kept: Kept) -> None:
    # A second creation failed while this stood behind a grace period, and only now is it back.
    if m[f"{kept.kind.name}.refused"]:
        m.fail(
            "late-release", kept.kind.name,
            f"gives {kept.kind.name} back only now, and a second creation has failed meanwhile",
        )  # fmt: skip
    m[f"{kept.kind.name}.holder"] = None


def _freeing(kept: Kept) -> tuple[Operation, ...]:
    def at_once(m: Machine, t: Target) -> None:
        _release(m, t, kept, sleeps=False)

    def asleep(m: Machine, t: Target) -> None:
        _release(m, t, kept, sleeps=True)

    if kept.kind.release == "may sleep":  # the corner where it does, and the one where not
        return (at_once, asleep)
    return (asleep,) if kept.kind.release == "sleeping lock" else (at_once,)


# --- what hook bodies and the skeleton share ----------------------------------------


def truncate(m: Machine, t: Target) -> None:
    """Remove the folio, reading what truncation reads. (mm/truncate.c)"""
    m.touch(t.inode, "truncates")
    m.sleep(t.inode, "locks a folio of")
    if not m.count(f"{t.inode}.nrpages"):
        return
    for kept in t.design.keeps:
        if kept.kind.read_by_truncation:
            _read_for_truncation(m, t, kept)
    m[f"{t.inode}.nrpages"] = 0
    m[f"{t.folio}.mapping"] = None
    m.says(t.folio, "out of the page cache")
    m.free(t.folio)


def _read_for_truncation(m: Machine, t: Target, kept: Kept) -> None:
    _reach(m, t, kept, "reads")
    value = m[t.slot(kept)]
    if value == "cleared":
        m.fail("wrong-branch", kept.kind.name, f"reads {kept.kind.name}, cleared already")
    if kept.kind.owns_object and isinstance(value, str):
        m.touch(value, "reads")


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
    """Take a container from the Design's cache, its metadata pointers NULL."""
    m.allocate(t.inode, cache=OWN_CACHE)
    for kept in t.design.keeps:
        if kept.placement.in_container:
            m[t.slot(kept)] = None


def free_default(m: Machine, t: Target) -> None:
    """Give the struct to inode_cachep. (fs/inode.c:free_inode_nonrcu)"""
    m.free(t.inode, cache=INODE_CACHEP)


def free_struct(m: Machine, t: Target) -> None:
    """Give the struct to the cache that it came from."""
    if t.design.has_container:
        m.touch("cache", "frees into")
    m.free(t.inode, cache=OWN_CACHE if t.design.has_container else INODE_CACHEP)


def drop(m: Machine, _: Target) -> None:
    """Answer that the inode shall go."""
    m.register = 1


def keep(m: Machine, _: Target) -> None:
    """Answer that the inode may stay cached."""
    m.register = 0


def call_rcu(m: Machine, t: Target) -> None:
    """Queue i_callback behind the readers that are inside now. (fs/inode.c:destroy_inode)"""
    m.touch(t.inode, "queues")
    m[f"{t.inode}.waits_for"] = m["readers"]
    m[t.inode] = AWAITING
    m.says(t.inode, AWAITING)


_BY_VERB: Final[Mapping[str, Operation]] = {
    "alloc container": allocate_container,
    "free struct": free_struct,
    "truncate": truncate,
    "clear_inode": clear_inode,
    "return 0": keep,
    "return 1": drop,
}


def operations(action: Action, t: Target) -> tuple[Operation, ...]:
    """Return what `action` can do: one operation, or one for each way it may go."""
    if action.verb == "free":
        kept = next(kept for kept in t.design.keeps if kept.kind.name == action.metadata)
        return _freeing(kept)
    return (_BY_VERB[action.verb],)
