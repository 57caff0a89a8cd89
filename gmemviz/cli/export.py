"""gmemviz export: write a scenario of a Design as Promela, for SPIN."""

import argparse
from pathlib import Path
from typing import Any, Final

from gmemviz.cli.choices import add_design, read_design
from gmemviz.errors import GmemvizError, choice
from gmemviz.facts.whole import write_whole
from gmemviz.model import SCENARIOS
from gmemviz.study import promela

__all__ = ("add_parser",)

SUFFIXES: Final = (".pml",)


def add_parser(commands: Any) -> None:
    """Add the command to the command line's parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "export", help="write a scenario of a Design as Promela, for SPIN: .pml",
        description="Write what one scenario of a Design does as Promela. spin -a -o1 -o2 FILE; "
        "gcc -DSAFETY -DNOREDUCE -o pan pan.c; ./pan -c0 -e shows the same defects.",
    )  # fmt: skip
    add_design(parser)
    parser.add_argument("--scenario", default="last-close", metavar="SCENARIO",
                        help=", ".join(SCENARIOS))  # fmt: skip
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="FILE")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    file: Path = arguments.output
    choice(f"suffix of {file}", file.suffix.lower(), SUFFIXES)
    design = read_design(arguments)
    scenario = SCENARIOS[choice("scenario", arguments.scenario, SCENARIOS)]
    if not scenario.asks(design):
        raise GmemvizError(f"scenario {scenario.name} does not ask about {design.title}")
    write_whole(file, promela(design, scenario).encode())
    return 0
