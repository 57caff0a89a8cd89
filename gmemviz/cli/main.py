"""Parse the command line and turn every error into one sentence and a status."""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

from gmemviz import __version__
from gmemviz.cli.calls import add_parser as add_calls
from gmemviz.cli.census import add_parser as add_census
from gmemviz.cli.check import add_parser as add_check
from gmemviz.cli.compare import add_parser as add_compare
from gmemviz.cli.confirm import add_parser as add_confirm
from gmemviz.cli.conform import add_parser as add_conform
from gmemviz.cli.designs import add_parser as add_designs
from gmemviz.cli.draw import add_parser as add_draw
from gmemviz.cli.export import add_parser as add_export
from gmemviz.cli.extract import add_parser as add_extract
from gmemviz.cli.matrix import add_parser as add_matrix
from gmemviz.cli.parser import Parser
from gmemviz.cli.probe import add_parser as add_probe
from gmemviz.cli.record import add_parser as add_record
from gmemviz.errors import GmemvizError
from gmemviz.processes.signals import ends_in_order

__all__ = ("main",)

FINE: Final = 0
BAD: Final = 2

_COMMANDS: Final = (
    add_check, add_matrix, add_designs, add_compare, add_draw, add_calls, add_census, add_extract,
    add_export, add_probe, add_record, add_conform, add_confirm,
)  # fmt: skip


def _parser() -> Parser:
    parser = Parser(
        prog="gmemviz", description="Show, check and settle how Linux inodes die.",
        epilog="Exit status: 0 fine, 1 a defect or a disagreement, 2 bad input or a missing tool.",
    )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"gmemviz {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for add_command in _COMMANDS:
        add_command(commands)
    return parser


@ends_in_order
def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return 0 (fine), 1 (a defect was found) or 2 (with one sentence)."""
    try:
        arguments = _parser().parse_args(argv)
        run: Callable[[Any], int] = arguments.run
        return run(arguments)
    except GmemvizError as error:
        print(f"gmemviz: {' '.join(str(error).split())}", file=sys.stderr)
        return BAD
    except BrokenPipeError:  # whoever read us has enough, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except OSError as error:
        name = f": {error.filename}" if error.filename else ""
        print(f"gmemviz: {error.strerror or error}{name}", file=sys.stderr)
        return BAD
