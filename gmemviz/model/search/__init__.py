"""Explore every interleaving of a scenario and tell the shortest run to each defect.

Not here: what a step does (`machine`, `road`). Start with `check.py`; the search is `explore.py`.
"""

from gmemviz.model.search.aligned import Beat, aligned, frees
from gmemviz.model.search.bounds import Bounds, bounds_from, most
from gmemviz.model.search.check import Report, Verdict, check
from gmemviz.model.search.explore import LIMIT, Exploration, explore, look, shown
from gmemviz.model.search.moves import Move, Moves, apply
from gmemviz.model.search.reasons import Doer, Reason, reason_of, where_freed
from gmemviz.model.search.run import (
    Path,
    Step,
    outlives_busy_umount,
    path_to,
    source_of,
    steps,
    trace,
    uses_old_memory,
)
from gmemviz.model.search.with_moves import with_moves
from gmemviz.model.search.world import World, world_of

__all__ = (
    "LIMIT",
    "Beat",
    "Bounds",
    "Doer",
    "Exploration",
    "Move",
    "Moves",
    "Path",
    "Reason",
    "Report",
    "Step",
    "Verdict",
    "World",
    "aligned",
    "apply",
    "bounds_from",
    "check",
    "explore",
    "frees",
    "look",
    "most",
    "outlives_busy_umount",
    "path_to",
    "reason_of",
    "shown",
    "source_of",
    "steps",
    "trace",
    "uses_old_memory",
    "where_freed",
    "with_moves",
    "world_of",
)
