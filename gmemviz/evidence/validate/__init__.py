"""Hold a recording against the model: a walk over the model's transitions along what was recorded.

Not here: reading a recording and following an inode (`record`). Start with `conform.py`; the
command is called conform, too.
"""

from gmemviz.evidence.validate.alphabet import edges_seen
from gmemviz.evidence.validate.conform import alignment, conform
from gmemviz.evidence.validate.conformity import Conformity, Pair

__all__ = (
    "Conformity",
    "Pair",
    "alignment",
    "conform",
    "edges_seen",
)
