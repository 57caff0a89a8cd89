"""Search once more what did not keep its transitions, such as for a diagram of all states."""

from gmemviz.model.design import Design
from gmemviz.model.scenarios import SCENARIOS
from gmemviz.model.search.check import Report, check


def with_moves(of: Design | Report) -> Report:
    """Return the Report of a Design, or one like `of`, that kept every transition.

    A Report that has them is returned as it is, and so is one of scenarios that are not known by
    name: there is no searching them again.
    """
    if isinstance(of, Design):
        return check(of, keep_moves=True)
    searched = {search.world.scenario.name: search.world.scenario for search in of.explorations}
    if any(search.moves for search in of.explorations) or not searched.keys() <= SCENARIOS.keys():
        return of
    # Whoever names scenarios gets a verdict about these alone: of a whole Report none is named.
    named = None if of.is_whole else tuple(searched.values())
    return check(of.design, facts=of.facts, scenarios=named, keep_moves=True)
