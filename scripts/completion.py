"""Write what completes a command line in bash and zsh: `python -m scripts.completion`.

It is made of `gmemviz/cli/commands.toml`, and lies in the package as a file: a shell that asks for
a word reads no Python. A test holds it equal, and another asks bash itself.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple

from gmemviz.cli.about.completion import FILE
from gmemviz.cli.commands import ALLOWED
from gmemviz.facts import HOOKS, filesystem_names, load, snapshots
from gmemviz.record.boot import SCENARIOS
from gmemviz.study import lists
from gmemviz.whole import write_whole

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = ROOT / "gmemviz" / "cli" / "about"
COMMANDS: Final = ROOT / "gmemviz" / "cli" / "commands.toml"

ALL: Final = re.compile(r"\{(\w+)(?: and| or)?\}")
"""Where a help has all words of a list, so that any of them may be typed."""

PLAIN: Final = re.compile(r"[\w.+-]+")
"""A word that a shell takes as it is, and as one."""


# Of any shipped kernel: which of them is meant stands behind the name, if at all.
def _filesystems() -> list[str]:
    return sorted({name for kernel in snapshots() for name in filesystem_names(load(kernel))})


def _explained() -> list[str]:
    told = {found.word for several in lists().values() for found in several}
    return sorted(filter(PLAIN.fullmatch, told))


OFFERED: Final[Mapping[str, Callable[[], Iterable[str]]]] = {
    "deeds": lambda: ("list", "fetch", "add"),
    "filesystems": _filesystems,
    "hooks": lambda: HOOKS,
    "recorded": lambda: SCENARIOS,
    "words": _explained,
}
"""What `completes` names beside the lists of ALLOWED: too long for a help, and not for a shell."""

GLOBAL: Final = "--help --version"

HEAD: Final = """\
# Completes what is typed after gmemviz, with file names where no word is known.
# Written by `python -m scripts.completion`, of gmemviz/cli/commands.toml.
"""


class Taken(NamedTuple):
    """Give an argument's spellings, none of which begins with - for one that has a place alone.

    `lists` are the names of the lists that its words are of; `is_flag`: nothing follows it.
    """

    spellings: tuple[str, ...]
    lists: tuple[str, ...]
    is_flag: bool


def script() -> str:
    """Return the text of the script."""
    return HEAD + "\n".join(_lines(tomllib.loads(COMMANDS.read_text(encoding="utf-8")))) + "\n"


def _lines(commands: dict[str, Any]) -> Iterator[str]:
    shared = commands.pop("shared")
    taken: dict[str, list[Taken]] = {}
    for name, words in commands.items():
        arguments = list(_taken(words["takes"], shared))
        arguments += [Taken(("--json",), (), is_flag=True)] if "json" in words else []
        taken |= dict.fromkeys((name, *words.get("aliases", ())), arguments)
    used = {name for arguments in taken.values() for each in arguments for name in each.lists}
    yield "_gmemviz() {"
    yield '    local command="${COMP_WORDS[1]}" current="$2" before="$3" words=""'
    yield from (f'    local {name}="{" ".join(_words(name))}"' for name in sorted(used))
    yield '    if [ "$COMP_CWORD" = 1 ]; then'
    yield f'        words="{GLOBAL} {" ".join(taken)}"'
    yield "    else"
    yield '        case "$command $before $current" in'
    for name, arguments in taken.items():
        yield from _cases(name, arguments)
    yield "        esac"
    yield "    fi"
    yield '    COMPREPLY=($(compgen -W "$words" -- "$current"))'
    yield "}"
    yield "complete -o default -F _gmemviz gmemviz"


# What follows an option comes first, then options, then what has a place alone.
def _cases(name: str, arguments: list[Taken]) -> Iterator[str]:
    alone: list[str] = []
    options: list[str] = ["--help"]
    for each in arguments:
        is_option = each.spellings[0].startswith("-")
        if is_option:
            options += each.spellings
        else:
            alone += each.lists
        if is_option and not each.is_flag:
            before = " | ".join(f"'{name} {word} '*" for word in each.spellings)
            yield f'            {before}) words="{_variables(each.lists)}" ;;'
    yield f"            '{name} '*' -'*) words=\"{' '.join(options)}\" ;;"
    yield f"            '{name} '*) words=\"{_variables(alone)}\" ;;"


def _variables(lists: Iterable[str]) -> str:
    return " ".join(f"${name}" for name in dict.fromkeys(lists))


# The arguments of a command, those of its groups among them.
def _taken(rows: Iterable[Any], shared: dict[str, Any]) -> Iterator[Taken]:
    for row in rows:
        match row:
            case str():
                yield from _taken(shared[row], shared)
            case {"takes": inner} | {"either": inner}:
                yield from _taken(inner, shared)
            case _:
                is_file = row.get("reads") == "path"  # its help may name what stands beside it
                spelled = () if is_file else tuple(ALL.findall(row.get("help", "")))
                offered = (*spelled, *row.get("completes", ()))
                yield Taken(tuple(row["name"].split()), offered, row.get("action") == "store_true")


def _words(name: str) -> list[str]:
    if name in OFFERED:
        return list(OFFERED[name]())
    room, _, attribute = ALLOWED[name].rpartition(".")
    allowed = getattr(import_module(room), attribute)
    return list(allowed() if callable(allowed) else allowed)


if __name__ == "__main__":
    write_whole(FOLDER / FILE, script().encode())
