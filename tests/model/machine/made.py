"""A Target and a Machine to try single operations on, and the defect that one shows."""

import pytest

from gmemviz.facts import load
from gmemviz.model import Design, design_from_choices
from gmemviz.model.machine import HELD, DefectFound, Machine, Target
from gmemviz.model.road import cells

HEAD = 'mount = "own"\nmetadata.tree = { placement = "PLACE", NEEDS }\n'


def design_of(place="i_private", needs='release = "kfree"', *, kernel="7.3", more=""):
    """Return a Design that keeps a tree in `place`, with `more` lines of TOML."""
    head = HEAD.replace("PLACE", place).replace("NEEDS", needs)
    return Design.from_text(f'{more}\nkernel = "{kernel}"\n{head}')


def target_of(design=None, *traits, **names):
    design = design or design_of()
    return Target(design, load(design.kernel), traits=traits, **names)


def cell_target(cleanup="none", metadata="shared_policy", placement="i_private", mount="own"):
    return target_of(
        design_from_choices(
            kernel="7.3", mount=mount, placement=placement, cleanup=cleanup, metadata=metadata
        )
    )


def machine_of(target, context="P", register=0, also=(), **values):
    """Return a Machine in which the inode is allocated; __ in a name stands for a dot."""
    every = {**dict(cells.SHARED), **dict(also), **cells.cells_of(target)}
    every |= {"inode": HELD, "inode.i_count": 1}
    every |= {name.replace("__", "."): value for name, value in values.items()}
    return Machine(every, context, register, tells=True)


def shown_by(operation, *arguments, **words):
    """Return the code and the object of the defect with which an operation ends the run."""
    with pytest.raises(DefectFound) as found:
        operation(*arguments, **words)
    return found.value.defect.code, found.value.defect.object


def noted_by(operation, *arguments, **words):
    """Return the code and the object of the hazard that an operation notes as it goes on."""
    machine = getattr(operation, "__self__", None) or arguments[0]
    before = len(machine.noted)
    operation(*arguments, **words)
    (hazard,) = machine.noted[before:]
    return hazard.code, hazard.object


def told(machine):
    return [tuple(effect) for effect in machine.effects]
