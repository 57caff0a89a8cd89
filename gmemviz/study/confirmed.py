"""Keep what real kernels said of the matrix: shipped as data, made anew by `make confirmed`."""

import json
import lzma
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from gmemviz.shown import Table, Text
from gmemviz.study.gallery import CHOICES, Cell
from gmemviz.whole import write_whole

DATA: Final = files("gmemviz.study") / "data"
NO_MEMBER: Final = r"^\w+\.c:\d+: .* has no member named"
_COMPILER: Final = re.compile(NO_MEMBER)
CHOSEN: Final = CHOICES[1:]
"""What names a cell in the file of its kernel."""

KEPT: Final = (
    *CHOSEN, "judgement", "model", "shown", "missing", "surplus", "not_shown", "not_played",
    "silent", "trouble", "runs",
)  # fmt: skip
"""What a row has of a Confirmation's answer."""

WORDS: Final = {"agrees": "confirmed on", "disagrees": "disagrees on"}
"""The words of the matrix for a kernel that has the whole say."""

HEADS: Final = {
    **WORDS, "agrees in part": "confirmed in part on", "not confirmable": "not confirmable on",
}  # fmt: skip


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
        return Table()
    said = json.loads(lzma.decompress(file.read_bytes()))
    about = {"kernel": kernel, **{key: said[key] for key in ("release", "date", "made_of")}}
    rows = Table[Cell, Mapping[str, Any]]()
    for row in said["cells"]:
        choices = [row[name] for name in CHOSEN]
        rows[kernel, *choices] = {**about, **row}
    return rows


def _said(cell: Cell, defects: Iterable[str] | None) -> Mapping[str, Any]:
    # What was confirmed of another verdict is no evidence for this one.
    row = confirmed(cell[0]).get(tuple(cell), {}) if defects is not None else {}
    return row if row and row["model"] == sorted(defects or ()) else {}


def evidence(cell: Cell, defects: Iterable[str] | None) -> str:
    """Return `confirmed on K`, `disagrees on K`, or `model` where no kernel has the whole say.

    What was confirmed of another verdict than `defects` is no evidence for this one; None is no
    verdict, and no kernel was asked.
    """
    word = WORDS.get(_said(cell, defects).get("judgement", ""))
    return f"{word} {cell[0]}" if word else "model"


def told(cell: Cell, defects: Iterable[str] | None) -> str:
    """Return what a kernel said of a cell, a line a fact: which kernel and when, then each code.

    "" where no kernel was asked, or where it was asked about another verdict than `defects`.
    """
    row = _said(cell, defects)
    return Text("\n".join(_lines(row)) if row else "")


def kernel_line(cell: Cell, defects: Iterable[str] | None, code: str | None) -> tuple[str, str]:
    """Return the judgement on a cell, such as "confirmed on", and what a kernel said of `code`.

    Where it said nothing of that one, the first line of `told` that is there; ("", "") where
    `told` has none.
    """
    row = _said(cell, defects)
    if not row:
        return "", ""
    of_code: dict[str, Any] = {"model": row["model"]}
    for key in ("shown", "missing", "not_shown"):
        kept = row.get(key, ())
        if code in kept:
            of_code[key] = {code: kept[code]} if isinstance(kept, Mapping) else [code]
    _, *others = _lines(row)
    return HEADS[row["judgement"]], next(iter((*told_by(of_code), *others)), "")


def _lines(row: Mapping[str, Any]) -> Iterator[str]:
    yield f"{HEADS[row['judgement']]} {row['release']}, {row['date']}"
    if not row.get("shown") and row.get("runs"):
        yield f"nothing wrong in {row['runs']} runs"
    yield from told_by(row)


def write_confirmed(
    rows: Iterable[Mapping[str, Any]], file: Path, *, date: str, made_of: str = ""
) -> None:
    """Write the rows of `confirm_cells` for one kernel, whole or not at all.

    `made_of` says which C was run: `confirm_matrix.made_of`.
    """
    designs = [row for row in rows if row["model"] is not None]
    said = {
        "release": designs[0]["release"],
        "date": date,
        "made_of": made_of,
        "cells": [_stored(row) for row in designs],
    }
    data = json.dumps(said, indent=0).encode()
    write_whole(file, lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))


def _stored(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in KEPT if row[key] or key == "model"}


def told_by(answer: Mapping[str, Any]) -> Iterator[str]:
    """Yield what an `answer` says beside its judgement, a line a fact; a key may be left out."""
    for code, shown in answer.get("shown", {}).items():
        mark = "" if code in (answer["model"] or ()) else ", which the model does not say"
        yield f"{code} ({shown['run']}){mark}: {spoken(shown['line'])}"
    yield from (f"{code}: the kernel did not show it" for code in answer.get("missing", ()))
    for code, why in answer.get("not_shown", {}).items():
        yield f"{code}: cannot be shown, {why}"
    if scenarios := answer.get("not_played"):
        yield f"not played by the driver: {', '.join(scenarios)}"
    if scenarios := answer.get("silent"):
        yield f"silent where the model has a code too: {', '.join(scenarios)}"
    for ran in answer.get("trouble", ()):
        run, why = _run_and_words(ran)
        yield f"{run} tells nothing: {why}"


# An answer stores what a run said as "RUN: WORDS", and no run has a colon in its name.
def _run_and_words(ran: str) -> tuple[str, str]:
    run, _, words = ran.partition(": ")
    return run, words


def spoken(line: str) -> str:
    """Return a line with its speaker: the kernel's own is as it was, others are named."""
    from gmemviz.record.boot import OURS  # who only asks for a verdict boots nothing

    if line.startswith(OURS):
        return f"our driver: {line.removeprefix(OURS)}"
    return f"the compiler: {line}" if _COMPILER.search(line) else line
