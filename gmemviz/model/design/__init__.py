"""Say what a Design is: its vocabularies, the five choices, hook bodies, and its TOML.

Not here: what happens when it runs (`road`, `search`). Start with `design.py`; the words are in
`choices.py`, `actions.py` and `defects.py`.
"""

from gmemviz.model.design.actions import (
    FAILED,
    INODE_KINDS,
    NLINK,
    SHUTDOWNS,
    TESTS,
    VERBS,
    Action,
    Condition,
    Hooks,
    Verb,
    hooks_of,
)
from gmemviz.model.design.actors import (
    FROM,
    HOLDS,
    LOCKS,
    RUNS,
    UNTIL,
    Callback,
    DeclaredActor,
    From,
    Holds,
)
from gmemviz.model.design.cell import design_from_choices, unfit, why_not
from gmemviz.model.design.choices import (
    CLEANUPS,
    GALLERY_PLACEMENTS,
    LAST_PUT,
    LAST_PUT_BY_MAPPING,
    LAST_PUT_UNTESTED,
    METADATA,
    MOUNTS,
    PLACEMENTS,
    READERS,
    RELEASES,
    Holder,
    Metadata,
    Placement,
    Release,
)
from gmemviz.model.design.defects import DEFECTS, DefectCode, codes_that
from gmemviz.model.design.design import Design, Kept
from gmemviz.model.design.limits import C_KEYWORDS, LONGEST, RESERVED, TITLE, unmarked
from gmemviz.model.design.members import MEMBERS, SHARED_WORD, InodeMember, is_put_by, is_set_once
from gmemviz.model.design.memslots import UNBINDS, Unbinds
from gmemviz.model.design.places import LOOSE, Chain, spelled
from gmemviz.model.design.toml import at_its_line, table_of_text

__all__ = (
    "CLEANUPS",
    "C_KEYWORDS",
    "DEFECTS",
    "FAILED",
    "FROM",
    "GALLERY_PLACEMENTS",
    "HOLDS",
    "INODE_KINDS",
    "LAST_PUT",
    "LAST_PUT_BY_MAPPING",
    "LAST_PUT_UNTESTED",
    "LOCKS",
    "LONGEST",
    "LOOSE",
    "MEMBERS",
    "METADATA",
    "MOUNTS",
    "NLINK",
    "PLACEMENTS",
    "READERS",
    "RELEASES",
    "RESERVED",
    "RUNS",
    "SHARED_WORD",
    "SHUTDOWNS",
    "TESTS",
    "TITLE",
    "UNBINDS",
    "UNTIL",
    "VERBS",
    "Action",
    "Callback",
    "Chain",
    "Condition",
    "DeclaredActor",
    "DefectCode",
    "Design",
    "From",
    "Holder",
    "Holds",
    "Hooks",
    "InodeMember",
    "Kept",
    "Metadata",
    "Placement",
    "Release",
    "Unbinds",
    "Verb",
    "at_its_line",
    "codes_that",
    "design_from_choices",
    "hooks_of",
    "is_put_by",
    "is_set_once",
    "spelled",
    "table_of_text",
    "unfit",
    "unmarked",
    "why_not",
)
