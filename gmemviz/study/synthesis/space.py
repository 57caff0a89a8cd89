"""Name what a synthesis may choose: where metadata lives, what frees it, the struct's end.

Only which Designs can be written down is said here; what is correct the search says.
"""

from collections.abc import Iterator
from itertools import product
from typing import Final, NamedTuple

from gmemviz.errors import choice
from gmemviz.facts import HookName
from gmemviz.model import MOUNTS, PLACEMENTS, Design, Kept, hooks_of
from gmemviz.model.design import Metadata, Placement
from gmemviz.shown import shows_itself


@shows_itself
class Struct(NamedTuple):
    """Say whose the struct inode is, and what destroy_inode and free_inode do to it.

    None is a hook that is NULL, unless metadata is freed there.
    """

    own: bool
    destroy: tuple[str, ...] | None
    free: tuple[str, ...] | None
    says: str

    def __str__(self) -> str:
        return f"{'containing' if self.own else 'plain'} struct, {self.says}"


_ENDS: Final = (
    (None, None, "left to the VFS"),
    (None, ("free struct",), "freed in free_inode"),
    (("call_rcu free struct",), None, "handed to RCU in destroy_inode"),
    (("free struct",), None, "freed in destroy_inode"),
    ((), None, "forgotten after destroy_inode"),
    (None, (), "forgotten after free_inode"),
)
"""What the two hooks do, and what that comes to: where both are NULL, the VFS frees the struct, and
where destroy_inode is set alone, nobody does after it. (fs/inode.c:destroy_inode@v6.12)"""

STRUCTS: Final = tuple(Struct(own, *ends) for own, ends in product((False, True), _ENDS))
"""What a Design may do with the struct inode, or with one of its own around it."""

BEFORE: Final = "evict_inode before truncation"
AFTER: Final = "evict_inode after truncation"
FREED_IN: Final = ("", "release", "drop_inode", BEFORE, AFTER)
"""Where metadata may be freed whatever becomes of the struct; "" is nowhere."""


@shows_itself
class Pick(NamedTuple):
    """Say where one kind of metadata lives, and which hook frees it."""

    kind: Metadata
    placement: Placement
    freed_in: str

    def __str__(self) -> str:
        verb = "freed" if self.kind.owns_object else "cleared"
        freed = f", {verb} in {self.freed_in}" if self.freed_in else ""
        return f"{self.kind.name} in {self.placement.name}{freed}"


@shows_itself
class Choice(NamedTuple):
    """Say what becomes of the struct and of each kind in it: a Design, in words."""

    struct: Struct
    picks: tuple[Pick, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """Return what is chosen for each kind, and last for the struct, in words."""
        return (*map(str, self.picks), str(self.struct))

    def __str__(self) -> str:
        return " + ".join(self.parts)

    def design(self, kernel: str, mount: str) -> Design:
        """Return the Design that does so."""
        bodies = {hook: tuple(body) for hook, body in self._bodies()}
        return Design(
            kernel=kernel,
            mount=MOUNTS[choice("mount", mount, MOUNTS)],
            hooks=hooks_of(bodies, {pick.kind.name: pick.kind for pick in self.picks}),
            keeps=tuple(Kept(pick.kind, pick.placement) for pick in self.picks),
            name=str(self),
        )

    def _frees(self, where: str) -> list[str]:
        return [f"free {pick.kind.name}" for pick in self.picks if pick.freed_in == where]

    def _bodies(self) -> Iterator[tuple[HookName, list[str]]]:
        if self.struct.own or any(pick.kind.born_in_alloc for pick in self.picks):
            allocates = "alloc container" if self.struct.own else "alloc struct"
            yield "alloc_inode", [allocates, *filter(None, map(_birth, self.picks))]
        if frees := self._frees("drop_inode"):
            yield "drop_inode", [*frees, "return 1"]
        before, after = self._frees(BEFORE), self._frees(AFTER)
        if before or after:
            yield "evict_inode", [*before, "truncate", "clear_inode", *after]
        ends_in: dict[HookName, tuple[str, ...] | None] = {
            "destroy_inode": self.struct.destroy, "free_inode": self.struct.free,
        }  # fmt: skip
        for hook, ends in ends_in.items():
            frees = self._frees(hook)
            if frees or ends is not None:
                yield hook, [*frees, *(ends or ())]
        if frees := self._frees("release"):
            yield "release", frees


def _birth(pick: Pick) -> str:
    if pick.kind.born_in_alloc:
        return f"attach {pick.kind.name}"
    return f"init {pick.kind.name}" if pick.placement.holder == "container" else ""


def picks(struct: Struct, kind: Metadata) -> Iterator[Pick]:
    """Yield each way to keep and free `kind` that leaves the struct its end."""
    hooks = list(FREED_IN)
    if struct.destroy is not None or struct.free is not None:
        hooks.append("destroy_inode")
    if struct.free is not None:
        hooks.append("free_inode")
    for placement in PLACEMENTS.values():
        if struct.own or placement.holder != "container":
            yield from (Pick(kind, placement, hook) for hook in hooks)


def together(struct: Struct, ways: tuple[tuple[Pick, ...], ...]) -> Iterator[Choice]:
    """Yield each Choice of one way a kind; a struct of one's own only to keep something in it."""
    for chosen in product(*ways) if ways else ():
        if not struct.own or any(pick.placement.holder == "container" for pick in chosen):
            yield Choice(struct, chosen)


def cannot_share(chosen: Choice) -> str:
    """Return why the placements do not go together, or ""."""
    first: dict[tuple[str, str], Pick] = {}
    for pick in chosen.picks:
        place = pick.placement
        other = first.setdefault((place.struct, place.field), pick)
        if place.field and other.placement.name != place.name:
            names = f"{other.kind.name} and {pick.kind.name}"
            return f"{names} cannot share {place.field}: one wants its bits, one a pointer"
    return ""
