"""Name memory by how it is reached from a function's arguments.

    static void toy_free(struct inode *inode)           inode points to spot 0
    {
            struct toy *toy = TOY_I(inode);             toy points to 0, ^toy.vfs_inode
            char *body = toy->body;                     body points to 0, ^toy.vfs_inode, body, *
            put(&toy->policy);                          given is 0, ^toy.vfs_inode, policy
    }

A step is a member, `*` for what a pointer leads to, or `^struct.member` for the struct around a
member, which container_of goes to (include/linux/container_of.h).
"""

from functools import lru_cache
from typing import Final, NamedTuple

UP: Final = "^"
POINTED: Final = "*"
TRANSPARENT: Final = ("i_sb", POINTED)
NEW: Final = "new "
"""Begins the root of memory that the function itself was given, as by kmem_cache_alloc."""

KEPT: Final = 50_000  # places that are kept
DEEPEST: Final = 12  # steps of a place; a list that is walked in a loop has no end


class MemorySpot(NamedTuple):
    """Say where memory is: an argument's number (or a variable, or new memory), and steps."""

    root: str
    steps: tuple[str, ...] = ()

    def to(self, *steps: str) -> "MemorySpot":
        """Return the place that is so many steps on; up to a struct and down again is none."""
        return _further(self, steps)

    def up(self, struct: str, member: str) -> "MemorySpot":
        """Return the struct around the member that this place is."""
        parts = tuple(member.split("."))
        if self.steps[-len(parts) :] == parts:
            return MemorySpot(self.root, self.steps[: -len(parts)])
        return MemorySpot(self.root, (*self.steps, f"{UP}{struct}.{member}"))

    @property
    def pointer(self) -> "MemorySpot | None":
        """Return where the pointer lies that leads here, or None for a member or an argument."""
        if self.steps[-1:] != (POINTED,):
            return None
        return MemorySpot(self.root, self.steps[:-1])

    @property
    def near_end(self) -> "MemorySpot":
        """Return the part of the way that leads over one pointer, and no other."""
        return self.within(1)

    def within(self, pointers: int) -> "MemorySpot":
        """Return the part of the way that leads over so many pointers at most.

        The superblock is common ground: what s_fs_info points to is one pointer away.
        """
        start = len(TRANSPARENT) if self.steps[: len(TRANSPARENT)] == TRANSPARENT else 0
        for index in range(start, len(self.steps)):
            pointers -= self.steps[index] == POINTED
            if pointers == 0:
                return MemorySpot(self.root, self.steps[: index + 1])
        return self

    def lies_within(self, pointers: int) -> bool:
        """Tell whether it lies in what so many pointers lead to: body, *, text, and none more."""
        return POINTED not in self.steps[len(self.within(pointers).steps) :]


# A deed of a callee is rebased at each call of each caller: the same few places again and again.
@lru_cache(maxsize=KEPT)
def _further(found: MemorySpot, steps: tuple[str, ...]) -> MemorySpot:
    for step in steps:
        if step.startswith(UP):
            struct, _, member = step.removeprefix(UP).partition(".")
            found = found.up(struct, member)
        else:
            found = MemorySpot(found.root, _stepped(found.steps, step))
    return found


def _stepped(steps: tuple[str, ...], step: str) -> tuple[str, ...]:
    found = (*steps, step)
    for index in range(len(steps) - 1, -1, -1):
        if steps[index].startswith(UP):
            member = steps[index].partition(".")[2]
            if ".".join(found[index + 1 :]) == member:
                return steps[:index]
            break
    return found
