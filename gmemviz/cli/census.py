"""gmemviz census: how many filesystems set which hooks, in which combinations, and how sound.

It answers what is usual: a Design that sets hooks as no table does has to say why. Of a shipped
kernel each combination has the verdicts on its tables' own source beside it; with `--tables` there
is a line a table. Status 0; 2 where the word is neither a shipped kernel nor a kernel tree.
"""

from argparse import Namespace
from collections.abc import Iterator, Mapping
from typing import Any, Final

from gmemviz.cli.line import Answer, kernel_or_tree
from gmemviz.derive import Judged, by_hooks, judged
from gmemviz.errors import UsageError
from gmemviz.facts import (
    Census,
    OpsTable,
    census,
    combination,
    snapshots,
    super_tables,
    table_key,
)

NAMED: Final = 6
"""How many tables of a row are named in the text; `--json` has all of them."""

Verdicts = Mapping[OpsTable, Judged]
"""The verdict on each table; of a tree of one's own there is none."""


def command(arguments: Namespace) -> Answer:
    """Return what the tables of a kernel or a tree set; status 0."""
    facts = kernel_or_tree(arguments.source)
    found = census(facts)
    verdicts: Verdicts = {}
    if arguments.source in snapshots():
        known = judged(arguments.source)
        verdicts = {table: known[table_key(table)] for table in super_tables(facts)}
    if arguments.tables and not verdicts:
        raise UsageError("--tables needs a shipped kernel; check --tree TREE reads a tree's own")
    each = [_line(table, verdict) for table, verdict in verdicts.items()]
    lines = each if arguments.tables else list(_lines(found, verdicts))
    return Answer("\n".join(lines), _plain(found, verdicts), output="census")


def _plain(found: Census, verdicts: Verdicts) -> dict[str, Any]:
    counts = found.combinations.items()
    return {
        "kernel": found.kernel,
        "tables": found.tables,
        "hooks": found.hooks,
        "combinations": [{"hooks": list(hooks), "tables": count} for hooks, count in counts],
        "rows": {name: list(map(_place, tables)) for name, tables in found.rows.items()},
        "verdicts": [_row(table, verdict) for table, verdict in verdicts.items()],
    }


def _place(table: OpsTable) -> str:
    return f"{table.path}:{table.line} {table.name}"


def _row(table: OpsTable, verdict: Judged) -> dict[str, Any]:
    return {
        "table": table.name,
        "path": table.path,
        "line": table.line,
        "filesystem": table.filesystem,
        "hooks": list(combination(table)),
        "derived": verdict.read,
        "verdict": verdict.verdict,
        "unread": verdict.unread,
        "defects": list(verdict.codes) if verdict.verdict == "defects" else [],
    }


def _line(table: OpsTable, verdict: Judged) -> str:
    name = table.filesystem or table.name
    return f"{name:20} {verdict.read}  {verdict} [{table.path}:{table.line}]"


def _lines(found: Census, verdicts: Verdicts) -> Iterator[str]:
    yield f"{found.tables} super_operations tables in {found.kernel}"
    yield ""
    for hook, count in found.hooks.items():
        yield f"{count:4} set {hook}"
    yield ""
    beside = by_hooks(found.kernel) if verdicts else {}
    for hooks, count in found.combinations.items():
        said = f": {beside[hooks]}" if beside else ""
        yield f"{count:4} set {', '.join(hooks) or 'no hook of the inode'}{said}"
    yield ""
    for name, tables in found.rows.items():
        named = [table.name for table in tables[:NAMED]]
        if len(tables) > NAMED:
            named.append("...")
        yield f"{len(tables):4} {name}: {', '.join(named)}"
