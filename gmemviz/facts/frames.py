"""Turn records into pandas DataFrames, one row a record."""

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from gmemviz.facts.census import INODE_HOOKS, Census

if TYPE_CHECKING:
    import pandas as pd


def frame(records: Iterable[Any]) -> "pd.DataFrame":
    """Return records of one kind as a table; a column a field.

    >>> from gmemviz import facts
    >>> frame(facts.setters(facts.load("7.3"), "destroy_inode")).columns[:3].tolist()
    ['hook', 'function', 'filesystem']
    """
    import pandas as pd  # half a second that most readers of facts do not need

    rows = list(records)
    if not rows:
        return pd.DataFrame()
    if is_dataclass(rows[0]):
        columns = [field.name for field in fields(rows[0])]
        return pd.DataFrame(
            [[getattr(row, name) for name in columns] for row in rows], columns=columns
        )
    return pd.DataFrame(rows, columns=list(rows[0]._fields))


def census_frame(found: Census) -> "pd.DataFrame":
    """Return the combinations of a census as a table: a column a hook, and the count."""
    import pandas as pd

    rows = [
        [*(hook in combination for hook in INODE_HOOKS), count]
        for combination, count in found.combinations.items()
    ]
    return pd.DataFrame(rows, columns=[*INODE_HOOKS, "tables"])
