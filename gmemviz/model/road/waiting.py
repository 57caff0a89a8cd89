"""Say in words what an actor waits for: a sentence for each guard of the model."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from gmemviz.model.machine import Act, Cell, Target
from gmemviz.model.road import files, hook_actions, icache, kvm, rcu, vfs

Cells = Mapping[str, Cell]


def _grace(cells: Cells, t: Target) -> str:
    if cells[f"{t.inode}.waits_for"] is None:
        return "no callback is queued with RCU"
    return "RCU waits for a reader who was inside when the callback was queued"


def _slots_lock(cells: Cells, _: Target) -> str:
    return f"slots_lock is held by {cells['slots_lock']}" if cells["slots_lock"] else ""


UNTIL: Final[Mapping[Callable[..., bool], str | Callable[[Cells, Target], str]]] = {
    hook_actions.may_truncate: "somebody else has the folio locked",
    icache.is_unused: "the inode is not on the LRU: it is held, going, or not there",
    kvm.is_bound: "no memslot is bound to the file",
    kvm.may_lock: _slots_lock,
    kvm.may_lock_bound: lambda c, t: _slots_lock(c, t) or "no memslot is bound to the file",
    kvm.may_lock_open: lambda c, t: _slots_lock(c, t) or "no descriptor leads to the file",
    kvm.may_unload: "a file, or a mount with an owner, holds the module, or no file was made",
    kvm.no_fault: "a fault has the mapping locked",
    rcu.grace_is_over: _grace,
    rcu.is_mapped: "no PTE leads to a folio",
    rcu.is_published: "no open file leads to the inode",
    rcu.no_callback_waits: "a callback is queued with RCU and has not run",
    vfs.is_i_lock_free: "somebody else holds i_lock",
    files.has_closed: "close(2) has not returned",
    files.has_file: "no file has been made",
    files.has_path: "the O_PATH file is not open",
    files.is_dead: "the superblock is alive",
    files.is_freed: "the memory of the first inode is not free",
    files.is_freed_and_closed: "the memory of the first inode is not free, or close(2) runs still",
    files.is_in_cache: "no folio is in the page cache",
    files.is_open: "no file of the inode is open",
    files.is_out_of_cache: "no folio has been freed",
    files.may_mount: "no file has been made, or the mount is gone",
}
"""For each guard what is the case where it does not hold."""


def reason(act: Act, cells: Cells, target: Target) -> str:
    """Return what keeps an actor from an Act whose guard does not hold."""
    guard: Any = act.guard
    told = UNTIL[guard]
    return told if isinstance(told, str) else told(cells, target)
