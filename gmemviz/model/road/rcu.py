"""Do what readers without a reference do, and what RCU does about them.

The roads are get_user_pages_fast's, with interrupts off (mm/gup.c), and those of whoever follows a
pointer under rcu_read_lock; what waits for them is the callback that destroy_inode queues.
"""

from collections.abc import Mapping
from typing import Final

from gmemviz.model.design import GRACE, Kept
from gmemviz.model.machine import AWAITING, STALE, Cell, Machine, NoFunction, Target, stands_for
from gmemviz.model.road import cells
from gmemviz.model.road.cells import BARRIER, returns
from gmemviz.model.road.files import never_frees, pin, unpin
from gmemviz.model.road.metadata import OF_INODE, note_stale, test_word
from gmemviz.model.road.waiting import waits
from gmemviz.model.road.ways import is_far, note_out_of_reach

_LOCKLESS: Final = NoFunction("design", "a reader of the Design's own, under rcu_read_lock")


@stands_for(NoFunction("several", "kfree_rcu, and a work that frees"))
def queue_free(m: Machine, t: Target, kept: Kept, name: str, how: str) -> None:
    """Queue the free of an object behind the readers of now, or for a worker, who waits for none.

    A union may lead to another kind than was meant, which waits where that one does.
    (mm/slab_common.c:kvfree_call_rcu@v7.3)
    """
    several = t.objects(kept)
    waits_in = cells.deferred(name if name in several else several[0], how)
    m[waits_in] = m["readers"] if how == GRACE else ()
    m[name] = AWAITING
    m.says(name, AWAITING)


@waits("no PTE leads to a folio", NoFunction("hardware", "a walk of the page table"))
def is_mapped(m: Machine, _: Target) -> bool:
    """Return whether a lockless walk can still find the inode."""
    return bool(m["mapped"])


@stands_for("include/linux/rcupdate.h:rcu_read_lock")
def enter(m: Machine, t: Target) -> None:
    """Open a read-side section, beside those of others."""
    open_section(m, t.actor)


@stands_for("include/linux/rcupdate.h:rcu_read_unlock")
def leave(m: Machine, t: Target) -> None:
    """Close the read-side section; whoever waited for it waits no more."""
    close_section(m, t.actor)


# A section of SRCU's is counted in its srcu_struct, and may sleep: no grace period of RCU waits for
# it, nor does one of SRCU for whoever is under rcu_read_lock.
@stands_for("include/linux/srcu.h:srcu_read_lock")
def enter_srcu(m: Machine, t: Target) -> None:
    """Open a read-side section of SRCU, beside those of others."""
    open_section(m, t.actor, cells.SRCU_READERS)


@stands_for("include/linux/srcu.h:srcu_read_unlock")
def leave_srcu(m: Machine, t: Target) -> None:
    """Close it; whoever waited for it waits no more."""
    close_section(m, t.actor)


# A grace period waits for whoever cannot be preempted, be it by rcu_read_lock, by a spinlock, by
# interrupts or softirqs that are off: since 4.20 there is one flavour of RCU for all of them. So a
# task may be in several sections at once, each of which has a name and an end of its own.
# (kernel/rcu/tree_plugin.h:rcu_flavor_sched_clock_irq@v6.12)
@stands_for(NoFunction("model", "preemption that is off holds up a grace period"))
def open_section(m: Machine, name: str, of: str = "readers", *, within: str = "") -> None:
    """Open the section of that name: what is queued from here on waits for its end.

    Where it is opened inside another one of RCU's, `within`, both are one: who waits for that one
    waits for this one, too, as a spinlock that is taken under rcu_read_lock and kept beyond.
    """
    readers = m[of]
    assert isinstance(readers, tuple)
    m[of] = tuple(sorted({*readers, name}))
    if within not in readers:
        return
    for cell in cells.waits(m):
        waited = m[cell]
        if isinstance(waited, tuple) and within in waited:
            m[cell] = tuple(sorted({*waited, name}))


@stands_for(NoFunction("model", "preemption that is on again holds up nothing"))
def close_section(m: Machine, section: str) -> None:
    """Close it, if it is open; whoever waited for it waits no more."""
    for name in filter(cells.has_readers, m):
        waited = m[name]
        if isinstance(waited, tuple) and section in waited:
            m[name] = tuple(reader for reader in waited if reader != section)


@stands_for("mm/gup.c:gup_fast_pte_range")
def grab_folio(m: Machine, t: Target) -> None:
    """Turn interrupts off and take a reference to the folio.

    Interrupts that are off hold up a grace period as rcu_read_lock does.
    """
    enter(m, t)
    pin(m, t)


@stands_for("mm/gup.c:gup_put_folio")
def let_go(m: Machine, t: Target) -> None:
    """Drop the reference and turn interrupts on."""
    unpin(m, t)
    leave(m, t)


