"""Turn what was read of a filesystem's source into Designs, with all that they rest on.

Not here: reading source (`extract`), and searching a Design (`model`). Start with `design.py`;
`verdict.py` says what may be reported. May import: errors, facts, extract, model.
"""

from gmemviz.derive.design import derive
from gmemviz.derive.fit import Road
from gmemviz.derive.judged import Judged, by_hooks, counted, judged, judged_of, packed
from gmemviz.derive.overlay import OF_ROWS, OF_RULES, Overlay, overlay_of, read_overlay
from gmemviz.derive.page import toml
from gmemviz.derive.records import Derived, TableRead
from gmemviz.derive.shipped import shipped_tables
from gmemviz.derive.tree import derive_table, open_tree, read_table, road_named, tables_of
from gmemviz.derive.verdict import Verdict, VerdictWord, judge_derived

__all__ = (
    "OF_ROWS",
    "OF_RULES",
    "Derived",
    "Judged",
    "Overlay",
    "Road",
    "TableRead",
    "Verdict",
    "VerdictWord",
    "by_hooks",
    "counted",
    "derive",
    "derive_table",
    "judge_derived",
    "judged",
    "judged_of",
    "open_tree",
    "overlay_of",
    "packed",
    "read_overlay",
    "read_table",
    "road_named",
    "shipped_tables",
    "tables_of",
    "toml",
)
