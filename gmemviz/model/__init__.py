"""Say what could happen: Design, heap, actors, the VFS skeleton, the search.

Pure: no drawing, no files, no clocks; the core runs over any Design.
May import errors and facts.
"""

from gmemviz.facts.vocabulary import HOOKS
from gmemviz.model.action import Action, Hooks, hooks_of
from gmemviz.model.check import Report, check
from gmemviz.model.choices import CLEANUPS, METADATA, MOUNTS, PLACEMENTS
from gmemviz.model.design import Design, Kept
from gmemviz.model.path import Path, trace
from gmemviz.model.patterns import design_from_choices, why_not
from gmemviz.model.scenario import Scenario
from gmemviz.model.scenarios import SCENARIOS

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
    "check",
    "design_from_choices",
    "hooks_of",
    "trace",
    "why_not",
)
