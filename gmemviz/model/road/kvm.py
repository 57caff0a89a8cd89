"""Do what KVM does around a guest_memfd file: count its references, bind memslots, unload.

The roads are virt/kvm/guest_memfd.c's (kvm_gmem_get_pfn, kvm_gmem_unbind, kvm_gmem_release) and
those of the module that the hooks are in: delete_module, and what keeps it from going.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Final

from gmemviz.facts import HookName
from gmemviz.model.design import UNBINDS, Unbinds
from gmemviz.model.machine import FREED, HELD, Cell, Machine, NoFunction, Target, stands_for
from gmemviz.model.road.waiting import waits

_MUTEX: Final = "kernel/locking/mutex.c:mutex_lock"


@stands_for("include/linux/fs.h:get_file")
def get_file(m: Machine, t: Target) -> None:
    """Take another reference to the file: a mapping's, or a system call's."""
    m.says(t.file, f"f_ref {m.add('f_ref', 1)}")


@stands_for("fs/file.c:get_file_active")
def get_file_active(m: Machine, t: Target) -> None:
    """Take a reference unless the last one is gone."""
    m.register = int(m.count("f_ref") > 0)
    m.comes_to("the file is held" if m.register else "no reference to the file is left to share")
    if m.register:
        get_file(m, t)


@stands_for("fs/file_table.c:fput")
def put_file(m: Machine, t: Target) -> None:
    """Drop a reference to the file; the last has __fput run."""
    m.register = m.add("f_ref", -1)
    m.says(t.file, f"f_ref {m.register}")
    last = "the last reference to the file is gone, so __fput shall run"
    m.comes_to("a reference to the file is gone" if m.register else last)


# --- memslots -----------------------------------------------------------------------------


@stands_for(
    {
        "6.12": "virt/kvm/guest_memfd.c:kvm_gmem_bind",
        "7.3": "virt/kvm/guest_memfd.c:kvm_gmem_commit_memory_region",
    }
)
def bind(m: Machine, t: Target) -> None:
    """Bind a memslot to the file, by a weak pointer each way: neither holds the other."""
    m["memslot"] = HELD
    m["slot->gmem.file"] = m["bindings"] = 1
    m.says(t.file, "bound")


@waits("no memslot is bound to the file")
def is_bound(m: Machine, _: Target) -> bool:
    """Return whether there is a memslot, and it has a file."""
    return bool(m["slot->gmem.file"]) and m["memslot"] == HELD


# --- binding, step by step ----------------------------------------------------------------


@stands_for(
    {
        "6.12": "virt/kvm/guest_memfd.c:kvm_gmem_bind",
        "7.3": "virt/kvm/guest_memfd.c:kvm_gmem_prepare_memory_region",
    }
)
def puts_file_early(t: Target) -> bool:
    """Return whether binding puts the file before the memslot is installed: 7.3's does not."""
    if not t.facts.has_function("kvm_gmem_bind"):
        return False
    return "fput" in {call.callee for call in t.facts.function("kvm_gmem_bind").calls}


@stands_for("virt/kvm/kvm_main.c:kvm_set_memory_region")
def make_memslot(m: Machine, _: Target) -> None:
    """Allocate a memslot that nobody else sees yet."""
    m.allocate("memslot")


@stands_for("lib/xarray.c:xa_store_range")
def store_all(m: Machine, t: Target) -> None:
    """Store the memslot for the whole range: the file leads to it now."""
    bind(m, t)
    m.register = 1


# A range is several entries, of which each may need memory. (lib/xarray.c:xa_store_range@v6.12)
@stands_for("lib/xarray.c:xa_store_range")
def store_half(m: Machine, t: Target) -> None:
    """Store it for a part of the range, and find no memory for the rest."""
    bind(m, t)
    m.says("bindings", "a part is stored")
    m.register = 0


