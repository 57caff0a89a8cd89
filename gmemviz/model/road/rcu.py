"""Do what readers without a reference do, and what RCU does about them."""

from typing import Final

from gmemviz.model.machine import AWAITING, STALE, Machine, Target
from gmemviz.model.road.files import pin, unpin
from gmemviz.model.road.metadata import OF_INODE, note_stale


def _reader(t: Target) -> str:
    return t.actor


def is_mapped(m: Machine, _: Target) -> bool:
    """Return whether a lockless walk can still find the inode."""
    return bool(m["mapped"])


BARRIER: Final = "rcu_barrier waits for"
"""The cell of the callbacks that an rcu_barrier has still to see run."""


def enter(m: Machine, t: Target) -> None:
    """Open a read-side section."""
    readers = m["readers"]
    assert isinstance(readers, tuple)
    m["readers"] = tuple(sorted({*readers, _reader(t)}))


def leave(m: Machine, t: Target) -> None:
    """Close the read-side section; whoever waited for it waits no more."""
    for name, waits in m.items():
        if isinstance(waits, tuple) and _reader(t) in waits and name != BARRIER:
            m[name] = tuple(reader for reader in waits if reader != _reader(t))


def grab_folio(m: Machine, t: Target) -> None:
    """Turn interrupts off and take a reference to the folio. (mm/gup.c:gup_fast_pte_range)"""
    enter(m, t)
    pin(m, t)


def let_go(m: Machine, t: Target) -> None:
    """Drop the reference and turn interrupts on."""
    unpin(m, t)
    leave(m, t)


def is_published(m: Machine, _: Target) -> bool:
    """Return whether a new reader can still find the inode."""
    return bool(m["published"])


def unpublish(m: Machine, t: Target) -> None:
    """Let no new reader find the inode by the file that is closing."""
    if "O_PATH" not in t.traits:
        m["published"] = 0


def load_mapping(m: Machine, t: Target) -> None:
    """Load folio->mapping, which truncation sets to NULL. (mm/gup.c:gup_fast_folio_allowed)"""
    m["pointer"] = m[f"{t.folio}.mapping"]
    m.register = int(m["pointer"] is not None)


def read_mapping(m: Machine, _: Target) -> None:
    """Read mapping->a_ops, embedded in the inode. (mm/gup.c:gup_fast_folio_allowed)"""
    m.touch(str(m["pointer"]), "reads a_ops in")


def load_metadata(m: Machine, t: Target) -> None:
    """Load the pointers to what is read without a reference, from where it is placed."""
    loaded: list[str] = []
    for kept in t.design.keeps:
        if kept.kind.read_without_reference and kept.placement.holder in OF_INODE:
            if kept.placement.holder != "xarray":
                m.touch(t.inode, "reads the pointer in")
            note_stale(m, kept, m[t.slot(kept)])
            loaded += [str(m[t.slot(kept)])] if m[t.slot(kept)] is not None else []
    m["pointer"] = tuple(loaded)
    m.register = len(loaded)


def read_metadata(m: Machine, _: Target) -> None:
    """Read through the pointers that were loaded."""
    loaded = m["pointer"]
    assert isinstance(loaded, tuple)
    for name in loaded:
        if name == STALE:
            m.fail("use-after-free", name, "reads what an earlier life of the memory left")
        m.touch(name, "reads")


def read_inode(m: Machine, t: Target) -> None:
    """Read mode and ops of an inode that a path led to. (fs/namei.c:link_path_walk)"""
    m.touch(t.inode, "reads")


def grace_is_over(m: Machine, t: Target) -> bool:
    """Return whether a callback is queued and all its readers have left."""
    return m[f"{t.inode}.waits_for"] == ()


def end_grace(m: Machine, t: Target) -> None:
    """Take the callback off the queue."""
    m[f"{t.inode}.waits_for"] = None
    if f"{t.inode}.waits_for runs" in m:  # an rcu_barrier may have to see it return
        m[f"{t.inode}.waits_for runs"] = 1
    m.says("grace period", "over")


def no_callback_waits(m: Machine, t: Target) -> bool:
    """Return whether the callback has been queued and run, or never will be."""
    is_over = m[f"{t.inode}.waits_for"] is None and never_frees(t)
    return m[t.inode] != AWAITING or is_over


def never_frees(t: Target) -> bool:
    """Return whether free_inode leaves the struct where it is: the callback runs, and no more."""
    body = t.table.get("free_inode")
    frees = ("free struct", "free to inode_cachep", "call_rcu")
    return body is not None and not any(action.verb in frees for action in body)
