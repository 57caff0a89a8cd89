"""Say what a scenario is made of: actors, and what a run must sometimes reach."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gmemviz.model.design import Design
from gmemviz.model.machine import FIRST_FILE, Cell, Target, Trait
from gmemviz.model.road import (
    Call,
    Choose,
    Chosen,
    Do,
    Line,
    StopIf,
    Wait,
    When,
    attach,
    bodies,
    call,
    files,
    has,
    rcu,
)
from gmemviz.model.scenarios import witnesses
from gmemviz.shown import shows_itself


@shows_itself
@dataclass(frozen=True, slots=True)
class Actor:
    """Give an actor its code: a function of `own` names, or of the skeleton's.

    `inode` says which inode it works on; actors of one inode share its objects.
    `shown` names the actor's own lines ("" is the Design's creator), `address` is where
    its inode lies ("" is a place of its own).
    """

    name: str
    lines: tuple[Line, ...]
    inode: str = "inode"
    shown: str = ""
    address: str = ""
    file: str = FIRST_FILE
    traits: tuple[Trait, ...] = ()

    def __repr__(self) -> str:
        return f"<Actor {self.name} of {self.inode}: {len(self.lines)} lines>"


def _always(_: Design) -> bool:
    return True


def never(_: Design) -> bool:
    """Return False: the scenario is run only where somebody asks for it."""
    return False


@shows_itself
@dataclass(frozen=True, slots=True)
class Scenario:
    """Give a named situation: who runs, for which Designs, and what must be seen.

    `path` is the exit path (domain words: N last iput; K, R and U unused, found again and
    evicted; W written back first; X lost insertion; I failed init; C error after alloc).
    `asks` says whether a Design can be asked, `unasked` whether it is where nobody names the
    scenario. `sometimes` maps a witness's name to a test of one state's cells. `cells` are
    those that only this scenario has.
    """

    name: str
    path: str
    says: str
    actors: tuple[Actor, ...]
    asks: Callable[[Design], bool] = _always
    sometimes: tuple[tuple[str, Callable[[dict[str, Cell]], bool]], ...] = ()
    unasked: Callable[[Design], bool] = _always
    cells: tuple[tuple[str, Cell], ...] = ()

    def __repr__(self) -> str:
        return f"<Scenario {self.name}: {self.says}>"


def entry(name: str) -> Call:
    """Return the Call by which an actor enters the kernel."""
    return Call((name,), is_entry=True)


def atomic(name: str) -> Call:
    """Return the same in atomic context."""
    return Call((name,), "A", is_entry=True)


def _attaches_late(t: Target) -> bool:
    return t.design.attaches_late


def _attaches_early(t: Target) -> bool:
    return not t.design.attaches_late


ALLOCATE: Final = (
    When(bodies.asks_kind, Choose(bodies.kinds_of, "i_mode is what the memory's last owner left")),
    Chosen("allocator"),
    StopIf(has("init fails")),
    When(bodies.asks_kind, Choose(bodies.kinds_of, "the creator sets i_mode")),
    When(bodies.asks_nlink, Choose(bodies.links_of, "the inode has a name left, or none")),
)
ATTACH: Final = Do(attach, "the creator attaches what the inode owns")
CREATE: Final = (
    *ALLOCATE,
    When(_attaches_early, ATTACH),
    call("alloc_file_pseudo"),
    When(_attaches_late, ATTACH),
    Chosen("fills", is_entry=True),
)
CLOSE: Final = (Chosen("unmaps", is_entry=True), entry("close(2)"))
RCU: Final = (
    Wait(rcu.grace_is_over, rcu.end_grace, "every reader that was inside has left"),
    Chosen("callback", context="B", is_entry=True),
    When(bodies.has_callbacks, Do(bodies.vfs_callback_ends, "the callback has returned")),
)

ENDS: Final = ("the struct inode is freed, or stays cached", witnesses.inode_ends)
DEAD: Final = ("the superblock is dead", witnesses.superblock_is_dead)
DELAYED: Final = ("the reader is inside while RCU waits", witnesses.reader_delays_rcu)
OUTLIVED: Final = ("the pinned folio outlives the inode", witnesses.pin_outlives)
SECOND: Final = ("the second inode is made", witnesses.second_is_made)

TASK: Final = Actor("task", (*CREATE, *CLOSE))
UNMOUNTER: Final = Actor(
    "unmounter", (Wait(files.has_file, files.nothing, "a file is open"), entry("kern_unmount")),
    shown="module exit", traits=("unmounts",),
)  # fmt: skip
SOFTIRQ: Final = Actor("rcu", RCU, shown="grace period")


def keeps_in(holder: str) -> Callable[[Design], bool]:
    """Return the test for a Design that keeps something in such a holder."""
    return lambda design: any(kept.placement.holder == holder for kept in design.keeps)


def unmounts(design: Design) -> bool:
    """Return whether the superblock can be shut down while gmemviz looks."""
    return design.mount.unmounts


def owns_last_put(design: Design) -> bool:
    """Return whether the last folio_put reads something."""
    return any(kept.kind.read_by_last_put for kept in design.keeps)
