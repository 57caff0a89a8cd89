"""Say who else touches what an inode owns, in a Design's own words: actors, callbacks, locks.

An actor runs beside the teardown. A callback is a body that somebody queues: after a grace period,
or for a worker. A lock and a list have names, so that bodies can say them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from gmemviz.errors import DesignError, UnusedError
from gmemviz.model.design.actions import DROPS, TAKES, VERBS, Action, Verb, Where
from gmemviz.model.design.choices import Holder
from gmemviz.shown import shows_itself

Holds = Literal["nothing", "rcu", "srcu", "inode", "mark", "dentry", "file", "O_PATH file", "lock"]
From = Literal["alloc", "creation", "open", "listed", "close", "eviction", "umount"]
Until = Literal["", "umount"]
Runs = Literal["rcu", "srcu", "worker", "timer", "task work"]
LockKind = Literal["spinlock", "irqsave", "mutex"]
LockWord = Literal[
    "spinlock", "irqsave", "mutex",
    "spinlock of each inode", "irqsave of each inode", "mutex of each inode",
]  # fmt: skip

HOLDS: Final[Mapping[Holds, str]] = {
    "nothing": "it holds nothing: whatever it reaches may be gone",
    "rcu": "it is under rcu_read_lock, and has no reference",
    "srcu": "it is under srcu_read_lock, may sleep, and has no reference",
    "inode": "it has a reference to the inode, and puts it at its end (fs/inode.c:iput)",
    "mark": "an inotify mark holds the inode until fsnotify_sb_delete takes it away",
    "dentry": "it has a path, dentry and mount, and puts both at its end (fs/namei.c:path_put)",
    "file": "it has a reference to the open file, and puts it at its end (fs/file_table.c:fput)",
    "O_PATH file": "it has a file of its own with empty_fops (fs/open.c:do_dentry_open)",
    "lock": "it holds a lock of the Design for as long as it runs",
}
"""What an actor has while it runs."""

FROM: Final[Mapping[From, str]] = {
    "alloc": "once alloc_inode has returned, whatever of the inode is attached already",
    "creation": "once the creator has attached what the inode owns",
    "open": "while an open file, or a path, leads to the inode",
    "listed": "while something is on the list that it walks first",
    "close": "once close(2) has returned",
    "eviction": "once I_FREEING is set, and until the inode is queued or freed",
    "umount": "once the superblock is dead",
}
"""From when on an actor may begin."""

BY_ITSELF: Final[tuple[Holds, ...]] = ("nothing", "rcu", "srcu", "lock")
"""What somebody holds who has no file of the inode, and no reference."""

UNTIL: Final[Mapping[Until, str]] = {
    "": "nobody waits for it",
    "umount": "whoever unmounts waits until it is done, and it does not begin after",
}
"""Who waits for an actor."""

RUNS: Final[Mapping[Runs, str]] = {
    "rcu": "in softirq, after a grace period (kernel/rcu/tree.c:rcu_do_batch)",
    "srcu": "in a worker with softirqs off, after a grace period of SRCU "
    "(kernel/rcu/srcutree.c:srcu_invoke_callbacks)",
    "worker": "in a worker, in process context (kernel/workqueue.c:process_one_work)",
    "timer": "in softirq, once its time has come (kernel/time/timer.c:call_timer_fn)",
    "task work": "as the task returns to user space (kernel/task_work.c:task_work_run)",
}
"""Where a callback runs."""

IN_SOFTIRQ: Final[tuple[Runs, ...]] = ("rcu", "timer")
"""Where no callback may sleep, and a grace period waits for it."""

NO_SLEEP: Final[tuple[Runs, ...]] = (*IN_SOFTIRQ, "srcu")
"""Where softirqs are off at least: no callback may sleep there, and no softirq interrupts it."""

QUEUED_BY: Final[Mapping[Runs, Verb]] = {"rcu": "call_rcu", "srcu": "call_srcu"}
"""The words by which callbacks are queued that wait for readers; the others are by `queue`."""
QUEUES: Final[tuple[Verb, ...]] = ("call_rcu", "call_srcu", "queue")

_NOT_SO: Final[Mapping[tuple[Runs, Verb], str]] = {
    ("rcu", "cancel"): "what RCU has queued nobody takes back",
    ("srcu", "cancel"): "what SRCU has queued nobody takes back",
    ("timer", "drain"): "nobody waits until a timer's time has come: cancel it",
}

LOCKS: Final[Mapping[LockWord, str]] = {
    "spinlock": "who holds it must not sleep; softirq may interrupt its holder",
    "irqsave": "who holds it must not sleep, and no softirq interrupts its holder",
    "mutex": "whoever takes it may sleep",
    "spinlock of each inode": "a spinlock, of which every inode has one of its own, as i_lock",
    "irqsave of each inode": "the same, and no softirq interrupts its holder",
    "mutex of each inode": "a mutex, of which every inode has one of its own, as i_rwsem",
}
"""What kind a lock is of."""


@shows_itself
@dataclass(frozen=True, slots=True)
class DeclaredActor:
    """Declare an actor: what it holds, from when on and until when it may run, what it does.

    `lock` names the lock that it holds, where it holds one. `times`: how many of it there may be
    at work at once; what may be there many times is searched with two.
    """

    name: str
    does: tuple[Action, ...]
    holds: Holds = "nothing"
    lock: str = ""
    begins: From = "open"
    until: Until = ""
    times: int = 2
    says: str = ""

    @property
    def walks(self) -> str:
        """Return the list that it walks before all else, or "" where it does not begin so.

        Who walks finds by the list what it is about, as prune_icache_sb does by the LRU, and asks
        for no open file. (fs/inode.c:prune_icache_sb@v6.12)
        """
        first = next((action for action in self.does if action.verb not in TAKES), None)
        return first.name if first is not None and first.verb == "walk" else ""

    @property
    def held(self) -> str:
        """Return what it holds, in words."""
        return f"holds {self.lock or self.holds}"

    def __repr__(self) -> str:
        held = self.lock or self.holds
        return f"<DeclaredActor {self.name}, holds {held}: {len(self.does)} actions>"


@shows_itself
@dataclass(frozen=True, slots=True)
class Callback:
    """Declare a body that runs later, once somebody has queued it.

    `lies_in`: who holds its rcu_head, or its work, where a Design that was cut down to one kind of
    metadata (`Design.only`) has no other kind left to tell it by.
    """

    name: str
    does: tuple[Action, ...]
    runs: Runs = "rcu"
    lies_in: tuple[Holder, ...] = ()

    def __repr__(self) -> str:
        return f"<Callback {self.name}, {self.runs}: {len(self.does)} actions>"


class Lock(NamedTuple):
    """Declare a lock: one for all inodes, or `of_each` inode its own."""

    name: str
    kind: LockKind = "spinlock"
    of_each: bool = False

    @classmethod
    def of_word(cls, name: str, word: LockWord) -> "Lock":
        """Return the lock that a word of LOCKS says.

        >>> Lock.of_word("guard", "mutex of each inode")
        Lock(name='guard', kind='mutex', of_each=True)
        """
        kinds: tuple[LockKind, ...] = ("spinlock", "irqsave", "mutex")
        kind = next(kind for kind in kinds if word.startswith(kind))
        return cls(name, kind, word != kind)

    @property
    def word(self) -> str:
        """Return the word that says it."""
        return f"{self.kind} of each inode" if self.of_each else self.kind


def refuse_where(where: Where, title: str, body: tuple[Action, ...]) -> None:
    """Raise DesignError where a body has a word that means nothing in it."""
    for action in body:
        row = VERBS[action.verb]
        if where not in row.where:
            bodies = " or ".join(f"a {word}" for word in row.where)
            raise DesignError(f"{title} cannot {action}: only {bodies} can", str(action))


def refuse_locks(title: str, body: tuple[Action, ...]) -> None:
    """Raise DesignError where a body does not drop each lock that it takes, and only those."""
    held: list[tuple[Verb, str]] = []
    for action in body:
        if action.verb not in (*TAKES, *DROPS):
            continue
        if action.only_if:
            raise DesignError(f"{title}: {action} must not depend on anything")
        if action.verb in TAKES:
            held.append((action.verb, action.name))
            continue
        taken = TAKES[DROPS.index(action.verb)], action.name
        if taken not in held:
            raise DesignError(f"{title} drops {action.name}, which it does not hold ({action})")
        held.remove(taken)
    if held:
        raise DesignError(f"{title} takes {held[0][1]} and never drops it")


_ENDS: Final[Mapping[Verb, Holds]] = {"rcu_read_unlock": "rcu", "srcu_read_unlock": "srcu"}
"""Words that end a read-side section, and what whoever says them must hold."""


def refuse_unlock(actor: DeclaredActor) -> None:
    """Raise DesignError where an actor ends a read-side section that it is not in, or once more."""
    ended: set[str] = set()
    for action in actor.does:
        holds = _ENDS.get(action.verb)
        if holds and (actor.holds != holds or action.verb in ended):
            held = f"holds {actor.lock or actor.holds}" if actor.holds != holds else "has left it"
            raise DesignError(
                f'actor {actor.name} cannot {action}: it {held} (holds = "{holds}")', str(action)
            )
        if holds and not action.only_if:
            ended.add(action.verb)


def refuse_of_another(locks: tuple[Lock, ...], bodies: Mapping[str, tuple[Action, ...]]) -> None:
    """Raise DesignError where a lock that all inodes share is said to be another inode's."""
    of_each = {lock.name for lock in locks if lock.of_each}
    for title, body in bodies.items():
        for action in body:
            if action.verb in (*TAKES[1:], *DROPS[1:]) and action.name not in of_each:
                raise DesignError(
                    f"{title} cannot {action}: all inodes share {action.name} "
                    f'(locks.{action.name} = "mutex of each inode")',
                    str(action),
                )