@waits("no open file leads to the inode")
def is_published(m: Machine, t: Target) -> bool:
    """Return whether a new reader can still find the inode, by a file or by its name."""
    return bool(m["published"]) or m.get(cells.name(t)) == "hashed"


@stands_for("fs/file.c:file_close_fd")
def unpublish(m: Machine, t: Target) -> None:
    """Let no new reader find the inode by the file that is closing."""
    if "O_PATH" not in t.traits:
        m["published"] = 0


@stands_for("mm/gup.c:gup_fast_folio_allowed")
def load_mapping(m: Machine, t: Target) -> None:
    """Load folio->mapping, which truncation sets to NULL."""
    m["pointer"] = m[f"{t.folio}.mapping"]
    m.register = int(m["pointer"] is not None)


@stands_for("mm/gup.c:gup_fast_folio_allowed")
def read_mapping(m: Machine, _: Target) -> None:
    """Read mapping->a_ops, embedded in the inode as i_data."""
    m.touch(str(m["pointer"]), "reads", "a_ops in")


# Who holds what a path walk comes by: the inode, and the dentry that led there.
# (fs/namei.c:link_path_walk@v6.12)
_WALKED: Final = (*OF_INODE, "dentry")


@stands_for(_LOCKLESS)
def load_metadata(m: Machine, t: Target) -> None:
    """Load the pointers to what is read without a reference, from where it is placed."""
    loaded: list[str] = []
    for kept in t.design.keeps:
        is_walked = kept.placement.holder in _WALKED
        if kept.kind.read_without_reference and is_far(kept) and not is_walked:
            m.touch(t.inode, "looks", "for a way in")  # it has found the inode, and nothing else
            note_out_of_reach(m, t, kept=kept)
        if not kept.kind.read_without_reference or not is_walked:
            continue
        if kept.placement.holder in ("inode", "container"):
            m.touch(t.inode, "reads", "the pointer in")
        value = m[t.slot(kept)]
        note_stale(m, kept, value)
        if not kept.kind.owns_object:
            test_word(m, kept, value)
        elif value is not None:
            loaded.append(str(value))
    m["pointer"] = tuple(loaded)
    m.register = len(loaded)


@stands_for(_LOCKLESS)
def read_metadata(m: Machine, _: Target) -> None:
    """Read through the pointers that were loaded."""
    loaded = m["pointer"]
    assert isinstance(loaded, tuple)
    for name in loaded:
        if name == STALE:
            m.fail("use-after-free", name, "reads what an earlier life of the memory left")
        m.touch(name, "reads")


@stands_for("fs/namei.c:link_path_walk")
def read_inode(m: Machine, t: Target) -> None:
    """Read mode and ops of an inode that a path led to."""
    m.touch(t.inode, "reads")


def _why_no_grace(cells: Mapping[str, Cell], t: Target) -> str:
    if cells[f"{t.inode}.waits_for"] is None:
        return "no callback is queued with RCU"
    return "RCU waits for a reader who was inside when the callback was queued"


@waits(_why_no_grace, NoFunction("scheduler", "a grace period ends as RCU's kthread finds it over"))
def grace_is_over(m: Machine, t: Target) -> bool:
    """Return whether a callback is queued and all its readers have left."""
    return m[f"{t.inode}.waits_for"] == ()


@stands_for("kernel/rcu/tree.c:rcu_do_batch")
def end_grace(m: Machine, t: Target) -> None:
    """Take the callback off the queue, to be run in softirq."""
    m[f"{t.inode}.waits_for"] = None
    if returns(t) in m:  # an rcu_barrier may have to see it return
        m[returns(t)] = 1
        stay_awaited(m, f"{t.inode}.waits_for")
        open_section(m, returns(t))
    m.says("grace period", "over")


# A callback that runs may have been queued anew, which is another one to wait for: so a barrier
# that has counted a callback follows it off its queue, and forgets it at its end.
@stands_for("kernel/rcu/tree.c:rcu_barrier")
def stay_awaited(m: Machine, queued: str) -> None:
    """Let an rcu_barrier that has counted a callback wait for it as it runs."""
    stay_noted(m, BARRIER, queued)


# A flush_work notes a run as a barrier does: where it is queued, and then as it runs.
@stands_for("kernel/workqueue.c:flush_work")
def stay_noted(m: Machine, waiter: str, queued: str) -> None:
    """Let whoever has noted a callback in `waiter` wait for it as it runs."""
    awaited = m.get(waiter)
    if isinstance(awaited, tuple) and queued in awaited:
        left = (cells.runs(queued) if name == queued else name for name in awaited)
        m[waiter] = tuple(sorted(left))


@waits("a callback is queued with RCU and has not run", "kernel/rcu/tree.c:rcu_barrier")
def no_callback_waits(m: Machine, t: Target) -> bool:
    """Return whether the callback has been queued and run, or never will be."""
    is_over = m[f"{t.inode}.waits_for"] is None and never_frees(t)
    return m[t.inode] != AWAITING or is_over
