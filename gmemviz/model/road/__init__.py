"""Write the kernel's own road: the VFS skeleton, what stands around it, and what each step does.

Each operation says which kernel function it stands for (`machine.stands_for`), each guard what is
waited for (`waiting`). Not here: who runs beside the road (`scenarios`). Start with `skeleton.py`.
"""

from gmemviz.model.road import (
    bodies,
    cells,
    dcache,
    files,
    folios,
    icache,
    kvm,
    marks,
    members,
    rcu,
)
from gmemviz.model.road.hook_actions import (
    allocate_used_container,
    can_reach,
    compile_fields,
    guard_of,
    keep,
    operations,
)
from gmemviz.model.road.icache import is_listed
from gmemviz.model.road.lines import (
    Again,
    Call,
    Choose,
    Chosen,
    Do,
    Function,
    Hook,
    If,
    Line,
    OwnBody,
    ReturnIf,
    StopIf,
    When,
    always,
    call,
    has,
    hook,
    if_yes,
    nothing,
    until,
    wait,
    when,
    yes,
)
from gmemviz.model.road.metadata import OF_INODE, attach
from gmemviz.model.road.skeleton import SKELETON
from gmemviz.model.road.surroundings import INSIDE, SURROUNDINGS
from gmemviz.model.road.waiting import reason, waits
from gmemviz.model.road.ways import is_far, out_of_reach

__all__ = (
    "INSIDE",
    "OF_INODE",
    "SKELETON",
    "SURROUNDINGS",
    "Again",
    "Call",
    "Choose",
    "Chosen",
    "Do",
    "Function",
    "Hook",
    "If",
    "Line",
    "OwnBody",
    "ReturnIf",
    "StopIf",
    "When",
    "allocate_used_container",
    "always",
    "attach",
    "bodies",
    "call",
    "can_reach",
    "cells",
    "compile_fields",
    "dcache",
    "files",
    "folios",
    "guard_of",
    "has",
    "hook",
    "icache",
    "if_yes",
    "is_far",
    "is_listed",
    "keep",
    "kvm",
    "marks",
    "members",
    "nothing",
    "operations",
    "out_of_reach",
    "rcu",
    "reason",
    "until",
    "wait",
    "waits",
    "when",
    "yes",
)
