"""Draw: roles to DOT to SVG, PNG or PDF, and films for the player.

Pictures of what facts, model, study and record say; no verdict is made here.
May import errors, facts, model, processes, record and study.
"""

from gmemviz.render.calls import call_graph
from gmemviz.render.confirmation import film_of_confirmation
from gmemviz.render.conformity import film_of_conformity
from gmemviz.render.drawing import Drawing
from gmemviz.render.evidence import draw_evidence
from gmemviz.render.film import (
    Film,
    film_of_drawing,
    film_of_drive,
    film_of_recording,
    film_of_report,
)
from gmemviz.render.lanes import lanes
from gmemviz.render.matrix import draw_matrix
from gmemviz.render.memory import memory
from gmemviz.render.roads import draw_diff, draw_road
from gmemviz.render.states import state_diagram

__all__ = (
    "Drawing",
    "Film",
    "call_graph",
    "draw_diff",
    "draw_evidence",
    "draw_matrix",
    "draw_road",
    "film_of_confirmation",
    "film_of_conformity",
    "film_of_drawing",
    "film_of_drive",
    "film_of_recording",
    "film_of_report",
    "lanes",
    "memory",
    "state_diagram",
)
