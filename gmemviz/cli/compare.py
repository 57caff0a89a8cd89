"""gmemviz compare: hold two Designs side by side, up to the step where their runs part."""

import argparse
import json
from pathlib import Path
from typing import Any

from gmemviz.cli.choices import read_file
from gmemviz.cli.status import of_reports
from gmemviz.model import Design
from gmemviz.study import compare, designs, gallery


def add_parser(commands: Any) -> None:
    """Add the command to the command line's parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "compare", help="hold two Designs side by side: verdicts, costs, hooks, runs",
        description="Check two Designs and say what differs; exit with 1 if either has a defect, "
        "with 3 if one is undecided.",
    )  # fmt: skip
    for letter in "ab":
        parser.add_argument(
            letter, metavar=letter.upper(),
            help=f"a file FILE.toml, or a Design of the gallery: {', '.join(designs())}",
        )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    found = compare(_design(arguments.a), _design(arguments.b))
    print(json.dumps(found.answer(), indent=1) if arguments.json else found.text.rstrip("\n"))
    return of_reports([found.a, found.b])


def _design(word: str) -> Design:
    return read_file(Path(word)) if word.endswith(".toml") else gallery(word)
