"""gmemviz census: how many filesystems set which hooks, and in which combinations."""

import argparse
import json
from collections.abc import Iterator
from typing import Any

from gmemviz.cli.sources import kernel_or_tree
from gmemviz.facts import Census, census


def add_parser(commands: Any) -> None:
    """Add the command to the command line's parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "census", help="count the super_operations tables and the hooks that they set",
        description="Count hooks over every super_operations table of a kernel; an explicit NULL "
        "is not set.",
    )  # fmt: skip
    parser.add_argument("source", metavar="KERNEL|TREE")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    found = census(kernel_or_tree(arguments.source))
    if arguments.json:
        print(json.dumps(_plain(found), indent=2))
    else:
        print("\n".join(_lines(found)))
    return 0


def _plain(found: Census) -> dict[str, Any]:
    return {
        "kernel": found.kernel,
        "tables": found.tables,
        "hooks": found.hooks,
        "combinations": [
            {"hooks": list(hooks), "tables": count} for hooks, count in found.combinations.items()
        ],
        "rows": {
            name: [f"{table.path}:{table.line} {table.name}" for table in tables]
            for name, tables in found.rows.items()
        },
    }


def _lines(found: Census) -> Iterator[str]:
    yield f"{found.tables} super_operations tables in {found.kernel}"
    yield ""
    yield from (f"{count:4} set {hook}" for hook, count in found.hooks.items())
    yield ""
    for hooks, count in found.combinations.items():
        yield f"{count:4} set {', '.join(hooks) or 'no hook of the inode'}"
    yield ""
    for name, tables in found.rows.items():
        yield f"{len(tables):4} {name}: {', '.join(table.name for table in tables[:6])}" + (
            ", ..." if len(tables) > 6 else ""
        )
