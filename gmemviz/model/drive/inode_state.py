"""Say how an inode stands: its memory, i_count, i_state, and who still has a way to it.

The bits are those of include/linux/fs.h:struct inode that decide about the end: iput, iput_final
and evict look at them, and igrab and find_inode let be what has I_FREEING or I_WILL_FREE.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from gmemviz.model.drive.drive import Drive, cells_at
from gmemviz.model.machine import (
    ABSENT,
    AWAITING,
    FREED,
    HELD,
    I_CLEAR,
    I_FREEING,
    I_WILL_FREE,
    Cell,
)

_MEMORY: Final[Mapping[Cell, str]] = {
    ABSENT: "not there", HELD: "allocated", AWAITING: "waits for RCU", FREED: "freed",
}  # fmt: skip
_FLAGS: Final = ((I_WILL_FREE, "I_WILL_FREE"), (I_FREEING, "I_FREEING"), (I_CLEAR, "I_CLEAR"))


class Standing(NamedTuple):
    """Give the state of the inode that a scenario is about.

    `after` is the move that brought it there, as function and actor. `counted` hold a reference;
    `uncounted` have a way to the inode without one. Flags that the model does not know, such as
    I_NEW and I_DIRTY, are not in `i_state`.
    """

    after: str
    memory: str
    i_count: str
    i_state: str
    counted: str
    uncounted: str


def standing(cells: Mapping[str, Cell], after: str = "") -> Standing:
    """Return how the inode stands in one state."""
    is_there = cells["inode"] in (HELD, AWAITING)
    flags, count = cells["inode.i_state"], cells["inode.i_count"]
    assert isinstance(flags, int)
    memory = _MEMORY[cells["inode"]]
    if not is_there:
        return Standing(after, memory, "", "", "", "")
    counted, uncounted = ", ".join(_counted(cells)), ", ".join(_uncounted(cells))
    if count is None:  # inode_init_always has not run
        return Standing(after, memory, "", "", counted, uncounted)
    names = [name for bit, name in _FLAGS if flags & bit] or ["0"]
    return Standing(after, memory, str(count), " | ".join(names), counted, uncounted)


def standings(here: Drive) -> tuple[Standing, ...]:
    """Return every standing that a walk has passed through, each where it began."""
    world = here.ground.world
    passed = [standing(world.cells(here.states[0]))]
    for state, move in zip(here.states[1:], here.moves, strict=False):
        program = world.programs[move.actor]
        after = f"{program.act(move.act).place.function} ({program.actor})"
        now = standing(world.cells(state), after)
        if now._replace(after="") != passed[-1]._replace(after=""):
            passed.append(now)
    return tuple(passed)


def until_change(here: Drive, actor: str) -> Drive:
    """Return the walk after `actor` went on alone until the inode stands otherwise.

    It stops before that where somebody else may go now or no longer, where two ways are open,
    and at a defect.
    """
    before = _situation(here)
    while len(mine := here.offers_of(actor)) == 1:
        here = here.take(mine[0])
        if _situation(here) != before:
            break
    return here


def _situation(here: Drive) -> tuple[object, ...]:
    return {offer.actor for offer in here.offers}, standing(cells_at(here))


def _counted(cells: Mapping[str, Cell]) -> Iterator[str]:
    count, dentry = cells["inode.i_count"], cells["inode.dentry"]
    has_dentry = bool(dentry) and bool(count)
    others = (count if isinstance(count, int) else 0) - has_dentry
    if has_dentry:
        yield f"dentry (of {dentry} files)" if dentry != 1 else "dentry"
    if others > 0:
        yield "a caller" if others == 1 else f"{others} callers"


def _uncounted(cells: Mapping[str, Cell]) -> Iterator[str]:
    if cells.get("inode.hashed"):
        yield "hash"
    # A run may have a second folio, whose mapping leads here as well.
    if "inode" in (value for name, value in cells.items() if name.endswith(".mapping")):
        yield "folio->mapping"
    if cells["readers"]:
        yield "reader under RCU"
    if cells["inode.waits_for"] is not None:
        yield "RCU queue"
