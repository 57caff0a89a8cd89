"""Show a run, let a reader step through it: the Player and the Explorer.

Here live traits, layout and keys; what a picture shows or a verdict says does not.
May import gmemviz.render and everything that it may import.
"""

from gmemviz.widget.driver import Driver
from gmemviz.widget.explorer import Explorer
from gmemviz.widget.matrix import MatrixExplorer
from gmemviz.widget.page import page_of_comparison, page_of_recording, page_of_report
from gmemviz.widget.play import play
from gmemviz.widget.player import Player
from gmemviz.widget.probe import ProbeView

__all__ = (
    "Driver",
    "Explorer",
    "MatrixExplorer",
    "Player",
    "ProbeView",
    "page_of_comparison",
    "page_of_recording",
    "page_of_report",
    "play",
)
