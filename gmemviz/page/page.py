"""Write one HTML file that plays a Design, a recording, or two Designs side by side.

It holds everything that it shows, asks no network for anything, and lets nothing run but its own
script. Equal input gives equal bytes. Its frame is `page.html`; `words` fills in the sections,
`run` the player's place, and the scripts and styles are those of the widgets.
"""

import base64
import hashlib
import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from string import Template

from gmemviz.address import link_to
from gmemviz.errors import GmemvizError
from gmemviz.facts import Facts, Trace
from gmemviz.frontend import STATIC, checked_film, script, stylesheet
from gmemviz.model import Path, Report
from gmemviz.model.search import Exploration, path_to
from gmemviz.page import words as sections
from gmemviz.page.run import PageRun, run_data, run_html
from gmemviz.render import film_of_recording, film_of_report
from gmemviz.shown import Text
from gmemviz.study import SHORTEST, TO, Comparison, State, run_of, verdict


@dataclass(frozen=True)
class Made:
    """Say what made a page: the version of gmemviz, and the command that makes it again."""

    version: str
    command: str = ""


def page_of_report(
    report: Report, words: Sequence[str] = (), *, made: Made, of: tuple[str, ...] = (),
    step: int | None = None,
) -> str:  # fmt: skip
    """Return the page of a Design: its verdict, and its runs that `words` name.

    Without words these are the shortest run and one to each further defect. `of` is the Design's
    name or its five choices, as a `State` has them; () for one that no words lead to. `step` is
    where to begin in the first run. GmemvizError where there is nothing to show.
    """
    if not report.applicable:
        raise GmemvizError(f"nothing to show: {report.inapplicable}")
    shown: list[PageRun] = []
    for word in words or _telling(report):
        begin = None if shown else step  # of the first run alone
        shown.append(_run(report, run_of(report, word), word, of, step=begin))
    title = report.design.title
    return _page(
        title,
        f"{title}: {verdict(report)}",
        lead=sections.answer_html(report),
        runs=shown,
        said=[sections.hooks_html(report), sections.searched_html(report)],
        footer=sections.facts_html(
            [report.facts], version=made.version, command=made.command, link=link_to("/".join(of))
        ),
    )


def page_of_recording(
    recorded: Trace, facts: Facts | None = None, *, made: Made, step: int | None = None
) -> str:
    """Return the page of what a recording shows; `facts` give its functions their places.

    `step`, from 1, is where to begin; without one it begins where the recording tells most.
    """
    film = film_of_recording(recorded, facts=facts)
    return _page(
        recorded.title,
        f"{recorded.title} (recorded)",
        lead=f'<p class="gm-lead">{html.escape(sections.RECORDED)}</p>',
        runs=[PageRun.of(checked_film(film.to_json()), "The recording", step=step)],
        said=[sections.recorded_html(recorded)],
        footer=sections.facts_html(
            [facts] if facts else [], version=made.version, command=made.command
        ),
    )


def page_of_comparison(
    found: Comparison, *, made: Made, of: Sequence[tuple[str, ...]] = ((), ())
) -> str:
    """Return the page of two Designs, whose runs step together from where they part.

    Both Reports have kept their moves. `of` has the words of either, as for `page_of_report`.
    GmemvizError where there is nothing to show.
    """
    both = (found.a, found.b)
    for report in both:
        if not report.applicable:
            raise GmemvizError(f"nothing to show: {report.inapplicable}")
    start = found.parting.step if found.parting else 1
    shown = []
    for letter, report, words in zip("AB", both, of, strict=True):
        path, word = _compared(found, report)
        replayed = run_of(report, word)
        is_that = (replayed.states, replayed.moves) == (path.states, path.moves)
        run = _run(report, path, word, words if is_that else ())
        begin = min(start, len(run.film["frames"]))
        shown.append(
            run._replace(name=f"{letter}: {report.design.title}", start=start, still=begin)
        )
    title = " and ".join(report.design.title for report in both)
    return _page(
        title,
        title,
        lead=sections.parting_html(found),
        runs=shown,
        said=[sections.comparison_html(found), sections.searched_html(*both)],
        footer=sections.facts_html(
            [report.facts for report in both], version=made.version, command=made.command
        ),
        answers=[sections.answer_html(report) for report in both],
    )


def policy(script: str, style: str) -> str:
    """Return the Content-Security-Policy that lets this script and this style in, no more.

    Both are named by their SHA-256, so a word of a stranger that got out of its place would still
    run nothing. Images are blobs alone: of a picture that is saved the script makes one.
    """
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "img-src blob:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _telling(report: Report) -> list[str]:
    # The shortest run is that of one of the codes; each of the others has a run of its own.
    path = report.counterexample
    first = path.defect.code if path and path.defect else ""
    further = [code for code in report.defects or () if code != first]
    return [SHORTEST, *(TO + code for code in further)]


def _run(
    report: Report, path: Path, word: str, of: tuple[str, ...], *, step: int | None = None
) -> PageRun:
    film = film_of_report(report, path)
    state = str(State(of, word)) if of else ""
    return PageRun.of(checked_film(film.to_json()), _name(path, word), state, step=step)


def _name(path: Path, word: str) -> str:
    if path.defect is None:
        return "A whole run"
    is_shortest = word == SHORTEST or word.startswith(TO)
    return f"{'The shortest' if is_shortest else 'A'} run to {path.defect.code}"


def _compared(found: Comparison, report: Report) -> tuple[Path, str]:
    # The scenario in which they part, or the first that ends in both; else each its shortest run.
    of_a, of_b = _ended(found.a), _ended(found.b)
    both = [name for name in of_a if name in of_b]
    if not both:
        return run_of(report, SHORTEST), SHORTEST
    name = found.parting.scenario if found.parting else both[0]
    search = _ended(report)[name]
    assert search.ended is not None
    return path_to(search, search.ended), name


def _ended(report: Report) -> dict[str, Exploration]:
    ended: dict[str, Exploration] = {}
    for search in report.explorations:
        if search.ended:
            ended.setdefault(search.world.scenario.name, search)
    return ended


def _page(
    title: str, whole_title: str, *, lead: str, runs: Sequence[PageRun], said: Sequence[str],
    footer: str, answers: Sequence[str] = (),
) -> str:  # fmt: skip
    code, style = script("page"), stylesheet() + (STATIC / "page.css").read_text(encoding="utf-8")
    sections = []
    for number, run in enumerate(runs):
        answer = answers[number] if answers else ""  # two Designs have one each, above its run
        sections.append(run_html(run, number, head=_head(run, number, answer)))
    data = json.dumps([run_data(run) for run in runs], ensure_ascii=False, separators=(",", ":"))
    template = Template((files("gmemviz.page") / "page.html").read_text(encoding="utf-8"))
    filled = template.substitute(
        policy=policy(code, style), whole_title=html.escape(whole_title), style=style,
        title=html.escape(title), origin=runs[0].film["origin"], lead=lead,
        pair=" is-pair" if answers else "", runs="\n".join(sections), sections="\n".join(said),
        footer=footer, data=inert(data), code=code,
    )  # fmt: skip
    return Text(filled)


def _head(run: PageRun, number: int, answer: str) -> str:
    name = f'<h2 id="run-{number}-name">{html.escape(run.name)}</h2>'
    return f'{name}\n{answer}\n<p class="gm-note">{html.escape(run.film["note"])}</p>'


def inert(data: str) -> str:
    """Return JSON as it may stand in a page: no "</script>" ends the block, no comment begins."""
    return data.replace("<", "\\u003c")
