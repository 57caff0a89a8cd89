"""Name the situations that somebody has to ask for: they are not part of a matrix cell.

The roads are those of an inode that is found again (fs/inode.c:find_inode, igrab, evict_inodes,
prune_icache_sb), of slab memory that is used again, and of pages that others hold. Some ask by
themselves about a Design that says it has what they need.
"""

from typing import Final

from gmemviz.model.design import Design, may_keep
from gmemviz.model.machine import SECOND_FILE, Operation, Target
from gmemviz.model.road import (
    Call,
    Choose,
    Do,
    attach,
    call,
    cells,
    files,
    icache,
    if_yes,
    nothing,
    until,
    wait,
)
from gmemviz.model.scenarios.scenario import (
    ALLOCATE,
    ATTACH,
    CLOSE,
    CREATE,
    LAST_CLOSE,
    RCU,
    SOFTIRQ,
    UNMOUNT,
    UNMOUNTER,
    WALKER,
    Actor,
    actor,
    atomic,
    entry,
    on_request,
    owns_last_put,
    scenario,
    table_of,
    unmounts,
)
from gmemviz.model.scenarios.witnesses import (
    DEAD,
    DELAYED,
    FOLIO_LOCKED,
    OUTLIVED,
    SECOND,
    UNUSED,
)


def _may_stay(design: Design) -> bool:
    # Hashed and linked, an inode stays unless drop_inode says that it shall go.
    body = design.body("drop_inode")
    return unmounts(design) and (body is None or may_keep(body))


def _trusts_the_slab(design: Design) -> bool:
    # A member of the container that alloc_inode does not set has what the last owner left.
    set_at_birth = {action.metadata for action in design.body("alloc_inode") or ()}
    in_container = [kept for kept in design.keeps if kept.placement.holder == "container"]
    unset = [kept for kept in in_container if kept.kind.name not in set_at_birth]
    return bool(design.set_once) or (design.mount.own_table and bool(unset))


def _trusts_the_slab_and_unmounts(design: Design) -> bool:
    return unmounts(design) and _trusts_the_slab(design)


def _is_built_once(design: Design) -> bool:
    # What alloc_inode and no constructor sets is garbage in fresh memory too; other scenarios
    # begin with that. (road.hook_actions.allocate_used_container)
    return bool(design.set_once)


# An inode whose creation fails, or that is of another kind, never gets what the last one had.
def _ways_of_creation(t: Target) -> tuple[Operation, ...]:
    early = (nothing,) if t.design.fails_early or t.design.attaches_late else ()
    return early if t.design.attaches_late else (attach, *early)


def _put_sleeps(design: Design) -> bool:
    return any(kept.kind.put_sleeps for kept in design.keeps)


_HASHED: Final = ("hashed", "unmounts")
_RCU_HASHED: Final = Actor("rcu", RCU, shown="grace period", traits=("hashed",))
_FINDER: Final = actor(
    "finder",
    wait(files.may_mount, files.hold_mount, "a path holds the mount"),
    entry("find_inode"),
    entry("mntput"),
    shown="path lookup",
    traits=_HASHED,
)
# With a page in its cache an inode is not on the LRU.
_EMPTY: Final = (*ALLOCATE, ATTACH, call("alloc_file_pseudo"), entry("close(2)"))

