"""Check every cell of the choices: kernel, mount, placement, cleanup, metadata."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, product
from typing import TYPE_CHECKING, Any, Final

from gmemviz.errors import choices
from gmemviz.facts import kernels
from gmemviz.model import CLEANUPS, METADATA, MOUNTS, PLACEMENTS, check
from gmemviz.model.search import Exploration, bounds_from, most
from gmemviz.parts import needs
from gmemviz.processes import Maps, refuse_no_executor
from gmemviz.shown import Rows, text
from gmemviz.study.answer import outline
from gmemviz.study.confirmed import evidence
from gmemviz.study.gallery import CHOICES, Cell, design_of_cell

if TYPE_CHECKING:
    import pandas as pd

NAMES: Final = CHOICES
"""The first columns of a row."""

Row = dict[str, Any]


class Matrix(Rows[Row]):
    """Be the rows of a matrix: a list that shows its counts."""

    __slots__ = ()


@text.register
def counts(rows: Matrix) -> str:
    """Return how many cells there are, then by verdict and by who says it, the most first."""
    kinds = Counter(map(_kind, rows))
    said = Counter(row["evidence"] for row in rows if row["defects"] is not None)
    lines = [f"{len(rows)} cells, simulated", *_counted(kinds), "", *_counted(said)]
    return "\n".join(lines) + "\n"


def bounds_of_rows(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return the most that any row's searches had, in one line, or "" where the rows say none.

    A verdict of the matrix holds within these: a kernel has as many inodes as there are.
    """
    said = [bounds_from(row["bounds"]) for row in rows if "bounds" in row]
    return f"At most {most(said)}." if said else ""


# "correct" is what the search says, never what no code means. (model/search/check.py)
def _kind(row: Row) -> str:
    if row["verdict"] == "not-applicable":
        return "not a design"
    return ", ".join(row["defects"]) or row["verdict"].replace("-", " ")


def _counted(kinds: Counter[str]) -> Iterator[str]:
    for kind, count in sorted(kinds.items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:5} {kind}"


def cells(only: Iterable[str] = (), *, mounts: Iterable[str] = ()) -> Iterator[Cell]:
    """Yield the choices of each cell in a fixed order, for the kernels and mounts named, or all."""
    of_kernels = choices("kernel", only, kernels()) or kernels()
    of_mounts = choices("mount", mounts, MOUNTS) or MOUNTS
    yield from product(of_kernels, of_mounts, PLACEMENTS, CLEANUPS, METADATA)


def _row(cell: Cell, shared: dict[Any, Exploration]) -> Row:
    report = check(design_of_cell(cell), shared=shared)
    return {
        **outline(report),
        "complete": report.is_complete,
        "steps": len(report.run),
        "bounds": report.bounds.answer(),
    }


def _rows(group: list[Cell]) -> list[Row]:
    # Where only names differ, as between kernels, or no hook is reached, one search serves many.
    shared: dict[Any, Exploration] = {}
    return [_row(cell, shared) for cell in group]


def matrix(
    only: Iterable[str] = (), *, mounts: Iterable[str] = (), executor: Maps | None = None
) -> Matrix:
    """Return the answer for each cell without the steps of its run, in the order of `cells`.

    Its `evidence` says whether its own kernel was asked too: `confirmed on K`, `disagrees on K`,
    or `model`, as for what is no design, where there is nothing to ask.
    `executor` is any `concurrent.futures.Executor`, or `gmemviz.processes.workers.Workers`; without
    one, this process does it all.
    UnknownNameError names the allowed kernels and mounts, and one that is named twice.
    """
    refuse_no_executor(executor)
    todo = tuple(cells(only, mounts=mounts))
    groups: dict[Cell, list[Cell]] = {}
    for cell in todo:
        _, mount, placement, _, metadata = cell
        groups.setdefault((mount, placement, metadata), []).append(cell)
    answers = executor.map(_rows, groups.values()) if executor else map(_rows, groups.values())
    rows = dict(zip(chain(*groups.values()), chain.from_iterable(answers), strict=True))
    # Added here: what kernels said is read once, and not by every worker.
    return Matrix(
        {**rows[cell], "evidence": evidence(cell, rows[cell]["defects"])} for cell in todo
    )


def matrix_frame(rows: Iterable[dict[str, Any]]) -> "pd.DataFrame":
    """Return a matrix as a table: a row a cell, `defects` as one string ("" is correct).

    Its bounds are left out: they are those of a mount, and stand below the picture.
    """
    with needs("lab"):
        import pandas as pd

    table = pd.DataFrame(rows).drop(columns="bounds", errors="ignore")
    table["defects"] = table["defects"].map(", ".join, na_action="ignore")
    return table
