"""Hold a recording against the model: a walk over the model's transitions along what was recorded.

Not here: reading a recording and following an inode (`record`). Start with `conform.py`; the
command is `gmemviz validate`, and `conform` another name of it.
"""

from gmemviz.evidence.validate.alphabet import edges_seen
from gmemviz.evidence.validate.conform import alignment, conform, validate
from gmemviz.evidence.validate.conformity import CONFORMS, Conformity, Pair

__all__ = (
    "CONFORMS",
    "Conformity",
    "Pair",
    "alignment",
    "conform",
    "edges_seen",
    "validate",
)
