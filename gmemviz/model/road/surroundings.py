"""Write down the code around the road, as data that nothing holds against the facts.

These are the roads by which a file is made, filled, mapped and closed, by which others find an
inode or its folio (get_user_pages_fast, path walk, find_inode, memory_failure, KVM's page faults),
and by which a module goes. Names that are no function of the kernel's are what user space does.
"""

from collections.abc import Callable
from typing import Final

from gmemviz.facts import HOOKS
from gmemviz.model.design import Use
from gmemviz.model.machine import NoFunction, Target, Trait, stands_for
from gmemviz.model.road import bodies, cells, dcache, files, folios, icache, kvm, members, rcu
from gmemviz.model.road.hook_actions import free_struct, truncate
from gmemviz.model.road.kvm import holds_file
from gmemviz.model.road.lines import (
    Chosen,
    Do,
    Function,
    Line,
    OwnBody,
    ReturnIf,
    always,
    call,
    function,
    has,
    hook,
    if_no,
    if_yes,
    lacks,
    no,
    nothing,
    until,
    wait,
    when,
    yes,
)
from gmemviz.model.road.metadata import unwind
from gmemviz.model.road.vfs import is_i_lock_free


# 7.3's kmem_cache_destroy lets all callbacks run that may free into the cache. 6.12's waits for
# kfree_rcu alone, so a callback of call_rcu may come after it; it warns then, and leaves the cache
# where it is. (mm/slab_common.c:kmem_cache_destroy@v6.12)
def _destroying_calls(barrier: str) -> Callable[[Target], bool]:
    @stands_for(NoFunction("model", "what this kernel's kmem_cache_destroy calls, by the facts"))
    def does(t: Target) -> bool:
        calls = t.facts.function("kmem_cache_destroy").calls
        return barrier in {call.callee for call in calls}

    return does


_BATCHES: Final = when(
    bodies.frees_by_rcu, until(bodies.no_batch_waits, "what kfree_rcu was given is freed")
)


_UNBOUND: Final = "file and slot forget each other"
_HOLDS: Final = "the file is held, unless there is no reference left to share"
_PUT: Final = "the reference is dropped; the last runs as task work"
_UNLOCK: Final = Do(kvm.unlock_slots, "slots_lock is dropped")
_PUT_AND_UNLOCK: Final = (Do(kvm.put_file, _PUT), _UNLOCK, if_no(call("__fput")))

# 6.12 holds the file while it unbinds, if it still can; 7.3 unbinds without holding it.
# (virt/kvm/guest_memfd.c:kvm_gmem_unbind@v6.12)
_UNBIND: Final[tuple[Line, ...]] = (
    when(
        holds_file,
        Do(kvm.get_file_active, _HOLDS),
        if_yes(Do(kvm.unbind, _UNBOUND)),
        if_no(Do(kvm.unbind_dying, kvm.says_of_dying)),
    ),
    when(lambda t: not holds_file(t), Do(kvm.unbind, _UNBOUND)),
)

