"""Play what happened or could: a Design, Report, Trace, Conformity, Film or Drawing."""

from gmemviz.facts import Facts, kernels, load
from gmemviz.facts.records import Trace
from gmemviz.model import SCENARIOS, Design, Report, check
from gmemviz.render import (
    Drawing,
    Film,
    film_of_conformity,
    film_of_drawing,
    film_of_recording,
    film_of_report,
)
from gmemviz.study import Conformity
from gmemviz.widget.cells import adopt
from gmemviz.widget.player import Player

__all__ = ("play",)


Shown = Film | Trace | Conformity | Report | Design | Drawing


def play(shown: Shown, *, start: int = 0, interval_ms: int = 700) -> Player:
    """Return a Player of `shown`: a Design's shortest way to a defect, or a whole run.

    A Drawing stands still, zooms and shows its tooltips. A Conformity plays the recording and
    the model's run in step. A Trace of a recording gets its places from the shipped facts of
    its kernel, where there are any. `start` is the step to
    begin with, `interval_ms` the pace.
    """
    player = Player(_film(shown).to_json(), start=start, interval_ms=interval_ms)
    adopt(player)
    return player


def _film(shown: Shown) -> Film:
    if isinstance(shown, Drawing):
        return film_of_drawing(shown)
    if isinstance(shown, Design):
        return film_of_report(check(shown, keep_moves=True))
    if isinstance(shown, Report):
        return film_of_report(_with_moves(shown))
    if isinstance(shown, Conformity):
        return film_of_conformity(shown, _facts_of(shown.recorded))
    if isinstance(shown, Trace):
        return film_of_recording(shown, facts=_facts_of(shown))
    return shown


def _with_moves(report: Report) -> Report:
    # The state diagram wants every transition; who did not keep them is searched once more.
    searched = {one.world.scenario.name: one.world.scenario for one in report.explorations}
    if any(one.moves for one in report.explorations) or not searched.keys() <= SCENARIOS.keys():
        return report
    scenarios = tuple(searched.values())
    return check(report.design, facts=report.facts, scenarios=scenarios, keep_moves=True)


def _facts_of(trace: Trace) -> Facts | None:
    # "7.3.4+deb13-amd64" and "6.12.117" are of 7.3 and 6.12.
    series = ".".join(trace.kernel.split(".")[:2])
    return load(series) if series in kernels() else None
