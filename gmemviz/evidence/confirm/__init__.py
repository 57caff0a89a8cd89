"""Let a real kernel judge a Design: its runs as a module, what the kernel said, the judgement.

Not here: the module's C (`translate/c`) and the boot (`record/boot`). Start with `confirm.py`.
"""

from gmemviz.evidence.confirm.cells import confirm_cells
from gmemviz.evidence.confirm.confirm import cannot_ask, confirm
from gmemviz.evidence.confirm.confirmation import Confirmation
from gmemviz.evidence.confirm.filesystem import FilesystemConfirmation, confirm_filesystem

__all__ = (
    "Confirmation",
    "FilesystemConfirmation",
    "cannot_ask",
    "confirm",
    "confirm_cells",
    "confirm_filesystem",
)