# 6.12 has put the file before; 7.3 holds it until the memslot is installed or refused.
_END_OF_BINDING: Final[tuple[Line, ...]] = (
    when(kvm.puts_file_early, _UNLOCK),
    when(lambda t: not kvm.puts_file_early(t), *_PUT_AND_UNLOCK),
)
_ROOT_IS_SET: Final = (
    when(
        lambda t: bool(t.design.root_sets),
        Do(files.set_root_null, "the root has no metadata, and says so"),
    ),
)
SURROUNDINGS: Final[dict[str, Function]] = {
    # --- what a task does with the file ---
    "alloc_file_pseudo": function(
        "makes dentry and struct file",
        Do(files.open_file, "the file holds the dentry, the dentry holds the inode"),
    ),
    "filemap_add_folio": function(
        "puts a folio into the page cache",
        Do(files.add_folio, "a touched page puts a folio into the mapping"),
    ),
    "page fault": function("touches a page of the file", Chosen("adds_folio")),
    "fallocate(2)": function("fills the file without a mapping", Chosen("adds_folio")),
    "mmap(2)": function("maps the file", Do(kvm.get_file, "the mapping holds the file too")),
    # The PTE goes before the mapping's reference to the file: no fault comes after that.
    "munmap(2)": function(
        "unmaps the page",
        when(lacks("counted"), Do(files.unmap, "no PTE leads to the folio now")),
        when(has("counted"), wait(kvm.no_fault, files.unmap, "no PTE leads to the folio now")),
        when(has("counted"), call("fput")),
    ),
    "fput": function(
        "drops a reference to the file; the last one has __fput run as task work",
        Do(kvm.put_file, "a reference to the file is gone"),
        ReturnIf(yes),
        call("__fput"),
    ),
    # fput of another task may be the last one; then __fput runs as its task work.
    # (fs/file_table.c:fput@v6.12)
    "close(2)": function(
        "puts the file; the last put runs __fput at once",
        Do(rcu.unpublish, "no new lockless reader finds the inode"),
        when(has("counted"), call("fput")),
        when(lacks("counted"), call("__fput")),
        Do(files.note_close, "close(2) is done"),
    ),
    "open(2) O_PATH": function(
        "opens /proc/self/fd/N with O_PATH",
        Do(files.open_path, "a second struct file holds the dentry"),
    ),
    # --- what has a name ---
    # d_instantiate, or d_make_persistent where the name itself shall hold the dentry; the file
    # holds it as well. (fs/namei.c:lookup_open@v6.12)
    "open(2) O_CREAT": function(
        "makes a name for the inode, and opens it",
        Do(dcache.instantiate, "the dentry holds the inode, and can be looked up"),
        Do(files.open_file, "the file holds the dentry"),
    ),
    "read(2)": function(
        "uses the inode by the open file", Do(icache.use, "the inode and its metadata are used")
    ),
    "stat(2)": function(
        "looks the inode up by its name, and uses it",
        Do(dcache.look_up, dcache.look_up_says, dcache.may_look_up),
        Do(icache.use, "the inode and its metadata are used"),
        call("dput"),
        call("mntput"),
    ),
    # It holds the inode beyond the dentry: where nobody else does, its own iput is the last.
    # (fs/namei.c:do_unlinkat@v6.12, fs/namei.c:filename_unlinkat@v7.3)
    "unlink(2)": function(
        "looks the name up, and takes it away",
        wait(dcache.may_look_up, dcache.look_up_to_unlink, "dentry, mount and inode are held"),
        call("vfs_unlink"),
        call("dput"),
        call("iput"),
        call("mntput"),
        Do(dcache.note_unlinked, "unlink(2) is done"),
    ),
    "vfs_unlink": function(
        "has the filesystem take the name away, then the dcache",
        Do(dcache.drop_link, "i_nlink is 0"),
        hook("unlink"),
        when(lambda t: t.design.persistent, Do(dcache.unpin, "no name pins the dentry")),
        call("d_delete"),
    ),
    "d_delete": function(
        "takes the inode from a dentry that nobody else uses, or hides the dentry",
        Do(dcache.delete, "the dentry is negative, or unhashed where others use it"),
        if_yes(call("dentry_unlink_inode", context="L")),
    ),
    # --- who reads without a reference ---
    "rcu_read_lock": function("opens a read-side section"),
    "gup_fast_folio_allowed": function(
        "looks at the folio's mapping with interrupts off",
        Do(rcu.load_mapping, "folio->mapping is loaded"),
        ReturnIf(no),
        Do(rcu.read_mapping, "mapping->a_ops is read, in the memory of the inode"),
    ),
    # With interrupts off no grace period ends, so the inode's memory stays as long as this looks.
    # (mm/gup.c:gup_fast_folio_allowed@v6.12)
    "get_user_pages_fast": function(
        "walks the page table with interrupts off",
        wait(rcu.is_mapped, rcu.grab_folio, "the PTE leads to the folio, which gets a reference"),
        call("gup_fast_folio_allowed"),
        Do(rcu.let_go, "the reference is dropped, interrupts are on again"),
    ),
    "lockless reader": function(
        "reads the metadata under rcu_read_lock, without a reference",
        wait(rcu.is_published, rcu.enter, "rcu_read_lock; the inode is still in use"),
        call("peek"),
        Do(rcu.leave, "rcu_read_unlock"),
    ),
    "peek": function(
        "looks at the metadata",
        Do(rcu.load_metadata, "the pointer to the metadata is loaded"),
        ReturnIf(no),
        Do(rcu.read_metadata, "the metadata is read"),
    ),
    # --- the mount, and the module's exit ---
    "kern_mount": function(
        "mounts, and makes the root inode",
        call("new_inode"),
        *_ROOT_IS_SET,
        Do(files.mount, "the mount holds the superblock and its root"),
    ),
    # Neither mount has a struct mount yet. (fs/super.c:vfs_get_super, get_tree_nodev)
    "a mount that fails at once": function(
        "gives the superblock up before it has a root", call("deactivate_locked_super")
    ),
    "a mount without a root dentry": function(
        "makes the root inode, for which there is no dentry, and gives the superblock up",
        call("new_inode"),
        *_ROOT_IS_SET,
        call("d_make_root"),
        call("deactivate_locked_super"),
    ),
    "a mount that fails": function(
        "makes the root inode, and gives the superblock up half way",
        call("new_inode"),
        *_ROOT_IS_SET,
        Do(files.mount_half, "the superblock has its root, and nothing else"),
        call("deactivate_locked_super"),
    ),
    "kern_unmount": function("lets go of the mount", call("mntput")),
    "rcu_barrier": function(
        "waits for the callbacks queued so far",
        when(
            bodies.counts_callbacks,
            Do(bodies.note_callbacks, "the callbacks that are queued now are counted"),
            wait(bodies.have_run, bodies.sleep, "all of them have run"),
        ),
        when(
            lambda t: not bodies.counts_callbacks(t),
            until(rcu.no_callback_waits, "no callback is left"),
        ),
    ),
    "kvfree_rcu_barrier_on_cache": function(
        "waits for what is to be freed into the cache", call("rcu_barrier"), _BATCHES
    ),
    "kvfree_rcu_barrier": function("waits for what kfree_rcu was given", _BATCHES),
    # An object that is not back keeps the cache: a warning, and memory that is lost.
    "kmem_cache_destroy": function(
        "destroys the cache",
        when(
            _destroying_calls("kvfree_rcu_barrier"),
            when(bodies.frees_by_rcu, call("kvfree_rcu_barrier")),
        ),
        when(_destroying_calls("kvfree_rcu_barrier_on_cache"), call("kvfree_rcu_barrier_on_cache")),
        Do(files.destroy_cache, "the cache is destroyed"),
    ),
    "your_callback": function(
        "runs as the Design's own callback",
        Do(free_struct, "the struct is given back to the cache that it came from"),
    ),
    # --- who holds a folio, a file or the inode beside the task ---
    "vmsplice(2)": function(
        "puts the page into a pipe",
        wait(rcu.is_mapped, files.pin, "the pipe holds a reference to the folio"),
    ),
    "folio_put": function(
        "drops the pipe's reference", Do(files.unpin, "the pipe lets go of the folio")
    ),
    "second file": function(
        "opens the inode once more",
        wait(files.is_open, files.open_again, "a second struct file holds the dentry"),
        Do(files.compare_files, "both files show the same metadata"),
    ),
    "error path": function(
        "gives up what it made",
        when(cells.asks_failed, Do(bodies.note_failed, "what made the inode has failed")),
        when(
            lambda t: bool(t.design.unwinds),
            Do(unwind, "what the creator attached is freed by itself"),
        ),
        when(lambda t: bool(t.design.error_path), OwnBody("error path")),
        call("iput"),
    ),
    "error path of a mount": function(
        "gives up what a mount had made before it failed",
        when(lambda t: bool(t.design.error_path), OwnBody("error path")),
    ),
    "RCU path walk": function(
        "walks a path under rcu_read_lock, without a reference to the inode",
        wait(rcu.is_published, rcu.enter, "rcu_read_lock; the path leads there"),
        Do(rcu.read_inode, "mode and i_op are read in the inode"),
        when(
            members.is_walked,
            Do(members.load_walked, "the pointers that a walk follows are loaded"),
            if_yes(Do(rcu.read_metadata, "what they lead to is read")),
        ),
        Do(rcu.leave, "rcu_read_unlock"),
    ),
    "a system call": function(
        "has the VFS read what hangs on the inode that somebody holds",
        *(when(members.is_used_by(name), call(name)) for name in members.USES),
    ),
    # A hashed inode is found by anybody who knows its number; I_FREEING turns him away.
    "find_inode": function(
        "walks the hash under rcu_read_lock",
        wait(files.has_file, icache.look_up, "the hash leads to the inode, or to nothing"),
        if_yes(Do(icache.igrab, "the inode is held, unless it is going", is_i_lock_free)),
        Do(rcu.leave, "rcu_read_unlock"),
        if_yes(
            Do(
                icache.use,
                "the inode is used, or only held",
                otherwise=nothing,
                ways=("the inode is used", "only held"),
            ),
            call("iput"),
        ),
    ),
    "igrab": function(
        "holds an inode that was found without a reference",
        wait(rcu.is_published, rcu.enter, "rcu_read_lock; a pointer leads there"),
        Do(icache.igrab, "the inode is held, unless it is going", is_i_lock_free),
        Do(rcu.leave, "rcu_read_unlock"),
    ),
    "fallocate(2) PUNCH_HOLE": function(
        "removes a page through a file of its own",
        Do(truncate, "the folio leaves the page cache"),
        *folios.SHOWS,
    ),
    "memory_failure": function(
        "handles a broken page, with the folio locked",
        wait(files.is_in_cache, files.lock_folio, "the folio is locked"),
        Do(files.read_by_folio, "what truncation needs is read through folio->mapping"),
        Do(files.unlock_folio, "the folio is unlocked"),
    ),
    "page fault on a mapping": function(
        "uses the inode; the mapping holds the file",
        wait(rcu.is_mapped, kvm.begin_fault, "the mapping is locked"),
        Do(icache.use, "the inode and its metadata are used"),
        Do(kvm.end_fault, "the mapping is unlocked"),
    ),
    # --- KVM ---
    # slot->gmem.file holds no reference, so whoever loads it needs get_file_active.
    "kvm_gmem_get_pfn": function(
        "takes a page for the guest, under SRCU",
        wait(kvm.is_bound, kvm.load_slot, "slot->gmem.file is loaded"),
        Do(kvm.get_file_active, _HOLDS),
        if_yes(Do(icache.use, "the inode and its metadata are used"), call("fput")),
    ),
    "KVM_SET_USER_MEMORY_REGION2": function(
        "binds a memslot to the file",
        Do(kvm.bind, "slot and file have a weak pointer to each other"),
    ),
    # Under slots_lock a memslot is made, bound and installed, or all of that is taken back: a
    # memslot must not be freed while the file's xarray leads to it.
    # (virt/kvm/guest_memfd.c:kvm_gmem_bind@v6.12)
    "memslot binding": function(
        "makes a memslot and binds it to the file, with slots_lock held",
        wait(kvm.may_lock_open, kvm.lock_slots, "slots_lock is held"),
        Do(kvm.get_file_active, _HOLDS),
        if_no(_UNLOCK, ReturnIf(always)),
        Do(kvm.make_memslot, "there is a memslot, which the VM does not see yet"),
        Do(
            kvm.store_all,
            "the file's xarray leads to the memslot, in whole or in part",
            otherwise=kvm.store_half,
            ways=("the memslot is bound", "no memory: a part of the range is stored"),
        ),
        if_no(
            when(kvm.undoes("failed store"), Do(kvm.unbind, "what was stored is erased again")),
            Do(kvm.drop_memslot, "the memslot is freed"),
            *_PUT_AND_UNLOCK,
            ReturnIf(always),
        ),
        when(
            kvm.puts_file_early,
            Do(kvm.put_file, _PUT),
            if_yes(call("memslot installation"), ReturnIf(always)),
            call("memslot installation"),
            call("__fput"),
        ),
        when(lambda t: not kvm.puts_file_early(t), call("memslot installation")),
    ),
    "memslot installation": function(
        "lets the VM see the memslot; where it refuses, binding is undone and the memslot freed",
        Do(
            kvm.install,
            "the VM sees the memslot, or refuses it",
            otherwise=kvm.refuse,
            ways=("the VM sees the memslot", "the VM refuses it"),
        ),
        if_yes(*_END_OF_BINDING, ReturnIf(always)),
        when(kvm.undoes("refused memslot"), *_UNBIND),
        Do(kvm.drop_memslot, "the memslot is freed"),
        *_END_OF_BINDING,
        when(holds_file, if_yes(call("fput"))),
    ),
    # Flags of a memslot change as another memslot takes its place.
    # (virt/kvm/kvm_main.c:kvm_commit_memory_region@v6.12 frees the old one as it is)
    "memslot flags change": function(
        "changes the flags of a memslot that has a file, with slots_lock held",
        wait(kvm.may_lock_bound, kvm.lock_slots, "slots_lock is held"),
        when(kvm.undoes("changed flags"), Do(kvm.refuse, "the flags may not change: -EINVAL")),
        when(
            lambda t: not kvm.undoes("changed flags")(t),
            Do(kvm.drop_memslot, "another memslot takes its place, and it is freed"),
        ),
        _UNLOCK,
    ),
    "memslot deletion": function(
        "deletes the memslot, with slots_lock held",
        wait(kvm.may_lock_bound, kvm.lock_slots, "slots_lock is held"),
        *_UNBIND,
        Do(kvm.free_memslot, "the memslot is freed"),
        Do(kvm.unlock_slots, "slots_lock is dropped"),
        when(holds_file, if_yes(call("fput"))),
    ),
    "memslot creation": function(
        "looks the file up by its number, with slots_lock held, and lets go of it there",
        wait(kvm.may_lock_open, kvm.lock_slots, "slots_lock is held"),
        Do(kvm.get_file_active, _HOLDS),
        if_yes(
            Do(kvm.put_file, "the reference is dropped; the last runs as task work"),
            Do(kvm.unlock_slots, "slots_lock is dropped"),
            if_no(call("__fput")),
            ReturnIf(always),
        ),
        Do(kvm.unlock_slots, "slots_lock is dropped"),
    ),
    "workqueue": function(
        "adds a page without a reference to the inode",
        wait(files.is_out_of_cache, files.add_unasked, "a new folio is in the page cache"),
    ),
    # A module whose init fails is unloaded like one that leaves, and may have had a root inode.
    "module init gives up": function(
        "takes back what it made, the mount among it",
        call("kern_unmount"),
        when(lambda t: t.design.init_barrier, call("rcu_barrier")),
        call("kmem_cache_destroy"),
    ),
    "module exit": function(
        "unmounts, waits for callbacks, destroys the cache and is gone",
        call("kern_unmount"),
        when(lambda t: t.design.barrier, call("rcu_barrier")),
        call("kmem_cache_destroy"),
        wait(kvm.nobody_reads, kvm.unload, "the module's text is gone"),
    ),
}
"""Code around the road: system calls, readers and the module's own functions."""