@stands_for("virt/kvm/kvm_main.c:kvm_set_memslot")
def install(m: Machine, _: Target) -> None:
    """Let the VM see the memslot."""
    m.says("memslot", "installed")
    m.register = 1


@stands_for("virt/kvm/kvm_main.c:kvm_set_memslot")
def refuse(m: Machine, _: Target) -> None:
    """Refuse the memslot: no memory for what it needs beside, or an architecture says no."""
    m.says("memslot", "refused")
    m.register = 0


def undoes(way: Unbinds) -> Callable[[Target], bool]:
    """Return the test for a Design that takes the binding away on this way."""
    return lambda t: way in (UNBINDS if t.design.unbinds is None else t.design.unbinds)


@stands_for("mm/slub.c:kfree")
def drop_memslot(m: Machine, _: Target) -> None:
    """Free a memslot that the VM does not see, or not any more; no file is looked at."""
    m.free("memslot")


@stands_for("virt/kvm/guest_memfd.c:kvm_gmem_get_file")
def load_slot(m: Machine, _: Target) -> None:
    """Load slot->gmem.file in an SRCU section, as kvm_gmem_get_pfn does."""
    m.says("slot->gmem.file", "loaded")


@stands_for(
    {
        "6.12": "virt/kvm/guest_memfd.c:__kvm_gmem_unbind",
        "7.3": "virt/kvm/guest_memfd.c:kvm_gmem_unbind",
    }
)
def unbind(m: Machine, _: Target) -> None:
    """Take the binding away on both sides."""
    m["slot->gmem.file"] = m["bindings"] = 0
    m.says("bindings", "empty")


@stands_for("virt/kvm/guest_memfd.c:kvm_gmem_unbind")
def holds_file(t: Target) -> bool:
    """Return whether this kernel's kvm_gmem_unbind holds the file: 7.3's does not."""
    if not t.facts.has_function("kvm_gmem_unbind"):
        return False
    calls = t.facts.function("kvm_gmem_unbind").calls
    return any(call.callee == "kvm_gmem_get_file" for call in calls)


@stands_for("virt/kvm/guest_memfd.c:kvm_gmem_unbind")
def unbind_dying(m: Machine, t: Target) -> None:
    """Do the same where the file's last reference is gone, if the Design does so."""
    if t.design.unbinds_dying:
        unbind(m, t)


@stands_for("virt/kvm/guest_memfd.c:kvm_gmem_unbind")
def says_of_dying(t: Target) -> str:
    """Return what becomes of a file whose last reference is gone."""
    unbinds = t.design.unbinds_dying
    return "the dying file is unbound too" if unbinds else "the dying file is passed by"


@stands_for("virt/kvm/kvm_main.c:kvm_free_memslot")
def free_memslot(m: Machine, _: Target) -> None:
    """Free the memslot."""
    m.free("memslot")


@stands_for("virt/kvm/guest_memfd.c:kvm_gmem_release")
def release_bindings(m: Machine, t: Target) -> None:
    """Set the pointer back in every bound memslot."""
    if m["bindings"]:
        m.touch("memslot", "writes", "gmem.file in")
        unbind(m, t)


# --- locks --------------------------------------------------------------------------------


def _holder(cells: Mapping[str, Cell], _: Target) -> str:
    return f"slots_lock is held by {cells['slots_lock']}" if cells["slots_lock"] else ""


def _holder_or_unbound(cells: Mapping[str, Cell], t: Target) -> str:
    return _holder(cells, t) or "no memslot is bound to the file"


def _holder_or_closed(cells: Mapping[str, Cell], t: Target) -> str:
    return _holder(cells, t) or "no descriptor leads to the file"


@waits(_holder, _MUTEX)
def may_lock(m: Machine, t: Target) -> bool:
    """Return whether slots_lock is free; who has it already can try, and never gets it."""
    return m["slots_lock"] in ("", t.actor)


@waits(_holder_or_unbound, _MUTEX)
def may_lock_bound(m: Machine, t: Target) -> bool:
    """Return whether the same can be done for a slot that has a file."""
    return may_lock(m, t) and is_bound(m, t)


