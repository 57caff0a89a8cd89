"""Say what a Design costs: counted in its hooks, placements and the kernel's facts.

The facts name the members of structs but not their sizes, so members are counted, not bytes.
"""

from collections.abc import Iterator
from typing import NamedTuple

from gmemviz.errors import of_kind
from gmemviz.facts import Facts, HookName
from gmemviz.model import SCENARIOS, Design
from gmemviz.model.design import Action, Metadata
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
        parts = []
        for count, noun in zip(self[:3], ("allocation", "hook", "member"), strict=True):
            parts.append(f"{count} {noun}" if count == 1 else f"{count} {noun}s")
        if self.waits:
            parts.append("metadata waits for a grace period")
        return ", ".join(parts)


def cost(design: Design, facts: Facts) -> Cost:
    """Return what `design` costs on the kernel of `facts`.

    >>> from gmemviz.facts import load
    >>> from gmemviz.study.gallery import gallery
    >>> print(cost(gallery("rfc-v1-hugetlb"), load("7.3")))
    2 allocations, 1 hook, 2 members
    """
    of_kind("design", design, Design)
    of_kind("facts", facts, Facts)
    queues_its_own = "call_rcu free struct" in {action.verb for _, action in _actions(design)}
    written = sum(bool(body) for _, body in design.hooks)
    return Cost(
        _allocations(design),
        written + queues_its_own,
        _members(design, facts),
        _waits(design, facts),
    )


def _actions(design: Design) -> Iterator[tuple[HookName, Action]]:
    for hook, body in design.hooks:
        for action in body:
            yield hook, action


def _pointers(design: Design) -> dict[str, list[Metadata]]:
    # A field holds one pointer: kinds that share it are members of one object behind it.
    behind: dict[str, list[Metadata]] = {}
    for kept in design.keeps:
        if kept.kind.owns_object and kept.placement.holder not in ("container", "folio"):
            behind.setdefault(kept.placement.name, []).append(kept.kind)
    return behind


def _allocations(design: Design) -> int:
    # What has no head to be a member is an object wherever it is kept.
    alone = sum(kept.kind.owns_object and not kept.kind.embeds for kept in design.keeps)
    around = [kinds for kinds in _pointers(design).values() if len(kinds) > 1 or kinds[0].embeds]
    return alone + len(around)


def _members(design: Design, facts: Facts) -> int:
    pointers = _pointers(design)
    places = [kept.placement for kept in design.keeps]
    fields = [place for place in places if facts.has_field(place.struct, place.field)]
    lie_in_a_field = sum(place.name not in pointers for place in fields)
    has_xarray = any(place.holder == "xarray" for place in places)
    return len(places) - lie_in_a_field + has_xarray


def _waits(design: Design, facts: Facts) -> bool:
    # In the order of the last close, where each hook runs is the skeleton's to say.
    in_callback = set()
    for program in world_of(design, SCENARIOS["last-close"], facts).programs:
        acts = [step for step in program.code if isinstance(step, Act)]
        in_callback |= {act.place.hook for act in acts if act.place.context == "B"}
    owned = {kept.kind.name for kept in design.keeps if kept.kind.owns_object}
    frees = [(hook, action) for hook, action in _actions(design) if action.verb == "free"]
    return any(hook in in_callback and action.metadata in owned for hook, action in frees)