# Filesystems put a folio into the page cache by a function of their own.
for _adder in ("shmem_add_to_page_cache", "hugetlb_add_to_page_cache"):
    SURROUNDINGS[_adder] = SURROUNDINGS["filemap_add_folio"]


# A pointer is loaded in one step and followed in the next, but where a lock keeps both together.
_READS: Final = if_yes(Do(rcu.read_metadata, "what they lead to is read"))
_LOADED: Final = "the pointers are loaded"
for _reader, _use in members.USES.items():
    _load = Do(members.load_used(_reader), _LOADED)
    _as_said: dict[Use, tuple[Line, ...]] = {
        "held": (_load, _READS),
        "rcu": (
            Do(rcu.enter, "a read-side section begins"),
            _load,
            _READS,
            Do(rcu.leave, "the read-side section ends"),
        ),
        "locked": (
            wait(
                members.is_lock_free,
                members.use_locked(_reader),
                "with the lock held, the pointers are loaded and what they lead to is read",
            ),
        ),
    }
    SURROUNDINGS[_reader] = function("reads what is kept in the inode", *_as_said[_use])

_RUNS: Final = (Do(kvm.run_text, "code of the module runs"),)
INSIDE: Final[dict[tuple[Trait, str], tuple[Line, ...]]] = {
    # kvm_gmem_release takes slots_lock; no other hook of guest_memfd does.
    ("bound", "release"): (
        wait(kvm.may_lock, kvm.lock_slots, "slots_lock is held"),
        Do(kvm.release_bindings, "no memslot has the file any more"),
        Do(kvm.unlock_slots, "slots_lock is dropped"),
    ),
    # An open file holds the module for release; for the other hooks nobody does.
    **{("module", hook): _RUNS for hook in HOOKS if hook != "release"},
}
"""What goes on inside a hook beside the Design's actions, for an actor with a trait."""
