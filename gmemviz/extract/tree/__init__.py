"""Open a kernel tree: its version, the files to be read, and what its build leaves out.

Not here: what stands in a file (`extract/code`). Start with `tree.py`; the configuration that
decides is in `build.py`.
"""

from gmemviz.extract.tree.build import is_second_choice, may_hold, settles
from gmemviz.extract.tree.tree import Tree

__all__ = (
    "Tree",
    "is_second_choice",
    "may_hold",
    "settles",
)
