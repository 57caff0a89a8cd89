"""Draw: roles to DOT to SVG, PNG or PDF, and films for the player.

Pictures of what facts, model, record, study and evidence say. Start with `drawing.py`; the player's
frames are made in `films`. May import evidence and everything that it may import.
"""

from gmemviz.render import theme
from gmemviz.render.calls import call_graph
from gmemviz.render.drawing import Drawing
from gmemviz.render.engine import refuse_unmakable
from gmemviz.render.evidence import draw_evidence
from gmemviz.render.films import (
    Film,
    Played,
    facts_of,
    film_of,
    film_of_confirmation,
    film_of_conformity,
    film_of_drawing,
    film_of_drive,
    film_of_recording,
    film_of_report,
    still_html,
    still_step,
    tabs_of_run,
)
from gmemviz.render.lanes import lanes
from gmemviz.render.matrix import AXES, cell_id, draw_matrix, grid
from gmemviz.render.memory import memory
from gmemviz.render.roads import draw_diff, draw_road
from gmemviz.render.source import own_tree
from gmemviz.render.states import state_diagram
from gmemviz.render.table import probed_table
from gmemviz.render.theme import CONTEXTS, ROLES, legend

__all__ = (
    "AXES",
    "CONTEXTS",
    "ROLES",
    "Drawing",
    "Film",
    "Played",
    "call_graph",
    "cell_id",
    "draw_diff",
    "draw_evidence",
    "draw_matrix",
    "draw_road",
    "facts_of",
    "film_of",
    "film_of_confirmation",
    "film_of_conformity",
    "film_of_drawing",
    "film_of_drive",
    "film_of_recording",
    "film_of_report",
    "grid",
    "lanes",
    "legend",
    "memory",
    "own_tree",
    "probed_table",
    "refuse_unmakable",
    "state_diagram",
    "still_html",
    "still_step",
    "tabs_of_run",
    "theme",
)
