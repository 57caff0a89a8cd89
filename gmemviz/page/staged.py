"""Write one HTML file that is a Stage: of a Design or of two, opened at the defect, from any disk.

It is the notebook's component with the value that Python would have sent it; since none is there to
answer, it has no rail. A reader without scripts gets the verdict, its reason and every step.
"""

import html
import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import chain
from string import Template
from typing import Any

from gmemviz.errors import DrawingError, GmemvizError, MissingToolError
from gmemviz.frontend import STATIC, script
from gmemviz.model import Path, Report
from gmemviz.model.design import DefectCode
from gmemviz.page import words
from gmemviz.page.page import Made, inert, policy
from gmemviz.render import tabs_of_run
from gmemviz.shown import Text
from gmemviz.stage import run_shown, stage, stage_of_both
from gmemviz.study import beside


def page_of_stage(report: Report, code: DefectCode | None = None, *, made: Made) -> str:
    """Return the page of a Design's Stage; `code` chooses the defect that it opens at.

    GmemvizError where the choices make no Design: there is nothing to show.
    """
    if not report.applicable:
        raise GmemvizError(f"nothing to show: {report.inapplicable}")
    value = stage(report, code)
    return _page(value, [(report, run_shown(report, code))], made)


def page_of_stages(a: Report, b: Report, *, made: Made) -> str:
    """Return the page of two Designs in one Stage, opened at the beat that decides."""
    for report in (a, b):
        if not report.applicable:
            raise GmemvizError(f"nothing to show: {report.inapplicable}")
    value, both = stage_of_both(a, b), beside(a, b)
    assert both is not None  # or the value would have been refused
    return _page(value, [(side.report, side.path) for side in both.sides], made)


def _page(value: Mapping[str, Any], runs: Sequence[tuple[Report, Path]], made: Made) -> str:
    code = script("stage_page")
    style = "\n".join(
        (STATIC / name).read_text(encoding="utf-8") for name in ("stage.css", "stage_page.css")
    )
    sides = value.get("sides") or [value]
    steps = "".join(chain.from_iterable(map(_steps, sides)))
    whole = {**value, "pictures": [*_pictures(runs)]}
    data = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    facts = [report.facts for report, _ in runs]
    template = Template((files("gmemviz.page") / "stage.html").read_text(encoding="utf-8"))
    return Text(template.substitute(
        policy=policy(code, style), style=style, code=code, data=inert(data), steps=steps,
        title=html.escape(value["title"]), sentence=html.escape(value["headline"]["sentence"]),
        reason=html.escape(value["reason"]),
        footer=words.facts_html(facts, version=made.version, command=made.command),
    ))  # fmt: skip


# Without an engine that draws, a page has memory and time, and no tab for the rest.
def _pictures(runs: Sequence[tuple[Report, Path]]) -> list[dict[str, Any]]:
    try:
        return [tabs_of_run(report, path) for report, path in runs]
    except (MissingToolError, DrawingError):
        return []


# What a reader has where no script runs, as in a mail program: each step in words, with its place.
def _steps(side: Mapping[str, Any]) -> Iterator[str]:
    for number, step in enumerate(side["steps"], 1):
        who = f"{side.get('letter', '')} {number}. {step['actor']}".strip()
        said = ": ".join(filter(None, (who, step["function"], step["says"])))
        place = f" <small>{html.escape(step['place'])}</small>" if step["place"] else ""
        yield f"<li>{html.escape(said)}{place}</li>\n"
