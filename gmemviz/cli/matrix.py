"""gmemviz matrix: check every cell of the choices.

The text counts the verdicts and who says them (the model, or a kernel that confirmed it), `--json`
has each cell. Status 1 where a cell has a defect, as most have: that of all choices together is
always 1. 0 and 3 (a search hit its limit) are for what comes of a smaller question.
"""

from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from gmemviz.cli.line import Answer, of_verdicts
from gmemviz.processes import Workers
from gmemviz.study import ASSUMPTIONS, LEFT_OUT, Matrix, bounds_of_rows, counts, matrix


def command(arguments: Namespace) -> Answer:
    """Return the verdict on every cell: status 1 for any defect, 3 undecided, else 0."""
    rows = matrix(arguments.kernel or (), executor=Workers())
    status = of_verdicts(row["verdict"] for row in rows)
    return Answer("\n".join(_lines(rows)), rows, status, indent=1)


def _lines(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield counts(Matrix(rows))
    if bounds := bounds_of_rows(rows):
        yield f"bounds: {bounds}"
    for assumption in ASSUMPTIONS:
        yield f"assumed: {assumption}"
    yield f"left out: {', '.join(LEFT_OUT)}"
