"""Write the kernel's own road: the VFS skeleton, what stands around it, and what each step does.

Each operation names the kernel function that it stands for. Not here: who runs beside the road
(`scenarios`). Start with `skeleton.py`.
"""

from gmemviz.model.road import bodies, files, icache, kvm, marks, rcu
from gmemviz.model.road.files import cells_of, shared_cells
from gmemviz.model.road.hook_actions import (
    call_rcu,
    can_reach,
    compile_fields,
    guard_of,
    operations,
)
from gmemviz.model.road.icache import is_listed
from gmemviz.model.road.lines import (
    Again,
    Body,
    Call,
    Choose,
    Chosen,
    Defer,
    Do,
    Function,
    Hook,
    If,
    Line,
    ReturnIf,
    StopIf,
    Wait,
    When,
    always,
    call,
    has,
    yes,
)
from gmemviz.model.road.metadata import OF_INODE, attach
from gmemviz.model.road.skeleton import SKELETON
from gmemviz.model.road.surroundings import INSIDE, SURROUNDINGS
from gmemviz.model.road.waiting import reason

__all__ = (
    "INSIDE",
    "OF_INODE",
    "SKELETON",
    "SURROUNDINGS",
    "Again",
    "Body",
    "Call",
    "Choose",
    "Chosen",
    "Defer",
    "Do",
    "Function",
    "Hook",
    "If",
    "Line",
    "ReturnIf",
    "StopIf",
    "Wait",
    "When",
    "always",
    "attach",
    "bodies",
    "call",
    "call_rcu",
    "can_reach",
    "cells_of",
    "compile_fields",
    "files",
    "guard_of",
    "has",
    "icache",
    "is_listed",
    "kvm",
    "marks",
    "operations",
    "rcu",
    "reason",
    "shared_cells",
    "yes",
)
