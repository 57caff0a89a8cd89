"""Say what could happen: Design, heap, actors, the VFS skeleton, the search.

Pure: no drawing, no files, no clocks; the core runs over any Design.
May import errors and facts.
"""

from gmemviz.facts import HOOKS
from gmemviz.model.design import (
    CLEANUPS,
    METADATA,
    MOUNTS,
    PLACEMENTS,
    Action,
    Design,
    Hooks,
    Kept,
    design_from_choices,
    hooks_of,
    why_not,
)
from gmemviz.model.scenarios import SCENARIOS, Scenario
from gmemviz.model.search import Path, Report, Verdict, check, trace

__all__ = (
    "CLEANUPS",
    "HOOKS",
    "METADATA",
    "MOUNTS",
    "PLACEMENTS",
    "SCENARIOS",
    "Action",
    "Design",
    "Hooks",
    "Kept",
    "Path",
    "Report",
    "Scenario",
    "Verdict",
    "check",
    "design_from_choices",
    "hooks_of",
    "trace",
    "why_not",
)
