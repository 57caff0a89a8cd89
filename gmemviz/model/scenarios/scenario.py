"""Say what a scenario is made of: actors, and what a run must sometimes reach.

The actors that most share are here: a task that creates, fills, unmaps and closes a file (the road
from alloc_anon_inode to __fput), the softirq that runs its callback, and the module's unmount.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gmemviz.model.design import Design, Holder
from gmemviz.model.machine import FIRST_FILE, Cell, Trait
from gmemviz.model.road import (
    OF_INODE,
    Call,
    Choose,
    Chosen,
    Do,
    Line,
    StopIf,
    attach,
    bodies,
    call,
    cells,
    files,
    folios,
    has,
    if_yes,
    is_far,
    members,
    rcu,
    until,
    wait,
    when,
)
from gmemviz.model.scenarios.witnesses import ENDS, Witness
from gmemviz.shown import shows_itself


@shows_itself
@dataclass(frozen=True, slots=True)
class Actor:
    """Give an actor its code: a function of `own` names, or of the skeleton's.

    `inode` says which inode it works on; actors of one inode share its objects.
    `shown` names the actor's own lines ("" is the Design's creator), `address` is where
    its inode lies ("" is a place of its own). `folio_number` says which folio it is about.
    """

    name: str
    lines: tuple[Line, ...]
    inode: str = "inode"
    shown: str = ""
    address: str = ""
    file: str = FIRST_FILE
    traits: tuple[Trait, ...] = ()
    folio_number: int = 1

    def __repr__(self) -> str:
        return f"<Actor {self.name} of {self.inode}: {len(self.lines)} lines>"


def _always(_: Design) -> bool:
    return True


def _never(_: Design) -> bool:
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
    sometimes: tuple[Witness, ...] = ()
    unasked: Callable[[Design], bool] = _always
    cells: tuple[tuple[str, Cell], ...] = ()

    def __repr__(self) -> str:
        return f"<Scenario {self.name}: {self.says}>"


# --- short forms, so that a table of scenarios reads like one -------------------------------


def scenario(
    name: str,
    says: str,
    *actors: Actor,
    path: str = "N",
    asks: Callable[[Design], bool] = _always,
    also: tuple[Witness, ...] = (),
    unasked: Callable[[Design], bool] = _always,
    cells: tuple[tuple[str, Cell], ...] = (),
) -> Scenario:
    """Return a Scenario some run of which sees the inode end, and what `also` has to be seen."""
    return Scenario(name, path, says, actors, asks, (ENDS, *also), unasked, cells)


def on_request(name: str, says: str, *actors: Actor, **rest: Any) -> Scenario:
    """Return the same, run only where somebody asks for it; `rest` as of `scenario`."""
    return scenario(name, says, *actors, unasked=_never, **rest)


def actor(name: str, *lines: Line, **rest: Any) -> Actor:
    """Return an Actor that runs these lines; `rest` are its other fields."""
    return Actor(name, lines, **rest)


def table_of(*scenarios: Scenario) -> Mapping[str, Scenario]:
    """Return scenarios by name, in their order."""
    return {each.name: each for each in scenarios}


def entry(name: str) -> Call:
    """Return the Call by which an actor enters the kernel."""
    return Call((name,), is_entry=True)


def atomic(name: str) -> Call:
    """Return the same in atomic context."""
    return Call((name,), "A", is_entry=True)


ALLOCATE: Final = (
    when(cells.asks_kind, Choose(bodies.kinds_of, "i_mode is what the memory's last owner left")),
    Chosen("allocator"),
    StopIf(has("init fails")),
    when(cells.asks_kind, Choose(bodies.kinds_of, "the creator sets i_mode")),
    when(cells.may_lack_name, Choose(bodies.links_of, "the inode has a name left, or none")),
)
_TOUCH: Final = Do(
    folios.go_on, "one more page is touched, or none", otherwise=folios.leave_off,
    ways=("a page is touched", "no page is touched"),
)  # fmt: skip
_FILLS: Final = Chosen("fills", is_entry=True)
FILL: Final = (
    when(lambda t: t.design.folios == 1, _FILLS),
    when(
        lambda t: bool(t.design.folios > 1 and t.fills),
        _TOUCH,
        if_yes(_FILLS, _TOUCH, if_yes(_FILLS)),
    ),
)
ATTACH: Final = Do(attach, "the creator attaches what the inode owns")
CREATE: Final = (
    *ALLOCATE,
    when(lambda target: not target.design.attaches_late, ATTACH),
    call("alloc_file_pseudo"),
    when(lambda target: target.design.attaches_late, ATTACH),
    *FILL,
)
"""What a creator does, up to a page in the page cache: a new inode, a file, a first fault."""

CLOSE: Final = (Chosen("unmaps", is_entry=True), entry("close(2)"))
RCU: Final = (
    wait(rcu.grace_is_over, rcu.end_grace, "every reader that was inside has left"),
    Chosen("callback", context="B", is_entry=True),
    when(cells.notes_return, Do(bodies.vfs_callback_ends, "the callback has returned")),
)

TASK: Final = Actor("task", (*CREATE, *CLOSE))
UNMOUNT: Final = (until(files.has_file, "a file is open"), entry("kern_unmount"))
UNMOUNTER: Final = Actor("unmounter", UNMOUNT, shown="module exit", traits=("unmounts",))
SOFTIRQ: Final = Actor("rcu", RCU, shown="grace period")
LAST_CLOSE: Final = (TASK, SOFTIRQ)
"""The teardown that most scenarios look at."""

USE: Final = when(lambda t: any(members.used(t.design)), entry("a system call"))
"""What the VFS reads of an inode for whoever holds it, where a Design keeps something there."""

O_PATH: Final = (until(files.has_path, "O_PATH file open"), USE, entry("close(2)"))
WALKER: Final = Actor("walker", (atomic("RCU path walk"),))
READER: Final = Actor("reader", (atomic("lockless reader"),))
"""Who reads under rcu_read_lock, and holds no reference to the inode."""

PIPE: Final = actor("pipe", entry("vmsplice(2)"), entry("folio_put"))
"""Who holds a folio beyond its inode, and drops the last reference to it."""

MAKE_ANOTHER: Final = (*ALLOCATE, ATTACH, entry("error path"))
"""What a second creation does that is given up once it has its metadata."""


def keeps_in(holder: Holder) -> Callable[[Design], bool]:
    """Return the test for a Design that keeps something in such a holder."""
    return lambda design: any(kept.placement.holder == holder for kept in design.keeps)


def unmounts(design: Design) -> bool:
    """Return whether the superblock can be shut down while gmemviz looks."""
    return design.mount.unmounts


def owns_lockless(design: Design) -> bool:
    """Return whether something of the inode is read without a reference to it."""
    # What lies where no way leads from the inode is asked about too: the reader finds no way.
    places = [kept for kept in design.keeps if kept.placement.holder in OF_INODE or is_far(kept)]
    return any(kept.kind.read_without_reference for kept in places)


def owns_last_put(design: Design) -> bool:
    """Return whether the last folio_put reads something."""
    return any(kept.kind.read_by_last_put for kept in design.keeps)
