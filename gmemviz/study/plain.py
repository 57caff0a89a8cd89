"""Say a result in one way: as plain data for JSON, and as text fit for a mail.

A result that has both has them as `answer()`, which is `data` of the fields it shows, and as
`text`, which is `mail_text` of its lines; a NamedTuple among the fields needs neither.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from gmemviz.model import Design
from gmemviz.shown import Table, Text
from gmemviz.text import wrap

INDENT = 12
"""Columns before the words of a labelled line."""


def data(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields as `json` can write them, in their order; a notebook shows a line a field.

    >>> data({"codes": frozenset({"leak", "crash"}), "edges": (("iput", "evict"),)})
    {'codes': ['crash', 'leak'], 'edges': [['iput', 'evict']]}
    """
    return Table(_plain(fields))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        return {key: _plain(field) for key, field in value.items()}
    if isinstance(value, AbstractSet):  # whose order is another one in each process
        value = sorted(value)
    if isinstance(value, tuple | list):
        return list(map(_plain, value))
    return value


def mail_text(lines: Iterable[str]) -> str:
    """Return lines as one text, which ends with a line end."""
    return Text("\n".join(lines) + "\n")


def labelled(label: str, words: str, *, more: int = 0) -> list[str]:
    """Return words in lines of at most 72 columns, the first with a label; `more` indents others.

    >>> labelled("Verdict", "leak")
    ['Verdict:    leak']
    """
    first = f"{label}:" if label else ""
    return wrap(words, first=first.ljust(INDENT), rest=" " * (INDENT + more))


def placements(design: Design) -> dict[str, str]:
    """Return where a Design keeps each kind of metadata, by their names."""
    return {kept.kind.name: kept.placement.name for kept in design.keeps}


def kept_where(design: Design) -> str:
    """Return the same in words, such as ``flags in i_private``."""
    return ", ".join(f"{kind} in {place}" for kind, place in placements(design).items())
