"""gmemviz new: a Design in TOML to start from, with a word on each of its lines.

It is correct as it stands, and its last comment has the lines that break it. Printed, or with -o
written to a file that is not there yet. Status 0.
"""

from argparse import Namespace
from importlib.resources import files
from pathlib import Path

from gmemviz.cli.line import Answer
from gmemviz.errors import GmemvizError
from gmemviz.facts import kernels
from gmemviz.whole import write_whole


def command(arguments: Namespace) -> Answer:
    """Return the page, or write it where `-o` says; status 0."""
    text = (files("gmemviz.cli.about") / "new.toml").read_text(encoding="utf-8")
    text = text.replace("KERNEL", kernels()[-1])
    file: Path | None = arguments.output
    if not file:
        return Answer(text)
    if file.is_file():  # somebody's own Design may be in it
        raise GmemvizError(f"{file} is there already, and is left as it is")
    write_whole(file, text.encode())
    return Answer(f"{file}: now gmemviz check --design {file}")
