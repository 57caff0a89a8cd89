"""Name what runs beside the teardown: each scenario is actors over a few objects.

The roads are those that every inode has beside the last close: creation that fails, the mount's
root, unmount, a reader without a reference, a folio or an O_PATH file that outlives the close. A
scenario declares which Designs it is a question for, so that none is searched in vain, and what a
run of it must sometimes reach, so that none passes vacuously.
"""

from collections.abc import Mapping
from typing import Final

from gmemviz.model.design import Design
from gmemviz.model.machine import SECOND_FILE
from gmemviz.model.road import Do, compile_fields, files, until
from gmemviz.model.scenarios import declared, given_up
from gmemviz.model.scenarios.kvm import KVM
from gmemviz.model.scenarios.named import OF_NAMES
from gmemviz.model.scenarios.on_request import FURTHER
from gmemviz.model.scenarios.scenario import (
    ALLOCATE,
    CLOSE,
    CREATE,
    LAST_CLOSE,
    MAKE_ANOTHER,
    O_PATH,
    PIPE,
    RCU,
    READER,
    SOFTIRQ,
    UNMOUNTER,
    Actor,
    Scenario,
    actor,
    atomic,
    entry,
    keeps_in,
    owns_last_put,
    owns_lockless,
    scenario,
    table_of,
    unmounts,
)
from gmemviz.model.scenarios.witnesses import DEAD, DELAYED, OUTLIVED, PATH_LAST, SECOND


def _can_be_pinned(design: Design) -> bool:
    # gup_fast_folio_allowed looks at no mapping of a hugetlb folio. (mm/gup.c)
    return design.mappable and design.filled and not design.huge_folios


def _owns_scarce(design: Design) -> bool:
    return any(kept.kind.scarce for kept in design.keeps)


_FIELDS: Final = Do(compile_fields, "every field that it writes is there")
BUILD: Final = Scenario(
    "build", "", "the Design is compiled against the kernel's headers",
    (actor("compiler", _FIELDS, shown="build"),),
)  # fmt: skip

_OF_A_CELL: Final = table_of(
    scenario(
        "last-close", "create, touch a page, unmap, close: nobody else holds the inode",
        *LAST_CLOSE,
    ),
    # It holds no reference to the inode: only the grace period keeps the memory that it looks at.
    # (mm/gup.c:gup_fast_folio_allowed@v6.12)
    scenario(
        "gup-fast", "get_user_pages_fast looks at the embedded mapping while the inode goes",
        *LAST_CLOSE, actor("gup", atomic("get_user_pages_fast")),
        asks=_can_be_pinned, also=(DELAYED,),
    ),
    scenario(
        "rcu-reader", "a reader under rcu_read_lock looks at the metadata while the inode goes",
        *LAST_CLOSE, READER,
        asks=owns_lockless, also=(DELAYED,),
    ),
    # Its f_op is empty, so release has run once and never runs for it.
    # (fs/open.c:do_dentry_open@v6.12)
    scenario(
        "o-path", "an O_PATH file holds the inode beyond the last real close",
        actor("task", *CREATE, entry("open(2) O_PATH"), *CLOSE),
        Actor("o-path", O_PATH, shown="O_PATH holder", traits=("O_PATH",)), SOFTIRQ,
        also=(PATH_LAST,),
    ),
    # The creator drops the only reference: the inode dies without a file, so without release.
    scenario(
        "creation-fails-late",
        "creation fails after the metadata was attached: the creator calls iput",
        Actor("task", MAKE_ANOTHER), SOFTIRQ,
        path="C", asks=lambda design: not design.attaches_late,
    ),
    scenario(
        "creation-fails-early",
        "creation fails before the metadata is attached: the creator calls iput",
        actor("task", *ALLOCATE, entry("error path")), SOFTIRQ,
        path="C", asks=lambda design: design.fails_early,
    ),
    # Hooks run on an inode that was never initialised to its end. (fs/inode.c:alloc_inode@v6.12)
    scenario(
        "init-fails", "inode_init_always fails: destroy_inode and free_inode run at once, unqueued",
        Actor("task", ALLOCATE, traits=("init fails",)), SOFTIRQ,
        path="I",
    ),
    # It is a directory that the creator never saw: its pointer is NULL, or what the slab held.
    scenario(
        "root-inode", "unmount: the root inode takes the same road, and has no metadata",
        actor(
            "task",
            entry("kern_mount"),
            entry("kern_unmount"),
            entry("rcu_barrier"),
            entry("kmem_cache_destroy"),
            traits=("unmounts", "root"),
        ),
        SOFTIRQ,
        asks=unmounts, also=(DEAD,),
    ),
    scenario(
        "unmount", "kern_unmount while a file is open: the mount lives on to the last __fput",
        actor("task", *CREATE, *CLOSE, traits=("unmounts",)), SOFTIRQ, UNMOUNTER,
        asks=unmounts, also=(DEAD,),
    ),
    # Scarce things come back when the first inode's hook runs, which may be a grace period later.
    scenario(
        "second-creation", "a second inode is created as soon as close has returned",
        *LAST_CLOSE,
        actor(
            "second",
            until(files.has_closed, "close(2) has returned"),
            *MAKE_ANOTHER,
            inode="second",
        ),
        Actor("rcu 2", RCU, "second", "grace period"),
        asks=_owns_scarce, also=(SECOND,),
    ),
    scenario(
        "pinned-folio",
        "a folio outlives the inode in a pipe; its last folio_put reads what it needs",
        *LAST_CLOSE, PIPE,
        asks=owns_last_put, also=(OUTLIVED,),
    ),
    # What is found by an inode's address is another's once the slab hands the address out anew.
    scenario(
        "slab-reuse", "a second inode gets the memory, and so the address, of the first",
        *LAST_CLOSE,
        actor(
            "second",
            until(files.is_freed, "the slab object is free"),
            *MAKE_ANOTHER,
            inode="second",
            address="inode",
        ),
        Actor("rcu 2", RCU, "second", "grace period", address="inode"),
        asks=keeps_in("xarray"), also=(SECOND,),
    ),
    scenario(
        "second-file", "a second file is opened on the inode",
        *LAST_CLOSE, actor("second", entry("second file"), entry("close(2)"), file=SECOND_FILE),
        asks=keeps_in("file"),
    ),
)  # fmt: skip
"""Every situation that a cell's question is made of, in the order of telling."""

SCENARIOS: Final[Mapping[str, Scenario]] = {**_OF_A_CELL, **OF_NAMES, **FURTHER, **KVM}
"""Every situation, in the order of telling."""


def by_default(design: Design) -> tuple[Scenario, ...]:
    """Return the scenarios that ask about a Design where nobody names one."""
    asking = (scenario for scenario in SCENARIOS.values() if scenario.asks(design))
    named = tuple(scenario for scenario in asking if scenario.unasked(design))
    return (*named, *declared.of_design(design), *given_up.of_design(design))
