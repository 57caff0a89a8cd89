"""Keep what real kernels said of the matrix: shipped as data, made anew by `make confirmed`."""

import json
import lzma
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from gmemviz.facts.whole import write_whole

__all__ = ("CHOSEN", "confirmed", "evidence", "file_of", "write_confirmed")

DATA: Final = files("gmemviz.study") / "data"
CHOSEN: Final = ("mount", "placement", "cleanup", "metadata")
KEPT: Final = (
    *CHOSEN, "judgement", "model", "shown", "missing", "surplus", "not_shown", "beyond", "trouble",
    "runs",
)  # fmt: skip
WORDS: Final = {"agrees": "confirmed on", "disagrees": "disagrees on"}

Cell = tuple[str, ...]


def file_of(kernel: str) -> str:
    """Return the name of the file for one kernel."""
    return f"confirmed-{kernel}.json.xz"


@cache
def confirmed(kernel: str) -> Mapping[Cell, Mapping[str, Any]]:
    """Return what was confirmed of a kernel, by cell; nothing where nothing is shipped.

    A row has the `judgement`, what the model said then (`model`), and in `shown` the run and the
    console's line for each code; `release` and `date` are those of the boot.
    """
    file = DATA / file_of(kernel)
    if not file.is_file():
        return {}
    said = json.loads(lzma.decompress(file.read_bytes()))
    about = {"kernel": kernel, "release": said["release"], "date": said["date"]}
    return {
        (kernel, *(row[name] for name in CHOSEN)): {**about, **row} for row in said["cells"]
    }  # fmt: skip


def evidence(cell: Cell, defects: Iterable[str] | None) -> str:
    """Return `confirmed on K`, `disagrees on K`, or `model` where no kernel has the whole say.

    What was confirmed of another verdict than `defects` is no evidence for this one.
    """
    row = confirmed(cell[0]).get(tuple(cell))
    if row is None or defects is None or row["model"] != sorted(defects):
        return "model"
    word = WORDS.get(row["judgement"])
    return f"{word} {cell[0]}" if word else "model"


def write_confirmed(rows: Iterable[Mapping[str, Any]], file: Path, *, date: str) -> None:
    """Write the rows of `confirm_cells` for one kernel, whole or not at all."""
    designs = [row for row in rows if row["model"] is not None]
    said = {
        "release": designs[0]["release"],
        "date": date,
        "cells": [{key: row[key] for key in KEPT if row[key] or key == "model"} for row in designs],
    }
    data = json.dumps(said, indent=0).encode()
    write_whole(file, lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))
