"""Show a run, let a reader step through it: the Player and the Explorer.

Here live traits, layout and keys; what a picture shows or a verdict says does not.
May import gmemviz.frontend and everything that it may import.
"""

from gmemviz.widget.driver import Driver
from gmemviz.widget.explorer import Explorer
from gmemviz.widget.matrix import MatrixExplorer
from gmemviz.widget.play import play
from gmemviz.widget.player import Player
from gmemviz.widget.probe import ProbeView
from gmemviz.widget.stage import Stage

__all__ = (
    "Driver",
    "Explorer",
    "MatrixExplorer",
    "Player",
    "ProbeView",
    "Stage",
    "play",
)
