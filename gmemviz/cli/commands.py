"""Make each command's parser of its words in `commands.toml`.

>>> import argparse
>>> parser = argparse.ArgumentParser(prog="gmemviz")
>>> add_command(parser.add_subparsers(), "census", lambda arguments: Answer(arguments.source))
>>> arguments = parser.parse_args(["census", "7.3", "--json"])
>>> (arguments.source, arguments.json, arguments.answer(arguments).text)
('7.3', True, '7.3')
"""

import tomllib
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from gmemviz.cli.draw import PICTURES
from gmemviz.cli.line import Answer, names, time_limit, whole
from gmemviz.facts import kernels
from gmemviz.model import CLEANUPS, METADATA, MOUNTS, PLACEMENTS, SCENARIOS
from gmemviz.probe import experiments, reports
from gmemviz.record import recordings
from gmemviz.record.boot import ACCELERATORS, LIMIT
from gmemviz.study import designs

READS: Final[Mapping[str, Callable[[str], object]]] = {
    "path": Path,
    "names": names,
    "from 0": whole(0),
    "from 1": whole(1),
    "seconds": time_limit,
}
"""What makes a value of what is typed, by the word that `commands.toml` has for it."""


def add_command(commands: Any, name: str, answer: Callable[[Namespace], Answer]) -> None:
    """Give a command its parser, one of `commands` (of `add_subparsers`), and its function."""
    words, shared = _words()[name], _words()["shared"]
    parser = commands.add_parser(
        name,
        help=words["help"],
        description=words["description"],
        epilog=words.get("epilog"),
        aliases=words.get("aliases", ()),
    )
    _add_arguments(parser, words["takes"], shared)
    if "json" in words:
        parser.add_argument("--json", action="store_true", help=words["json"])
    parser.set_defaults(answer=answer, json=False)


# A parser and a group of its arguments are both asked by `add_argument`.
def _add_arguments(parser: Any, takes: Iterable[Any], shared: Mapping[str, Any]) -> None:
    for argument in takes:
        match argument:
            case str(word):
                _add_arguments(parser, shared[word], shared)
            case {"heading": heading, "says": says, "takes": inner}:
                _add_arguments(parser.add_argument_group(heading, says), inner, shared)
            case {"either": inner}:
                _add_arguments(parser.add_mutually_exclusive_group(), inner, shared)
            case _:
                _add_argument(parser, **argument)


def _add_argument(parser: Any, name: str, *, reads: str = "", **more: Any) -> None:
    if reads:
        more["type"] = READS[reads]
    if isinstance(more.get("metavar"), list):  # a word for each of two values
        more["metavar"] = tuple(more["metavar"])
    parser.add_argument(*name.split(), **more)


@cache
def _words() -> dict[str, Any]:
    text = (files("gmemviz.cli") / "commands.toml").read_text(encoding="utf-8")
    lists: dict[str, Iterable[str]] = {
        "cleanups": CLEANUPS, "designs": designs(), "experiments": experiments(),
        "kernels": kernels(), "metadata": METADATA, "mounts": MOUNTS, "pictures": PICTURES,
        "placements": PLACEMENTS, "recordings": recordings(), "reports": reports(),
        "scenarios": SCENARIOS,
    }  # fmt: skip
    values = {name: ", ".join(allowed) for name, allowed in lists.items()} | {
        "accelerators": " or ".join(ACCELERATORS),
        "accelerator": ACCELERATORS[0],
        "kernels and": " and ".join(kernels()),
        "kernels or": " or ".join(kernels()),
        "newest kernel": kernels()[-1],
        "seconds": f"{LIMIT:g}",
    }
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return tomllib.loads(text)
