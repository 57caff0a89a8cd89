"""Parse the command line and turn every error into one sentence and a status."""

import os
import sys
import traceback
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
from gmemviz.cli.status import BAD, FAULT, FINE, STATUSES, UNDECIDED
from gmemviz.cli.terminal import terminals
from gmemviz.errors import GmemvizError, UndecidedError
from gmemviz.processes import ends_in_order
from gmemviz.text import brief, printable

TRACEBACK: Final = "GMEMVIZ_TRACEBACK"
"""The variable that asks for a traceback, where the fault is ours."""

LONGEST: Final = 4096
"""Characters of an argument, as of a path (PATH_MAX)."""

SENTENCE: Final = 8000
"""Characters of a complaint, in which all allowed words have room."""

_COMMANDS: Final = (
    add_check, add_matrix, add_designs, add_compare, add_draw, add_calls, add_census, add_extract,
    add_export, add_probe, add_record, add_conform, add_confirm,
)  # fmt: skip


def _parser() -> Parser:
    parser = Parser(
        prog="gmemviz", description="Show, check and settle how Linux inodes die.",
        epilog=f"Exit status: {', '.join(f'{n} {what}' for n, what in STATUSES.items())}.",
    )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"gmemviz {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for add_command in _COMMANDS:
        add_command(commands)
    return parser


@ends_in_order
def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return one of the statuses of `STATUSES`, from 2 on with one sentence."""
    with terminals() as out:
        try:
            status = _status(argv)
        except SystemExit as end:  # --help or --version was printed
            status = int(end.code or FINE)
        out.flush()
        if not out.failure:
            return status
        print(f"gmemviz: {out.failure}", file=sys.stderr)
        return BAD


def _status(argv: Sequence[str] | None) -> int:
    try:
        arguments = _parser().parse_args(_refuse_long(sys.argv[1:] if argv is None else argv))
        run: Callable[[Any], int] = arguments.run
        return run(arguments)
    except GmemvizError as error:
        return _told(str(error), UNDECIDED if isinstance(error, UndecidedError) else BAD)
    except OSError as error:
        name = f": {error.filename}" if error.filename else ""
        return _told(f"{error.strerror or error}{name}", BAD)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is no defect that was found
        return _our_fault(error)


def _refuse_long(words: Sequence[str]) -> Sequence[str]:
    for word in words:
        if len(word) > LONGEST:
            raise GmemvizError(
                f"an argument has {len(word)} characters, and may have {LONGEST}: {brief(word)}"
            )
    return words


def _our_fault(error: Exception) -> int:
    if os.environ.get(TRACEBACK):
        traceback.print_exception(error)
    if isinstance(error, MemoryError):
        said = "the memory does not suffice"
    else:
        said = f"a fault of gmemviz itself: {type(error).__name__}: {brief(str(error), 200)}"
    return _told(f"{said} ({TRACEBACK}=1 shows where; please report it with that)", FAULT)


def _told(sentence: str, status: int) -> int:
    said = " ".join(printable(sentence).split())
    print(f"gmemviz: {said if len(said) <= SENTENCE else said[:SENTENCE] + '...'}", file=sys.stderr)
    return status
