"""Turn records into pandas DataFrames, one row a record."""

from collections.abc import Iterable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from gmemviz.facts.census import INODE_HOOKS, Census
from gmemviz.parts import needs

if TYPE_CHECKING:
    import pandas as pd


def frame(records: Iterable[Any]) -> "pd.DataFrame":
    """Return records of one kind as a table; a column a field.

    >>> from gmemviz import facts
    >>> frame(facts.setters(facts.load("7.3"), "destroy_inode")).columns[:3].tolist()
    ['hook', 'function', 'filesystem']
    """
    with needs("lab"):
        import pandas as pd  # half a second that most readers of facts do not need

    rows = list(records)
    if not rows:
        return pd.DataFrame()
    names = getattr(rows[0], "_fields", None) or rows[0].__dataclass_fields__
    return pd.DataFrame({name: list(map(attrgetter(name), rows)) for name in names})


def census_frame(found: Census) -> "pd.DataFrame":
    """Return the combinations of a census as a table: a column a hook, and the count."""
    with needs("lab"):
        import pandas as pd

    columns: dict[str, list[Any]] = {}
    for hook in INODE_HOOKS:
        columns[hook] = [hook in combination for combination in found.combinations]
    columns["tables"] = list(found.combinations.values())
    return pd.DataFrame(columns)
