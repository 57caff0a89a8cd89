"""Find facts for a command: a shipped kernel's, or those of the user's own tree."""

import argparse
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Final

from gmemviz.errors import GmemvizError, meant, shown
from gmemviz.extract import DEFAULT_ROOTS, extract
from gmemviz.facts import Facts, in_either, kernels, load, told

FEW: Final = 5
"""How many of what a tree holds unread are named."""


def add_source(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say whose facts are meant."""
    newest = kernels()[-1]
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--kernel", help=f"shipped facts: {', '.join(kernels())} ({newest} if left out)"
    )
    which.add_argument("--tree", type=Path, metavar="TREE", help="an unpacked kernel source tree")


def facts_of(arguments: argparse.Namespace, *, roots: Collection[str] = ()) -> Facts:
    """Return the facts that `--kernel` or `--tree` means; a tree is read from `roots` on."""
    if arguments.tree:
        return _read(arguments.tree, roots)
    return load(arguments.kernel or kernels()[-1])


def kernel_or_tree(word: str) -> Facts:
    """Return the facts of a shipped kernel's name or of a tree's folder."""
    if word in kernels():
        return load(word)
    if is_there(word) and Path(word).is_dir():
        return _read(Path(word))
    raise GmemvizError(
        f"{shown(word)} is neither a shipped kernel ({', '.join(kernels())}) nor a folder"
        f"{meant(word, kernels())}"
    )


def _read(tree: Path, roots: Collection[str] = ()) -> Facts:
    facts = extract(tree, roots=[*DEFAULT_ROOTS, *roots], progress=progress)
    say_skipped(facts)
    return facts


def say_skipped(facts: Facts) -> None:
    """Say on stderr how much of a tree was left unread, what of it, and why."""
    if facts.skipped:
        named = ", ".join(f"{path} ({why})" for path, why in facts.skipped[:FEW])
        left = len(facts.skipped) - FEW
        others = f", and {left} more" if left > 0 else ""
        print(f"{len(facts.skipped)} left unread: {named}{others}", file=sys.stderr)


def tell_names(filesystems: Collection[str], old: Facts, new: Facts) -> None:
    """Say on stderr which names stand for another; UnknownNameError for one of neither kernel."""
    of_old, of_new = in_either(old, new, filesystems)
    for sentence in dict.fromkeys((*told(old, of_old), *told(new, of_new))):
        print(sentence, file=sys.stderr)


def is_there(word: str) -> bool:
    """Tell whether a word names a file or a folder; no for what can be no name of one."""
    try:
        return Path(word).exists()
    except (OSError, ValueError):  # too long, or with a null byte
        return False


def progress(what: str, done: int, total: int) -> None:
    """Draw a bar on the terminal while a tree is read; nothing where nobody looks."""
    if not sys.stderr.isatty() or (done % 200 and done != total):
        return
    width = 30
    filled = width * done // max(total, 1)
    bar = "#" * filled + "." * (width - filled)
    end = "\n" if done == total else ""
    # Past the Terminal, which would escape the \r: no word of a stranger is in it.
    print(f"\r{what:10} [{bar}] {done}/{total}", end=end, file=sys.__stderr__, flush=True)
