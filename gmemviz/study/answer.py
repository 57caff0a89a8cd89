"""Say a Report as one plain object, and as text fit for a mail.

The keys of the object and the order of the text are relied on, by `--json` and by the Explorer: a
new key may come, none may go. `outline` is what a row of the matrix has.
"""

from collections.abc import Iterator
from typing import Any, Final

from gmemviz.errors import of_kind
from gmemviz.facts import Event
from gmemviz.model import Design, Report
from gmemviz.study.convention import judge
from gmemviz.study.plain import data, kept_where, labelled, mail_text, placements
from gmemviz.text import wrap

ASSUMPTIONS: Final = (
    "Unless a scenario says otherwise: the inode is on no hash, and its module stays loaded.",
    "A container's slab object is fresh, but where alloc_inode leaves a member unset.",
    "The inode is mappable unless the Design says not. TLB flushes wait for no lockless walker.",
    "Sequential consistency; no PREEMPT_RT, no RCU_LAZY; CONFIG_DEBUG_VFS off.",
    "A hook tests its pointer for NULL; the creator's error path is iput alone.",
)
"""What the model takes for granted, said with each verdict. PREEMPT_RT would run RCU's callbacks in
threads and let a spinlock sleep, RCU_LAZY would let them wait for seconds."""


def answer(report: Report) -> dict[str, Any]:
    """Return the Report as JSON-plain data, the five choices or a name first."""
    return data({
        **outline(report),
        "reasons": report.reasons,
        "scenarios": _scenarios(report),
        "counterexample": [_step(number, step.event) for number, step in enumerate(report.run, 1)],
        "depth": report.depth,
        "witnesses": report.witnesses,
        "complete": report.is_complete,
        "verdict": report.verdict,
        "says": verdict(report),
        "not_asked": report.not_asked,
        "assumptions": ASSUMPTIONS,
    })  # fmt: skip


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
    judgement = judge(report.design)
    return {
        **_choices(report.design),
        "applicable": report.applicable,
        "defects": list(report.defects) if report.defects is not None else None,
        "conventional": judgement.conventional if report.applicable else None,
        "convention": judgement.reason if report.applicable else "",
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

    Without a defect it is ``undecided`` where a search hit its limit, and ``not a design`` where
    the choices do not go together.
    """
    of_kind("report", report, Report)
    if report.defects is None:
        return "not a design"
    if report.defects:
        return ", ".join(report.defects)
    if not report.is_complete:
        return "undecided"
    if report.not_asked:
        return f"not asked: {'; '.join(report.not_asked)}"
    conventional = judge(report.design).conventional
    return "correct" if conventional else "correct, but not conventional"


def mail(report: Report) -> str:
    """Return the Report as plain text, at most 72 columns wide, fit for any terminal."""
    of_kind("report", report, Report)
    return mail_text(_lines(report))


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


def _lines(report: Report) -> Iterator[str]:
    yield from _body(report.design)
    yield from labelled("Verdict", verdict(report))
    yield from labelled("Why", report.why)
    for code, reason in report.reasons.items():
        if reason != report.why:
            yield from labelled("", f"{code}: {reason}", more=2)
    if not report.applicable:
        return
    judgement = judge(report.design)
    word = "yes" if judgement.conventional else "no"
    yield from labelled("Convention", f"{word}: {judgement.reason} (a judgement)")
    yield from labelled("Scenarios", ", ".join(_scenarios(report)))
    states = f"{report.states} states, {report.edges} transitions"
    if report.design.folios > 1:
        states += f", 0 to {report.design.folios} folios"
    limit = "" if report.is_complete else "; a search hit its limit, so this is not the whole"
    yield from labelled("Searched", f"{states}, simulated{limit}")
    yield from labelled("Assumed", " ".join(ASSUMPTIONS))
    if report.counterexample:
        yield ""
        yield from _run(report)


# A line a step: its number, who does it, in which context, and below whom.
def _run(report: Report) -> Iterator[str]:
    path = report.counterexample
    assert path is not None
    scenario = path.world.scenario
    yield from wrap(f"Counterexample ({scenario.name}: {scenario.says}):", rest="  ")
    for number, step in enumerate(report.run, 1):
        event = step.event
        indent = " " * min(event.depth, 12)
        first = f"{number:3} {event.actor:6.6} {event.context} {indent}"
        yield from wrap(event.sentence, first=first, rest=" " * (len(first) + 2))
