"""Name the situations around KVM and its module: memslots, faults, unloading.

The roads are virt/kvm/guest_memfd.c's beside the last close: kvm_gmem_unbind and kvm_gmem_release
under slots_lock, kvm_gmem_get_pfn under SRCU; and delete_module's. Like those of `on_request` they
are not part of a matrix cell.
"""

from typing import Final

from gmemviz.model.design import Design
from gmemviz.model.machine import Trait
from gmemviz.model.road import Call, Chosen, cells, kvm, until
from gmemviz.model.scenarios.scenario import (
    CLOSE,
    CREATE,
    O_PATH,
    RCU,
    SOFTIRQ,
    Actor,
    actor,
    entry,
    on_request,
    scenario,
    table_of,
    unmounts,
)
from gmemviz.model.scenarios.witnesses import DEAD, SLOT_FREED


def _is_guest_memfd(design: Design) -> bool:
    is_its_creator = design.creator in ("create", "__kvm_gmem_create")
    return is_its_creator and design.filled and design.allocator != "new_inode"


def _says_of_binding(design: Design) -> bool:
    return design.unbinds is not None


def _may_go_early(design: Design) -> bool:
    return not design.barrier or (design.module and bool(design.callbacks))


def _task(*lines: Call, traits: tuple[Trait, ...]) -> Actor:
    return actor("task", *CREATE, Chosen("maps", is_entry=True), *lines, *CLOSE, traits=traits)


_BOUND: Final[tuple[Trait, ...]] = ("counted", "bound")
_BINDING: Final = _task(entry("KVM_SET_USER_MEMORY_REGION2"), traits=_BOUND)
_LEAVES: Final[tuple[Trait, ...]] = ("unmounts", "module")
_RCU_OF_MODULE: Final = Actor("rcu", RCU, shown="grace period", traits=("module",))

KVM: Final = table_of(
    scenario(
        "memslot-deletion", "a memslot is deleted while the last close of its file is under way",
        _BINDING, SOFTIRQ, actor("deleter", entry("memslot deletion"), traits=_BOUND),
        asks=lambda design: _is_guest_memfd(design) or not design.unbinds_dying,
        also=(SLOT_FREED,),
        # kvm_gmem_unbind could pass a dying file by until that was mended; it is asked then.
        unasked=lambda design: not design.unbinds_dying, cells=cells.MEMSLOT,
    ),
    # Binding may fail in the middle, or the memslot be refused behind it, while the file goes.
    # (virt/kvm/guest_memfd.c:kvm_gmem_bind@v6.12)
    scenario(
        "memslot-bind", "a memslot is bound, changed and deleted while its file is closed",
        _task(traits=_BOUND), SOFTIRQ,
        actor("ioctl", entry("memslot binding"), traits=_BOUND),
        actor("changer", entry("memslot flags change"), traits=_BOUND),
        actor("deleter", entry("memslot deletion"), traits=_BOUND),
        asks=lambda design: _is_guest_memfd(design) or _says_of_binding(design),
        also=(SLOT_FREED,), unasked=_says_of_binding, cells=cells.MEMSLOT,
    ),
    # The vCPU holds the file by get_file_active alone, or gets none.
    # (virt/kvm/guest_memfd.c:kvm_gmem_get_file@v6.12)
    on_request(
        "memslot-fault",
        "a vCPU takes a page through slot->gmem.file while the last close is under way",
        _BINDING, SOFTIRQ, actor("vcpu", entry("kvm_gmem_get_pfn"), traits=_BOUND),
        asks=_is_guest_memfd, cells=cells.MEMSLOT,
    ),
    # Only task work keeps __fput, and so release, out of slots_lock. (fs/file_table.c:fput@v6.12)
    on_request(
        "memslot-creation",
        "an ioctl that creates a memslot drops what may be the last reference to the file",
        _BINDING, SOFTIRQ, actor("ioctl", entry("memslot creation"), traits=_BOUND),
        asks=_is_guest_memfd, cells=cells.MEMSLOT,
    ),
    on_request(
        "fault", "a fault uses the inode; the mapping it goes through holds the file",
        _task(traits=("counted",)), SOFTIRQ,
        actor("fault", entry("page fault on a mapping"), traits=("counted",)),
        asks=lambda design: design.mappable, cells=cells.COUNTED_FILE,
    ),
    # A callback that runs when the module's text is gone crashes, unless module exit waits for it.
    scenario(
        "module-unload",
        "the module goes after its mount, whose root inode waits for a grace period",
        actor(
            "task", entry("kern_mount"), entry("module exit"), traits=("unmounts", "root", "module")
        ),
        _RCU_OF_MODULE,
        asks=unmounts, also=(DEAD,), unasked=_may_go_early, cells=cells.MODULE,
    ),
    scenario(
        "init-gives-up",
        "the module's init fails after its mount was made, and takes everything back",
        actor(
            "task",
            entry("kern_mount"),
            entry("module init gives up"),
            traits=("unmounts", "root"),
        ),
        SOFTIRQ,
        asks=unmounts, also=(DEAD,), unasked=lambda design: not design.init_barrier,
    ),
    # An O_PATH file has an empty f_op, so it holds no module. (fs/open.c:do_dentry_open@v6.12)
    scenario(
        "module-exit", "the module goes while an O_PATH file still holds mount and inode",
        actor("task", *CREATE, entry("open(2) O_PATH"), *CLOSE, traits=_LEAVES),
        Actor("o-path", O_PATH, shown="O_PATH holder", traits=("O_PATH", *_LEAVES)), _RCU_OF_MODULE,
        actor(
            "rmmod",
            until(kvm.may_unload, "nothing holds the module"),
            entry("module exit"),
            shown="rmmod",
            traits=_LEAVES,
        ),
        asks=unmounts, cells=cells.MODULE, unasked=lambda design: design.module,
    ),
)  # fmt: skip
