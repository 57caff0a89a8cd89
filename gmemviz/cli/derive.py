"""gmemviz derive: print the Designs that a filesystem's source comes to, as pages of TOML.

Status 0, or 3 where statements of the source are unread. A table with several ways is printed once
for each of them.
"""

from argparse import Namespace
from typing import Any

from gmemviz.cli.line import FINE, UNDECIDED, Answer, progress, shipped
from gmemviz.derive import Derived, Verdict, derive_table, judge_derived, open_tree, tables_of, toml
from gmemviz.errors import GmemvizError
from gmemviz.study import answer, mail


def command(arguments: Namespace) -> Answer:
    """Return the pages of every table of the filesystem, and whether all was read."""
    found = derived(arguments)
    pages = [toml(each, way) for each in found for way in range(len(each.designs))]
    status = FINE if all(each.is_full for each in found) else UNDECIDED
    return Answer("\n".join(pages), status=status)


def derived(arguments: Namespace) -> list[Derived]:
    """Return what the tables of `--fs` in `--tree`, or of a shipped kernel, come to."""
    if not arguments.tree:
        return shipped(arguments)
    if arguments.name or not arguments.fs:
        raise GmemvizError("say which filesystem of the tree: --tree TREE --fs NAME")
    deeds = open_tree(arguments.tree, arguments.fs, progress=progress)
    tables = tables_of(deeds, arguments.fs)
    return [derive_table(deeds, table, arguments.kernel or "") for table in tables]


def verdicts(arguments: Namespace) -> list[Verdict]:
    """Return the verdict on each table of `--fs`."""
    return [judge_derived(each) for each in derived(arguments)]


def told(verdict: Verdict) -> str:
    """Return a verdict as text: what it rests on, then the shortest run of a defect."""
    table = verdict.derived.table
    lines = [f"{table.name} ({table.path}:{table.line}): {verdict.sentence}"]
    lines += [f"  assumed: {words}" for words in verdict.derived.assumed]
    lines += [f"  unread: {unread}" for unread in verdict.derived.unread]
    deeper = len(verdict.derived.deeper)
    if deeper:
        lines.append(f"  not followed: {deeper} calls that are too deep")
    if verdict.word == "defects":
        lines += ["", mail(verdict.broken[0])]
    return "\n".join(lines)


def as_data(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as data: one object a table."""
    found = verdict.derived
    return {
        "table": found.table.name,
        "path": found.table.path,
        "line": found.table.line,
        "filesystem": found.table.filesystem,
        "derived": "full" if found.is_full else "part",
        "verdict": verdict.word,
        "why": verdict.sentence,
        "ways": [answer(report) for report in verdict.reports],
        "assumed": list(found.assumed),
        "unread": [str(unread) for unread in found.unread],
        "deeper": len(found.deeper),
    }
