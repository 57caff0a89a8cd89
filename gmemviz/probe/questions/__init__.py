"""Ask a kernel, a call a row: each with the answer that its source gives.

Not here: how a child process asks (`probe/worker.py`). Start with `create.toml`, then `table.py`.
"""

from gmemviz.probe.questions.case import ask
from gmemviz.probe.questions.identity import compared, identified
from gmemviz.probe.questions.table import GROUPS, cases

__all__ = ("GROUPS", "ask", "cases", "compared", "identified")
