"""Say what a Design costs: counted in its hooks, placements and the kernel's facts.

The facts name the members of structs but not their sizes, so members are counted, not bytes.
"""

from typing import NamedTuple

from gmemviz.errors import of_kind
from gmemviz.facts import Facts
from gmemviz.model import SCENARIOS, Design
from gmemviz.model.design import Metadata
from gmemviz.model.machine import Act
from gmemviz.model.search import world_of
from gmemviz.shown import shows_itself


@shows_itself
class Cost(NamedTuple):
    """Say what a Design costs; the smaller comes first.

    `allocations`: objects an inode that stand behind a pointer, beside the struct. `hooks`:
    hooks to write (not those that do nothing), and an RCU callback where the Design queues its
    own. `members`: what the Design adds to the kernel's own structs for an inode, in its struct,
    behind a pointer or in an xarray. `waits`: metadata is freed only after a grace period.
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
    of_kind("design", design, Design)
    of_kind("facts", facts, Facts)
    verbs = {action.verb for _, body in design.hooks for action in body}
    functions = sum(bool(body) for _, body in design.hooks) + ("call_rcu free struct" in verbs)
    return Cost(_allocations(design), functions, _members(design, facts), _waits(design, facts))


def _pointers(design: Design) -> dict[str, list[Metadata]]:
    # A field holds one pointer: kinds that share it are members of one object behind it.
    behind: dict[str, list[Metadata]] = {}
    for kept in design.keeps:
        if kept.kind.owns_object and kept.placement.holder not in ("container", "folio"):
            behind.setdefault(kept.placement.name, []).append(kept.kind)
    return behind


def _allocations(design: Design) -> int:
    # What has no head to be a member is an object wherever it is kept.
    alone = [k.kind for k in design.keeps if k.kind.owns_object and not k.kind.embeds]
    around = [k for k in _pointers(design).values() if len(k) > 1 or k[0].embeds]
    return len(alone) + len(around)


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
