"""Check every cell of the choices: kernel, mount, placement, cleanup, metadata."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from gmemviz.errors import choice
from gmemviz.facts import kernels
from gmemviz.model import CLEANUPS, METADATA, MOUNTS, PLACEMENTS, check, design_from_choices
from gmemviz.study.answer import outline

if TYPE_CHECKING:
    import pandas as pd

__all__ = ("cells", "matrix", "matrix_frame")

NAMES: Final = ("kernel", "mount", "placement", "cleanup", "metadata")
CHUNK: Final = 60
"""Cells that one task of an executor checks: enough to be worth sending."""

Cell = tuple[str, ...]


def cells(only: Iterable[str] = (), *, mounts: Iterable[str] = ()) -> Iterator[Cell]:
    """Yield the choices of each cell in a fixed order, for the kernels and mounts named, or all."""
    of_kernels = [choice("kernel", kernel, kernels()) for kernel in only] or kernels()
    of_mounts = [choice("mount", mount, MOUNTS) for mount in mounts] or MOUNTS
    yield from product(of_kernels, of_mounts, PLACEMENTS, CLEANUPS, METADATA)


def _row(cell: Cell) -> dict[str, Any]:
    report = check(design_from_choices(**dict(zip(NAMES, cell, strict=True))))
    return {
        **outline(report),
        "complete": report.is_complete,
        "steps": len(report.run),
        "evidence": "model",
    }


def _rows(chunk: tuple[Cell, ...]) -> list[dict[str, Any]]:
    return [_row(cell) for cell in chunk]


def matrix(
    only: Iterable[str] = (), *, mounts: Iterable[str] = (), executor: Executor | None = None
) -> list[dict[str, Any]]:
    """Return the answer for each cell without the steps of its run, in the order of `cells`.

    `executor` is any `concurrent.futures.Executor`; without one, this process does it all.
    UnknownNameError names the allowed kernels and mounts.
    """
    todo = tuple(cells(only, mounts=mounts))
    chunks = [todo[at : at + CHUNK] for at in range(0, len(todo), CHUNK)]
    found = executor.map(_rows, chunks) if executor else map(_rows, chunks)
    return [row for rows in found for row in rows]


def matrix_frame(rows: Iterable[dict[str, Any]]) -> "pd.DataFrame":
    """Return a matrix as a table: a row a cell, `defects` as one string ("" is correct)."""
    import pandas as pd

    table = pd.DataFrame(rows)
    table["defects"] = [
        ", ".join(codes) if codes is not None else None for codes in table["defects"]
    ]
    return table
