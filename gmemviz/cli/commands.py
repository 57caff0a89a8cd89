"""Make each command's parser of its words in `commands.toml`, and load no more than it needs.

>>> import argparse
>>> parser = argparse.ArgumentParser(prog="gmemviz")
>>> _ = add_command(parser.add_subparsers(), "census", is_typed=True)
>>> arguments = parser.parse_args(["census", "7.3", "--json"])
>>> (arguments.source, arguments.json, arguments.answer.__module__)
('7.3', True, 'gmemviz.cli.census')
"""

import argparse
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from gmemviz.cli.line import names, time_limit, whole

READS: Final[Mapping[str, Callable[[str], object]]] = {
    "path": Path,
    "names": names,
    "from 0": whole(0),
    "from 1": whole(1),
    "seconds": time_limit,
}
"""What makes a value of what is typed, by the word that `commands.toml` has for it."""


SHARED: Final = "shared"
"""The table of `commands.toml` that is no command."""

ALLOWED: Final[Mapping[str, str]] = {
    "accelerators": "gmemviz.record.boot.ACCELERATORS",
    "cleanups": "gmemviz.model.CLEANUPS",
    "commands": "gmemviz.cli.commands.command_names",
    "designs": "gmemviz.study.designs",
    "experiments": "gmemviz.probe.experiments",
    "kernels": "gmemviz.facts.kernels",
    "lists": "gmemviz.cli.about.LISTS",
    "limit": "gmemviz.record.boot.LIMIT",
    "metadata": "gmemviz.model.METADATA",
    "mounts": "gmemviz.model.MOUNTS",
    "pictures": "gmemviz.cli.draw.PICTURES",
    "placements": "gmemviz.model.PLACEMENTS",
    "recordings": "gmemviz.record.recordings",
    "reports": "gmemviz.probe.reports",
    "scenarios": "gmemviz.model.SCENARIOS",
    "shells": "gmemviz.cli.about.SHELLS",
    "snapshots": "gmemviz.facts.snapshots",
}
"""Where the words are that a name in braces stands for: a list, or a function that returns it."""

FORMS: Final[Mapping[str, Callable[[Any], str]]] = {
    "": ", ".join,
    " and": " and ".join,
    " or": " or ".join,
    " first": lambda allowed: allowed[0],
    " last": lambda allowed: allowed[-1],
    " seconds": "{:g}".format,
}
"""How they are written, by what stands behind the name: `{kernels or}`, `{kernels last}`."""

BRACES: Final = re.compile(r"\{(\w+)((?: \w+)?)\}")


@cache
def command_names() -> dict[str, frozenset[str]]:
    """Return each command with all spellings of its name, in the order of `gmemviz --help`."""
    return {
        name: frozenset((name, *words.get("aliases", ())))
        for name, words in _words().items()
        if name != SHARED
    }


def command_help(name: str) -> str:
    """Return the line that a command has in the list of all."""
    text: str = _words()[name]["help"]
    return text


def add_command(commands: Any, name: str, *, is_typed: bool) -> argparse.ArgumentParser:
    """Give a command its parser, one of `commands` (of `add_subparsers`), and return it.

    One that `is_typed` takes its arguments, and its function is `answer`; else it is a line in the
    list of all, and nothing of it is loaded.
    """
    words = _words()[name]
    aliases = words.get("aliases", ())
    if not is_typed:
        listed: argparse.ArgumentParser = commands.add_parser(
            name, help=words["help"], aliases=aliases
        )
        return listed
    words, shared = _filled(words), _words()[SHARED]
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=words["help"],
        description=words["description"],
        epilog=words.get("epilog"),
        aliases=aliases,
    )
    _add_arguments(parser, words["takes"], shared)
    if "json" in words:
        parser.add_argument("--json", action="store_true", help=words["json"])
    module = f"{words['room']}.{name}" if "room" in words else name
    answer = import_module(f"gmemviz.cli.{module}").command
    parser.set_defaults(answer=answer, json=False, prog=parser.prog)
    return parser


# A parser and a group of its arguments are both asked by `add_argument`.
def _add_arguments(parser: Any, takes: Iterable[Any], shared: Mapping[str, Any]) -> None:
    for argument in takes:
        match argument:
            case str(word):
                _add_arguments(parser, _filled(shared[word]), shared)
            case {"heading": heading, "says": says, "takes": inner}:
                _add_arguments(parser.add_argument_group(heading, says), inner, shared)
            case {"either": inner}:
                _add_arguments(parser.add_mutually_exclusive_group(), inner, shared)
            case _:
                _add_argument(parser, **argument)


def _add_argument(parser: Any, name: str, *, reads: str = "", **more: Any) -> None:
    more.pop("completes", None)  # a shell's, which asks no parser
    if reads:
        more["type"] = READS[reads]
    if isinstance(more.get("metavar"), list):  # a word for each of two values
        more["metavar"] = tuple(more["metavar"])
    parser.add_argument(*name.split(), **more)


# The words of a table with the names in braces filled in, at any depth.
def _filled(words: Any) -> Any:
    match words:
        case str():
            return BRACES.sub(_allowed, words)
        case list():
            return [_filled(inner) for inner in words]
        case dict():
            return {name: _filled(inner) for name, inner in words.items()}
        case _:
            return words


def _allowed(found: re.Match[str]) -> str:
    name, form = found.groups()
    room, _, attribute = ALLOWED[name].rpartition(".")
    allowed = getattr(import_module(room), attribute)
    return FORMS[form](allowed() if callable(allowed) else allowed)


@cache
def _words() -> dict[str, Any]:
    text = (files("gmemviz.cli") / "commands.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
