"""Make the film of whatever can be played: a Design, a Report, a recording, what was held."""

from typing import get_args

from gmemviz.errors import of_kind
from gmemviz.evidence import Confirmation, Conformity
from gmemviz.facts import Trace
from gmemviz.model import Design, Report
from gmemviz.model.search import with_moves
from gmemviz.render.drawing import Drawing
from gmemviz.render.films.confirmation import film_of_confirmation
from gmemviz.render.films.conformity import film_of_conformity
from gmemviz.render.films.film import (
    Film,
    facts_of,
    film_of_drawing,
    film_of_recording,
    film_of_report,
)

Played = Film | Trace | Conformity | Confirmation | Report | Design | Drawing


def film_of(shown: Played) -> Film:
    """Return the film of a result, a Design's with every search that asks about it.

    TypeError for what cannot be played, GmemvizError for a Confirmation without a recording.
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
