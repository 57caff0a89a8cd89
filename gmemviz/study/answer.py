"""Say a Report as one plain object, and as text fit for a mail.

The keys of the object and the order of the text are relied on, by `--json` and by the Explorer: a
new key may come, none may go. `outline` is what a row of the matrix has.
"""

import shlex
from collections.abc import Iterable, Iterator
from typing import Any

from gmemviz.address import link_to, site
from gmemviz.errors import of_kind
from gmemviz.facts import Event
from gmemviz.model import Design, Report
from gmemviz.model.design import spelled
from gmemviz.model.search import Path, Step, reason_of, steps
from gmemviz.study.assumptions import LEFT_OUT, assumed, bounded
from gmemviz.study.convention import judged
from gmemviz.study.gallery import CHOICES, designs, gallery
from gmemviz.study.plain import data, kept_where, labelled, mail_text, placements
from gmemviz.text import wrap
from gmemviz.version import __version__


def answer(report: Report, *, runs: int = 0) -> dict[str, Any]:
    """Return the Report as JSON-plain data, the five choices or a name first.

    With `runs`, up to so many different runs of each code, step by step.
    """
    fields = {
        **outline(report),
        "reasons": report.reasons,
        "findings": {code: found.answer() for code, found in report.findings.items()},
        "scenarios": _scenarios(report),
        "whole": report.is_whole,
        "counterexample": _plain_steps(report.run),
        "depth": report.depth,
        "witnesses": report.witnesses,
        "complete": report.is_complete,
        "says": verdict(report),
        "not_asked": report.not_asked,
        "bounds": report.bounds.answer(),
        "assumptions": assumed(report.design),
        "left_out": LEFT_OUT,
    }
    if runs:
        fields["runs"] = [_plain_run(path, report) for path in _runs(report, runs)]
    return data(fields)


def _runs(report: Report, count: int) -> Iterator[Path]:
    for code in report.found:
        yield from report.runs(code, count)


def _plain_run(path: Path, report: Report) -> dict[str, Any]:
    run = tuple(steps(path, report.facts))
    found = reason_of(path, run)
    return {**found.answer(), "sentence": found.sentence, "steps": _plain_steps(run)}


def _plain_steps(run: Iterable[Step]) -> list[dict[str, Any]]:
    return [_step(number, step.event) for number, step in enumerate(run, 1)]


# `source` is "" for what no function of the kernel does, such as a program's own step.
def _step(number: int, event: Event) -> dict[str, Any]:
    return {
        "step": number,
        "actor": event.actor,
        "function": event.function,
        "hook": event.hook,
        "context": event.context,
        "depth": event.depth,
        "sentence": event.sentence,
        "effects": [list(effect) for effect in event.effects],
        "source": str(event.source or ""),
    }


def outline(report: Report) -> dict[str, Any]:
    """Return the same without what is long: the steps, the reasons, what was assumed."""
    of_kind("report", report, Report)
    path = report.counterexample
    judgement = judged(report)
    return {
        **_choices(report.design),
        "applicable": report.applicable,
        "verdict": report.verdict,
        "defects": list(report.defects) if report.defects is not None else None,
        "conventional": judgement.conventional if judgement else None,
        "convention": judgement.reason if judgement else "",
        "why": report.why,
        "code": path.defect.code if path and path.defect else None,
        "scenario": path.world.scenario.name if path else None,
        "states": report.states,
        "edges": report.edges,
    }


# Of a Design with a name; a cell has five words instead.
def _choices(design: Design) -> dict[str, Any]:
    place = {"kernel": design.kernel, "mount": design.mount.name}
    if design.name:
        return {"name": design.name, **place, "metadata": placements(design)}
    kept = design.keeps[0]
    return {
        **place,
        "placement": kept.placement.name,
        "cleanup": design.cleanup,
        "metadata": kept.kind.name,
    }


def _scenarios(report: Report) -> list[str]:
    # Where several kinds of metadata were searched one at a time, a scenario comes more than once.
    return list(dict.fromkeys(search.world.scenario.name for search in report.explorations))


def verdict(report: Report) -> str:
    """Return the verdict in a few words, such as ``leak, use-after-free`` or ``correct``.

    Without a defect it is ``undecided`` where a search hit its limit, ``not asked`` where a word
    of the Design was never acted on, and ``not a design`` where the choices do not go together.
    Where somebody named the scenarios, it is correct in these alone.
    """
    of_kind("report", report, Report)
    match report.verdict:
        case "not-applicable":
            return "not a design"
        case "defects":
            return ", ".join(report.found)
        case "not-asked":
            return f"not asked: {'; '.join(report.not_asked)}"
        case "undecided":
            return "undecided"
    where = "" if report.is_whole else f" in {', '.join(_scenarios(report))} alone"
    judgement = judged(report)
    taught = "" if judgement and judgement.conventional else ", but not conventional"
    return f"correct{where}{taught}"


