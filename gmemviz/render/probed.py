"""Set what a kernel answered as a table: what was asked, the answer, the one expected."""

from collections.abc import Iterable
from typing import Final

from gmemviz.facts import Observation
from gmemviz.render.table import table

COLUMNS: Final = ("asked", "answer", "expected", "from")
WORDS: Final = {None: "", True: "✓", False: "⚠ differs"}


def probed_table(rows: Iterable[Observation]) -> str:
    """Return the observations as an HTML table, or a sentence where there are none."""
    told = [_row(row) for row in rows]
    return table(COLUMNS, told) if told else "<p>Nothing differs from what was expected.</p>"


def _row(row: Observation) -> tuple[str, ...]:
    expected = f"{' or '.join(row.expected)} {WORDS[row.agrees]}"
    where = " · ".join(filter(None, (row.source, row.note)))
    return row.call, row.got or "not asked", expected, where
