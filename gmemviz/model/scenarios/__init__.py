"""Say who runs beside a teardown, and which questions a Design is asked.

Not here: what an actor's code does (`road`). Start with `of_a_cell.py`, then `on_request.py`.
"""

from gmemviz.model.scenarios.declared import deferred_of, of_design
from gmemviz.model.scenarios.of_a_cell import BUILD, SCENARIOS, by_default
from gmemviz.model.scenarios.scenario import Actor, Scenario
from gmemviz.model.scenarios.witnesses import ENDS, Witness, is_cached

__all__ = (
    "BUILD",
    "ENDS",
    "SCENARIOS",
    "Actor",
    "Scenario",
    "Witness",
    "by_default",
    "deferred_of",
    "is_cached",
    "of_design",
)
