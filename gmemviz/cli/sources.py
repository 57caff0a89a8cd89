"""Find facts for a command: a shipped kernel's, or those of the user's own tree."""

import argparse
import sys
from collections.abc import Collection
from pathlib import Path

from gmemviz.errors import GmemvizError
from gmemviz.extract import DEFAULT_ROOTS, extract
from gmemviz.facts import Facts, kernels, load

__all__ = ("add_source", "facts_of", "kernel_or_tree", "progress")


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
        return extract(arguments.tree, roots=[*DEFAULT_ROOTS, *roots], progress=progress)
    return load(arguments.kernel or kernels()[-1])


def kernel_or_tree(word: str) -> Facts:
    """Return the facts of a shipped kernel's name or of a tree's folder."""
    if word in kernels():
        return load(word)
    if Path(word).is_dir():
        return extract(Path(word), progress=progress)
    raise GmemvizError(
        f"{word!r} is neither a shipped kernel ({', '.join(kernels())}) nor a folder"
    )


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
