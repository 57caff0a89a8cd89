"""Follow one inode through a recording, from its birth to its callback, and name its hooks.

Not here: whether that is what a Design may do (`evidence`). Start with `follow.py`.
"""

from gmemviz.record.inode.calls import NOBODY, Calls, base
from gmemviz.record.inode.condense import read_inode
from gmemviz.record.inode.follow import NO_BIRTH, ends_of, evict_of, follow, sights_of
from gmemviz.record.inode.lives import FREES

__all__ = (
    "FREES",
    "NOBODY",
    "NO_BIRTH",
    "Calls",
    "base",
    "ends_of",
    "evict_of",
    "follow",
    "read_inode",
    "sights_of",
)
