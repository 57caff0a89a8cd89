"""Tell what gmemviz knows and takes: its words, its lists, its commands, a page to start from.

Not here: what asks the model or a kernel, which is each in a module of `cli` by its own name. Start
with `explain.py`; the words themselves are told by `study`.
"""

from gmemviz.cli.about.completion import SHELLS
from gmemviz.cli.about.list import LISTS

__all__ = ("LISTS", "SHELLS")
