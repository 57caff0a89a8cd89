"""Make of a Design one JSON value that a component can draw: verdict, memory, timeline, steps.

Not here: any pixel (`frontend/static/stage.js`), any search (`model`). It knows neither Jupyter
nor a server. Start with `stage.py`; `memory.py` draws the heap, `timeline.py` the order of things.
"""

from gmemviz.stage.both import stage_of_both
from gmemviz.stage.headline import Headline, headline
from gmemviz.stage.itf import itf
from gmemviz.stage.perfetto import perfetto
from gmemviz.stage.rail import AXES, Tint, tints
from gmemviz.stage.stage import Former, run_shown, stage

__all__ = (
    "AXES",
    "Former",
    "Headline",
    "Tint",
    "headline",
    "itf",
    "perfetto",
    "run_shown",
    "stage",
    "stage_of_both",
    "tints",
)
