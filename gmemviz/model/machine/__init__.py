"""Hold the abstract heap and the programs that work on it, one atomic step at a time.

Not here: any function of the kernel (`road`) and any order of steps (`search`). Start with
`heap.py`, which notices every defect that a step can show.
"""

from gmemviz.model.machine.heap import (
    ABSENT,
    AWAITING,
    FREED,
    HELD,
    I_CLEAR,
    I_FREEING,
    I_WILL_FREE,
    STALE,
    Cell,
    Defect,
    DefectFound,
    Machine,
    State,
)
from gmemviz.model.machine.program import Act, Enter, Instruction, Jump, Next, Place, Program
from gmemviz.model.machine.target import (
    FIRST_FILE,
    INODE_CACHEP,
    OWN_CACHE,
    Operation,
    Target,
    Trait,
)

__all__ = (
    "ABSENT",
    "AWAITING",
    "FIRST_FILE",
    "FREED",
    "HELD",
    "INODE_CACHEP",
    "I_CLEAR",
    "I_FREEING",
    "I_WILL_FREE",
    "OWN_CACHE",
    "STALE",
    "Act",
    "Cell",
    "Defect",
    "DefectFound",
    "Enter",
    "Instruction",
    "Jump",
    "Machine",
    "Next",
    "Operation",
    "Place",
    "Program",
    "State",
    "Target",
    "Trait",
)