def mail(
    report: Report, *, runs: int = 0, address: str | None = None, besides: Iterable[str] = ()
) -> str:
    """Return the Report as plain text, at most 72 columns wide, fit for any terminal.

    With `runs`, up to so many different runs of each code instead of the shortest one; `besides`
    are lines below them. Last stands which gmemviz answered, and how to ask it again: the command,
    and the link where GMEMVIZ_SITE says where the site is; neither is broken to fit the columns.
    `address` are the words behind the link's #, where the Design's own are not meant; "" for one
    too long for a link.
    """
    said = verdict_text(report, runs=runs).splitlines()
    return mail_text([*said, *besides, *_signature(report, address)])


def verdict_text(report: Report, *, runs: int = 0) -> str:
    """Return a mail without what stands below it, as a notebook shows a Report."""
    of_kind("report", report, Report)
    return mail_text(_lines(report, runs))


def words_of(design: Design) -> str:
    """Return the words by which a state names a Design, "" for one of somebody's own."""
    if not design.name:
        choices = _choices(design)
        return "/".join(choices[word] for word in CHOICES)
    known = design.name in designs() and gallery(design.name) == design
    return design.name if known else ""


# As below any mail, so that who answers it may cut it off: two dashes and a blank.
def _signature(report: Report, address: str | None) -> Iterator[str]:
    words = words_of(report.design)
    alone = "" if report.is_whole else _scenarios(report)[0]  # which somebody has named
    yield ""
    yield "-- "
    yield f"Answered by gmemviz {__version__}."
    if words and alone:
        yield f"gmemviz check {_typed(report.design)} --scenario {shlex.quote(alone)}"
    elif words:
        yield f"gmemviz check --state {address or words}"
    if address == "" and site():
        yield "This Design is too long for a link: send its TOML as a file."
    elif link := link_to(address or "/".join(filter(None, (words, alone)))):
        yield link


def _typed(design: Design) -> str:
    if design.name:
        return design.name
    return " ".join(f"--{word} {_choices(design)[word]}" for word in CHOICES)


def design_text(design: Design) -> str:
    """Return a Design as plain text: its name, what it keeps where, and what each hook does."""
    return mail_text([
        *_body(design),
        *labelled("Keeps", kept_where(design) or "nothing"),
        *labelled("Kernel", f"{design.kernel}, {design.mount.name} mount"),
    ])  # fmt: skip


def _body(design: Design) -> Iterator[str]:
    yield from labelled("Design", design.title)
    held = {f"actor {actor.name}": actor.held for actor in design.actors}
    held |= {f"callback {later.name}": later.runs for later in design.callbacks}
    for title, body in design.bodies.items():
        does = "; ".join(map(str, body)) or "nothing that the model looks at"
        how = f" ({held[title]})" if title in held else ""
        yield from labelled("", f"{title}{how}: {does}", more=2)


def _lines(report: Report, runs: int) -> Iterator[str]:
    yield from _body(report.design)
    yield from labelled("Verdict", verdict(report))
    yield from labelled("Why", report.why)
    for code, reason in report.reasons.items():
        if reason != report.why:
            yield from labelled("", f"{code}: {reason}", more=2)
    if not report.applicable:
        return
    if judgement := judged(report):
        word = "yes" if judgement.conventional else "no"
        yield from labelled("Convention", f"{word}: {judgement.reason} (a judgement)")
    yield from labelled("Scenarios", ", ".join(_scenarios(report)))
    states = f"{report.states} states, {report.edges} transitions"
    if report.design.folios > 1:
        states += f", 0 to {report.design.folios} folios"
    limit = "" if report.is_complete else "; a search hit its limit, so this is not the whole"
    yield from labelled("Searched", f"{states}, simulated{limit}")
    yield from labelled("Bounds", bounded(report))
    yield from labelled("Assumed", " ".join(assumed(report.design)))
    yield from labelled("Left out", f"{', '.join(LEFT_OUT)}.")
    if runs:
        yield from _several(report, runs)
    elif report.counterexample:
        path = report.counterexample
        yield ""
        yield from wrap(f"Counterexample ({_where(path)}):", rest="  ")
        yield from _run(report.run)


def _several(report: Report, count: int) -> Iterator[str]:
    if not report.found:
        yield from labelled("Runs", "no defect was found, so no run shows one.")
    for code in report.found:
        paths = report.runs(code, count)
        few = f" ({count} were asked for, and no other differs)" if len(paths) < count else ""
        for number, path in enumerate(paths, 1):
            run = tuple(steps(path, report.facts))
            yield ""
            title = f"{code}, run {number} of {len(paths)}{few} ({_where(path)}):"
            yield from wrap(title, rest="  ")
            yield from wrap(f"  {reason_of(path, run).sentence}", rest="  ")
            yield from _run(run)


def _where(path: Path) -> str:
    scenario = path.world.scenario
    return f"{scenario.name}: {scenario.says}"


# A line a step: its number, who does it, in which context, and below whom.
def _run(run: Iterable[Step]) -> Iterator[str]:
    for number, step in enumerate(run, 1):
        event = step.event
        indent = " " * min(event.depth, 12)
        first = f"{number:3} {event.actor:6.6} {event.context} {indent}"
        # Where a Design says what it was read from, a reviewer wants to look there.
        where = f" [{spelled(step.at)}]" if step.at else ""
        yield from wrap(event.sentence + where, first=first, rest=" " * (len(first) + 2))
