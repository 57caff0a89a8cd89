"""Rank the defect codes, and give each a word short enough for a row of choices.

A Design may show several at once. What a reader should hear first is what a kernel would die of
(mm/slub.c's double free, a BUG_ON), then what answers when metadata must go, then what warns.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from gmemviz.model.design import DefectCode

SHORT: Final[Mapping[DefectCode, str]] = {
    "no-such-field": "no field",  # nothing was compiled, so nothing else is known
    "use-after-free": "UAF",
    "double-free": "freed twice",
    "wrong-cache": "wrong cache",
    "assertion": "BUG_ON",
    "crash": "crash",
    "hang": "hang",  # what it leaves undone is a leak besides
    "late-release": "late",  # before the sleep beside it: a worker mends that, and not this
    "leak": "leak",
    "inode-leak": "inode leak",
    "objects-remain": "remain",
    "busy-inodes": "busy",
    "deadlock": "deadlock",
    "sleep-in-atomic": "sleeps",
    "sleep-in-softirq": "sleeps",
    "lock-context": "lock",
    "wrong-branch": "cleared",
    "stale-alias": "stale",
    "per-file": "per file",
    "out-of-reach": "no way",
    "unreachable-hook": "unreached",
}
"""Each code's short word; the order is the rank, what to hear first comes first."""


def ranked(codes: Iterable[DefectCode]) -> tuple[DefectCode, ...]:
    """Return the codes in the order in which a reader should hear them.

    >>> ranked(("sleep-in-softirq", "late-release"))
    ('late-release', 'sleep-in-softirq')
    """
    order = list(SHORT)
    return tuple(sorted(codes, key=order.index))
