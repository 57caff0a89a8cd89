"""Set rows of words as an HTML table, and what a kernel answered as one."""

import html
from collections.abc import Iterable, Sequence
from typing import Final

from gmemviz.facts import Observation
from gmemviz.text import printable

PROBED: Final = ("asked", "answer", "expected", "from")
AGREES: Final = {None: "", True: "✓", False: "⚠ differs"}
"""What stands behind the expected answer; None is what no source has an answer for."""


def table(head: Iterable[str], rows: Iterable[Sequence[object]]) -> str:
    r"""Return a table whose first column names its rows; whatever a cell says is text in it.

    >>> print(table(["hook"], [["<b>"]]).replace("><tbody", ">\n<tbody"))
    <table><thead><tr><th scope="col">hook</th></tr></thead>
    <tbody><tr><th scope="row">&lt;b&gt;</th></tr></tbody></table>
    """
    columns = "".join(f'<th scope="col">{html.escape(printable(name))}</th>' for name in head)
    body = "".join(map(_row, rows))
    return f"<table><thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table>"


def _row(row: Sequence[object]) -> str:
    name, *rest = (html.escape(printable(str(cell))) for cell in row)
    cells = "".join(f"<td>{cell}</td>" for cell in rest)
    return f'<tr><th scope="row">{name}</th>{cells}</tr>'


def probed_table(rows: Iterable[Observation]) -> str:
    """Return the observations as an HTML table, or a sentence where there are none."""
    answers = []
    for row in rows:
        expected = f"{' or '.join(row.expected)} {AGREES[row.agrees]}"
        where = " · ".join(filter(None, (row.source, row.note)))
        answers.append((row.call, row.got or "not asked", expected, where))
    return table(PROBED, answers) if answers else "<p>Nothing differs from what was expected.</p>"
