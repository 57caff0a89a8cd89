"""Name the situations that somebody has to ask for: they are not part of a matrix cell.

Some ask by themselves about a Design that says it has what they need.
"""

from typing import Final

from gmemviz.model.design import Design
from gmemviz.model.road import Call, Do, If, Wait, call, files, icache, yes
from gmemviz.model.scenarios import witnesses
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
    never,
    owns_last_put,
    unmounts,
)


def _may_stay(design: Design) -> bool:
    # Hashed and linked, an inode stays unless drop_inode says no.
    body = design.body("drop_inode")
    return unmounts(design) and (body is None or body[-1].verb == "return 0")


def _is_named(design: Design) -> bool:
    return design.named


def _is_filled(design: Design) -> bool:
    return design.filled


def _trusts_the_slab(design: Design) -> bool:
    # A member of the container that alloc_inode does not set has what the last owner left.
    set_at_birth = {action.metadata for action in design.body("alloc_inode") or ()}
    return design.mount.own_table and any(
        kept.placement.holder == "container" and kept.kind.name not in set_at_birth
        for kept in design.keeps
    )


def _trusts_the_slab_and_unmounts(design: Design) -> bool:
    return unmounts(design) and _trusts_the_slab(design)


def _put_sleeps(design: Design) -> bool:
    return any(kept.kind.put_sleeps for kept in design.keeps)


_UNUSED: Final = ("the inode stays unused", witnesses.is_cached)

_LOCK: Final = (("inode.i_lock", 0),)
_HASHED: Final = Actor("task", (*CREATE, *CLOSE), traits=("hashed", "unmounts"))
# With a page in its cache an inode is not on the LRU.
_EMPTY: Final = Actor(
    "task", (*ALLOCATE, ATTACH, call("alloc_file_pseudo"), entry("close(2)")),
    traits=("hashed", "unmounts"),
)  # fmt: skip
_RCU_HASHED: Final = Actor("rcu", RCU, shown="grace period", traits=("hashed",))
_FINDER: Final = Actor(
    "finder",
    (Wait(files.may_mount, files.hold_mount, "a path holds the mount"), entry("find_inode"),
     entry("mntput")),
    shown="path lookup", traits=("hashed", "unmounts"),
)  # fmt: skip
_UNMOUNTER: Final = Actor(
    "unmounter", (Wait(files.has_file, files.nothing, "a file is open"), entry("kern_unmount")),
    shown="umount", traits=("hashed", "unmounts"),
)  # fmt: skip
_GRABBER: Final = (
    atomic("igrab"),
    If(yes, (Do(icache.use, "the inode and its metadata are used"), entry("iput"))),
)
_BUSY: Final = (
    atomic("igrab"),
    If(
        yes,
        (Wait(files.is_dead, files.nothing, "the superblock is gone"), entry("iput")),
    ),
)


FURTHER: Final = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "rcu-walk", "N",
            "RCU path walk reads the struct inode without a reference while it goes",
            (TASK, SOFTIRQ, Actor("walker", (atomic("RCU path walk"),))),
            _is_named,
            (ENDS, DELAYED),
        ),
        Scenario(
            "stale-root", "N",
            "the mount's root inode gets the slab memory of an inode that owned metadata",
            (
                TASK, SOFTIRQ,
                Actor("mounter",
                      (Wait(files.is_freed_and_closed, files.nothing, "the slab object is free"),
                       entry("kern_mount"), entry("kern_unmount")),
                      "second", address="inode", traits=("unmounts", "root")),
                Actor("rcu 2", RCU, "second", "grace period", address="inode"),
            ),
            _trusts_the_slab_and_unmounts, (ENDS, SECOND, DEAD),
        ),
        Scenario(
            "stale-init", "I",
            "inode_init_always fails in slab memory of an inode that owned metadata",
            (
                TASK, SOFTIRQ,
                Actor("second", (Wait(files.is_freed, files.nothing, "the slab object is free"),
                                 *ALLOCATE),
                      "second", address="inode", traits=("init fails",)),
            ),
            _trusts_the_slab, (ENDS, SECOND),
        ),
        Scenario(
            "softirq-put", "N",
            "the last folio_put of a folio that outlives the inode comes in softirq",
            (
                TASK, SOFTIRQ,
                Actor("pipe", (entry("vmsplice(2)"), Call(("folio_put",), "B", is_entry=True))),
            ),
            owns_last_put, (ENDS, OUTLIVED),
            _put_sleeps,
        ),
        Scenario(
            "find-inode", "K R U",
            "a hashed inode stays unused, may be found again, and goes at umount at last",
            (_HASHED, _FINDER, _UNMOUNTER, _RCU_HASHED),
            _may_stay, (ENDS, _UNUSED, DEAD), never, _LOCK,
        ),
        Scenario(
            "shrinker", "K R U",
            "a hashed inode stays unused, may be found again, and goes for want of memory",
            (
                _EMPTY, _FINDER, _RCU_HASHED,
                Actor("kswapd", (entry("prune_icache_sb"),), traits=("hashed",)),
            ),
            _may_stay, (ENDS, _UNUSED), never, _LOCK,
        ),
        Scenario(
            "dontcache", "W",
            "a hashed inode with I_DONTCACHE is written back before it is evicted",
            (
                Actor("task", (*CREATE, *CLOSE), traits=("hashed", "I_DONTCACHE")), _RCU_HASHED,
            ),
            _may_stay, (ENDS,), never,
        ),
        Scenario(
            "lost-insertion", "X",
            "another task has hashed the same inode first: destroy_inode without evict",
            (
                Actor("task", ALLOCATE, traits=("hashed", "lost")), _RCU_HASHED,
            ),
            sometimes=(ENDS,), unasked=never,
        ),
        Scenario(
            "igrab", "R",
            "somebody who lists the inode holds it by igrab while the last close is under way",
            (TASK, SOFTIRQ, Actor("grabber", _GRABBER, shown="holder")),
            sometimes=(ENDS,), unasked=never, cells=_LOCK,
        ),
        Scenario(
            "busy-inode", "N",
            "an inode is held beyond its superblock, without a reference to the mount",
            (
                Actor("task", (*CREATE, *CLOSE), traits=("unmounts",)), SOFTIRQ,
                Actor("grabber", _BUSY, shown="holder", traits=("unmounts",)),
                UNMOUNTER,
            ),
            unmounts, (ENDS, DEAD), never, _LOCK,
        ),
        Scenario(
            "linked-file", "N",
            "a second file of the inode punches a hole after the first may be closed",
            (
                TASK, SOFTIRQ,
                Actor("second", (entry("second file"), entry("fallocate(2) PUNCH_HOLE"),
                                 entry("close(2)")), file="file 2"),
            ),
            sometimes=(ENDS,), unasked=never,
        ),
        Scenario(
            "memory-failure", "N",
            "memory_failure reads through a locked folio while the inode goes",
            (TASK, SOFTIRQ, Actor("poison", (entry("memory_failure"),))),
            _is_filled, (ENDS, ("the folio is locked", witnesses.folio_is_locked)), never,
            (("folio.locked", 0),),
        ),
        Scenario(
            "late-page", "N",
            "a worker adds a page without a reference to the inode",
            (TASK, SOFTIRQ, Actor("worker", (entry("workqueue"),))),
            _is_filled, (ENDS,), never,
        ),
    )
}  # fmt: skip
