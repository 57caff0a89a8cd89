"""Write the words of a page: verdicts, what hooks do, what was assumed, where it comes from.

Each function returns HTML, and each word that a Design or a recording brings is escaped in it: a
page is mailed on, and whoever opens it has not chosen what stands there.
"""

import html
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from gmemviz.facts import Facts, Trace
from gmemviz.frontend import look_of
from gmemviz.model import Report
from gmemviz.study import LEFT_OUT, Comparison, assumed, bounded, judged, verdict

SIMULATED: Final = (
    "Simulated: a run of gmemviz's model of the kernel's teardown, found by trying every "
    "interleaving. It is no recording of a real kernel."
)
SAID_ELSEWHERE: Final = ("name", "why", "defects", "verdict", "kernel", "mount", "metadata",
                         "bounds", "assumptions")  # fmt: skip
"""What a comparison's table leaves to its headings, to the words, and to what is assumed."""

RECORDED: Final = "Recorded: a real kernel did this, as its function_graph tracer wrote it down."


def answer_html(report: Report) -> str:
    """Return the verdict of a Design, its reason, and a sentence for each further defect."""
    look, symbol = look_of(report)
    sentences = [report.why]
    for code, why in report.reasons.items():
        if why != report.why:
            sentences.append(f"{code}: {why}")
    said = "".join(f"<br>{html.escape(sentence)}" for sentence in sentences)
    return f'<p class="gm-verdict {look}"><b>{symbol} {html.escape(verdict(report))}</b>{said}</p>'


def searched_html(*reports: Report) -> str:
    """Return what was searched, the judgement beside it, and what was assumed.

    Of several reports, each line says of which Design it is.
    """
    lines = [SIMULATED]
    for report in reports:
        names = dict.fromkeys(search.world.scenario.name for search in report.explorations)
        whole = "all of them" if report.is_complete else "not the whole: a search hit its limit"
        name = f"{report.design.title}: " if len(reports) > 1 else ""
        lines.append(
            f"{name}{report.states} states and {report.edges} transitions, {whole}, "
            f"in the scenarios {', '.join(names)}."
        )
        if judgement := judged(report):
            word = "conventional" if judgement.conventional else "not conventional"
            lines.append(f"{name}{word} (a judgement, not an outcome): {judgement.reason}.")
        lines.append(f"{name}{bounded(report)}")
    # What both Designs assume is said once.
    sentences = dict.fromkeys(chain.from_iterable(assumed(report.design) for report in reports))
    lines += [*sentences, f"Left out: {', '.join(LEFT_OUT)}."]
    return _section("What was searched, and what was assumed", [*_items(lines)])


def hooks_html(report: Report) -> str:
    """Return what the hooks of a Design do, where its metadata lives, and its mount, as a table."""
    design = report.design
    rows: dict[str, str] = {}
    for hook, body in design.hooks:
        rows[hook] = "; ".join(map(str, body)) or "nothing"
    rows |= {kept.kind.name: f"in {kept.placement.name}: {kept.kind.says}" for kept in design.keeps}
    rows["mount"] = f"{design.mount.name}: {design.mount.says}"
    return _section("What the Design does", [_table(("does",), rows.items())])


def comparison_html(found: Comparison) -> str:
    """Return what differs between two Designs as a table; a row that is the same is left out."""
    rows = [(word, a, b) for word, (a, b) in {**found.hooks, **found.words}.items()]
    said = found.answer()
    for key, a in said["a"].items():
        b = said["b"][key]
        if key not in SAID_ELSEWHERE and a != b:
            rows.append((key, _plain(a), _plain(b)))
    inner = _table(("A", "B"), rows) if rows else "<p>Nothing differs.</p>"
    return _section("What differs", [inner])


def parting_html(found: Comparison) -> str:
    """Return in one paragraph the difference that decides, with what either does there."""
    if found.beside and not found.is_alike:
        said = f"What decides ({found.beside.scenario}). {found.decides}"
    elif not found.partings:
        said = "No scenario comes to its end in both: each is shown by a run of its own."
    elif found.parting is None:
        said = f"The runs are the same in {len(found.partings)} scenarios."
    else:
        said = f"The runs part in {found.parting.scenario}. {found.decides}"
    return f'<p class="gm-lead">{html.escape(said)}</p>'


def recorded_html(trace: Trace) -> str:
    """Return where a recording comes from and what it lacks.

    The tracer enters a function by its fentry call, so what the compiler has put into its caller
    leaves no line: its absence says nothing, and a reader has to know.
    """
    lines = [RECORDED, f"Kernel: {trace.kernel}."]
    lines.append("Inlined functions and those outside the tracer's filter are not seen.")
    lines += [f"Missing: {sentence}" for sentence in trace.missing]
    return _section("What was recorded", [*_items(lines)])


def facts_html(facts: Iterable[Facts], *, version: str, command: str, link: str = "") -> str:
    """Return the footer: what made the page, from which facts, and how to make it again.

    `link` leads to where toggles work, where somebody has put the site on a server.

    Facts of one kernel are said once, also where both Designs are of it.
    """
    origins = []
    for snapshot in dict.fromkeys(facts):
        release, package = snapshot.release, snapshot.package
        packed = f", from {package} (SHA-256 {snapshot.sha256})" if package else ""
        origins.append(f"Places and calls are those of Linux {release}{packed}.")
    origins = origins or ["No shipped facts of this kernel: no place is given."]
    said = "".join(f"<p>{html.escape(origin)}</p>\n" for origin in dict.fromkeys(origins))
    again = f"<p>Again: <code>{html.escape(command)}</code></p>\n" if command else ""
    if link:
        again += f'<p><a href="{html.escape(link)}">Change it</a> in the playground.</p>\n'
    made = f"<p>Made by gmemviz {html.escape(version)}. This page needs no network.</p>\n"
    return f"<footer>\n{made}{said}{again}</footer>"


def _section(title: str, inner: Iterable[str]) -> str:
    return f"<section>\n<h2>{html.escape(title)}</h2>\n{''.join(inner)}\n</section>"


def _items(lines: Iterable[str]) -> Iterator[str]:
    yield "<ul>\n"
    yield from (f"<li>{html.escape(line)}</li>\n" for line in lines)
    yield "</ul>"


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    # The first cell of a row says what it is about, and has no heading of its own.
    head = "<td></td>" + "".join(f'<th scope="col">{name}</th>' for name in columns)
    body = "".join(map(_row, rows))
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>"


def _row(cells: tuple[str, ...]) -> str:
    first, *others = map(html.escape, cells)
    rest = "".join(f"<td>{cell}</td>" for cell in others)
    return f'<tr><th scope="row">{first}</th>{rest}</tr>\n'


# A cell of the comparison: places of metadata, a claim, a list of codes, or a number.
def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} in {place}" for key, place in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
