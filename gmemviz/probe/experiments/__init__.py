"""Try on the running kernel what keeps an inode, and when its memory comes back.

Not here: single calls (`questions`). Start with `experiment.py`.
"""

from gmemviz.probe.experiments.experiment import NAMES, perform

__all__ = (
    "NAMES",
    "perform",
)
