"""Do what KVM does around a guest_memfd file: count its references, bind memslots, unload."""

from typing import Final

from gmemviz.model.machine import ABSENT, FREED, HELD, Cell, Machine, Target

FILE_CELLS: Final[tuple[tuple[str, Cell], ...]] = (("f_ref", 0), ("mmap_lock", 0))
MEMSLOT_CELLS: Final[tuple[tuple[str, Cell], ...]] = (
    *FILE_CELLS,
    ("memslot", ABSENT),
    ("slot->gmem.file", 0),
    ("bindings", 0),
    ("slots_lock", ""),
)
MODULE_CELLS: Final[tuple[tuple[str, Cell], ...]] = (
    ("module", 0),
    ("module text", HELD),
    ("opened", 0),
)
"""Initial cells of the scenarios with counted file references, memslots, a module."""


def get_file(m: Machine, t: Target) -> None:
    """Take another reference to the file: a mapping's, or a system call's."""
    m["f_ref"] = m.count("f_ref") + 1
    m.says(t.file, f"f_ref {m['f_ref']}")


def get_file_active(m: Machine, t: Target) -> None:
    """Take a reference unless the last one is gone. (fs/file.c:get_file_active)"""
    m.register = int(m.count("f_ref") > 0)
    if m.register:
        get_file(m, t)


def put_file(m: Machine, t: Target) -> None:
    """Drop a reference to the file. (fs/file_table.c:fput)"""
    m["f_ref"] = m.register = m.count("f_ref") - 1
    m.says(t.file, f"f_ref {m.register}")


def bind(m: Machine, t: Target) -> None:
    """Bind a memslot to the file, by a weak pointer each way. (virt/kvm/guest_memfd.c)"""
    m["memslot"] = HELD
    m["slot->gmem.file"] = m["bindings"] = 1
    m.says(t.file, "bound")


def is_bound(m: Machine, _: Target) -> bool:
    """Return whether the memslot has a file."""
    return bool(m["slot->gmem.file"])


def load_slot(m: Machine, _: Target) -> None:
    """Load slot->gmem.file in an SRCU section. (virt/kvm/guest_memfd.c:kvm_gmem_get_pfn)"""
    m.says("slot->gmem.file", "loaded")


def unbind(m: Machine, _: Target) -> None:
    """Take the binding away on both sides. (virt/kvm/guest_memfd.c:kvm_gmem_unbind)"""
    m["slot->gmem.file"] = m["bindings"] = 0
    m.says("bindings", "empty")


def holds_file(t: Target) -> bool:
    """Return whether this kernel's kvm_gmem_unbind holds the file: 7.3's does not."""
    facts, name = t.facts, "kvm_gmem_unbind"
    calls = facts.function(name).calls if facts.has_function(name) else ()
    return "kvm_gmem_get_file" in {call.callee for call in calls}


def says_of_dying(t: Target) -> str:
    """Return what becomes of a file whose last reference is gone."""
    unbinds = t.design.unbinds_dying
    return "the dying file is unbound too" if unbinds else "the dying file is passed by"


def may_lock_open(m: Machine, t: Target) -> bool:
    """Return whether slots_lock is free, and a descriptor still leads to the file."""
    return may_lock(m, t) and m.count("f_ref") > 0


def unbind_dying(m: Machine, t: Target) -> None:
    """Do the same where the file's last reference is gone, if the Design does so."""
    if t.design.unbinds_dying:
        unbind(m, t)


def free_memslot(m: Machine, _: Target) -> None:
    """Free the memslot. (virt/kvm/kvm_main.c:kvm_free_memslot)"""
    m.free("memslot")


def release_bindings(m: Machine, t: Target) -> None:
    """Set the pointer back in every bound memslot. (virt/kvm/guest_memfd.c:kvm_gmem_release)"""
    if m["bindings"]:
        m.touch("memslot", "writes gmem.file in")
        unbind(m, t)


def may_lock(m: Machine, t: Target) -> bool:
    """Return whether slots_lock is free; who has it already can try, and never gets it."""
    return m["slots_lock"] in ("", t.actor)


def may_lock_bound(m: Machine, t: Target) -> bool:
    """Return whether the same can be done for a slot that has a file."""
    return may_lock(m, t) and is_bound(m, t)


def lock_slots(m: Machine, t: Target) -> None:
    """Take kvm->slots_lock."""
    if m["slots_lock"] == t.actor:
        m.fail("deadlock", "slots_lock", "takes slots_lock, which its own task holds")
    m.sleep("slots_lock", "takes")
    m["slots_lock"] = t.actor


def unlock_slots(m: Machine, _: Target) -> None:
    """Drop kvm->slots_lock."""
    m["slots_lock"] = ""


def begin_fault(m: Machine, _: Target) -> None:
    """Take the lock of the mapping for a fault."""
    m["mmap_lock"] = 1


def end_fault(m: Machine, _: Target) -> None:
    """Drop it."""
    m["mmap_lock"] = 0


def no_fault(m: Machine, _: Target) -> bool:
    """Return whether no fault holds the lock of the mapping."""
    return not m["mmap_lock"]


# --- the module that the hooks are in ---------------------------------------------------


def holds_module(t: Target) -> bool:
    """Return whether the file holds its module: one opened with O_PATH has empty_fops."""
    return "module" in t.traits and "O_PATH" not in t.traits


def put_fops(m: Machine, _: Target) -> None:
    """Drop the module reference of f_op; __fput does so before dput. (fs/file_table.c:__fput)"""
    m["module"] = m.count("module") - 1


def run_text(m: Machine, _: Target) -> None:
    """Run code of the module."""
    m.touch("module text", "runs")


def may_unload(m: Machine, t: Target) -> bool:
    """Return whether nothing that counts keeps the module: files, and mounts with an owner."""
    is_mounted = t.design.owner and m.count("mount") > 1
    return bool(m["opened"]) and not m.count("module") and not is_mounted


def unload(m: Machine, _: Target) -> None:
    """Free the module's text."""
    m["module text"] = FREED
    m.says("module text", FREED)
