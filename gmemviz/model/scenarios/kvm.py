"""Name the situations around KVM and its module: memslots, faults, unloading.

Like those of `further` they are not part of a matrix cell.
"""

from typing import Final

from gmemviz.model.design import Design
from gmemviz.model.machine import Trait
from gmemviz.model.road import Call, Chosen, Wait, files, kvm
from gmemviz.model.scenarios import witnesses
from gmemviz.model.scenarios.scenario import (
    CLOSE,
    CREATE,
    DEAD,
    ENDS,
    RCU,
    SOFTIRQ,
    Actor,
    Scenario,
    entry,
    never,
    unmounts,
)


def _is_guest_memfd(design: Design) -> bool:
    is_its = design.creator in ("create", "__kvm_gmem_create")
    return is_its and design.filled and design.allocator != "new_inode"


def _skips_dying(design: Design) -> bool:
    return not design.unbinds_dying


def _is_module(design: Design) -> bool:
    return design.module


def _may_go_early(design: Design) -> bool:
    return not design.barrier or (design.module and bool(design.callbacks))


def _may_fail_early(design: Design) -> bool:
    return not design.init_barrier


def _is_mappable(design: Design) -> bool:
    return design.mappable


_BIND: Final = entry("KVM_SET_USER_MEMORY_REGION2")


def _task(*lines: Call, traits: tuple[Trait, ...]) -> Actor:
    return Actor("task", (*CREATE, Chosen("maps", is_entry=True), *lines, *CLOSE), traits=traits)


KVM: Final = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "memslot-deletion", "N",
            "a memslot is deleted while the last close of its file is under way",
            (
                _task(_BIND, traits=("counted", "bound")), SOFTIRQ,
                Actor("deleter", (entry("memslot deletion"),), traits=("counted", "bound")),
            ),
            _is_guest_memfd, (ENDS, ("the memslot is freed", witnesses.slot_is_freed)),
            _skips_dying, kvm.MEMSLOT_CELLS,
        ),
        Scenario(
            "memslot-fault", "N",
            "a vCPU takes a page through slot->gmem.file while the last close is under way",
            (
                _task(_BIND, traits=("counted", "bound")), SOFTIRQ,
                Actor("vcpu", (entry("kvm_gmem_get_pfn"),), traits=("counted", "bound")),
            ),
            _is_guest_memfd, (ENDS,), never, kvm.MEMSLOT_CELLS,
        ),
        Scenario(
            "memslot-creation", "N",
            "an ioctl that creates a memslot drops what may be the last reference to the file",
            (
                _task(_BIND, traits=("counted", "bound")), SOFTIRQ,
                Actor("ioctl", (entry("memslot creation"),), traits=("counted", "bound")),
            ),
            _is_guest_memfd, (ENDS,), never, kvm.MEMSLOT_CELLS,
        ),
        Scenario(
            "fault", "N",
            "a fault uses the inode; the mapping it goes through holds the file",
            (
                _task(traits=("counted",)), SOFTIRQ,
                Actor("fault", (entry("page fault on a mapping"),), traits=("counted",)),
            ),
            _is_mappable, (ENDS,), never, kvm.FILE_CELLS,
        ),
        Scenario(
            "module-unload", "N",
            "the module goes after its mount, whose root inode waits for a grace period",
            (
                Actor("task", (entry("kern_mount"), entry("module exit")),
                      traits=("unmounts", "root", "module")),
                Actor("rcu", RCU, shown="grace period", traits=("module",)),
            ),
            unmounts, (ENDS, DEAD), _may_go_early, kvm.MODULE_CELLS,
        ),
        Scenario(
            "init-gives-up", "N",
            "the module's init fails after its mount was made, and takes everything back",
            (
                Actor("task", (entry("kern_mount"), entry("module init gives up")),
                      traits=("unmounts", "root")),
                SOFTIRQ,
            ),
            unmounts, (ENDS, DEAD), _may_fail_early,
        ),
        Scenario(
            "module-exit", "N",
            "the module goes while an O_PATH file still holds mount and inode",
            (
                Actor("task", (*CREATE, entry("open(2) O_PATH"), *CLOSE),
                      traits=("unmounts", "module")),
                Actor("o-path",
                      (Wait(files.has_path, files.nothing, "O_PATH file open"), entry("close(2)")),
                      shown="O_PATH holder", traits=("O_PATH", "unmounts", "module")),
                Actor("rcu", RCU, shown="grace period", traits=("module",)),
                Actor("rmmod",
                      (Wait(kvm.may_unload, files.nothing, "nothing holds the module"),
                       entry("module exit")), shown="rmmod",
                      traits=("unmounts", "module")),
            ),
            unmounts, (ENDS,), _is_module, kvm.MODULE_CELLS,
        ),
    )
}  # fmt: skip