FURTHER: Final = table_of(
    # In RCU mode nothing is held, and only afterwards d_seq tells that the dentry has gone.
    # (fs/namei.c:link_path_walk@v6.12)
    scenario(
        "rcu-walk", "RCU path walk reads the struct inode without a reference while it goes",
        *LAST_CLOSE, WALKER,
        asks=lambda design: design.named, also=(DELAYED,),
    ),
    scenario(
        "stale-root", "the mount's root inode gets the slab memory of an inode that owned metadata",
        *LAST_CLOSE,
        actor(
            "mounter",
            until(files.is_freed_and_closed, "the slab object is free"),
            entry("kern_mount"),
            entry("kern_unmount"),
            inode="second",
            address="inode",
            traits=("unmounts", "root"),
        ),
        Actor("rcu 2", RCU, "second", "grace period", address="inode"),
        asks=_trusts_the_slab_and_unmounts, also=(SECOND, DEAD),
    ),
    scenario(
        "stale-init", "inode_init_always fails in slab memory of an inode that owned metadata",
        *LAST_CLOSE,
        actor(
            "second",
            until(files.is_freed, "the slab object is free"),
            *ALLOCATE,
            inode="second",
            address="inode",
            traits=("init fails",),
        ),
        path="I", asks=_trusts_the_slab, also=(SECOND,),
    ),
    scenario(
        "stale-creation", "a second inode gets the slab memory of the first, and is given up",
        *LAST_CLOSE,
        actor(
            "second",
            until(files.is_freed, "the slab object is free"),
            *ALLOCATE,
            Choose(_ways_of_creation, "the creator attaches what the inode owns, or fails before"),
            entry("error path"),
            inode="second",
            address="inode",
        ),
        Actor("rcu 2", RCU, "second", "grace period", address="inode"),
        path="C", asks=_trusts_the_slab, also=(SECOND,), unasked=_is_built_once,
    ),
    # Network and block drivers drop references to pages in softirq.
    scenario(
        "softirq-put", "the last folio_put of a folio that outlives the inode comes in softirq",
        *LAST_CLOSE, actor("pipe", entry("vmsplice(2)"), Call(("folio_put",), "B", is_entry=True)),
        asks=owns_last_put, also=(OUTLIVED,), unasked=_put_sleeps,
    ),
    # drop_inode is asked each time that the count comes to 0, and no hook else runs until the end.
    on_request(
        "find-inode", "a hashed inode stays unused, may be found again, and goes at umount at last",
        actor("task", *CREATE, *CLOSE, traits=_HASHED), _FINDER,
        Actor("unmounter", UNMOUNT, shown="umount", traits=_HASHED), _RCU_HASHED,
        path="K R U", asks=_may_stay, also=(UNUSED, DEAD), cells=cells.I_LOCK,
    ),
    on_request(
        "shrinker", "a hashed inode stays unused, may be found again, and goes for want of memory",
        Actor("task", _EMPTY, traits=_HASHED), _FINDER, _RCU_HASHED,
        actor("kswapd", entry("prune_icache_sb"), traits=("hashed",)),
        path="K R U", asks=_may_stay, also=(UNUSED,), cells=cells.I_LOCK,
    ),
    # Without the LRU the inode is written with I_WILL_FREE set. (fs/inode.c:iput_final@v6.12)
    on_request(
        "dontcache", "a hashed inode with I_DONTCACHE is written back before it is evicted",
        actor("task", *CREATE, *CLOSE, traits=("hashed", "I_DONTCACHE")), _RCU_HASHED,
        path="W", asks=_may_stay,
    ),
    # What lost is destroyed at once: neither drop_inode nor evict_inode runs.
    # (fs/inode.c:iget5_locked@v6.12)
    on_request(
        "lost-insertion",
        "another task has hashed the same inode first: destroy_inode without evict",
        actor("task", *ALLOCATE, traits=("hashed", "lost")), _RCU_HASHED,
        path="X",
    ),
    on_request(
        "igrab", "somebody who lists the inode holds it by igrab while the last close is under way",
        *LAST_CLOSE,
        actor(
            "grabber",
            atomic("igrab"),
            if_yes(Do(icache.use, "the inode and its metadata are used"), entry("iput")),
            shown="holder",
        ),
        path="R", cells=cells.I_LOCK,
    ),
    # The superblock warns of busy inodes, and goes. (fs/super.c:generic_shutdown_super@v6.12)
    on_request(
        "busy-inode", "an inode is held beyond its superblock, without a reference to the mount",
        actor("task", *CREATE, *CLOSE, traits=("unmounts",)), SOFTIRQ,
        actor(
            "grabber",
            atomic("igrab"),
            if_yes(until(files.is_dead, "the superblock is gone"), entry("iput")),
            shown="holder",
            traits=("unmounts",),
        ),
        UNMOUNTER,
        asks=unmounts, also=(DEAD,), cells=(*cells.I_LOCK, *cells.BUSY),
    ),
    on_request(
        "linked-file", "a second file of the inode punches a hole after the first may be closed",
        *LAST_CLOSE,
        actor(
            "second",
            entry("second file"),
            entry("fallocate(2) PUNCH_HOLE"),
            entry("close(2)"),
            file=SECOND_FILE,
        ),
    ),
    # Truncation waits for the folio's lock; whatever a hook freed before that is read here.
    on_request(
        "memory-failure", "memory_failure reads through a locked folio while the inode goes",
        *LAST_CLOSE, actor("poison", entry("memory_failure")),
        asks=lambda design: design.filled, also=(FOLIO_LOCKED,), cells=cells.FOLIO_LOCK,
    ),
    on_request(
        "late-page", "a worker adds a page without a reference to the inode",
        *LAST_CLOSE, actor("worker", entry("workqueue")),
        asks=lambda design: design.filled,
    ),
)  # fmt: skip
