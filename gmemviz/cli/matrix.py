"""gmemviz matrix: check every cell of the choices."""

import argparse
import json
from collections.abc import Iterator
from typing import Any

from gmemviz.cli.status import FINE, FOUND, UNDECIDED
from gmemviz.facts import kernels
from gmemviz.processes import Workers
from gmemviz.study import ASSUMPTIONS, Matrix, counts, matrix


def add_parser(commands: Any) -> None:
    """Add the command to the command line's parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "matrix", help="check every cell of the choices, on all processors",
        description="Check every kernel, mount, placement, cleanup and metadata; exit with 1, "
        "since most cells have a defect.",
    )  # fmt: skip
    parser.add_argument("--kernel", action="append", metavar="KERNEL", help=", ".join(kernels()))
    parser.add_argument("--json", action="store_true", help="print an array of all answers")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    rows = matrix(arguments.kernel or (), executor=Workers())
    if arguments.json:
        print(json.dumps(rows, indent=1))
    else:
        print("\n".join(_lines(rows)))
    if any(row["defects"] for row in rows):
        return FOUND
    return FINE if all(row.get("complete", True) for row in rows) else UNDECIDED


def _lines(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield counts(Matrix(rows))
    yield from (f"assumed: {assumption}" for assumption in ASSUMPTIONS)
