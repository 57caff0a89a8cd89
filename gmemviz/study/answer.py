"""Say a Report as one plain object, and as text fit for a mail."""

from collections.abc import Iterator
from typing import Any, Final

from gmemviz.errors import of_kind
from gmemviz.facts import Event
from gmemviz.model import Design, Report
from gmemviz.shown import Table, Text
from gmemviz.study.convention import judge
from gmemviz.text import wrap

ASSUMPTIONS: Final = (
    "Unless a scenario says otherwise: the inode is on no hash, and its module stays loaded.",
    "A container's slab object is fresh, but where alloc_inode leaves a member unset.",
    "The inode is mappable unless the Design says not. TLB flushes wait for no lockless walker.",
    "Sequential consistency; no PREEMPT_RT, no RCU_LAZY; CONFIG_DEBUG_VFS off.",
    "A hook tests its pointer for NULL; the creator's error path is iput alone.",
)


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
        "source": str(event.source) if event.source else "",
    }


def answer(report: Report) -> dict[str, Any]:
    """Return the Report as JSON-plain data, the five choices or a name first."""
    return Table({
        **outline(report),
        "reasons": report.reasons,
        "scenarios": _asked(report),
        "counterexample": [_step(number, step.event) for number, step in enumerate(report.run, 1)],
        "depth": report.depth,
        "witnesses": report.witnesses,
        "complete": report.is_complete,
        "verdict": verdict(report),
        "assumptions": list(ASSUMPTIONS),
    })  # fmt: skip


def outline(report: Report) -> dict[str, Any]:
    """Return the same without what is long: the steps, the reasons, what was assumed."""
    of_kind("report", report, Report)
    design, path = report.design, report.counterexample
    judgement = judge(design)
    if design.name:
        head: dict[str, Any] = {"name": design.name, "kernel": design.kernel}
        head["mount"] = design.mount.name
        head["metadata"] = {kept.kind.name: kept.placement.name for kept in design.keeps}
    else:
        kept = design.keeps[0]
        head = {
            "kernel": design.kernel,
            "mount": design.mount.name,
            "placement": kept.placement.name,
            "cleanup": design.cleanup,
            "metadata": kept.kind.name,
        }
    return {
        **head,
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


def _asked(report: Report) -> list[str]:
    # Where several kinds of metadata were searched one at a time, a scenario comes more than once.
    return list(dict.fromkeys(e.world.scenario.name for e in report.explorations))


def verdict(report: Report) -> str:
    """Return the verdict in a few words."""
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
    return Text("\n".join(_lines(report)) + "\n")


def design_text(design: Design) -> str:
    """Return a Design as plain text: its name, what it keeps where, and what each hook does."""
    kept = ", ".join(f"{kind.name} in {place.name}" for kind, place in design.keeps) or "nothing"
    lines = [
        *_body(design),
        *wrap(kept, first="Keeps:      ", rest="            "),
        *wrap(
            f"{design.kernel}, {design.mount.name} mount", first="Kernel:     ", rest="            "
        ),
    ]
    return Text("\n".join(lines) + "\n")


def _body(design: Design) -> Iterator[str]:
    yield from wrap(design.title, first="Design:     ", rest="            ")
    for hook, body in design.hooks:
        does = "; ".join(map(str, body)) or "nothing that the model looks at"
        yield from wrap(f"{hook}: {does}", first="            ", rest="              ")


def _lines(report: Report) -> Iterator[str]:
    design = report.design
    yield from _body(design)
    yield from wrap(verdict(report), first="Verdict:    ", rest="            ")
    yield from wrap(report.why, first="Why:        ", rest="            ")
    for code, reason in report.reasons.items():
        if reason != report.why:
            yield from wrap(f"{code}: {reason}", first="            ", rest="              ")
    if not report.applicable:
        return
    judgement = judge(design)
    word = "yes" if judgement.conventional else "no"
    yield from wrap(
        f"{word}: {judgement.reason} (a judgement)", first="Convention: ", rest="            "
    )
    yield from wrap(", ".join(_asked(report)), first="Scenarios:  ", rest="            ")
    states = f"{report.states} states, {report.edges} transitions"
    limit = "" if report.is_complete else "; a search hit its limit, so this is not the whole"
    yield from wrap(f"{states}, simulated{limit}", first="Searched:   ", rest="            ")
    yield from wrap(" ".join(ASSUMPTIONS), first="Assumed:    ", rest="            ")
    if report.counterexample:
        yield ""
        yield from _run(report)


def _run(report: Report) -> Iterator[str]:
    path = report.counterexample
    assert path is not None
    scenario = path.world.scenario
    yield from wrap(f"Counterexample ({scenario.name}: {scenario.says}):", first="", rest="  ")
    for number, step in enumerate(report.run, 1):
        event = step.event
        indent = " " * min(event.depth, 12)
        first = f"{number:3} {event.actor:6.6} {event.context} {indent}"
        yield from wrap(event.sentence, first=first, rest=" " * (len(first) + 2))
