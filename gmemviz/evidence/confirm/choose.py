"""Choose the run of a Confirmation that is worth a recording."""

from collections.abc import Iterator
from typing import Final

from gmemviz.evidence.confirm.confirmation import BUILD, Confirmation
from gmemviz.evidence.confirm.runs import Run

ALWAYS: Final = "last-close"


def choose_run(found: Confirmation) -> Run | str:
    """Return the run that shows what the model found first, or one sentence why there is none.

    That is the defect of the model's counterexample, or another one that kernel or model has;
    last-close where neither has any. A run that ends the kernel cannot be recorded.
    """
    if found.unwritten or not found.report.applicable:
        return f"no kernel has played the Design: {found.unwritten or found.report.inapplicable}"
    lost = {heard.run for heard in found.heard if heard.is_lost}
    wanted = list(_wanted(found))
    if BUILD in wanted[:1]:
        return "the compiler refuses the Design, so no kernel has played it"
    chosen = [run for run in wanted if run not in lost]
    if not chosen:
        return f"the run {wanted[0]} ends the kernel" if wanted else "no run was played"
    return chosen[0]


def _wanted(found: Confirmation) -> Iterator[Run]:
    codes = list(found.report.defects or ())
    path = found.report.counterexample
    first = path.defect.code if path and path.defect else ""
    codes.sort(key=lambda code: code != first)
    shown = found.shown
    yield from (shown[code][0] for code in (*codes, *found.surplus) if code in shown)
    if shown:
        return
    played = [heard.run for heard in found.heard]
    for code in codes:  # the kernel did not show it: let it be seen what it did instead
        yield from (run for run in played if code in found.by_scenario.get(run.scenario, ()))
    yield from (run for run in played if run.scenario == ALWAYS)
