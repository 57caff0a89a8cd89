"""Let a reader choose the next step, and tell what can happen now and what cannot.

Not here: widgets (`widget`). Start with `drive.py`.
"""

from gmemviz.model.drive.branches import Branch, branches, turns, with_walk
from gmemviz.model.drive.drive import Drive, drive, reached, scenarios_of
from gmemviz.model.drive.inode_state import standing, standings, until_change
from gmemviz.model.drive.offers import DONE, Blocked, Offer

__all__ = (
    "DONE",
    "Blocked",
    "Branch",
    "Drive",
    "Offer",
    "branches",
    "drive",
    "reached",
    "scenarios_of",
    "standing",
    "standings",
    "turns",
    "until_change",
    "with_walk",
)
