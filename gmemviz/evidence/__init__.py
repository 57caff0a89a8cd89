"""Hold a Design and a real kernel against each other, and say where they part.

Here: a recording held against the model (`validate`), a Design judged by a kernel that boots
(`confirm`), and what a console's words mean. Not here: how a kernel is booted (`record`), the C of
a Design (`translate`). Start with `validate/conform.py` or `confirm/confirm.py`.
"""

from gmemviz.evidence.confirm import (
    Confirmation,
    FilesystemConfirmation,
    confirm,
    confirm_cells,
    confirm_filesystem,
)
from gmemviz.evidence.console import heard
from gmemviz.evidence.recorded_console import Said
from gmemviz.evidence.recorded_run import RecordedRun, recorded_run
from gmemviz.evidence.validate import Conformity, alignment, conform, edges_seen, validate

__all__ = (
    "Confirmation",
    "Conformity",
    "FilesystemConfirmation",
    "RecordedRun",
    "Said",
    "alignment",
    "confirm",
    "confirm_cells",
    "confirm_filesystem",
    "conform",
    "edges_seen",
    "heard",
    "recorded_run",
    "validate",
)
