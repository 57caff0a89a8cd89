"""Say a Report as HTML: one line of verdict, the reasons, what was searched and assumed."""

import html

from gmemviz.model import Report
from gmemviz.study import LEFT_OUT, assumed, bounded, judged, verdict


def verdict_html(report: Report) -> str:
    """Return the verdict with its reason, what was searched, and what was assumed.

    The judgement (`study.judged`) stands only beside a correct Design: what is broken needs none.
    """
    if not report.applicable:
        return f'<div class="gm-verdict">{html.escape(report.why)}</div>'
    said = " ".join((bounded(report), *assumed(report.design), f"Left out: {', '.join(LEFT_OUT)}."))
    rests_on = html.escape(said)
    look, symbol = look_of(report)
    whole = "all interleavings" if report.is_complete else "not the whole: a search hit its limit"
    searched = f"simulated: {report.states} states, {report.edges} transitions, {whole}"
    if judgement := judged(report):
        word = "conventional" if judgement.conventional else "not conventional"
        searched = f"{word} (a judgement): {judgement.reason} · {searched}"
    return (
        f'<div class="gm-verdict {look}"><b>{symbol} '
        f"{html.escape(verdict(report))}</b> {html.escape(report.why)}{_others(report)}"
        f"<br><small>{html.escape(searched)}</small>"
        f"<details><summary><small>assumed</small></summary><small>{rests_on}</small></details></div>"
    )


def look_of(report: Report) -> tuple[str, str]:
    """Return the class of a verdict's line, and its symbol: bad, open or good.

    A defect is one however little was searched, so only a clean Report can be open.
    """
    if report.defects:
        return "gm-bad", "⚠"
    return ("gm-good", "✓") if report.verdict == "correct" else ("gm-open", "?")


def _others(report: Report) -> str:
    # Each code has a run of its own; "watch" plays it.
    others = [f"{code}: {why}" for code, why in report.reasons.items() if why != report.why]
    return "".join(f"<br>{html.escape(other)}" for other in others)
