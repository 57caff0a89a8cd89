"""Find the filesystem that is meant by its name, whose deeds are shipped.

    gmemviz check ext4 --kernel 7.3       or --fs ext4, where a Design of the gallery is called so

No Design of the gallery is called as a filesystem. What tables a name has is said on stderr.
"""

from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gmemviz.cli.line.answer import say
from gmemviz.errors import UsageError, choice
from gmemviz.facts import load, snapshots, super_names
from gmemviz.study import TOML, designs
from gmemviz.text import brief

if TYPE_CHECKING:
    from gmemviz.derive import Derived


def named_filesystem(arguments: Namespace) -> str:
    """Return the filesystem that a name or `--fs` means, "" where a Design is meant.

    UnknownNameError for a name that neither the gallery nor the kernel has.
    """
    name: str = arguments.name or ""
    if arguments.fs:
        if name:
            raise UsageError("give a name or --fs NAME, not both")
        return str(arguments.fs)
    if not name or name in designs():  # which no filesystem is called (a test of the gallery)
        return ""
    if name.endswith(TOML):  # what Python takes by its name, and a reader tries here as well
        raise UsageError(f"{brief(name)} has the name of a file: give it as --design FILE")
    facts = load(_kernel(arguments))
    allowed = (*designs(), *super_names(facts))
    return choice(f"Design or filesystem of {facts.kernel}", name, allowed)


def shipped(arguments: Namespace) -> "list[Derived]":
    """Return what the tables of a filesystem come to, in the shipped deeds of a kernel."""
    from gmemviz.derive import derive, shipped_tables  # it loads what reads trees

    name = arguments.fs or arguments.name
    if not name:
        raise UsageError("name a filesystem, such as ext4 or --fs ext4")
    found = shipped_tables(_kernel(arguments), name)
    say_several(name, [(read.table.name, *read.place) for read in found])
    return [derive(read) for read in found]


def say_several(name: str, tables: Sequence[tuple[str, str, int]]) -> None:
    """Say on stderr which tables a filesystem has, each with its path and line, if several."""
    if len(tables) > 1:
        places = [f"{table} ({path}:{line})" for table, path, line in tables]
        say(f"{name} has {len(tables)} tables: {', '.join(places)}")


def _kernel(arguments: Namespace) -> str:
    return arguments.kernel or snapshots()[-1]
