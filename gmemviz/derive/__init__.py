"""Turn what was read of a filesystem's source into Designs, with all that they rest on.

Not here: reading source (`extract`), and searching a Design (`model`). Start with `design.py`.
May import: errors, facts, extract, model.
"""

from gmemviz.derive.design import derive
from gmemviz.derive.records import Derived, Read
from gmemviz.derive.tree import derive_table, read_table, tables_of

__all__ = ("Derived", "Read", "derive", "derive_table", "read_table", "tables_of")
