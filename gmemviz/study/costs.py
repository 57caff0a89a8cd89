"""Say what a Design costs: counted in its hooks, placements and the kernel's facts.

The facts name the members of structs but not their sizes, so members are counted, not bytes.
"""

from typing import NamedTuple

from gmemviz.facts import Facts
from gmemviz.model import SCENARIOS, Design
from gmemviz.model.program import Act
from gmemviz.model.search import world_of

__all__ = ("Cost", "cost")


class Cost(NamedTuple):
    """Say what a Design costs; the smaller comes first.

    `allocations`: objects an inode that stand behind a pointer, beside the struct. `hooks`:
    hooks to write, and an RCU callback where the Design queues its own. `members`: what the
    Design adds to the kernel's own structs for an inode, in its struct, behind a pointer or in
    an xarray. `waits`: metadata is freed only after a grace period.
    """

    allocations: int
    hooks: int
    members: int
    waits: bool

    def __str__(self) -> str:
        counts = zip(self[:3], ("allocation", "hook", "member"), strict=True)
        told = [f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts]
        return ", ".join([*told, *["metadata waits for a grace period"] * self.waits])


def cost(design: Design, facts: Facts) -> Cost:
    """Return what `design` costs on the kernel of `facts`."""
    verbs = {action.verb for _, body in design.hooks for action in body}
    functions = len(design.hooks) + ("call_rcu free struct" in verbs)
    return Cost(_allocations(design), functions, _members(design, facts), _waits(design, facts))


def _pointers(design: Design) -> set[str]:
    # A field holds one pointer: kinds that share it are members of one object behind it.
    return {
        kept.placement.name
        for kept in design.keeps
        if kept.kind.owns_object and kept.placement.holder not in ("container", "folio")
    }


def _allocations(design: Design) -> int:
    embedded = {k.kind.name for k in design.keeps if k.placement.holder == "container"}
    attached = [
        action
        for action in design.body("alloc_inode") or ()
        if action.verb == "attach" and action.metadata in embedded
    ]
    return len(_pointers(design)) + len(attached)


def _members(design: Design, facts: Facts) -> int:
    pointers = _pointers(design)
    lies_in_the_field = [
        kept
        for kept in design.keeps
        if kept.placement.name not in pointers
        and facts.has_field(kept.placement.struct, kept.placement.field)
    ]
    entries = any(kept.placement.holder == "xarray" for kept in design.keeps)
    return len(design.keeps) - len(lies_in_the_field) + entries


def _waits(design: Design, facts: Facts) -> bool:
    # In the order of the last close, where each hook runs is the skeleton's to say.
    world = world_of(design, SCENARIOS["last-close"], facts)
    in_callback = {
        one.place.hook
        for program in world.programs
        for one in program.code
        if isinstance(one, Act) and one.place.context == "B"
    }
    owned = {kept.kind.name for kept in design.keeps if kept.kind.owns_object}
    return any(
        action.verb == "free" and action.metadata in owned
        for hook, body in design.hooks
        if hook in in_callback
        for action in body
    )
