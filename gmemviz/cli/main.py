"""Parse the command line and turn every error into one sentence and a status."""

import os
import sys
import traceback
from argparse import Namespace
from collections.abc import Collection, Sequence
from typing import Final

from gmemviz.cli.commands import add_command, command_names
from gmemviz.cli.line import BAD, FAULT, FINE, STATUSES, UNDECIDED, Answer, Parser, say, terminals
from gmemviz.errors import FaultsError, GmemvizError, UndecidedError, UsageError
from gmemviz.processes import ends_in_order
from gmemviz.text import brief, printable
from gmemviz.version import __version__

TRACEBACK: Final = "GMEMVIZ_TRACEBACK"
"""The variable that asks for a traceback, where the fault is ours."""

LONGEST: Final = 4096
"""Characters of an argument, as of a path (PATH_MAX)."""

SENTENCE: Final = 8000
"""Characters of a complaint, in which all allowed words have room."""


def parser_for(typed: Collection[str]) -> Parser:
    """Return the parser: a command among the words typed takes arguments, others are only listed.

    What a command takes is made of lists in half of the package, which `check` need not load.
    """
    statuses = [f"{status} {meaning}" for status, meaning in STATUSES.items()]
    parser = Parser(
        prog="gmemviz",
        description="Show, check and settle how Linux inodes die.",
        epilog=f"Exit status: {', '.join(statuses)}.",
    )
    parser.add_argument("--version", action="version", version=f"gmemviz {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, spellings in command_names().items():
        add_command(commands, name, is_typed=not spellings.isdisjoint(typed))
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
        say(f"gmemviz: {out.failure}")
        return BAD


def _status(argv: Sequence[str] | None) -> int:
    try:
        typed = _refuse_long(sys.argv[1:] if argv is None else argv)
        typed = typed or ["--help"]  # who types nothing is shown what there is
        arguments = parser_for(typed).parse_args(typed)
        answer = _answer(arguments)
        return answer.show(as_json=arguments.json)
    except FaultsError as error:
        for fault in error.faults:  # a line each, as a compiler says them
            _complain(str(fault))
        return BAD
    except GmemvizError as error:
        _complain(str(error))
        return UNDECIDED if isinstance(error, UndecidedError) else BAD
    except OSError as error:
        name = f": {error.filename}" if error.filename else ""
        _complain(f"{error.strerror or error}{name}")
        return BAD
    except Exception as error:  # noqa: BLE001 - whatever it is, it is no defect that was found
        _complain(_our_fault(error))
        return FAULT


def _answer(arguments: Namespace) -> Answer:
    try:
        answer: Answer = arguments.answer(arguments)
    except UsageError as error:  # the help of this command says what goes together
        raise GmemvizError(f"{error} (see {arguments.prog} --help)") from None
    return answer


def _refuse_long(words: Sequence[str]) -> Sequence[str]:
    for word in words:
        if len(word) > LONGEST:
            raise GmemvizError(
                f"an argument has {len(word)} characters, and may have {LONGEST}: {brief(word)}"
            )
    return words


def _our_fault(error: Exception) -> str:
    if os.environ.get(TRACEBACK):
        traceback.print_exception(error)
    if isinstance(error, MemoryError):
        said = "the memory does not suffice"
    else:
        said = f"a fault of gmemviz itself: {type(error).__name__}: {brief(str(error), 200)}"
    return f"{said} ({TRACEBACK}=1 shows where; please report it with that)"


def _complain(sentence: str) -> None:
    # One line whatever is in it: a script may read stderr by lines.
    said = " ".join(printable(sentence).split())
    say(f"gmemviz: {said if len(said) <= SENTENCE else said[:SENTENCE] + '...'}")
