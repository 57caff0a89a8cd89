"""Check the super_operations tables of a tree: a row a table, as the source reads.

    check_tables(Path("linux"), "ext4")      the tables of one filesystem
    check_tables(Path("linux"))              all of them
    check_shipped("7.3", "ext4")             the same of a kernel whose deeds are shipped

A row rests on what was derived, and `assumed` and `unread` say how much that is. Answers are kept:
after a patch, only what it touches is read again (`earlier.py`), and only a table of which
something else is read then is searched again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from itertools import count
from os import getpid
from pathlib import Path
from threading import Lock
from typing import Any, Final, NamedTuple, TypeVar

from gmemviz.derive import (
    Derived,
    Overlay,
    Road,
    TableRead,
    Verdict,
    derive,
    derive_table,
    judge_derived,
    open_tree,
    road_named,
    shipped_tables,
    tables_of,
)
from gmemviz.errors import GmemvizError
from gmemviz.extract import KernelDeeds, Progress, Rested, quiet
from gmemviz.facts import OpsTable
from gmemviz.kept import Store, content_key, user_cache
from gmemviz.model import Report
from gmemviz.processes import Maps, refuse_no_executor
from gmemviz.shown import Rows, shows_itself, text
from gmemviz.study import answer, verdict_text
from gmemviz.study.answer import outline
from gmemviz.study.tables.earlier import Before, Earlier
from gmemviz.text import wrap

FULL: Final = "full"
PART: Final = "part"
NO_OVERLAY: Final = Overlay()

Row = dict[str, Any]
Said = TypeVar("Said")


@shows_itself
@dataclass(frozen=True)
class TableAnswer:
    """Hold what is said of one table: its row, and the mail with the run of its first defect.

    `designs` are the Designs that were checked, as TOML would have them, with places.
    """

    row: Row
    mail: str = ""
    designs: tuple[Mapping[str, Any], ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """Return what tells the table from others: two files may have tables of one name."""
        return self.row["path"], self.row["table"]

    def __repr__(self) -> str:
        return f"<TableAnswer {self.row['table']}: {self.row['why']}>"


class TableAnswers(Rows[TableAnswer]):
    """Be the answers on tables: a list that shows itself."""

    __slots__ = ()


class TreeQuestion(NamedTuple):
    """Say what is asked of which tree: whoever works on it opens that once, by `number`.

    `filesystem` and `table` choose, "" for all. `kernel` is whose files without a Makefile are.
    """

    folder: Path
    filesystem: str = ""
    table: str = ""
    overlay: Overlay = NO_OVERLAY
    kept: Store = Store()
    number: str = ""
    road: Road | None = None
    kernel: str = ""


_NUMBERS: Final = count()
_TREES: Final[dict[str, KernelDeeds]] = {}
"""The tree that is being asked, by the number of the question: one at a time, since it is large."""

_READING: Final = Lock()
"""Threads read one after the other: summaries of functions are kept, and know who is at work."""


def check_tables(
    folder: Path,
    filesystem: str = "",
    *,
    table: str = "",
    kernel: str = "",
    overlay: Overlay = NO_OVERLAY,
    executor: Maps | None = None,
    progress: Progress = quiet,
) -> TableAnswers:
    """Return the answer on each table of a tree, sorted by path and line.

    `executor` is any `concurrent.futures.Executor`, or `gmemviz.processes.workers.Workers`; each of
    its workers opens the tree for itself, but for those that are forked from here. Without one this
    process does it all. `kernel` is whose road is taken, the tree's own if "", and whose a few
    files are that have no Makefile. `overlay` is what you know and the source does not say.
    Verdicts are kept in the user's cache folder (`gmemviz.kept`).
    UnknownNameError for a filesystem or table that the tree has not.
    """
    refuse_no_executor(executor)
    store = user_cache("tables")
    number = f"{getpid()}.{next(_NUMBERS)}"
    asked = TreeQuestion(folder, filesystem, table, overlay, store, number, kernel=kernel)
    question = [str(folder.resolve()), filesystem, table, kernel, repr(astuple(overlay))]
    earlier = Earlier(store, question)
    try:
        deeds = _tree(asked, progress, earlier.scans)
        road = road_named(deeds, kernel)
        asked = asked._replace(road=road)
        earlier.hold(deeds, road)
        found = tables_of(deeds, filesystem, table=table)
        tables = sorted(found, key=lambda each: (each.path, each.line))
        before = {each: earlier.of(deeds, each) for each in tables}
        tasks = [(asked, each) for each in tables if before[each] is None]
        said = _gathered(_answered, tasks, executor, progress)
        new = {each: found for (_, each), (found, _) in zip(tasks, said, strict=True)}
        answers = TableAnswers(new.get(each) or _of_kept(before[each]) for each in tables)
        earlier.keep(deeds, _to_keep(earlier, deeds, tasks, said))
    finally:
        _TREES.clear()
    store.prune()
    return answers


# A worker that was forked has the tree of its parent; any other opens it once.
def _tree(
    asked: TreeQuestion, progress: Progress = quiet, kept: Mapping[str, Any] | None = None
) -> KernelDeeds:
    if asked.number not in _TREES:
        _TREES.clear()
        name = asked.table or asked.filesystem
        _TREES[asked.number] = open_tree(
            asked.folder,
            name,
            kernel=asked.kernel,
            api=asked.overlay.api,
            progress=progress,
            kept=kept,
        )
    return _TREES[asked.number]


# With what the answer rests on; one that was refused rests on nothing, and is not kept.
def _answered(task: tuple[TreeQuestion, OpsTable]) -> tuple[TableAnswer, Rested | None]:
    asked, table = task
    rested: list[Rested] = []

    def read() -> Derived:
        with _READING:
            deeds = _tree(asked)
            derived = derive_table(deeds, table, asked.road or "", overlay=asked.overlay)
            rested.append(deeds.rested)
        return derived

    answer = _answer_on(table, read, asked.kept)
    return answer, rested[0] if rested else None


def _to_keep(
    earlier: Earlier,
    deeds: KernelDeeds,
    tasks: Iterable[tuple[TreeQuestion, OpsTable]],
    said: Iterable[tuple[TableAnswer, Rested | None]],
) -> Iterator[tuple[OpsTable, Before]]:
    for (_, table), (found, rested) in zip(tasks, said, strict=True):
        if rested is not None:
            yield table, Before(earlier.told(deeds, table), rested, asdict(found))


def _of_kept(found: Row | None) -> TableAnswer:
    assert found is not None  # else it was asked
    return TableAnswer(found["row"], found["mail"], tuple(found["designs"]))


def check_shipped(
    kernel: str, filesystem: str = "", *, executor: Maps | None = None, progress: Progress = quiet
) -> TableAnswers:
    """Return the answers on a shipped kernel's tables, from its deeds: no tree is needed.

    `filesystem` may be a table's name, too; "" means all. Else as `check_tables`.
    """
    refuse_no_executor(executor)
    store = user_cache("tables")
    tasks = [(read, store) for read in shipped_tables(kernel, filesystem)]
    answers = TableAnswers(_gathered(_answered_shipped, tasks, executor, progress))
    store.prune()
    return answers


def _answered_shipped(task: tuple[TableRead, Store]) -> TableAnswer:
    read, store = task
    return _answer_on(read.table, lambda: derive(read), store)


def _gathered(
    answered: Callable[[Any], Said],
    tasks: Sequence[Any],
    executor: Maps | None,
    progress: Progress,
) -> list[Said]:
    maps = executor.map if executor else map
    answers: list[Said] = []
    for done in maps(answered, tasks):
        answers.append(done)
        progress("checking", len(answers), len(tasks))
    return answers


def _answer_on(table: OpsTable, read: Callable[[], Derived], store: Store) -> TableAnswer:
    try:
        derived = read()
    except GmemvizError as error:
        # Such as a hook with more actions than a Design may have: other tables are answered still.
        return TableAnswer(_row(table, why=f"undecided: {error}"))
    key = content_key(_content(derived))
    found = store.get(key)
    if found is None:
        found = store.put(key, asdict(table_answer(judge_derived(derived))))
    return _of_kept(found)


# All that a verdict and its words depend on, beside gmemviz itself.
def _content(derived: Derived) -> list[Any]:
    unread = [[f"{entry}" for entry in group] for group in (derived.unread, derived.deeper)]
    return [asdict(derived.table), derived.texts, derived.assumed, unread]


def table_answer(verdict: Verdict) -> TableAnswer:
    """Return a verdict as a row, with the mail on the shortest run of a defect.

    `defects` are those that may be reported: of a table that was read in part there is none.
    `confirmed` is None where no kernel was asked.
    """
    derived = verdict.derived
    may_report = verdict.word == "defects"
    shortest = min(verdict.broken, key=lambda report: len(report.run)) if may_report else None
    row = _row(
        derived.table,
        kernel=derived.texts[0]["kernel"],
        derived=FULL if derived.is_full else PART,
        verdict=verdict.word,
        why=verdict.sentence,
        ways=[outline(report) for report in verdict.reports],
        assumed=list(derived.assumed),
        unread=[f"{entry}" for entry in derived.unread],
        deeper=len(derived.deeper),
        defects=_codes(verdict.broken) if may_report else [],
        counterexample=answer(shortest)["counterexample"] if shortest else [],
    )
    return TableAnswer(row, verdict_text(shortest) if shortest else "", derived.texts)


def _codes(reports: Iterable[Report]) -> list[str]:
    return sorted({code for report in reports for code in report.defects or ()})


def _row(table: OpsTable, **found: Any) -> Row:
    row: Row = {
        "table": table.name,
        "path": table.path,
        "line": table.line,
        "filesystem": table.filesystem,
        "kernel": "",
        "derived": PART,
        "verdict": "undecided",
        "why": "",
        "ways": [],
        "assumed": [],
        "unread": [],
        "deeper": 0,
        "defects": [],
        "counterexample": [],
        "confirmed": None,
    }
    return {**row, **found}


# --- as text ------------------------------------------------------------------------------


@text.register
def table_text(found: TableAnswer) -> str:
    """Return an answer as text: what it rests on, then the shortest run of a defect."""
    row = found.row
    lines = [f"{row['table']} ({row['path']}:{row['line']}): {row['why']}"]
    lines += [f"  assumed: {words}" for words in row["assumed"]]
    lines += [f"  unread: {unread}" for unread in row["unread"]]
    if row["deeper"]:
        lines.append(f"  not followed: {row['deeper']} calls that are too deep")
    return "\n".join([*lines, *(["", found.mail] if found.mail else [])])


@text.register
def tables_text(answers: TableAnswers) -> str:
    """Return a line a table, then how many there are of each verdict, the most first."""
    lines = [line for found in answers for line in _lines(found.row)]
    counted = Counter(verdict_of(found.row) for found in answers)
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    totals = [f"{number:5} {words}" for words, number in ordered]
    roads = ", ".join(sorted({found.row["kernel"] for found in answers} - {""}))
    head = f"{len(answers)} tables on the road of {roads}, as the source reads"
    return "\n".join([*lines, "", head, *totals])


def _lines(row: Row) -> Iterator[str]:
    name = row["filesystem"] or row["table"]
    first = f"{name:16} {row['derived']:5}"
    place = f"[{row['path']}:{row['line']}]"
    return iter(wrap(f"{verdict_of(row)} {place}", first=first, rest=" " * (len(first) + 2)))


def verdict_of(row: Row) -> str:
    """Return a row's verdict in a few words: the codes, where it has some."""
    if row["verdict"] == "defects":
        return ", ".join(row["defects"])
    return f"{row['verdict']}"
