"""gmemviz check: explore a Design and say what it does wrong, with the shortest run."""

import argparse
import json
from typing import Any

from gmemviz.cli.choices import add_design, read_design
from gmemviz.errors import GmemvizError, choice
from gmemviz.model import SCENARIOS, check
from gmemviz.study import answer, mail

__all__ = ("add_parser",)


def add_parser(commands: Any) -> None:
    """Add the command to the command line's parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "check", help="explore a Design and say what breaks, with the shortest run",
        description="Explore every interleaving of a Design; exit with 1 if a defect is found.",
    )  # fmt: skip
    add_design(parser)
    parser.add_argument("--scenario", metavar="SCENARIO", help=", ".join(SCENARIOS))
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    design = read_design(arguments)
    scenarios = None
    if arguments.scenario:
        scenario = SCENARIOS[choice("scenario", arguments.scenario, SCENARIOS)]
        if not scenario.asks(design):
            raise GmemvizError(f"scenario {scenario.name} does not ask about {design.title}")
        scenarios = (scenario,)
    report = check(design, scenarios=scenarios)
    if arguments.json:
        print(json.dumps(answer(report), indent=2))
    else:
        print(mail(report), end="")
    return 1 if report.defects else 0
