"""Follow one inode through a recording, from its birth to its callback, and name its hooks.

Not here: whether that is what a Design may do (`evidence`). Start with `follow.py`.
"""

from gmemviz.record.inode.calls import NOBODY, Calls, base
from gmemviz.record.inode.follow import follow

__all__ = ("NOBODY", "Calls", "base", "follow")
