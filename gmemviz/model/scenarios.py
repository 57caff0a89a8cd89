"""Name what runs beside the teardown: each scenario is actors over a few objects.

A scenario declares which Designs it is a question for, so that none is searched
in vain, and what a run of it must sometimes reach, so that none passes vacuously.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gmemviz.model import world
from gmemviz.model.actions import Target, attach, compile_fields
from gmemviz.model.design import Design
from gmemviz.model.machine import FREED, Cell
from gmemviz.model.skeleton import Call, Chosen, Do, Function, Line, ReturnIf, StopIf, Wait

__all__ = ("BUILD", "SCENARIOS", "Actor", "Scenario")


@dataclass(frozen=True, slots=True)
class Actor:
    """Give an actor its code: a function of `own` names, or of the skeleton's.

    `inode` says which inode it works on; actors of one inode share its objects.
    `shown` names the actor's own lines ("" is the Design's creator).
    """

    name: str
    lines: tuple[Line, ...]
    inode: str = "inode"
    shown: str = ""
    init_fails: bool = False
    is_path_only: bool = False
    unmounts: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """Give a named situation: who runs, for which Designs, and what must be seen.

    `path` is the exit path (N: last iput; C: error after alloc; I: failed
    init). `sometimes` maps a witness's name to a test of one state's cells.
    """

    name: str
    path: str
    says: str
    actors: tuple[Actor, ...]
    asks: Callable[[Design], bool] = lambda _: True
    sometimes: tuple[tuple[str, Callable[[dict[str, Cell]], bool]], ...] = ()


def _call(*names: str) -> Call:
    return Call(names)


def _entry(name: str) -> Call:
    return Call((name,), is_entry=True)


def _init_fails(t: Target) -> bool:
    return t.init_fails


_ALLOCATE: Final = (Chosen("allocator"), StopIf(_init_fails))
_ATTACH: Final = Do(attach, "the creator attaches what the inode owns")
_CREATE: Final = (
    *_ALLOCATE,
    _ATTACH,
    _call("alloc_file_pseudo"),
    _entry("page fault"),
)
_CLOSE: Final = (_entry("munmap(2)"), _entry("close(2)"))
_RCU: Final = (
    Wait(world.grace_is_over, world.end_grace, "every reader that was inside has left"),
    Call(("i_callback",), context="B", is_entry=True),
)

USER_SPACE: Final = {
    "alloc_file_pseudo": Function(
        "makes dentry and struct file",
        (Do(world.open_file, "the file holds the dentry, the dentry holds the inode"),),
    ),
    "filemap_add_folio": Function(
        "puts a folio into the page cache",
        (Do(world.add_folio, "a touched page puts a folio into the mapping"),),
    ),
    "page fault": Function("touches a page of the file", (Chosen("adds_folio"),)),
    "munmap(2)": Function("unmaps the page", (Do(world.unmap, "no PTE leads to the folio now"),)),
    "close(2)": Function(
        "puts the file; task work runs __fput",
        (Call(("__fput",)), Do(world.note_close, "close(2) is done")),
    ),
    "open(2) O_PATH": Function(
        "opens /proc/self/fd/N with O_PATH",
        (Do(world.open_path, "a second struct file holds the dentry"),),
    ),
    "rcu_read_lock": Function("opens a read-side section", ()),
    "gup_fast_folio_allowed": Function(
        "looks at the folio's mapping with interrupts off",
        (
            Do(world.load_mapping, "folio->mapping is loaded"),
            ReturnIf(world.found_nothing),
            Do(world.read_mapping, "mapping->a_ops is read, in the memory of the inode"),
        ),
    ),
    "get_user_pages_fast": Function(
        "walks the page table with interrupts off",
        (
            Wait(world.is_mapped, world.enter, "the PTE still leads to the folio"),
            _call("gup_fast_folio_allowed"),
            Do(world.leave, "interrupts are on again"),
        ),
    ),
    "lockless reader": Function(
        "reads the metadata under rcu_read_lock, without a reference",
        (
            Wait(world.is_mapped, world.enter, "rcu_read_lock; the inode is still in use"),
            Do(world.load_metadata, "the pointer to the metadata is loaded"),
            ReturnIf(world.found_nothing),
            Do(world.read_metadata, "the metadata is read"),
            Do(world.leave, "rcu_read_unlock"),
        ),
    ),
    "kern_mount": Function(
        "mounts, and makes the root inode",
        (_call("new_inode"), Do(world.mount, "the mount holds the superblock and its root")),
    ),
    "kern_unmount": Function("lets go of the mount", (_call("mntput"),)),
    "rcu_barrier": Function(
        "waits for the callbacks queued so far",
        (Wait(world.no_callback_waits, world.nothing, "no callback is left"),),
    ),
    "kmem_cache_destroy": Function(
        "destroys the cache",
        (Do(world.destroy_cache, "the cache is gone"),),
    ),
    "error path": Function("gives up what it made", (_call("iput"),)),
}
"""Code around the road: system calls, readers and the module's own functions."""
for _adder in ("shmem_add_to_page_cache", "hugetlb_add_to_page_cache"):
    USER_SPACE[_adder] = USER_SPACE["filemap_add_folio"]

