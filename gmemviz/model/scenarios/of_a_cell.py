"""Name what runs beside the teardown: each scenario is actors over a few objects.

A scenario declares which Designs it is a question for, so that none is searched
in vain, and what a run of it must sometimes reach, so that none passes vacuously.
"""

from typing import Final

from gmemviz.model.design import Design
from gmemviz.model.road import OF_INODE, Do, Wait, compile_fields, files
from gmemviz.model.scenarios import witnesses
from gmemviz.model.scenarios.declared import of_design
from gmemviz.model.scenarios.kvm import KVM
from gmemviz.model.scenarios.on_request import FURTHER
from gmemviz.model.scenarios.scenario import (
    ALLOCATE,
    ATTACH,
    CLOSE,
    CREATE,
    DEAD,
    DELAYED,
    ENDS,
    OUTLIVED,
    RCU,
    SECOND,
    SOFTIRQ,
    TASK,
    UNMOUNTER,
    Actor,
    Scenario,
    atomic,
    entry,
    keeps_in,
    owns_last_put,
    unmounts,
)


def _can_be_pinned(design: Design) -> bool:
    # gup_fast_folio_allowed looks at no mapping of a hugetlb folio. (mm/gup.c)
    return design.mappable and design.filled and not design.huge_folios


def _owns_lockless(design: Design) -> bool:
    # From a file's private data there is no way to it without a reference.
    return any(
        kept.kind.read_without_reference and kept.placement.holder in OF_INODE
        for kept in design.keeps
    )


def _owns_scarce(design: Design) -> bool:
    return any(kept.kind.scarce for kept in design.keeps)


BUILD: Final = Scenario(
    "build", "", "the Design is compiled against the kernel's headers",
    (
        Actor(
            "compiler", (Do(compile_fields, "every field that it writes is there"),), shown="build",
        ),
    ),
)  # fmt: skip

_OF_A_CELL: Final = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "last-close", "N",
            "create, touch a page, unmap, close: nobody else holds the inode",
            (TASK, SOFTIRQ), sometimes=(ENDS,),
        ),
        Scenario(
            "gup-fast", "N",
            "get_user_pages_fast looks at the embedded mapping while the inode goes",
            (TASK, SOFTIRQ, Actor("gup", (atomic("get_user_pages_fast"),))),
            _can_be_pinned,
            (ENDS, DELAYED),
        ),
        Scenario(
            "rcu-reader", "N",
            "a reader under rcu_read_lock looks at the metadata while the inode goes",
            (TASK, SOFTIRQ, Actor("reader", (atomic("lockless reader"),))),
            _owns_lockless,
            (ENDS, DELAYED),
        ),
        Scenario(
            "o-path", "N",
            "an O_PATH file holds the inode beyond the last real close",
            (
                Actor("task", (*CREATE, entry("open(2) O_PATH"), *CLOSE)),
                Actor(
                    "o-path",
                    (Wait(files.has_path, files.nothing, "O_PATH file open"), entry("close(2)")),
                    shown="O_PATH holder", traits=("O_PATH",),
                ),
                SOFTIRQ,
            ),
            sometimes=(ENDS, ("the O_PATH file is the last to go", witnesses.path_is_last)),
        ),
        Scenario(
            "creation-fails-late", "C",
            "creation fails after the metadata was attached: the creator calls iput",
            (Actor("task", (*ALLOCATE, ATTACH, entry("error path"))), SOFTIRQ),
            lambda design: not design.attaches_late, (ENDS,),
        ),
        Scenario(
            "creation-fails-early", "C",
            "creation fails before the metadata is attached: the creator calls iput",
            (Actor("task", (*ALLOCATE, entry("error path"))), SOFTIRQ),
            lambda design: design.fails_early, (ENDS,),
        ),
        Scenario(
            "init-fails", "I",
            "inode_init_always fails: destroy_inode and free_inode run at once, unqueued",
            (Actor("task", ALLOCATE, traits=("init fails",)), SOFTIRQ), sometimes=(ENDS,),
        ),
        Scenario(
            "root-inode", "N",
            "unmount: the root inode takes the same road, and has no metadata",
            (
                Actor(
                    "task", tuple(map(entry, ("kern_mount", "kern_unmount", "rcu_barrier",
                                               "kmem_cache_destroy"))),
                    traits=("unmounts", "root"),
                ),
                SOFTIRQ,
            ),
            unmounts, (ENDS, DEAD),
        ),
        Scenario(
            "unmount", "N",
            "kern_unmount while a file is open: the mount lives on to the last __fput",
            (
                Actor("task", (*CREATE, *CLOSE), traits=("unmounts",)), SOFTIRQ,
                UNMOUNTER,
            ),
            unmounts, (ENDS, DEAD),
        ),
        Scenario(
            "second-creation", "N",
            "a second inode is created as soon as close has returned",
            (
                TASK, SOFTIRQ,
                Actor("second", (Wait(files.has_closed, files.nothing, "close(2) has returned"),
                                 *ALLOCATE, ATTACH, entry("error path")), "second"),
                Actor("rcu 2", RCU, "second", "grace period"),
            ),
            _owns_scarce, (ENDS, SECOND),
        ),
        Scenario(
            "pinned-folio", "N",
            "a folio outlives the inode in a pipe; its last folio_put reads what it needs",
            (TASK, SOFTIRQ, Actor("pipe", (entry("vmsplice(2)"), entry("folio_put")))),
            owns_last_put, (ENDS, OUTLIVED),
        ),
        Scenario(
            "slab-reuse", "N",
            "a second inode gets the memory, and so the address, of the first",
            (
                TASK, SOFTIRQ,
                Actor("second", (Wait(files.is_freed, files.nothing, "the slab object is free"),
                                 *ALLOCATE, ATTACH, entry("error path")), "second",
                      address="inode"),
                Actor("rcu 2", RCU, "second", "grace period", address="inode"),
            ),
            keeps_in("xarray"), (ENDS, SECOND),
        ),
        Scenario(
            "second-file", "N",
            "a second file is opened on the inode",
            (
                TASK, SOFTIRQ,
                Actor("second", (entry("second file"), entry("close(2)")), file="file 2"),
            ),
            keeps_in("file"), (ENDS,),
        ),
    )
}  # fmt: skip
"""Every situation that a cell's question is made of, in the order of telling."""

SCENARIOS: Final = {**_OF_A_CELL, **FURTHER, **KVM}
"""Every situation, in the order of telling."""


def by_default(design: Design) -> tuple[Scenario, ...]:
    """Return the scenarios that ask about a Design where nobody names one."""
    named = tuple(s for s in SCENARIOS.values() if s.asks(design) and s.unasked(design))
    return (*named, *of_design(design))