def refuse_callback(callback: Callback, bodies: Mapping[str, tuple[Action, ...]]) -> None:
    """Raise DesignError where nobody queues a callback, or somebody does it the wrong way."""
    wanted = QUEUED_BY.get(callback.runs, "queue")
    queued = False
    for title, body in bodies.items():
        for action in body:
            if action.name == callback.name and (callback.runs, action.verb) in _NOT_SO:
                why = _NOT_SO[callback.runs, action.verb]
                raise DesignError(f"{title} cannot {action}: {why}", str(action))
            if action.name != callback.name or action.verb not in QUEUES:
                continue
            if action.verb != wanted:
                raise DesignError(
                    f"{title}: {action} is not how {callback.name} is queued, which runs as "
                    f"{callback.runs} ({wanted} {callback.name})",
                    str(action),
                )
            queued = True
    if not queued:
        raise DesignError(
            f"callback {callback.name} is never queued ({wanted} {callback.name})", callback.name
        )


# A lock that nobody takes keeps nobody out: whoever declared it means something that is not said.
def refuse_unused(
    locks: tuple[Lock, ...],
    lists: tuple[str, ...],
    actors: tuple[DeclaredActor, ...],
    bodies: Mapping[str, tuple[Action, ...]],
) -> None:
    """Raise UnusedError for a lock that is never taken, and a list that no body names."""
    said = {(action.verb, action.name) for body in bodies.values() for action in body}
    taken = {name for verb, name in said if verb in TAKES} | {who.lock for who in actors}
    for name in (lock.name for lock in locks):
        if name not in taken:
            raise UnusedError(f"lock {name} is never taken (lock {name})", name)
    named = {name for verb, name in said if verb in ("put on", "take off", "walk")}
    for name in lists:
        if name not in named:
            raise UnusedError(f"list {name} is in no body (walk {name})", name)
