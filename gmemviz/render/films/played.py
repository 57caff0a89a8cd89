"""Make the film of whatever can be played: a Design, a Report, a recording, what was held."""

from typing import get_args

from gmemviz.errors import of_kind
from gmemviz.evidence import Confirmation, Conformity
from gmemviz.facts import Trace
from gmemviz.model import SCENARIOS, Design, Report, check
from gmemviz.render.drawing import Drawing
from gmemviz.render.films.confirmation import facts_of, film_of_confirmation
from gmemviz.render.films.conformity import film_of_conformity
from gmemviz.render.films.film import Film, film_of_drawing, film_of_recording, film_of_report

Played = Film | Trace | Conformity | Confirmation | Report | Design | Drawing


def film_of(shown: Played) -> Film:
    """Return the film of a result; TypeError for what cannot be played.

    GmemvizError for a Confirmation without a recording.
    """
    if isinstance(shown, Drawing):
        return film_of_drawing(shown)
    if isinstance(shown, Design | Report):
        return film_of_report(with_moves(shown))
    if isinstance(shown, Conformity):
        return film_of_conformity(shown, facts_of(shown.recorded))
    if isinstance(shown, Confirmation):
        return film_of_confirmation(shown)
    if isinstance(shown, Trace):
        return film_of_recording(shown, facts=facts_of(shown))
    of_kind("what is shown", shown, *get_args(Played))
    return shown


def with_moves(shown: Design | Report) -> Report:
    """Return the Report with every transition, which the state diagram wants.

    What did not keep them is searched once more, where its scenarios are known by name.
    """
    if isinstance(shown, Design):
        return check(shown, keep_moves=True)
    report = shown
    searched = {one.world.scenario.name: one.world.scenario for one in report.explorations}
    if any(one.moves for one in report.explorations) or not searched.keys() <= SCENARIOS.keys():
        return report
    scenarios = tuple(searched.values())
    return check(report.design, facts=report.facts, scenarios=scenarios, keep_moves=True)
