"""gmemviz matrix: check every cell of the choices."""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from gmemviz.cli.status import FINE, FOUND, UNDECIDED
from gmemviz.facts import kernels
from gmemviz.study import ASSUMPTIONS, matrix

__all__ = ("add_parser",)


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
    with ProcessPoolExecutor() as executor:
        rows = matrix(arguments.kernel or (), executor=executor)
    if arguments.json:
        print(json.dumps(rows, indent=1))
    else:
        print("\n".join(_lines(rows)))
    if any(row["defects"] for row in rows):
        return FOUND
    return FINE if all(row.get("complete", True) for row in rows) else UNDECIDED


def _lines(rows: list[dict[str, Any]]) -> Iterator[str]:
    kinds = Counter(map(_kind, rows))
    yield f"{len(rows)} cells, simulated"
    yield from (f"{count:5} {kind}" for kind, count in sorted(kinds.items(), key=_most_first))
    yield ""
    said = Counter(row["evidence"] for row in rows if row["defects"] is not None)
    yield from (f"{count:5} {says}" for says, count in sorted(said.items(), key=_most_first))
    yield ""
    yield from (f"assumed: {assumption}" for assumption in ASSUMPTIONS)


def _kind(row: dict[str, Any]) -> str:
    if row["defects"] is None:
        return "not a design"
    return ", ".join(row["defects"]) or ("correct" if row.get("complete", True) else "undecided")


def _most_first(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]
