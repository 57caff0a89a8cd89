"""Play what happened or could: a Design, Report, Trace, Conformity, Confirmation, Film, Drawing."""

from typing import get_args

from gmemviz.errors import of_kind
from gmemviz.facts.records import Trace
from gmemviz.model import SCENARIOS, Design, Report, check
from gmemviz.render import (
    Drawing,
    Film,
    film_of_confirmation,
    film_of_conformity,
    film_of_drawing,
    film_of_recording,
    film_of_report,
)
from gmemviz.render.confirmation import facts_of
from gmemviz.study import Confirmation, Conformity
from gmemviz.widget.cells import adopt
from gmemviz.widget.player import Player

__all__ = ("play",)


Shown = Film | Trace | Conformity | Confirmation | Report | Design | Drawing


def play(shown: Shown, *, start: int = 0, interval_ms: int = 700) -> Player:
    """Return a Player of `shown`: a Design's shortest way to a defect, or a whole run.

    A Drawing stands still, zooms and shows its tooltips. A Conformity plays the recording and
    the model's run in step, and so does a Confirmation with a recording (else GmemvizError). A
    Trace of a recording gets its places from the shipped facts of
    its kernel, where there are any. `start` is the step to
    begin with, `interval_ms` the pace.
    """
    player = Player(_film(shown).to_json(), start=start, interval_ms=interval_ms)
    adopt(player)
    return player


def _film(shown: Shown) -> Film:
    if isinstance(shown, Drawing):
        return film_of_drawing(shown)
    if isinstance(shown, Design | Report):
        return film_of_report(_with_moves(shown))
    if isinstance(shown, Conformity):
        return film_of_conformity(shown, facts_of(shown.recorded))
    if isinstance(shown, Confirmation):
        return film_of_confirmation(shown)
    if isinstance(shown, Trace):
        return film_of_recording(shown, facts=facts_of(shown))
    of_kind("what is shown", shown, *get_args(Shown))
    return shown


def _with_moves(shown: Design | Report) -> Report:
    if isinstance(shown, Design):
        return check(shown, keep_moves=True)
    report = shown
    # The state diagram wants every transition; who did not keep them is searched once more.
    searched = {one.world.scenario.name: one.world.scenario for one in report.explorations}
    if any(one.moves for one in report.explorations) or not searched.keys() <= SCENARIOS.keys():
        return report
    scenarios = tuple(searched.values())
    return check(report.design, facts=report.facts, scenarios=scenarios, keep_moves=True)
