"""Ask a kernel, a call a row: each with the answer that its source gives.

Not here: how a child process asks (`probe/worker.py`). Start with `create.py`.
"""

from gmemviz.probe.questions import create, file_calls, file_memory, identity, memslots
from gmemviz.probe.questions.create import flag_words

__all__ = (
    "create",
    "file_calls",
    "file_memory",
    "flag_words",
    "identity",
    "memslots",
)
