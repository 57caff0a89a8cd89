"""What is asked of a filesystem's own source: the command `derive`, and verdicts for `check`.

Not here: facts of a tree (`extract`, `calls`, `census`), which are `cli`'s own. Start with
`derive.py`.
"""

from gmemviz.cli.tree import derive
from gmemviz.cli.tree.derive import as_data, told, verdicts

__all__ = ("as_data", "derive", "told", "verdicts")
