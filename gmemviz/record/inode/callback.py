"""Find the RCU callback that frees an inode, or say why it cannot be told.

fs/inode.c:destroy_inode@v6.12 hands i_rcu to call_rcu, and i_callback gets it back: by then another
task runs, other inodes have died, and nothing but an address or an order says whose it was.
"""

from collections.abc import Sequence
from itertools import product
from typing import Final, NamedTuple

from gmemviz.record.inode.calls import NOBODY, Calls
from gmemviz.record.inode.hooks import Hooks
from gmemviz.record.inode.lives import Lives

TABLE_HOOKS: Final = ("evict_inode", "destroy_inode")
NO_DESTROY: Final = "The recording does not show destroy_inode of this inode."
NO_CALLBACK: Final = "The recording does not show an i_callback of this inode."
ADDRESS: Final = "the address of its rcu_head"
QUEUE: Final = "the order of the RCU queue"
TABLE: Final = "the table of its hooks"
UNTOLD: Final = "Which i_callback frees this inode, and whether one ran, is not told."


class Finding(NamedTuple):
    """Give the event that is the i_callback and how it was found, or what is in the way.

    Without either the inode has no callback: its hook freed it.
    """

    callback: int = NOBODY
    argument: str = ""
    missing: str = ""


def find_callback(
    calls: Calls, hooks: Hooks, lives: Lives, evict: int, *, in_order: bool, is_whole: bool
) -> Finding:
    """Find the i_callback that frees the inode of `evict`, without guessing.

    By pointer, where the recording has the addresses of the inode and of the
    rcu_head: the first i_callback whose rcu_head lies in the inode (see `Lives`).
    By queue: callbacks of one CPU run in the order of their call_rcu, so the n-th
    i_callback serves the n-th call_rcu that destroy_inode made. It decides only if
    `in_order` (one CPU, no sign of lost lines), if no i_callback of the recording lacks a
    call_rcu, and if the queue runs empty after the callback: a lost line, or a
    callback from before the recording, upsets one of these. A hook in the callback
    of another filesystem than the inode's own hooks refutes it.
    Where `is_whole`, each function has returned, so destroy_inode has done all that it does.
    By table: else it is the only i_callback with a hook of the inode's table,
    if no other inode of that table dies in the recording.
    """
    destroy = next((i for i in calls.of(evict) if calls.names[i] == "destroy_inode"), NOBODY)
    if destroy == NOBODY:
        return Finding(missing=NO_DESTROY)
    has_own_end = in_order and _has_own_end(calls, hooks, destroy, is_whole=is_whole)
    found = _by_pointer(calls, hooks, lives, evict, destroy, has_own_end=has_own_end)
    if found is None and in_order:
        found = _by_queue(calls, hooks, evict, destroy, has_own_end=has_own_end)
    return found if found is not None else _by_table(calls, hooks, evict)


# None: the recording has too few addresses to tell.
def _by_pointer(
    calls: Calls, hooks: Hooks, lives: Lives, evict: int, destroy: int, *, has_own_end: bool
) -> Finding | None:
    address = lives.address(evict)
    if not address:
        return None
    found = lives.callback(evict, destroy, address)
    is_queued = bool(lives.queued(destroy, address))
    if found != NOBODY:
        # The very rcu_head that destroy_inode queued needs no other witness.
        is_refuted = not is_queued and _fits(calls, hooks, evict, found) is False
        return Finding(missing=UNTOLD) if is_refuted else Finding(found, ADDRESS)
    if has_own_end and not is_queued:
        return Finding()
    return Finding(missing=NO_CALLBACK) if lives.tells_callbacks() else None


# None: the queue does not decide.
def _by_queue(
    calls: Calls, hooks: Hooks, evict: int, destroy: int, *, has_own_end: bool
) -> Finding | None:
    pairs = _pairs(calls)
    if pairs is None or "call_rcu" not in calls.names:
        return None
    queued = [i for i in calls.of(destroy) if calls.names[i] == "call_rcu"]
    if not queued:
        return Finding() if has_own_end else None
    found = pairs.get(queued[0], NOBODY)
    if found == NOBODY:
        return None
    # Another's hook refutes it only where some callback has the inode's own: else it is the fault.
    others = [index for index, name in enumerate(calls.names) if name == "i_callback"]
    fitting = any(_fits(calls, hooks, evict, index) for index in others)
    is_refuted = fitting and _fits(calls, hooks, evict, found) is False
    return None if is_refuted else Finding(found, QUEUE)


# Pairs each call_rcu with its i_callback, up to the last time the queue was empty.
def _pairs(calls: Calls) -> dict[int, int] | None:
    waiting: list[int] = []
    served: list[int] = []
    pairs: dict[int, int] = {}
    for index, name in enumerate(calls.names):
        if name == "call_rcu" and _is_called_by(calls, index, "destroy_inode"):
            # A second one is not the inode's own (it may be a security module's), but which is?
            if waiting and calls.caller[waiting[-1]] == calls.caller[index]:
                return None
            waiting.append(index)
        elif name == "i_callback" and not _is_called_by(calls, index, "alloc_inode"):
            served.append(index)
        if len(served) > len(waiting):
            return None
        if served and len(served) == len(waiting):
            pairs.update(zip(waiting, served, strict=True))
            waiting, served = [], []
    return pairs


def _is_called_by(calls: Calls, index: int, name: str) -> bool:
    caller = calls.caller[index]
    return caller != NOBODY and calls.names[caller] == name


# With a destroy_inode hook and no free_inode hook, destroy_inode calls no call_rcu.
# That is only seen if destroy_inode returned: all have, or its task goes on, no deeper.
def _has_own_end(calls: Calls, hooks: Hooks, destroy: int, *, is_whole: bool) -> bool:
    if not any(hooks.named.get(i) == "destroy_inode" for i in calls.of(destroy)):
        return False
    actor, depth = calls.events[destroy].actor, calls.events[destroy].depth
    later = calls.events[destroy + 1 :]
    return is_whole or any(event.actor == actor and event.depth <= depth for event in later)


def _table_hooks(calls: Calls, hooks: Hooks, evict: int) -> Sequence[str]:
    below = calls.below(evict, stop=frozenset({"evict"}))
    return [calls.names[i] for i in below if hooks.named.get(i) in TABLE_HOOKS]


# None: one of the two shows no hook (it may not be in the filter), so nothing follows.
def _fits(calls: Calls, hooks: Hooks, evict: int, callback: int) -> bool | None:
    own = _table_hooks(calls, hooks, evict)
    frees = [calls.names[i] for i in calls.of(callback) if hooks.named.get(i) == "free_inode"]
    if not frees or not own:
        return None
    return all(hooks.related(frees[0], name) for name in own)


def _by_table(calls: Calls, hooks: Hooks, evict: int) -> Finding:
    callbacks = [index for index, name in enumerate(calls.names) if name == "i_callback"]
    fitting = [index for index in callbacks if _fits(calls, hooks, evict, index)]
    if len(fitting) != 1 or fitting[0] < evict or _has_rival(calls, hooks, evict):
        return Finding(missing=UNTOLD)
    return Finding(fitting[0], TABLE)


# Whether a hook of the same table ran for another inode.
def _has_rival(calls: Calls, hooks: Hooks, evict: int) -> bool:
    own = _table_hooks(calls, hooks, evict)
    of_others = hooks.named.keys() - set(calls.below(evict))
    rivals = [calls.names[i] for i in of_others if hooks.named[i] in TABLE_HOOKS]
    return any(hooks.related(rival, name) for rival, name in product(rivals, own))
