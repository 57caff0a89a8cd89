"""Write down the code around the road, as data that nothing holds against the facts."""

from typing import Final

from gmemviz.facts import HOOKS
from gmemviz.model.machine import Target, Trait
from gmemviz.model.road import bodies, files, icache, kvm, rcu
from gmemviz.model.road.hook_actions import free_struct, truncate
from gmemviz.model.road.kvm import holds_file
from gmemviz.model.road.lines import (
    Body,
    Chosen,
    Do,
    Function,
    If,
    Line,
    ReturnIf,
    Wait,
    When,
    always,
    call,
    has,
    lacks,
    no,
    yes,
)
from gmemviz.model.road.metadata import unwind
from gmemviz.model.road.vfs import is_i_lock_free


def _sets_root(t: Target) -> bool:
    return bool(t.design.root_sets)


def _unwinds(t: Target) -> bool:
    return bool(t.design.unwinds)


def _has_error_path(t: Target) -> bool:
    return bool(t.design.error_path)


def _has_barrier(t: Target) -> bool:
    return t.design.barrier


def _has_init_barrier(t: Target) -> bool:
    return t.design.init_barrier


def _has_own_callbacks(t: Target) -> bool:
    return bool(t.design.callbacks)


def _has_no_callbacks(t: Target) -> bool:
    return not t.design.callbacks


def _destroying_waits(t: Target) -> bool:
    # 6.12's waits for kfree_rcu alone. (mm/slab_common.c:kmem_cache_destroy)
    calls = t.facts.function("kmem_cache_destroy").calls
    return "kvfree_rcu_barrier_on_cache" in {call.callee for call in calls}


def _holds_none(t: Target) -> bool:
    return not holds_file(t)


