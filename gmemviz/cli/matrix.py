"""gmemviz matrix: check every cell of the choices, or of some kernels and mounts.

The text counts the verdicts and who says them (the model, or a kernel that confirmed it), `--json`
has each cell. Most cells have a defect, which is an answer: status 1 is for a kernel that disagrees
with one, 3 where some cell was not wholly asked, or its search hit its limit.
"""

from argparse import Namespace
from collections.abc import Iterator
from typing import Any, Final

from gmemviz.cli.line import Answer, of_verdict, progress
from gmemviz.processes import Workers
from gmemviz.study import ASSUMPTIONS, LEFT_OUT, Matrix, bounds_of_rows, counts, matrix

DISAGREES: Final = "disagrees"
"""How the evidence of a cell begins whose kernel says otherwise (`study.confirmed`)."""


def command(arguments: Namespace) -> Answer:
    """Return the verdict on every cell: status 1 where a kernel disagrees, 3 undecided, else 0."""
    rows = matrix(
        arguments.kernel or (),
        mounts=arguments.mount or (),
        executor=Workers(progress=progress.for_workers("checking")),
    )
    verdicts = {row["verdict"] for row in rows}
    status = of_verdict(
        is_found=any(row["evidence"].startswith(DISAGREES) for row in rows),
        is_decided=verdicts.isdisjoint(("undecided", "not-asked")),
    )
    return Answer("\n".join(_lines(rows)), rows, status, indent=1, output="cell")


def _lines(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield counts(Matrix(rows))
    if bounds := bounds_of_rows(rows):
        yield f"bounds: {bounds}"
    for assumption in ASSUMPTIONS:
        yield f"assumed: {assumption}"
    yield f"left out: {', '.join(LEFT_OUT)}"