_ENDS: Final = ("the struct inode is freed", lambda cells: cells["inode"] == FREED)
_TASK: Final = Actor("task", (*_CREATE, *_CLOSE))
_SOFTIRQ: Final = Actor("rcu", _RCU, shown="grace period")


def _owns_lockless(design: Design) -> bool:
    return any(kept.kind.read_without_reference for kept in design.keeps)


def _owns_scarce(design: Design) -> bool:
    return any(kept.kind.scarce for kept in design.keeps)


def _unmounts(design: Design) -> bool:
    return design.mount.unmounts


BUILD: Final = Scenario(
    "build", "", "the Design is compiled against the kernel's headers",
    (
        Actor(
            "compiler", (Do(compile_fields, "every field that it writes is there"),), shown="build",
        ),
    ),
)  # fmt: skip

SCENARIOS: Final = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "last-close", "N",
            "create, touch a page, unmap, close: nobody else holds the inode",
            (_TASK, _SOFTIRQ), sometimes=(_ENDS,),
        ),
        Scenario(
            "gup-fast", "N",
            "get_user_pages_fast looks at the embedded mapping while the inode goes",
            (_TASK, _SOFTIRQ, Actor("gup", (_entry("get_user_pages_fast"),))),
            sometimes=(_ENDS, ("the reader is inside while RCU waits", world.reader_delays_rcu)),
        ),
        Scenario(
            "rcu-reader", "N",
            "a reader under rcu_read_lock looks at the metadata while the inode goes",
            (_TASK, _SOFTIRQ, Actor("reader", (_entry("lockless reader"),))), _owns_lockless,
            (_ENDS, ("the reader is inside while RCU waits", world.reader_delays_rcu)),
        ),
        Scenario(
            "o-path", "N",
            "an O_PATH file holds the inode beyond the last real close",
            (
                Actor("task", (*_CREATE, _entry("open(2) O_PATH"), *_CLOSE)),
                Actor(
                    "o-path",
                    (Wait(world.has_path, world.nothing, "O_PATH file open"), _entry("close(2)")),
                    shown="O_PATH holder", is_path_only=True,
                ),
                _SOFTIRQ,
            ),
            sometimes=(_ENDS, ("the O_PATH file is the last to go", world.path_is_last)),
        ),
        Scenario(
            "creation-fails-late", "C",
            "creation fails after the metadata was attached: the creator calls iput",
            (Actor("task", (*_ALLOCATE, _ATTACH, _entry("error path"))), _SOFTIRQ),
            sometimes=(_ENDS,),
        ),
        Scenario(
            "creation-fails-early", "C",
            "creation fails before the metadata is attached: the creator calls iput",
            (Actor("task", (*_ALLOCATE, _entry("error path"))), _SOFTIRQ),
            sometimes=(_ENDS,),
        ),
        Scenario(
            "init-fails", "I",
            "inode_init_always fails: destroy_inode and free_inode run at once, unqueued",
            (Actor("task", _ALLOCATE, init_fails=True),), sometimes=(_ENDS,),
        ),
        Scenario(
            "root-inode", "N",
            "unmount: the root inode takes the same road, and has no metadata",
            (
                Actor("task", (_entry("kern_mount"), _entry("kern_unmount"), _entry("rcu_barrier"),
                               _entry("kmem_cache_destroy")), unmounts=True),
                _SOFTIRQ,
            ),
            _unmounts, (_ENDS, ("the superblock is dead", world.superblock_is_dead)),
        ),
        Scenario(
            "second-creation", "N",
            "a second inode is created as soon as close has returned",
            (
                _TASK, _SOFTIRQ,
                Actor("second", (Wait(world.has_closed, world.nothing, "close(2) has returned"),
                                 *_ALLOCATE, _ATTACH, _entry("error path")), "second"),
                Actor("rcu 2", _RCU, "second", "grace period"),
            ),
            _owns_scarce, (_ENDS, ("the second inode is made", world.second_is_made)),
        ),
    )
}  # fmt: skip
"""Every situation that a cell's question is made of, in the order of telling."""