_UNBOUND: Final = "file and slot forget each other"
_HOLDS: Final = "the file is held, unless there is no reference left to share"
SURROUNDINGS: Final = {
    "alloc_file_pseudo": Function(
        "makes dentry and struct file",
        (Do(files.open_file, "the file holds the dentry, the dentry holds the inode"),),
    ),
    "filemap_add_folio": Function(
        "puts a folio into the page cache",
        (Do(files.add_folio, "a touched page puts a folio into the mapping"),),
    ),
    "page fault": Function("touches a page of the file", (Chosen("adds_folio"),)),
    "fallocate(2)": Function("fills the file without a mapping", (Chosen("adds_folio"),)),
    "mmap(2)": Function("maps the file", (Do(kvm.get_file, "the mapping holds the file too"),)),
    "munmap(2)": Function(
        "unmaps the page",
        (
            When(lacks("counted"), Do(files.unmap, "no PTE leads to the folio now")),
            When(
                has("counted"),
                Wait(kvm.no_fault, files.unmap, "no PTE leads to the folio now"),
            ),
            When(has("counted"), call("fput")),
        ),
    ),
    "fput": Function(
        "drops a reference to the file; the last one has __fput run as task work",
        (
            Do(kvm.put_file, "a reference to the file is gone"),
            ReturnIf(yes),
            call("__fput"),
        ),
    ),
    "close(2)": Function(
        "puts the file; the last put runs __fput at once",
        (
            Do(rcu.unpublish, "no new lockless reader finds the inode"),
            When(has("counted"), call("fput")),
            When(lacks("counted"), call("__fput")),
            Do(files.note_close, "close(2) is done"),
        ),
    ),
    "open(2) O_PATH": Function(
        "opens /proc/self/fd/N with O_PATH",
        (Do(files.open_path, "a second struct file holds the dentry"),),
    ),
    "rcu_read_lock": Function("opens a read-side section", ()),
    "gup_fast_folio_allowed": Function(
        "looks at the folio's mapping with interrupts off",
        (
            Do(rcu.load_mapping, "folio->mapping is loaded"),
            ReturnIf(no),
            Do(rcu.read_mapping, "mapping->a_ops is read, in the memory of the inode"),
        ),
    ),
    "get_user_pages_fast": Function(
        "walks the page table with interrupts off",
        (
            Wait(
                rcu.is_mapped,
                rcu.grab_folio,
                "the PTE leads to the folio, which gets a reference",
            ),
            call("gup_fast_folio_allowed"),
            Do(rcu.let_go, "the reference is dropped, interrupts are on again"),
        ),
    ),
    "lockless reader": Function(
        "reads the metadata under rcu_read_lock, without a reference",
        (
            Wait(rcu.is_published, rcu.enter, "rcu_read_lock; the inode is still in use"),
            call("peek"),
            Do(rcu.leave, "rcu_read_unlock"),
        ),
    ),
    "peek": Function(
        "looks at the metadata",
        (
            Do(rcu.load_metadata, "the pointer to the metadata is loaded"),
            ReturnIf(no),
            Do(rcu.read_metadata, "the metadata is read"),
        ),
    ),
    "kern_mount": Function(
        "mounts, and makes the root inode",
        (
            call("new_inode"),
            When(_sets_root, Do(files.set_root_null, "the root has no metadata, and says so")),
            Do(files.mount, "the mount holds the superblock and its root"),
        ),
    ),
    "a mount that fails at once": Function(
        "gives the superblock up before it has a root", (call("deactivate_locked_super"),)
    ),
    "a mount that fails": Function(
        "makes the root inode, and gives the superblock up half way",
        (
            call("new_inode"),
            When(_sets_root, Do(files.set_root_null, "the root has no metadata, and says so")),
            Do(files.mount_half, "the superblock has its root, and nothing else"),
            call("deactivate_locked_super"),
        ),
    ),
    "kern_unmount": Function("lets go of the mount", (call("mntput"),)),
    "rcu_barrier": Function(
        "waits for the callbacks queued so far",
        (
            When(
                _has_own_callbacks,
                Do(bodies.note_callbacks, "the callbacks that are queued now are counted"),
            ),
            When(_has_own_callbacks, Wait(bodies.have_run, files.nothing, "all of them have run")),
            When(
                _has_no_callbacks,
                Wait(rcu.no_callback_waits, files.nothing, "no callback is left"),
            ),
        ),
    ),
    "kvfree_rcu_barrier_on_cache": Function(
        "waits for what is to be freed into the cache", (call("rcu_barrier"),)
    ),
    "kmem_cache_destroy": Function(
        "destroys the cache",
        (
            When(_destroying_waits, call("kvfree_rcu_barrier_on_cache")),
            Do(files.destroy_cache, "the cache is destroyed; objects left get a warning"),
        ),
    ),
    "your_callback": Function(
        "runs as the Design's own callback",
        (Do(free_struct, "the struct is given back to the cache that it came from"),),
    ),
    "vmsplice(2)": Function(
        "puts the page into a pipe",
        (Wait(rcu.is_mapped, files.pin, "the pipe holds a reference to the folio"),),
    ),
    "folio_put": Function(
        "drops the pipe's reference", (Do(files.unpin, "the pipe lets go of the folio"),)
    ),
    "second file": Function(
        "opens the inode once more",
        (
            Wait(files.is_open, files.open_again, "a second struct file holds the dentry"),
            Do(files.compare_files, "both files show the same metadata"),
        ),
    ),
    "error path": Function(
        "gives up what it made",
        (
            When(bodies.asks_failed, Do(bodies.note_failed, "what made the inode has failed")),
            When(_unwinds, Do(unwind, "what the creator attached is freed by itself")),
            When(_has_error_path, Body("error path")),
            call("iput"),
        ),
    ),
    "RCU path walk": Function(
        "walks a path under rcu_read_lock, without a reference to the inode",
        (
            Wait(rcu.is_published, rcu.enter, "rcu_read_lock; the path leads there"),
            Do(rcu.read_inode, "mode and i_op are read in the inode"),
            Do(rcu.leave, "rcu_read_unlock"),
        ),
    ),
    "find_inode": Function(
        "walks the hash under rcu_read_lock",
        (
            Wait(files.has_file, icache.look_up, "the hash leads to the inode, or to nothing"),
            If(
                yes,
                (Do(icache.igrab, "the inode is held, unless it is going", is_i_lock_free),),
            ),
            Do(rcu.leave, "rcu_read_unlock"),
            If(
                yes,
                (
                    Do(icache.use, "the inode is used, or only held", otherwise=files.nothing),
                    call("iput"),
                ),
            ),
        ),
    ),
    "igrab": Function(
        "holds an inode that was found without a reference",
        (
            Wait(rcu.is_published, rcu.enter, "rcu_read_lock; a pointer leads there"),
            Do(icache.igrab, "the inode is held, unless it is going", is_i_lock_free),
            Do(rcu.leave, "rcu_read_unlock"),
        ),
    ),
    "fallocate(2) PUNCH_HOLE": Function(
        "removes a page through a file of its own",
        (Do(truncate, "the folio leaves the page cache"),),
    ),
    "memory_failure": Function(
        "handles a broken page, with the folio locked",
        (
            Wait(files.is_in_cache, files.lock_folio, "the folio is locked"),
            Do(files.read_by_folio, "what truncation needs is read through folio->mapping"),
            Do(files.unlock_folio, "the folio is unlocked"),
        ),
    ),
    "page fault on a mapping": Function(
        "uses the inode; the mapping holds the file",
        (
            Wait(rcu.is_mapped, kvm.begin_fault, "the mapping is locked"),
            Do(icache.use, "the inode and its metadata are used"),
            Do(kvm.end_fault, "the mapping is unlocked"),
        ),
    ),
    "kvm_gmem_get_pfn": Function(
        "takes a page for the guest, under SRCU",
        (
            Wait(kvm.is_bound, kvm.load_slot, "slot->gmem.file is loaded"),
            Do(kvm.get_file_active, _HOLDS),
            If(
                yes,
                (Do(icache.use, "the inode and its metadata are used"), call("fput")),
            ),
        ),
    ),
    "KVM_SET_USER_MEMORY_REGION2": Function(
        "binds a memslot to the file",
        (Do(kvm.bind, "slot and file have a weak pointer to each other"),),
    ),
    "memslot deletion": Function(
        "deletes the memslot, with slots_lock held",
        (
            Wait(kvm.may_lock_bound, kvm.lock_slots, "slots_lock is held"),
            When(holds_file, Do(kvm.get_file_active, _HOLDS)),
            When(holds_file, If(yes, (Do(kvm.unbind, _UNBOUND),))),
            When(holds_file, If(no, (Do(kvm.unbind_dying, kvm.says_of_dying),))),
            When(_holds_none, Do(kvm.unbind, _UNBOUND)),
            Do(kvm.free_memslot, "the memslot is freed"),
            Do(kvm.unlock_slots, "slots_lock is dropped"),
            When(holds_file, If(yes, (call("fput"),))),
        ),
    ),
    "memslot creation": Function(
        "looks the file up by its number, with slots_lock held, and lets go of it there",
        (
            Wait(kvm.may_lock_open, kvm.lock_slots, "slots_lock is held"),
            Do(kvm.get_file_active, _HOLDS),
            If(
                yes,
                (
                    Do(kvm.put_file, "the reference is dropped; the last runs as task work"),
                    Do(kvm.unlock_slots, "slots_lock is dropped"),
                    If(no, (call("__fput"),)),
                    ReturnIf(always),
                ),
            ),
            Do(kvm.unlock_slots, "slots_lock is dropped"),
        ),
    ),
    "workqueue": Function(
        "adds a page without a reference to the inode",
        (Wait(files.is_out_of_cache, files.add_unasked, "a new folio is in the page cache"),),
    ),
    "module init gives up": Function(
        "takes back what it made, the mount among it",
        (
            call("kern_unmount"),
            When(_has_init_barrier, call("rcu_barrier")),
            call("kmem_cache_destroy"),
        ),
    ),
    "module exit": Function(
        "unmounts, waits for callbacks, destroys the cache and is gone",
        (
            call("kern_unmount"),
            When(_has_barrier, call("rcu_barrier")),
            call("kmem_cache_destroy"),
            Do(kvm.unload, "the module's text is gone"),
        ),
    ),
}
"""Code around the road: system calls, readers and the module's own functions."""
for _adder in ("shmem_add_to_page_cache", "hugetlb_add_to_page_cache"):
    SURROUNDINGS[_adder] = SURROUNDINGS["filemap_add_folio"]

_RUNS: Final = (Do(kvm.run_text, "code of the module runs"),)
INSIDE: Final[dict[tuple[Trait, str], tuple[Line, ...]]] = {
    ("bound", "release"): (
        Wait(kvm.may_lock, kvm.lock_slots, "slots_lock is held"),
        Do(kvm.release_bindings, "no memslot has the file any more"),
        Do(kvm.unlock_slots, "slots_lock is dropped"),
    ),
    **{("module", hook): _RUNS for hook in HOOKS if hook != "release"},
}
"""What goes on inside a hook beside the Design's actions, for an actor with a trait."""
