"""gmemviz help: what a command takes, or which there are; the same as its own --help.

Status 0; 2 for a word that is no command, with the nearest that is one.
"""

from argparse import Namespace

from gmemviz.cli.commands import add_command, command_names
from gmemviz.cli.line import Answer, Parser
from gmemviz.cli.main import parser_for
from gmemviz.errors import choice


def command(arguments: Namespace) -> Answer:
    """Return the help of a command, by any of its names, or the list of all; status 0."""
    if not arguments.topic:
        return Answer(parser_for(()).format_help())
    spelled = {word: name for name, words in command_names().items() for word in sorted(words)}
    name = spelled[choice("command", arguments.topic, spelled)]
    alone = Parser(prog="gmemviz").add_subparsers()
    return Answer(add_command(alone, name, is_typed=True).format_help())
