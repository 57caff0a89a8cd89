"""Answer `check` on tables of a kernel's own source: one, a filesystem's, or all.

They are read from a tree, or taken from the deeds that are shipped where no tree is named.
"""

from argparse import Namespace
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Final

from gmemviz.cli.line import Answer, of_verdict, progress, refuse, say, say_several
from gmemviz.derive import Overlay, read_overlay
from gmemviz.errors import UnknownNameError, UsageError, meant
from gmemviz.facts import snapshots
from gmemviz.processes import Workers
from gmemviz.study import CHOICES
from gmemviz.study.tables import (
    FULL,
    TableAnswer,
    TableAnswers,
    changed_tables,
    changes_text,
    check_shipped,
    check_tables,
    table_text,
    tables_text,
)

OF_A_DESIGN: Final = ("design", "state", "scenario", "runs")
OF_A_TREE: Final = ("table", "against", "overlay")
"""Options that need a tree: what is shipped was read already."""

WATCHED: Final = Workers(progress=progress.for_workers("checking"))
"""Who checks all tables, on all processors."""

WHICH: Final = ("fs", "table", "all")
"""Options of which a tree needs one: which of its tables are meant."""


def of_source(arguments: Namespace) -> Answer:
    """Return the answer on tables: an object each as data, and of `--all` a line each as text.

    Nothing that names a Design goes with it, but the kernel whose road it is.
    """
    others = [word for word in (*CHOICES, *OF_A_DESIGN) if word != "kernel"]
    refuse(arguments, "a filesystem's source is read", others, of="a Design")
    if not arguments.tree:
        return _answer(arguments, _shipped(arguments))
    refuse(arguments, "a tree's tables are chosen by --fs, --table or --all", ["name"])
    given = [word for word in WHICH if getattr(arguments, word)]
    if arguments.against:  # of all tables, where none is named
        refuse(arguments, "tables are held against those of another tree", ["all"])
    if len(given) != 1 and not (arguments.against and not given):
        raise UsageError("give one of --fs NAME, --table TABLE and --all beside --tree TREE")
    overlay = read_overlay(arguments.overlay) if arguments.overlay else Overlay()
    if arguments.against:
        return _against(arguments, overlay)
    found = _tables(arguments, overlay, arguments.tree)
    _say_unused(overlay, found)
    return _answer(arguments, found, overlay.sentences if arguments.all else ())


def _answer(arguments: Namespace, found: TableAnswers, overlaid: Sequence[str] = ()) -> Answer:
    text = tables_text(found) if arguments.all else "\n\n".join(map(table_text, found))
    text = "\n".join([*(f"overlay: {words}" for words in overlaid), text])
    if arguments.strict:
        text += f"\n{_strictly(found)}"
    rows = [each.row for each in found]
    return Answer(text, rows, status_of(found, strict=arguments.strict), output="table")


def _shipped(arguments: Namespace) -> TableAnswers:
    refuse(arguments, "without --tree the deeds that are shipped are taken", OF_A_TREE, of="a tree")
    kernel = arguments.kernel or snapshots()[-1]
    if arguments.all:
        refuse(arguments, "all tables are meant", ["name", "fs"])
        return check_shipped(kernel, executor=WATCHED, progress=progress)
    name = arguments.fs or arguments.name
    if not name:
        raise UsageError("name a filesystem, such as ext4, or give --all")
    found = check_shipped(kernel, name)
    rows = [each.row for each in found]
    say_several(name, [(row["table"], row["path"], row["line"]) for row in rows])
    return found


def _strictly(found: Sequence[TableAnswer]) -> str:
    count = sum(not is_full(each) for each in found)
    return f"strict: {count} of {len(found)} tables have statements that are unread"


def _tables(arguments: Namespace, overlay: Overlay, tree: Path) -> TableAnswers:
    is_all = not arguments.fs and not arguments.table
    return check_tables(
        tree,
        arguments.fs or "",
        table=arguments.table or "",
        kernel=arguments.kernel or "",
        overlay=overlay,
        executor=WATCHED if is_all else None,
        progress=progress,
    )


def _asked(arguments: Namespace, overlay: Overlay) -> TableAnswers:
    return _tables(arguments, overlay, arguments.tree)


# A kernel of ours by its name, unless a folder is called so: who has no tree of what came before
# has its deeds.
def _held_against(arguments: Namespace, overlay: Overlay) -> TableAnswers:
    other: Path = arguments.against
    if other.is_dir():
        return _tables(arguments, overlay, other)
    if f"{other}" not in snapshots():
        near = meant(f"{other}", snapshots())
        allowed = f"an unpacked kernel tree, or one of {', '.join(snapshots())}"
        raise UsageError(f"{other} is not a folder: expected {allowed}{near}")
    refuse(arguments, "what is shipped was read without one", ["overlay"], of="two trees")
    name = arguments.fs or (arguments.table or "").rpartition(":")[2]
    return check_shipped(f"{other}", name, executor=None if name else Workers(), progress=progress)


# A name that one of the trees lacks is a filesystem that came or went; one that both lack is wrong.
def _against(arguments: Namespace, overlay: Overlay) -> Answer:
    answers: list[TableAnswers] = []
    refused: list[UnknownNameError] = []
    for ask in (_asked, _held_against):
        try:
            answers.append(ask(arguments, overlay))
        except UnknownNameError as error:
            refused.append(error)
            answers.append(TableAnswers())
    new, old = answers
    if len(refused) == len(answers):
        raise refused[0]
    changes = changed_tables(new, old)
    differ = {(change.path, change.table) for change in changes}
    status = status_of([each for each in new if each.key in differ], strict=arguments.strict)
    rows = [change.answer() for change in changes]
    return Answer(changes_text(changes), rows, status, output="change")


# A line number that has moved is the usual reason, and a verdict that was to rest on it does not.
def _say_unused(overlay: Overlay, found: Sequence[TableAnswer]) -> None:
    assumed = " ".join(chain.from_iterable(each.row["assumed"] for each in found))
    for rule in overlay.rules:
        if f"{rule}" not in assumed:
            say(f"{overlay.name}: nothing that was read asks {rule.asks or rule.at}")


def is_full(answer: TableAnswer) -> bool:
    """Tell whether every statement of a table's functions was read."""
    return bool(answer.row["derived"] == FULL)


def status_of(found: Sequence[TableAnswer], *, strict: bool) -> int:
    """Return the status: a defect counts most, then what is undecided, and unread if `strict`."""
    words = {each.row["verdict"] for each in found}
    is_read = not strict or all(map(is_full, found))
    is_decided = "undecided" not in words and is_read
    return of_verdict(is_found="defects" in words, is_decided=is_decided)
