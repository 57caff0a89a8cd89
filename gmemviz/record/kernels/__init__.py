"""Bring kernels here to be booted: Debian's, by apt, and those that somebody built.

Not here: how one is found, and booted (`boot`). Start with `store.py`; which are pinned, and to
what, stands in facts/kernels.toml.
"""

from gmemviz.record.kernels.archive import Archive
from gmemviz.record.kernels.store import KernelHere, add_kernel, fetch_kernels, known_here

__all__ = ("Archive", "KernelHere", "add_kernel", "fetch_kernels", "known_here")
