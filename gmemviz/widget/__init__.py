"""Show a run, let a reader step through it: the Player and the Explorer.

Here live traits, layout and keys; what a picture shows or a verdict says does not.
May import gmemviz.render and everything that it may import.
"""

from gmemviz.widget.contract import checked_film
from gmemviz.widget.driver import Driver
from gmemviz.widget.explorer import Explorer
from gmemviz.widget.matrix import MatrixExplorer
from gmemviz.widget.play import play
from gmemviz.widget.player import STATIC, Player, script, stylesheet
from gmemviz.widget.probe import ProbeView
from gmemviz.widget.stage import Stage
from gmemviz.widget.verdict import look_of

__all__ = (
    "STATIC",
    "Driver",
    "Explorer",
    "MatrixExplorer",
    "Player",
    "ProbeView",
    "Stage",
    "checked_film",
    "look_of",
    "play",
    "script",
    "stylesheet",
)
