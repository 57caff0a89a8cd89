"""Find what a command works on: a Design, a scenario, or the facts of a kernel or a tree.

A Design is typed as a gallery name, a file, five choices, or a state; facts are a shipped kernel's
or those of the user's own tree, which is read then.
"""

import os
import sys
from argparse import Namespace
from collections.abc import Collection
from pathlib import Path
from typing import Final

from gmemviz.address import packed, site
from gmemviz.cli.line.answer import say
from gmemviz.cli.line.progress import progress
from gmemviz.errors import GmemvizError, UsageError, meant, shown
from gmemviz.facts import Facts, encoding, in_either, kernels, load, snapshots, told
from gmemviz.model import Design, Scenario, design_from_choices
from gmemviz.study import CHOICES, TOML, State, design_in, gallery, scenario_of
from gmemviz.study import read_design as read_design_file

STDIN: Final = "-"
"""The name of no file: what is piped into the command."""

FEW: Final = 5
"""How many of what a tree holds unread are named."""


# --- Designs


def read_design(arguments: Namespace) -> Design:
    """Return the Design that the arguments name; UsageError where they name none, or two."""
    chosen = {name: getattr(arguments, name) for name in CHOICES}
    state: str | None = getattr(arguments, "state", None)
    ways = (arguments.name, arguments.design, any(chosen.values()), state is not None)
    if sum(map(bool, ways)) > 1:
        others = ", or --state STRING" if hasattr(arguments, "state") else ""
        raise UsageError(f"give one of a gallery name, --design FILE or the five choices{others}")
    if state is not None:
        return State.parse(state).design
    if arguments.name:
        return gallery(arguments.name)
    if arguments.design:
        return read_file(arguments.design)
    missing = [f"--{name}" for name, value in chosen.items() if not value]
    if missing:
        raise UsageError(
            f"a Design is a gallery name, --design FILE or five choices; missing: "
            f"{', '.join(missing)}"
        )
    return design_from_choices(**chosen)


def read_scenario(arguments: Namespace, design: Design) -> tuple[Scenario, ...] | None:
    """Return the scenario that `--scenario` says, alone, or None for all that ask about `design`.

    The Design's own actors make scenarios too, such as ``actor reader``.
    GmemvizError where it does not ask about this Design: its search would find nothing, and that
    is no verdict.
    """
    if not arguments.scenario:
        return None
    scenario = scenario_of(design, arguments.scenario)
    if not scenario.asks(design):
        raise GmemvizError(f"scenario {scenario.name} does not ask about {design.title}")
    return (scenario,)


def design_files(arguments: Namespace) -> list[Path]:
    """Return the file that the Design is read from, if it is one."""
    is_named = arguments.design and str(arguments.design) != STDIN
    return [arguments.design] if is_named else []


def address_of(arguments: Namespace) -> str | None:
    """Return the words of a link to the Design that a file has; "" for one too long for a link.

    None without a site, for a Design that a name leads to, and for what was piped in, which can be
    read once only.
    """
    files = design_files(arguments)
    return packed(files[0].read_text(encoding="utf-8")) if files and site() else None


def is_file(word: str) -> bool:
    """Tell whether a word that may be a gallery name or a file of TOML means the file."""
    return word.endswith(TOML) or word == STDIN


def named_design(word: str) -> Design:
    """Return the Design of a gallery name or of a file FILE.toml; GmemvizError as each says it."""
    return read_file(Path(word)) if is_file(word) else gallery(word)


def read_file(path: Path) -> Design:
    """Return the Design that a file of TOML says; GmemvizError where it can't be read or meant.

    ``-`` is what another program pipes into this one, or somebody types and ends with Ctrl-D.
    """
    if str(path) != STDIN:
        return read_design_file(path)
    # A copy of its number, which is closed as any file: stdin itself stays open.
    return design_in(os.fdopen(os.dup(sys.stdin.fileno()), "rb"), Path("stdin"))


# --- facts


def facts_of(arguments: Namespace, *, roots: Collection[str] = ()) -> Facts:
    """Return the facts that `--kernel` or `--tree` means; a tree is read from `roots` on."""
    if arguments.tree:
        return _read(arguments.tree, roots)
    return load(arguments.kernel or kernels()[-1])


def given_facts(arguments: Namespace) -> Facts | None:
    """Return the facts that `--kernel` or `--tree` means, or None where neither is given.

    A tree may be what `extract` wrote of it, too: it is read once, then.
    """
    if arguments.tree and arguments.tree.is_file():
        return encoding.read(arguments.tree)
    return facts_of(arguments) if arguments.tree or arguments.kernel else None


def kernel_or_tree(word: str) -> Facts:
    """Return the facts of a shipped kernel's name or of a tree's folder."""
    if word in snapshots():
        return load(word)
    if is_there(word) and Path(word).is_dir():
        return _read(Path(word))
    raise GmemvizError(
        f"{shown(word)} is neither a shipped kernel ({', '.join(snapshots())}) nor a folder"
        f"{meant(word, snapshots())}"
    )


def _read(tree: Path, roots: Collection[str] = ()) -> Facts:
    from gmemviz.extract import DEFAULT_ROOTS, extract  # the scanner: only trees need it

    facts = extract(tree, roots=[*DEFAULT_ROOTS, *roots], progress=progress)
    say_skipped(facts)
    return facts


def say_skipped(facts: Facts) -> None:
    """Say on stderr how much of a tree was left unread, what of it, and why."""
    if facts.skipped:
        named = ", ".join(f"{path} ({why})" for path, why in facts.skipped[:FEW])
        left = len(facts.skipped) - FEW
        others = f", and {left} more" if left > 0 else ""
        say(f"{len(facts.skipped)} left unread: {named}{others}")


def tell_names(filesystems: Collection[str], old: Facts, new: Facts) -> None:
    """Say on stderr which names stand for another; UnknownNameError for one of neither kernel."""
    of_old, of_new = in_either(old, new, filesystems)
    for sentence in dict.fromkeys((*told(old, of_old), *told(new, of_new))):
        say(sentence)


def is_there(word: str) -> bool:
    """Tell whether a word names a file or a folder; no for what can be no name of one."""
    try:
        return Path(word).exists()
    except (OSError, ValueError):  # too long, or with a null byte
        return False
