"""Explore every interleaving of a scenario and tell the shortest run to each defect.

Not here: what a step does (`machine`, `road`). Start with `check.py`; the search is `explore.py`.
"""

from gmemviz.model.search.check import Report, check
from gmemviz.model.search.explore import Exploration, Move, apply, explore, look, shown
from gmemviz.model.search.run import Path, Step, path_to, source_of, steps, trace, uses_old_memory
from gmemviz.model.search.with_moves import with_moves
from gmemviz.model.search.world import World, world_of

__all__ = (
    "Exploration",
    "Move",
    "Path",
    "Report",
    "Step",
    "World",
    "apply",
    "check",
    "explore",
    "look",
    "path_to",
    "shown",
    "source_of",
    "steps",
    "trace",
    "uses_old_memory",
    "with_moves",
    "world_of",
)
