"""Name what runs beside the teardown: each scenario is actors over a few objects.

A scenario declares which Designs it is a question for, so that none is searched
in vain, and what a run of it must sometimes reach, so that none passes vacuously.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gmemviz.model import world
from gmemviz.model.actions import compile_fields
from gmemviz.model.design import Design
from gmemviz.model.holding import attach
from gmemviz.model.machine import FREED, Cell
from gmemviz.model.skeleton import Call, Chosen, Do, Line, StopIf, Wait, When
from gmemviz.model.target import FIRST_FILE, Target

__all__ = ("BUILD", "SCENARIOS", "Actor", "Scenario")


@dataclass(frozen=True, slots=True)
class Actor:
    """Give an actor its code: a function of `own` names, or of the skeleton's.

    `inode` says which inode it works on; actors of one inode share its objects.
    `shown` names the actor's own lines ("" is the Design's creator), `address` is where
    its inode lies ("" is a place of its own).
    """

    name: str
    lines: tuple[Line, ...]
    inode: str = "inode"
    shown: str = ""
    address: str = ""
    file: str = FIRST_FILE
    init_fails: bool = False
    is_path_only: bool = False
    unmounts: bool = False
    is_root: bool = False


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


def _attaches_late(t: Target) -> bool:
    return t.design.attaches_late


def _attaches_early(t: Target) -> bool:
    return not t.design.attaches_late


_ALLOCATE: Final = (Chosen("allocator"), StopIf(_init_fails))
_ATTACH: Final = Do(attach, "the creator attaches what the inode owns")
_CREATE: Final = (
    *_ALLOCATE,
    When(_attaches_early, _ATTACH),
    _call("alloc_file_pseudo"),
    When(_attaches_late, _ATTACH),
    Chosen("fills", is_entry=True),
)
_CLOSE: Final = (Chosen("unmaps", is_entry=True), _entry("close(2)"))
_RCU: Final = (
    Wait(world.grace_is_over, world.end_grace, "every reader that was inside has left"),
    Chosen("callback", context="B", is_entry=True),
)

_ENDS: Final = ("the struct inode is freed", lambda cells: cells["inode"] == FREED)
_TASK: Final = Actor("task", (*_CREATE, *_CLOSE))
_SOFTIRQ: Final = Actor("rcu", _RCU, shown="grace period")


def _can_be_pinned(design: Design) -> bool:
    # gup_fast_folio_allowed looks at no mapping of a hugetlb folio. (mm/gup.c)
    return design.mappable and not design.huge_folios


def _owns_lockless(design: Design) -> bool:
    # From a file's private data there is no way to it without a reference.
    return any(
        kept.kind.read_without_reference and kept.placement.holder != "file"
        for kept in design.keeps
    )


def _owns_scarce(design: Design) -> bool:
    return any(kept.kind.scarce for kept in design.keeps)


def _owns_last_put(design: Design) -> bool:
    return any(kept.kind.read_by_last_put for kept in design.keeps)


def _keeps_in(holder: str) -> Callable[[Design], bool]:
    return lambda design: any(kept.placement.holder == holder for kept in design.keeps)


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
            (_TASK, _SOFTIRQ, Actor("gup", (Call(("get_user_pages_fast",), "A", is_entry=True),))),
            _can_be_pinned,
            (_ENDS, ("the reader is inside while RCU waits", world.reader_delays_rcu)),
        ),
        Scenario(
            "rcu-reader", "N",
            "a reader under rcu_read_lock looks at the metadata while the inode goes",
            (_TASK, _SOFTIRQ, Actor("reader", (Call(("lockless reader",), "A", is_entry=True),))),
            _owns_lockless,
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
            lambda design: not design.attaches_late, (_ENDS,),
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
            (Actor("task", _ALLOCATE, init_fails=True), _SOFTIRQ), sometimes=(_ENDS,),
        ),
        Scenario(
            "root-inode", "N",
            "unmount: the root inode takes the same road, and has no metadata",
            (
                Actor(
                    "task", tuple(map(_entry, ("kern_mount", "kern_unmount", "rcu_barrier",
                                               "kmem_cache_destroy"))),
                    unmounts=True, is_root=True,
                ),
                _SOFTIRQ,
            ),
            _unmounts, (_ENDS, ("the superblock is dead", world.superblock_is_dead)),
        ),
        Scenario(
            "unmount", "N",
            "kern_unmount while a file is open: the mount lives on to the last __fput",
            (
                Actor("task", (*_CREATE, *_CLOSE), unmounts=True), _SOFTIRQ,
                Actor("unmounter", (Wait(world.has_file, world.nothing, "a file is open"),
                                    _entry("kern_unmount")), unmounts=True, shown="module exit"),
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
        Scenario(
            "pinned-folio", "N",
            "a folio outlives the inode in a pipe; its last folio_put reads what it needs",
            (_TASK, _SOFTIRQ, Actor("pipe", (_entry("vmsplice(2)"), _entry("folio_put")))),
            _owns_last_put, (_ENDS, ("the pinned folio outlives the inode", world.pin_outlives)),
        ),
        Scenario(
            "slab-reuse", "N",
            "a second inode gets the memory, and so the address, of the first",
            (
                _TASK, _SOFTIRQ,
                Actor("second", (Wait(world.is_freed, world.nothing, "the slab object is free"),
                                 *_ALLOCATE, _ATTACH, _entry("error path")), "second",
                      address="inode"),
                Actor("rcu 2", _RCU, "second", "grace period", address="inode"),
            ),
            _keeps_in("xarray"), (_ENDS, ("the second inode is made", world.second_is_made)),
        ),
        Scenario(
            "second-file", "N",
            "a second file is opened on the inode",
            (
                _TASK, _SOFTIRQ,
                Actor("second", (_entry("second file"), _entry("close(2)")), file="file 2"),
            ),
            _keeps_in("file"), (_ENDS,),
        ),
    )
}  # fmt: skip
"""Every situation that a cell's question is made of, in the order of telling."""
