"""gmemviz extract: turn a kernel source tree into a facts snapshot."""

import argparse
from pathlib import Path
from typing import Any, Final

from gmemviz.cli.sources import progress, say_skipped
from gmemviz.extract import extract
from gmemviz.facts import encoding
from gmemviz.whole import refuse_target

SUFFIX: Final = ".json.gz"


def add_parser(commands: Any) -> None:
    """Add the command to the command line's parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "extract", help="read a kernel source tree into a facts snapshot",
        description="Read functions, calls, tables of hooks and struct members of an unpacked "
        "kernel tree: names, paths and lines, never its text.",
    )  # fmt: skip
    parser.add_argument("tree", type=Path, metavar="TREE")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="file to write (KERNEL.json.gz)"
    )
    parser.add_argument(
        "--whole-tree", action="store_true", help="every function, not just those of the road"
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.output:
        refuse_target(arguments.output, reads=_reads(arguments))
    facts = extract(arguments.tree, whole_tree=arguments.whole_tree, progress=progress)
    out = arguments.output or Path(f"{facts.kernel}{SUFFIX}")
    encoding.write(facts, out, reads=_reads(arguments))
    say_skipped(facts)
    count = sum(len(group) for group in facts.functions.values())
    print(f"{out}: {count} functions, {len(facts.tables)} tables of Linux {facts.release}")
    return 0


# A snapshot in the tree itself, made before, is nobody's source.
def _reads(arguments: argparse.Namespace) -> list[Path]:
    tree: Path = arguments.tree
    is_snapshot = str(arguments.output or SUFFIX).endswith(SUFFIX)
    return [] if is_snapshot else [tree]
