"""Say what a verdict rests on: what is taken for granted, how much of everything, what is left out.

Only what holds for this Design is said: a Design that says itself what its error path does, or that
its module may go, assumes nothing about it.
"""

from collections.abc import Iterator
from typing import Final

from gmemviz.model import Design, Report

ASSUMPTIONS: Final = (
    "Unless a scenario says otherwise: the inode is on no hash, and its module stays loaded.",
    "A container's slab object is fresh, but where alloc_inode leaves a member unset.",
    "The inode is mappable unless the Design says not. TLB flushes wait for no lockless walker.",
    "Sequential consistency; no PREEMPT_RT, no RCU_LAZY; CONFIG_DEBUG_VFS off.",
    "A hook tests its pointer for NULL; the creator's error path is iput alone.",
)
"""What the model takes for granted of all cells of the matrix, said with its picture."""

KERNEL: Final = "Sequential consistency; no PREEMPT_RT, no RCU_LAZY; CONFIG_DEBUG_VFS off."
"""PREEMPT_RT would run RCU's callbacks in threads and let a spinlock sleep, RCU_LAZY would let them
wait for seconds."""

LEFT_OUT: Final = (
    "whoever waits in find_inode for an inode that is going (__wait_on_freeing_inode)",
    "I_NEW, for which whoever finds an inode waits",
    "the lazytime retry in iput",
    "writeback, but for write_inode_now",
    "what PREEMPT_RT and RCU_LAZY change",
)
"""Roads of the kernel that no scenario has.
(fs/inode.c:find_inode, fs/inode.c:iput, fs/inode.c:iput_final@v6.12)"""


def assumed(design: Design) -> tuple[str, ...]:
    """Return the sentences of what is taken for granted about this Design, and of nothing else."""
    return (*_of_inode(design), KERNEL, *_of_bodies(design))


def _of_inode(design: Design) -> Iterator[str]:
    stays = "" if design.module else ", and its module stays loaded"
    yield f"Unless a scenario says otherwise: the inode is on no hash{stays}."
    if design.has_container and not design.unset_at_birth:
        yield _of_slab_object(design)
    if design.mappable and design.filled:
        yield "User space maps its pages. TLB flushes wait for no lockless walker."


# What a slab hands out is not cleared: somebody has to have set a member, or left it empty.
# (mm/slub.c:setup_object@v6.12)
def _of_slab_object(design: Design) -> str:
    set_here = {action.metadata for action in design.body("alloc_inode") or ()}
    members = {kept.kind.name for kept in design.keeps if kept.placement.holder == "container"}
    if members <= set_here:
        return "The container's slab object is fresh: alloc_inode sets every member of it."
    return (
        "The container's slab object is as good as fresh: alloc_inode or a constructor sets each "
        "member, or whoever released it left it empty."
    )


# "untested" says in the Design's own words that nobody tests; with no pointer nothing is tested.
def _of_bodies(design: Design) -> Iterator[str]:
    actions = [action for body in design.bodies.values() for action in body]
    pointed = [action for action in actions if action.metadata and not action.is_word]
    tested = [action for action in pointed if not action.untested]
    if tested:
        which = (
            "A body" if len(tested) == len(pointed) else "Where it does not say untested, a body"
        )
        yield f"{which} tests its pointer for NULL."
    if not design.error_path and not design.unwinds:
        yield "The creator's error path is iput alone."


def bounded(report: Report) -> str:
    """Return the bounds within which a verdict holds, as one sentence."""
    return f"At most {report.bounds}."
