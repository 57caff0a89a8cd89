"""Say what a Design is: its vocabularies, the five choices, hook bodies, and its TOML.

Not here: what happens when it runs (`road`, `search`). Start with `design.py`; the words are in
`choices.py`, `actions.py` and `defects.py`.
"""

from gmemviz.model.design.actions import (
    FAILED,
    INODE_KINDS,
    NLINK,
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
)
from gmemviz.model.design.defects import DEFECTS, DefectCode, codes_that
from gmemviz.model.design.design import Design, Kept
from gmemviz.model.design.limits import C_KEYWORDS, LONGEST, RESERVED, TITLE, unmarked

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
    "METADATA",
    "MOUNTS",
    "NLINK",
    "PLACEMENTS",
    "READERS",
    "RELEASES",
    "RESERVED",
    "RUNS",
    "TESTS",
    "TITLE",
    "UNTIL",
    "VERBS",
    "Action",
    "Callback",
    "Condition",
    "DeclaredActor",
    "DefectCode",
    "Design",
    "From",
    "Holder",
    "Holds",
    "Hooks",
    "Kept",
    "Metadata",
    "Placement",
    "Verb",
    "codes_that",
    "design_from_choices",
    "hooks_of",
    "unfit",
    "unmarked",
    "why_not",
)
