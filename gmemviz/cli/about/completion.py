"""gmemviz completion: print what completes a command line, for a shell to read.

    source <(gmemviz completion bash)         in ~/.bashrc

The scripts are files beside this one, which `python -m scripts.completion` writes of commands.toml:
a shell that asks for a word starts no Python. Status 0.
"""

from argparse import Namespace
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from gmemviz.cli.line import Answer
from gmemviz.errors import choice

SHELLS: Final[Mapping[str, str]] = {"bash": "completion.bash", "zsh": "completion.zsh"}
"""The shells, each with the file that it reads."""


def command(arguments: Namespace) -> Answer:
    """Return the script of a shell; status 0."""
    file = SHELLS[choice("shell", arguments.shell, SHELLS)]
    return Answer((files("gmemviz.cli.about") / file).read_text(encoding="utf-8"))
