"""Say in words what rooms below found: what a notebook shows of it, beside its picture.

`gmemviz.shown.text` chooses one of these by the class of a result. They stand here and not with
their classes, since `model` and `facts` know of no mail, no gallery and no matches.
"""

from collections.abc import Iterator
from itertools import islice

from gmemviz.facts import Facts, ProbeReport, Trace
from gmemviz.model import Design, Report
from gmemviz.shown import LINES, MOST, text
from gmemviz.study.answer import design_text, verdict_text
from gmemviz.study.match import Match, report_text
from gmemviz.study.state import Replayed
from gmemviz.study.synthesis import Candidate
from gmemviz.text import one_line


@text.register
def _of_design(design: Design) -> str:
    return design_text(design)


@text.register
def _of_report(report: Report) -> str:
    # Scenarios that do not ask about the Design leave nothing to mail.
    return verdict_text(report) if report.explorations or not report.applicable else repr(report)


@text.register
def _of_replayed(found: Replayed) -> str:
    return f"{found!r}\n\n{text(found.report)}"


@text.register
def _of_candidate(found: Candidate) -> str:
    return f"{found!r}\n\n{text(found.design)}"


@text.register
def _of_match(found: Match) -> str:
    told = {"agrees": found.agrees, "differs": found.differs, "unseen": found.unseen}
    lines = [f"{what}: {'; '.join(words)}" for what, words in told.items() if words]
    return "\n".join((f"{found.design} ({found.origin})", *lines))


@text.register
def _of_probe(report: ProbeReport) -> str:
    return report_text(report)


@text.register
def _of_facts(facts: Facts) -> str:
    package = f" (Debian package {facts.package})" if facts.package else ""
    counts = f"{len(facts.functions)} functions, {len(facts.tables)} tables of hooks"
    return (
        f"Linux {facts.release}{package}, extracted\n{counts}, {len(facts.fields)} struct members"
    )


@text.register
def _of_trace(trace: Trace) -> str:
    return "\n".join(_told(trace))


# As many events as a list has lines; the recording itself has thousands.
def _told(trace: Trace) -> Iterator[str]:
    yield trace.title
    yield f"{trace.origin} on {trace.kernel}: {len(trace.events)} events"
    yield from (f"missing: {words}" for words in trace.missing)
    for number, event in enumerate(islice(trace.events, LINES), 1):
        hook = f" ({event.hook})" if event.hook else ""
        indent = "  " * min(event.depth, 12)
        yield one_line(f"{number:3} {event.context} {indent}{event.function}{hook}", MOST)
    if (more := len(trace.events) - LINES) > 0:
        yield f"... and {more} more"
