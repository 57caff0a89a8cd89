"""Set rows of words as an HTML table."""

import html
from collections.abc import Iterable, Sequence

from gmemviz.text import printable


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
