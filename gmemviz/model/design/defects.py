"""Name what can be wrong with a Design: one row a code, and nothing else decides what codes mean.

A row says what the code means, not when it applies: that the heap and the search find out. Each
stands for what a kernel says of such a Design, or would with slab debugging, lockdep and KASAN on.
Colours, the words of a kernel's console and what no kernel can show are kept elsewhere, keyed by
the code.
"""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

DefectCode = Literal[
    "assertion", "busy-inodes", "crash", "deadlock", "double-free", "hang", "inode-leak",
    "late-release", "leak", "lock-context", "no-such-field", "objects-remain", "out-of-reach",
    "per-file", "sleep-in-atomic", "sleep-in-softirq", "stale-alias", "unreachable-hook",
    "use-after-free", "wrong-branch", "wrong-cache",
]  # fmt: skip

Weight = Literal["fatal", "hazard"]
"""A `fatal` defect ends a run: the kernel stops, or its memory is anybody's. At a `hazard` a kernel
warns, leaks or is lucky: it is noted, and the run goes on to what may be worse."""

Shower = Literal["search", "kernel", "compiler"]
"""Who can show a defect: the model's search, a distribution's kernel that runs, its compiler."""


class DefectRow(NamedTuple):
    """Say what a code means, how heavy it is and who can show it.

    `at_end`: it is seen only when no step is left, not at a step. `source` is the function that
    hits it or says so, of a kernel with the debugging that this takes; "" where a kernel goes on
    as if all were well, and only what users see is wrong.
    """

    says: str
    weight: Weight = "fatal"
    shown_by: tuple[Shower, ...] = ("search", "kernel")
    at_end: bool = False
    source: str = ""


DEFECTS: Final[Mapping[DefectCode, DefectRow]] = {
    "assertion": DefectRow(
        "a BUG_ON of the kernel's own road is hit",
        source="fs/inode.c:evict@v6.12",
    ),
    "busy-inodes": DefectRow(
        "a superblock is shut down, and an inode that it lists is held by somebody",
        "hazard", ("search",),
        source="fs/super.c:generic_shutdown_super@v6.12",
    ),
    "crash": DefectRow(
        "a NULL or poisoned pointer, or a field that nothing initialised, is followed",
        source="arch/x86/mm/fault.c:page_fault_oops@v6.12",
    ),
    "deadlock": DefectRow(
        "a lock is taken by its holder, or a plain one in softirq, perhaps over its holder",
        "hazard",
        source="kernel/watchdog.c:watchdog_timer_fn@v6.12",
    ),
    "double-free": DefectRow(
        "memory is given back that was given back already",
        source="mm/slub.c:free_consistency_checks@v6.12",
    ),
    "hang": DefectRow(
        "somebody waits for ever for what nobody left will do", "hazard", ("search",), at_end=True,
        source="kernel/hung_task.c:check_hung_task@v6.12",
    ),
    "inode-leak": DefectRow(
        "the inode's struct is never given back", "hazard", at_end=True,
        source="mm/slub.c:list_slab_objects@v6.12",
    ),
    "late-release": DefectRow(
        "a second creation fails while something scarce waits for a grace period", "hazard"
    ),
    "leak": DefectRow(
        "metadata is still allocated when no step is left to free it", "hazard", at_end=True,
        source="mm/slub.c:list_slab_objects@v6.12",
    ),
    "lock-context": DefectRow(
        "a plain lock that dies with its object is taken in softirq", "hazard", ("search",),
        source="kernel/locking/lockdep.c:print_usage_bug@v6.12",
    ),
    "no-such-field": DefectRow(
        "the kernel has no such member, so the Design does not compile",
        shown_by=("search", "compiler"),
    ),
    "objects-remain": DefectRow(
        "a slab cache is destroyed, and objects that came from it are not back",
        "hazard", ("search",),
        source="mm/slab_common.c:kmem_cache_destroy@v6.12",
    ),
    "out-of-reach": DefectRow(
        "somebody needs metadata, and no pointer leads there from what it is given or holds",
        "hazard", ("search",),
    ),
    "per-file": DefectRow("a second file of the inode sees another state", "hazard"),
    "sleep-in-atomic": DefectRow(
        "something that may sleep is done with i_lock held, or atomic", "hazard",
        source="kernel/sched/core.c:__schedule_bug@v6.12",
    ),
    "sleep-in-softirq": DefectRow(
        "something that may sleep is done in an RCU callback", "hazard",
        source="kernel/sched/core.c:__schedule_bug@v6.12",
    ),
    "stale-alias": DefectRow(
        "a key or an object that is used again shows what another left", "hazard"
    ),
    "unreachable-hook": DefectRow("a hook is set that no run can enter", "hazard", ("search",)),
    "use-after-free": DefectRow(
        "memory is touched after it was given back",
        source="mm/kasan/report.c:kasan_report@v6.12",
    ),
    "wrong-branch": DefectRow(
        "truncation reads a word or a pointer that was cleared already", "hazard"
    ),
    "wrong-cache": DefectRow(
        "memory goes to, or is read as of, a cache that it did not come from",
        source="mm/slub.c:cache_from_obj@v6.12",
    ),
}  # fmt: skip
"""The codes, in the order in which they are listed everywhere."""


def codes_that(
    *, weight: Weight | None = None, shown_by: Shower | None = None, at_end: bool | None = None
) -> tuple[DefectCode, ...]:
    """Return the codes of which all that is asked for holds, in the table's order.

    >>> codes_that(at_end=True)
    ('hang', 'inode-leak', 'leak')
    """
    codes: list[DefectCode] = []
    for code, row in DEFECTS.items():
        is_shown = shown_by is None or shown_by in row.shown_by
        if is_shown and weight in (None, row.weight) and at_end in (None, row.at_end):
            codes.append(code)
    return tuple(codes)
