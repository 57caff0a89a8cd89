"""gmemviz draw: write one picture of a Design to a file."""

import argparse
from typing import Any, Final

from gmemviz.cli.choices import add_design, read_design
from gmemviz.errors import GmemvizError, choice
from gmemviz.model import check
from gmemviz.render import film_of_report

__all__ = ("add_parser",)

PICTURES: Final = ("calls", "states", "memory", "lanes")


def add_parser(commands: Any) -> None:
    """Add the command to the command line's parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "draw", help="write a picture of a Design: .svg, .png, .pdf or .dot",
        description="Draw a Design's road as it is checked: the run shown is its counterexample, "
        "or a whole run of a correct one.",
    )  # fmt: skip
    parser.add_argument("picture", help=", ".join(PICTURES))
    add_design(parser)
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="file to write")
    parser.add_argument(
        "--step",
        type=int,
        metavar="N",
        help="dress the picture as at step N (the last if left out)",
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    name = choice("picture", arguments.picture, PICTURES)
    report = check(read_design(arguments), keep_moves=True)
    if not report.applicable:
        raise GmemvizError(f"nothing to draw: {report.inapplicable}")
    film = film_of_report(report)
    drawing = film.still(name, arguments.step)
    drawing.save(arguments.output)
    return 0