@waits(_holder_or_closed, _MUTEX)
def may_lock_open(m: Machine, t: Target) -> bool:
    """Return whether slots_lock is free, and a descriptor still leads to the file."""
    return may_lock(m, t) and m.count("f_ref") > 0


@stands_for(_MUTEX)
def lock_slots(m: Machine, t: Target) -> None:
    """Take kvm->slots_lock."""
    if m["slots_lock"] == t.actor:
        m.fail("deadlock", "slots_lock", "takes slots_lock, which its own task holds")
    m.sleep("slots_lock", "takes")
    m["slots_lock"] = t.actor


@stands_for("kernel/locking/mutex.c:mutex_unlock")
def unlock_slots(m: Machine, _: Target) -> None:
    """Drop kvm->slots_lock."""
    m["slots_lock"] = ""


@stands_for("include/linux/mmap_lock.h:mmap_read_lock")
def begin_fault(m: Machine, _: Target) -> None:
    """Take the lock of the mapping for a fault."""
    m["mmap_lock"] = 1


@stands_for("include/linux/mmap_lock.h:mmap_read_unlock")
def end_fault(m: Machine, _: Target) -> None:
    """Drop it."""
    m["mmap_lock"] = 0


@waits("a fault has the mapping locked", "include/linux/mmap_lock.h:mmap_write_lock")
def no_fault(m: Machine, _: Target) -> bool:
    """Return whether no fault holds the lock of the mapping, so that munmap can take it."""
    return not m["mmap_lock"]


# --- the module that the hooks are in ---------------------------------------------------


@stands_for("fs/open.c:do_dentry_open")
def holds_module(t: Target) -> bool:
    """Return whether the file holds its module: one opened with O_PATH has empty_fops."""
    return "module" in t.traits and "O_PATH" not in t.traits


@stands_for("include/linux/fs.h:fops_put")
def put_fops(m: Machine, _: Target) -> None:
    """Drop the module reference of f_op; __fput does so before dput."""
    m.add("module", -1)


@stands_for(NoFunction("design", "a hook's text is in the module"))
def run_text(m: Machine, _: Target) -> None:
    """Run code of the module."""
    m.touch("module text", "runs")


@waits(
    "a file, or a mount with an owner, holds the module, or no file was made",
    "kernel/module/main.c:try_release_module_ref",
)
def may_unload(m: Machine, t: Target) -> bool:
    """Return whether nothing that counts keeps the module: files, and mounts with an owner."""
    is_mounted = t.design.owner and m.count("mount") > 1
    return bool(m["opened"]) and not m.count("module") and not is_mounted


# Whoever runs the module's text with preemption off, as drop_inode under i_lock or a callback in
# softirq, is out of it before the memory goes. A callback that has not begun is not waited for:
# that takes an rcu_barrier. (kernel/module/main.c:free_module@v6.12)
@waits("somebody is in a read-side section", "kernel/module/main.c:free_module")
def nobody_reads(m: Machine, _: Target) -> bool:
    """Return whether a grace period of free_module's own is over."""
    return not m["readers"]


# What the VFS has, such as fs/inode.c:generic_delete_inode@v6.12, stays when the module goes.
@stands_for(NoFunction("model", "where a hook's function stands, by the facts"))
def is_built_in(t: Target, hook: HookName, functions: Collection[str]) -> bool:
    """Return whether a hook is a function of the VFS: one of a file that has `functions`."""
    name = dict(t.design.functions).get(hook, "")
    if not t.facts.has_function(name):
        return False
    known = filter(t.facts.has_function, functions)
    return t.facts.source(name).path in {t.facts.source(other).path for other in known}


@stands_for("kernel/module/main.c:free_module")
def unload(m: Machine, _: Target) -> None:
    """Free the module's text."""
    m["module text"] = FREED
    m.says("module text", FREED)
