"""Say what could happen: Design, heap, actors, the VFS skeleton, the search.

Pure: no drawing, no files, no clocks; the core runs over any Design.
May import errors and facts.
"""

from gmemviz.model.check import Report, check
from gmemviz.model.choices import CLEANUPS, METADATA, MOUNTS, PLACEMENTS
from gmemviz.model.design import Action, Design, Hooks, Kept, design_from_choices
from gmemviz.model.path import Path, trace
from gmemviz.model.scenarios import SCENARIOS, Scenario

__all__ = (
    "CLEANUPS",
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
    "check",
    "design_from_choices",
    "trace",
)
