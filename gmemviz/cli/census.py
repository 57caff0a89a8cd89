"""gmemviz census: how many filesystems set which hooks, and in which combinations.

It answers what is usual: a Design that sets hooks as no table does has to say why. Status 0; 2
where the word is neither a shipped kernel nor a kernel tree.
"""

from argparse import Namespace
from collections.abc import Iterator
from typing import Any, Final

from gmemviz.cli.line import Answer, kernel_or_tree
from gmemviz.facts import Census, OpsTable, census

NAMED: Final = 6
"""How many tables of a row are named in the text; `--json` has all of them."""


def command(arguments: Namespace) -> Answer:
    """Return what the tables of a kernel or a tree set; status 0."""
    found = census(kernel_or_tree(arguments.source))
    return Answer("\n".join(_lines(found)), _plain(found))


def _plain(found: Census) -> dict[str, Any]:
    counted = found.combinations.items()
    return {
        "kernel": found.kernel,
        "tables": found.tables,
        "hooks": found.hooks,
        "combinations": [{"hooks": list(hooks), "tables": count} for hooks, count in counted],
        "rows": {name: list(map(_place, tables)) for name, tables in found.rows.items()},
    }


def _place(table: OpsTable) -> str:
    return f"{table.path}:{table.line} {table.name}"


def _lines(found: Census) -> Iterator[str]:
    yield f"{found.tables} super_operations tables in {found.kernel}"
    yield ""
    for hook, count in found.hooks.items():
        yield f"{count:4} set {hook}"
    yield ""
    for hooks, count in found.combinations.items():
        yield f"{count:4} set {', '.join(hooks) or 'no hook of the inode'}"
    yield ""
    for name, tables in found.rows.items():
        named = [table.name for table in tables[:NAMED]]
        if len(tables) > NAMED:
            named.append("...")
        yield f"{len(tables):4} {name}: {', '.join(named)}"
