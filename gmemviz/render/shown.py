"""Give results their pictures: the most telling step of what `play` would show, or a table.

Only what fits into a notebook, which keeps it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final

from gmemviz.evidence import Confirmation, Conformity
from gmemviz.facts import ProbeReport, Trace
from gmemviz.model import Path, Report
from gmemviz.model.search import with_moves
from gmemviz.render import theme
from gmemviz.render.films import Film, film_of, film_of_report, still_html
from gmemviz.render.table import probed_table, table
from gmemviz.shown import LINES, Several, picture
from gmemviz.study import Comparison, Cost, Replayed, Synthesis

EVENTS: Final = 60
"""Events of a recording up to which all its pictures fit: some 100 kB."""

CALLED: Final = 300
"""Events up to which who called whom fits: above, follow one inode."""


@picture.register
def _of_film(film: Film) -> str:
    return still_html(film.to_json(), theme.css())


@picture.register
def _of_report(report: Report) -> str:
    return _of_path(report, report.counterexample or report.whole)


def _of_path(report: Report, path: Path | None) -> str:
    # A search that hit its limit is not made again: the run is drawn as it was found.
    if path is None:
        return ""
    drawn = with_moves(report) if report.is_complete else report
    return _of_film(film_of_report(drawn, path))


@picture.register
def _of_replayed(found: Replayed) -> str:
    return _of_path(found.report, found.path)


@picture.register
def _of_trace(trace: Trace) -> str:
    if not 0 < len(trace.events) <= CALLED:
        return ""
    film = film_of(trace)
    is_short = len(trace.events) <= EVENTS
    return _of_film(film if is_short else replace(film, drawings=film.drawings[:1]))


@picture.register
def _of_conformity(found: Conformity) -> str:
    return _of_film(film_of(found))


@picture.register
def _of_confirmation(found: Confirmation) -> str:
    return _of_film(film_of(found)) if found.recording else _of_report(found.report)


@picture.register
def _of_probe(report: ProbeReport) -> str:
    return probed_table(report.observations) if report.observations else ""


@picture.register
def _of_comparison(found: Comparison) -> str:
    a, b = found.a.design, found.b.design
    rows = [(hook, *does) for hook, does in found.hooks.items()]
    return table(("hook", a.title, b.title), rows) if rows else ""


@picture.register
def _of_synthesis(found: Synthesis) -> str:
    rows = []
    for rank, candidate in enumerate(islice(found.correct, LINES), 1):
        rows.append((rank, candidate.design.name, *candidate.cost))
    return table(("rank", "design", *Cost._fields), rows) if rows else ""


@picture.register(Several)
def _of_several(found: Sequence[Any]) -> str:
    # Of words, numbers or nothing the text says it all.
    first = found[0] if found else None
    names = tuple(getattr(first, "_fields", ()) or getattr(first, "__dataclass_fields__", ()))
    if not names:
        return ""
    return table(names, [_fields(result, names) for result in found[:LINES]])


def _fields(result: object, names: Iterable[str]) -> list[Any]:
    return [getattr(result, name) for name in names]
