"""Hold the abstract heap and the programs that work on it, one atomic step at a time.

Not here: any function of the kernel (`road`) and any order of steps (`search`). Start with
`heap.py`, which notices every defect that a step can show. `state.py` alone knows how a moment of
a run is packed; `stands_for.py` notes which function of the kernel an operation stands for.
"""

from gmemviz.model.machine.heap import (
    ABSENT,
    AWAITING,
    FREED,
    HANDED_OVER,
    HELD,
    I_CLEAR,
    I_FREEING,
    I_WILL_FREE,
    REFUSED,
    STALE,
    Defect,
    DefectFound,
    Machine,
    Touch,
)
from gmemviz.model.machine.lazy_machine import LazyMachine
from gmemviz.model.machine.program import Act, Enter, Instruction, Jump, Next, Place, Program
from gmemviz.model.machine.stands_for import STANDS_FOR, NoFunction, stands_for
from gmemviz.model.machine.state import (
    Cell,
    Change,
    State,
    cell_at,
    cells_in,
    cells_numbered,
    changed,
    first_state,
    numbers_of,
    progress,
    progress_as_changes,
    state_after,
)
from gmemviz.model.machine.target import (
    FIRST_FILE,
    INODE_CACHEP,
    OWN_CACHE,
    SECOND_FILE,
    Operation,
    Target,
    Test,
    Trait,
)

__all__ = (
    "ABSENT",
    "AWAITING",
    "FIRST_FILE",
    "FREED",
    "HANDED_OVER",
    "HELD",
    "INODE_CACHEP",
    "I_CLEAR",
    "I_FREEING",
    "I_WILL_FREE",
    "OWN_CACHE",
    "REFUSED",
    "SECOND_FILE",
    "STALE",
    "STANDS_FOR",
    "Act",
    "Cell",
    "Change",
    "Defect",
    "DefectFound",
    "Enter",
    "Instruction",
    "Jump",
    "LazyMachine",
    "Machine",
    "Next",
    "NoFunction",
    "Operation",
    "Place",
    "Program",
    "State",
    "Target",
    "Test",
    "Touch",
    "Trait",
    "cell_at",
    "cells_in",
    "cells_numbered",
    "changed",
    "first_state",
    "numbers_of",
    "progress",
    "progress_as_changes",
    "stands_for",
    "state_after",
)
