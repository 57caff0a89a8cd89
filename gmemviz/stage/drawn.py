"""Hold what the stage draws of memory: an object with its members, as pahole prints a struct."""

from typing import Final, Literal, NamedTuple

from gmemviz.model.machine import ABSENT, AWAITING, FREED, HANDED_OVER, HELD, Cell

Status = Literal["absent", "allocated", "waits", "freed"]
"""What an object's memory is: nobody's yet, in use, behind a grace period, given back."""

STATUS: Final[dict[Cell, Status]] = {
    ABSENT: "absent", HELD: "allocated", HANDED_OVER: "allocated", AWAITING: "waits",
    FREED: "freed",
}  # fmt: skip
"""The status of an object by what its cell holds; what was handed over somebody else has."""

Look = Literal["", "yours", "null", "stale"]
"""How a member is drawn: as the kernel's, as the Design's own, as nothing, as left from before."""


class StructRow(NamedTuple):
    """Give a member of a struct: its value in words, or what it points to."""

    name: str
    value: str = ""
    to: str = ""
    look: Look = ""


class Drawn(NamedTuple):
    """Give an object as it stands after a step. `note` stands at the right of its title."""

    title: str
    status: Status = "absent"
    note: str = ""
    members: tuple[StructRow, ...] = ()
    is_yours: bool = False
