"""gmemviz designs: find every correct Design for a set of metadata, the cheapest first."""

import argparse
import json
from typing import Any

from gmemviz.cli.parser import whole
from gmemviz.cli.status import FINE, FOUND, UNDECIDED
from gmemviz.facts import kernels
from gmemviz.model import METADATA, MOUNTS
from gmemviz.processes import Workers
from gmemviz.study import designs_for


def add_parser(commands: Any) -> None:
    """Add the command to the command line's parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "designs", help="find the correct Designs for a set of metadata, the cheapest first",
        description="Find every correct Design that keeps all of the metadata, and say why the "
        "others fail; exit with 1 if there is none, with 3 if some were not "
        "checked, or their search hit its limit.",
    )  # fmt: skip
    parser.add_argument(
        "--metadata", action="append", required=True, metavar="METADATA",
        help=f"give it once for each kind: {', '.join(METADATA)}",
    )  # fmt: skip
    parser.add_argument("--kernel", required=True, metavar="KERNEL", help=", ".join(kernels()))
    parser.add_argument("--mount", default="own", metavar="MOUNT", help=", ".join(MOUNTS))
    parser.add_argument(
        "--first", type=whole(1), metavar="N", help="check only so many, the cheapest (else all)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object with all")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    found = designs_for(
        arguments.metadata,
        kernel=arguments.kernel,
        mount=arguments.mount,
        first=arguments.first,
        executor=Workers(),
    )
    print(json.dumps(found.answer(), indent=1) if arguments.json else found.text.rstrip("\n"))
    if found.correct:
        return FINE
    return FOUND if found.is_decided else UNDECIDED
