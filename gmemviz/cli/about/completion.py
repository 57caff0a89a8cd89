"""gmemviz completion: print what completes a command line, for a shell to read.

    source <(gmemviz completion bash)         in ~/.bashrc

The script is a file beside this one, which `python -m scripts.completion` writes of commands.toml:
a shell that asks for a word starts no Python. It is of bash, and zsh runs it by bashcompinit.
Status 0.
"""

from argparse import Namespace
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from gmemviz.cli.line import Answer
from gmemviz.errors import choice

FILE: Final = "completion.bash"

SHELLS: Final[Mapping[str, str]] = {
    "bash": "",
    "zsh": "#compdef gmemviz\nautoload -U +X bashcompinit && bashcompinit\n",
}
"""The shells, each with what it needs before the file."""


def command(arguments: Namespace) -> Answer:
    """Return the script of a shell; status 0."""
    first = SHELLS[choice("shell", arguments.shell, SHELLS)]
    return Answer(first + (files("gmemviz.cli.about") / FILE).read_text(encoding="utf-8"))
