"""Do what the words of a Design's bodies say: one operation, or a few, for each action.

A body is a hook, an actor or a callback. What happens to the inode's own memory stands in
`hook_actions`, what happens to metadata in `metadata`; here are reading and deferring, locks and
lists, and what a condition asks. The words that are calls of the kernel are those of fs/inode.c
(igrab, iput), kernel/rcu (call_rcu, rcu_barrier) and kernel/workqueue.c.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from itertools import chain, pairwise
from typing import Final

from gmemviz.model.design import FAILED, MEMBERS, NLINK, Action, Condition, Kept, Verb
from gmemviz.model.machine import (
    AWAITING,
    FREED,
    HANDED_OVER,
    HELD,
    STALE,
    Machine,
    NoFunction,
    Operation,
    Target,
    stands_for,
)
from gmemviz.model.road import cells, icache
from gmemviz.model.road.files import add_unasked
from gmemviz.model.road.folios import has_room
from gmemviz.model.road.lines import Choose, Do, Line, ReturnIf, call, if_no, if_yes, no, wait
from gmemviz.model.road.metadata import follow, note_stale, reach, test_word, through_mapping
from gmemviz.model.road.rcu import leave
from gmemviz.model.road.vfs import drop_i_lock, hold_i_lock, is_i_lock_free
from gmemviz.model.road.waiting import waits

# The same operation is the same object, so that programs can be compared.
_partial = cache(partial)

_CREATOR: Final = NoFunction("design", "what the Design's creator makes of an inode")
_OWN: Final = NoFunction("design", "code of a body of the Design's own")
_LOCK: Final = NoFunction("lock", "a lock of the Design's own: its kind says which of the kernel's")
_CALL_RCU: Final = "kernel/rcu/tree.c:call_rcu"
_RUN_RCU: Final = "kernel/rcu/tree.c:rcu_do_batch"
_BARRIER: Final = "kernel/rcu/tree.c:rcu_barrier"
_QUEUE: Final = "kernel/workqueue.c:queue_work_on"
_BAD: Final = "fs/bad_inode.c:make_bad_inode"
_LATER: Final = NoFunction("several", "RCU, a worker or task work runs what was queued")


# --- what the creator makes -------------------------------------------------------------


@stands_for(_CREATOR)
def kinds_of(t: Target) -> tuple[Operation, ...]:
    """Return the operations that set i_mode: one for each kind that it may be."""
    kinds = ("directory",) if "root" in t.traits else t.design.kinds
    return tuple(_partial(_set_kind, kind=kind) for kind in kinds)


@stands_for(_CREATOR)
def _set_kind(m: Machine, t: Target, kind: str) -> None:
    m[cells.kind(t)] = kind
    m.says(f"{t.inode}.i_mode", kind)


@stands_for(_CREATOR)
def links_of(_: Target) -> tuple[Operation, ...]:
    """Return the operations that set i_nlink."""
    return tuple(_partial(_set_nlink, count=count) for count in (0, 1))


@stands_for(_CREATOR)
def _set_nlink(m: Machine, t: Target, count: int) -> None:
    m[cells.nlink(t)] = count
    m.says(f"{t.inode}.i_nlink", str(count))


@stands_for(_CREATOR)
def note_failed(m: Machine, t: Target) -> None:
    """Note that what made the inode has failed."""
    m[cells.failed(t)] = 1


# --- reading ----------------------------------------------------------------------------


# To load a pointer and to follow it are two steps, between which others free what it leads to:
# that is what a use-after-free of a reader without a reference is made of.
# Where the pointer is tested, NULL ends the reading.
@stands_for(_OWN)
def _load(m: Machine, t: Target, kept: Kept, *, untested: bool) -> None:
    if kept.placement.holder == "folio" and m[t.folio] != HELD:
        m.register = 0  # whoever finds no folio has no pointer to test
        return
    reach(m, t, kept, "reads the pointer in")
    value = m[t.slot(kept)]
    note_stale(m, kept, value)
    m[cells.loaded(t)] = value
    m.register = int(value is not None or untested)


@stands_for(_OWN)
def _use(m: Machine, t: Target, kept: Kept) -> None:
    value = m[cells.loaded(t)]
    m[cells.loaded(t)] = None
    if value is None:
        name = kept.kind.name
        m.fail("crash", name, f"follows the pointer to {name}, which is NULL")
    follow(m, kept, value, "reads")


@stands_for(_OWN)
def _read_word(m: Machine, t: Target, kept: Kept) -> None:
    reach(m, t, kept, "reads")
    note_stale(m, kept, m[t.slot(kept)])
    test_word(m, kept, m[t.slot(kept)])


def _read(action: Action, t: Target) -> tuple[Line, ...]:
    kept = t.kept(action.metadata)
    if not kept.kind.owns_object:
        return (Do(_partial(_read_word, kept=kept), action.says),)
    load: Operation = _partial(_load, kept=kept, untested=action.untested)
    says = f"the pointer to {kept.kind.name} is loaded"
    use = if_yes(Do(_partial(_use, kept=kept), action.says))
    if not kept.kind.by_i_mapping:
        return (Do(load, says), use)
    ways = through_mapping(kept, (load,))
    return (Choose(lambda _: ways, says), use)


# --- writing ----------------------------------------------------------------------------


@stands_for(_OWN)
def _clear(m: Machine, t: Target, kept: Kept) -> None:
    reach(m, t, kept, "clears the pointer in")
    m[t.slot(kept)] = None
    m.says(f"pointer to {kept.kind.name}", "NULL")


# Somebody else owns it from here on and frees it, so what is left of it at the end is no leak.
@stands_for(_OWN)
def _hand_over(m: Machine, t: Target, kept: Kept) -> None:
    reach(m, t, kept, "reads the pointer in")
    value = m[t.slot(kept)]
    if isinstance(value, str) and value in m and m[value] == HELD:
        m[value] = HANDED_OVER
        m.says(value, HANDED_OVER)
    m[t.slot(kept)] = None


# The pointer stays as it is: a hook that frees the same once more is a double free. kfree_rcu waits
# for the readers of this moment, a worker for nobody. (mm/slab_common.c:kvfree_call_rcu@v7.3)
@stands_for(NoFunction("several", "kfree_rcu, and a work that frees"))
def defer(m: Machine, t: Target, kept: Kept, how: str) -> None:
    """Queue the free of what the pointer leads to, and leave the pointer as it is."""
    reach(m, t, kept, "reads the pointer in")
    value = m[t.slot(kept)]
    if value is None:
        return
    name = str(value)
    if value == STALE or m[name] in (AWAITING, FREED):
        m.fail("double-free", kept.kind.name, f"queues {kept.kind.name}, which is freed already")
    m[cells.deferred(t, kept, how)] = m["readers"] if how == cells.GRACE else ()
    m[name] = AWAITING
    if kept.kind.left_empty:  # as a list is, each entry of which was taken off and queued
        m[t.slot(kept)] = None
    m.says(name, AWAITING)


# An ACL's pointer, or a quota's, is taken away before what it leads to is put, by an exchange or
# under a lock: nobody loads it in between. A body says the two one behind the other.
# (fs/posix_acl.c:forget_cached_acl, fs/quota/dquot.c:dquot_drop)
@stands_for("fs/posix_acl.c:forget_cached_acl")
def _exchange(m: Machine, t: Target, kept: Kept) -> None:
    defer(m, t, kept, cells.GRACE)
    m[t.slot(kept)] = None


def _is_exchanged(action: Action, t: Target) -> bool:
    member = MEMBERS.get(t.kept(action.metadata).placement.name)
    if member is None or member.use != "rcu":
        return False
    pairs = chain.from_iterable(map(pairwise, t.design.bodies.values()))
    behind = [then for free, then in pairs if free == action]
    return any(then.verb == "clear" and then.metadata == action.metadata for then in behind)


@waits("no free is queued, or a reader is inside whom it waits for", _LATER)
def is_due(m: Machine, t: Target, *, kept: Kept, how: str) -> bool:
    """Return whether a free is queued and all readers that it waits for have left."""
    return m[cells.deferred(t, kept, how)] == ()


@stands_for(_LATER)
def free_deferred(m: Machine, t: Target, *, kept: Kept, how: str) -> None:
    """Free what was queued."""
    m[cells.deferred(t, kept, how)] = None
    name = t.object(kept)
    if how == cells.WORKER and kept.kind.release in ("sleeping lock", "may sleep"):
        m.sleep(name, "sleeps to release")
    m.free(name)
    forget(m, cells.deferred(t, kept, how))


# --- callbacks --------------------------------------------------------------------------


# To queue an rcu_head that is queued already breaks RCU's list, so it is called a double free.
@stands_for(_CALL_RCU)
def _call_rcu(m: Machine, t: Target, name: str) -> None:
    if _is_of_inode(t, name):
        m.touch(t.inode, "queues a callback of")
    if m[cells.queued(t, name)] is not None:
        m.fail("double-free", name, f"queues {name}, which is queued already")
    m[cells.queued(t, name)] = m["readers"]
    m.says(f"callback {name}", "queued")


# Its rcu_head lies in the inode where its body has to do with the inode.
def _is_of_inode(t: Target, name: str) -> bool:
    body = next(callback.does for callback in t.design.callbacks if callback.name == name)
    kept = [t.kept(action.metadata) for action in body if action.metadata]
    about = any(action.verb in _OF_INODE for action in body)
    return about or any(k.placement.holder in ("inode", "container", "xarray") for k in kept)


_OF_INODE: Final = ("free struct", "free to inode_cachep", "iput", "truncate", "make_bad_inode")


# A work that is queued already stays where it is.
@stands_for(_QUEUE)
def _queue(m: Machine, t: Target, name: str) -> None:
    if m[cells.queued(t, name)] is None:
        m[cells.queued(t, name)] = ()
        m.says(f"callback {name}", "queued")


@waits("the callback is not queued, waits for a reader, or runs", _LATER)
def callback_is_due(m: Machine, t: Target, *, name: str) -> bool:
    """Return whether a callback is queued, waits for no reader, and does not run."""
    return m[cells.queued(t, name)] == () and not m[cells.running(t, name)]


@stands_for(_LATER)
def begin_callback(m: Machine, t: Target, *, name: str) -> None:
    """Take a callback off its queue."""
    m[cells.queued(t, name)] = None
    m[cells.running(t, name)] = 1


@stands_for(_LATER)
def end_callback(m: Machine, t: Target, *, name: str) -> None:
    """Let whoever waits for a callback go on."""
    m[cells.running(t, name)] = 0
    forget(m, cells.queued(t, name))


@stands_for(_BARRIER)
def counts_callbacks(t: Target) -> bool:
    """Return whether an rcu_barrier has to tell one callback from another."""
    return cells.counts_callbacks(t.design)


@stands_for(_RUN_RCU)
def vfs_callback_ends(m: Machine, t: Target) -> None:
    """Let an rcu_barrier that has counted the VFS's callback go on."""
    m[cells.returns(t)] = 0
    forget(m, f"{t.inode}.waits_for")


@waits("the work is queued or runs", "kernel/workqueue.c:flush_work")
def is_drained(m: Machine, t: Target, *, name: str) -> bool:
    """Return whether a callback is neither queued nor runs."""
    return all(
        m[cells.queued(each, name)] is None and not m[cells.running(each, name)]
        for each in t.each_folio
    )


@stands_for(_BARRIER)
def note_callbacks(m: Machine, t: Target) -> None:
    """Note the callbacks that are queued now, as rcu_barrier queues one of its own behind them."""
    names = _of_rcu(m, t)
    counted = (name for name in names if m[name] is not None or m.get(f"{name} runs"))
    m[cells.BARRIER] = tuple(sorted(counted))


# What a worker runs is not RCU's, and rcu_barrier does not wait for it.
def _of_rcu(m: Machine, t: Target) -> list[str]:
    own = [
        f"{cells.CALLBACK}{callback.name}"
        for callback in t.design.callbacks
        if callback.runs == "rcu"
    ]
    found = [name for name in m if name.endswith((cells.GRACE, ".waits_for"))]
    for name in own:
        alike = [cell for cell in m if cell == name or cell.startswith(f"{name} of ")]
        found += [cell for cell in alike if not cell.endswith(" runs")]
    return found


@stands_for(_BARRIER)
def forget(m: Machine, name: str) -> None:
    """Take a callback that has run off what an rcu_barrier waits for."""
    awaited = m.get(cells.BARRIER)
    if isinstance(awaited, tuple) and name in awaited:
        m[cells.BARRIER] = tuple(other for other in awaited if other != name)


@waits("a callback that was queued before has not run", _BARRIER)
def have_run(m: Machine, _: Target) -> bool:
    """Return whether all that rcu_barrier has noted have run."""
    return not m[cells.BARRIER]


# --- locks and lists --------------------------------------------------------------------


# What lockdep says of a kind of lock, the Machine says: a mutex may sleep, a plain spinlock that
# softirq takes as well may be taken over its own holder.
@waits("somebody else holds the lock", _LOCK)
def is_free(m: Machine, t: Target, *, name: str) -> bool:
    """Return whether nobody else holds the lock; who has it already can try."""
    return m[cells.lock(name)] in ("", t.actor)


@stands_for(_LOCK)
def take(m: Machine, t: Target, *, name: str, kind: str) -> None:
    """Take a lock of the Design."""
    if kind == "mutex":
        m.sleep(name, "takes")
    elif kind == "spinlock":
        m.shared_lock(name)
    if m[cells.lock(name)] == t.actor:
        m.fail("deadlock", name, f"takes {name}, which it holds already")
    m[cells.lock(name)] = t.actor
    m.says(cells.lock(name), "held")


@stands_for(_LOCK)
def drop(m: Machine, _: Target, *, name: str) -> None:
    """Drop it."""
    m[cells.lock(name)] = ""
    m.says(cells.lock(name), "dropped")


@stands_for(_OWN)
def _put_on(m: Machine, t: Target, kept: Kept, name: str) -> None:
    reach(m, t, kept, "reads the pointer in")
    value, listed = m[t.slot(kept)], m[cells.members(name)]
    assert isinstance(listed, tuple)
    if value is not None:
        m.touch(str(value), "links")  # list_add writes into what it adds
        m[cells.members(name)] = tuple(sorted({*listed, str(value)}))
        m.says(str(value), f"on {name}")


@stands_for(_OWN)
def _take_off(m: Machine, t: Target, kept: Kept, name: str) -> None:
    reach(m, t, kept, "reads the pointer in")
    value, listed = m[t.slot(kept)], m[cells.members(name)]
    assert isinstance(listed, tuple)
    if value is not None:
        m.touch(str(value), "unlinks")
        m[cells.members(name)] = tuple(other for other in listed if other != value)
        m.says(str(value), f"off {name}")


# A walk is two steps: who is on the list, then each of them, who may be freed in between. Under the
# list's own lock nobody comes between.
@stands_for(_OWN)
def _look_at(m: Machine, t: Target, name: str) -> None:
    m[cells.loaded(t)] = m[cells.members(name)]


@stands_for(_OWN)
def _walk(m: Machine, t: Target, name: str) -> None:
    listed = m[cells.loaded(t)]
    m[cells.loaded(t)] = None
    assert isinstance(listed, tuple)
    for member in listed:
        m.touch(member, f"walks {name} to")


# --- the inode and others ---------------------------------------------------------------


@stands_for("kernel/sched/core.c:__might_sleep")
def sleep(m: Machine, t: Target) -> None:
    """Do what may sleep, and say where nobody may."""
    m.sleep(t.inode, "sleeps, at work on")


# i_mode says regular then, whatever the inode was made as: a hook that asks for the kind no longer
# finds what it attached. (fs/bad_inode.c:make_bad_inode)
@stands_for(_BAD)
def _make_bad(m: Machine, t: Target) -> None:
    m.touch(t.inode, "makes bad")
    m[cells.kind(t)] = "bad"
    m.says(t.inode, "bad")


@waits("the actor is at work", _OWN)
def is_not_inside(m: Machine, _: Target, *, name: str) -> bool:
    """Return whether an actor is not at work."""
    return all(m.get(cells.inside(who)) != 1 for who in cells.instances(name))


@stands_for("mm/filemap.c:filemap_add_folio")
def add_page(m: Machine, t: Target) -> None:
    """Put a folio into the page cache, beside what is there."""
    if has_room(m, t):
        add_unasked(m, t)


# --- conditions -------------------------------------------------------------------------


# An action's question is a step of its own, so others may come between it and the action.
@stands_for(_OWN)
def _ask(m: Machine, t: Target, conditions: tuple[Condition, ...]) -> None:
    m.register = int(all(_holds(m, t, condition) for condition in conditions))


def _holds(m: Machine, t: Target, condition: Condition) -> bool:
    if condition.subject:
        kept = t.kept(condition.subject)
        reach(m, t, kept, "tests the pointer in")
        note_stale(m, kept, m[t.slot(kept)])
        is_so = m[t.slot(kept)] not in (None, "cleared")
    elif condition.test == NLINK:
        m.touch(t.inode, "reads i_nlink of")
        is_so = m[cells.nlink(t)] == 0
    elif condition.test == FAILED:
        is_so = bool(m[cells.failed(t)])
    else:
        m.touch(t.inode, "reads i_mode of")
        is_so = m[cells.kind(t)] == condition.test
    return is_so != condition.negated


# --- a line of the road for each word ---------------------------------------------------


def lines_of(action: Action, t: Target, held: tuple[str, ...]) -> tuple[Line, ...]:
    """Return the lines that an action is written in; () where `hook_actions` has it.

    `held` are the Design's locks that the body holds: where an igrab ends it, they are dropped.
    """
    if action.verb not in WORDS:
        return ()
    if action.verb != "igrab":
        return WORDS[action.verb](action, t)
    grab, end = WORDS["igrab"](action, t)
    drops = (Do(_partial(drop, name=name), f"{name} is dropped") for name in held)
    return (grab, if_no(*drops), end)


def asks(action: Action) -> Do:
    """Return the step that asks what an action depends on."""
    words = " and ".join(map(str, action.only_if))
    return Do(_partial(_ask, conditions=action.only_if), f"asks: {words}")


def _of_metadata(operation: Callable[..., None], *, named: bool = False, **how: str) -> "_Maker":
    def make(action: Action, t: Target) -> tuple[Line, ...]:
        words = {**how, "name": action.name} if named else how
        return (Do(_partial(operation, kept=t.kept(action.metadata), **words), action.says),)

    return make


def _defer_by_rcu(action: Action, t: Target) -> tuple[Line, ...]:
    if _is_exchanged(action, t):
        return (Do(_partial(_exchange, kept=t.kept(action.metadata)), action.says),)
    return _of_metadata(defer, how=cells.GRACE)(action, t)


def _of_name(operation: Callable[..., None]) -> "_Maker":
    def make(action: Action, _: Target) -> tuple[Line, ...]:
        return (Do(_partial(operation, name=action.name), action.says),)

    return make


def _plain(operation: Operation) -> "_Maker":
    return lambda action, _: (Do(operation, action.says),)


def _road(name: str) -> "_Maker":
    return lambda _, __: (call(name),)


# Whoever waits may sleep, so that it says so where nobody may.
def _asleep_until(guard: Callable[..., bool]) -> "_Maker":
    return lambda action, _: (wait(_partial(guard, name=action.name), sleep, action.says),)


def _lock(action: Action, t: Target) -> tuple[Line, ...]:
    taken = _partial(take, name=action.name, kind=t.lock_kind(action.name))
    return (wait(_partial(is_free, name=action.name), taken, action.says),)


def _grab(action: Action, _: Target) -> tuple[Line, ...]:
    return (Do(icache.igrab, action.says, is_i_lock_free), ReturnIf(no))


def _walk_through(action: Action, _: Target) -> tuple[Line, ...]:
    look = Do(_partial(_look_at, name=action.name), f"what is on {action.name} is seen")
    return (look, Do(_partial(_walk, name=action.name), action.says))


_Maker = Callable[[Action, Target], tuple[Line, ...]]
WORDS: Final[Mapping[Verb, _Maker]] = {
    "read": _read,
    "clear": _of_metadata(_clear),
    "hand over": _of_metadata(_hand_over),
    "free after a grace period": _defer_by_rcu,
    "free in a worker": _of_metadata(defer, how=cells.WORKER),
    "call_rcu": _of_name(_call_rcu),
    "queue": _of_name(_queue),
    "drain": _asleep_until(is_drained),
    "rcu_barrier": _road("rcu_barrier"),
    "wait for": _asleep_until(is_not_inside),
    "lock": _lock,
    "unlock": _of_name(drop),
    "put on": _of_metadata(_put_on, named=True),
    "take off": _of_metadata(_take_off, named=True),
    "walk": _walk_through,
    "rcu_read_unlock": _plain(leave),
    "sleep": _plain(sleep),
    "igrab": _grab,
    "iput": _road("iput"),
    "kill_anon_super": _road("kill_anon_super"),
    "kill_litter_super": _road("kill_litter_super"),
    "add page": _plain(add_page),
    "make_bad_inode": _plain(_make_bad),
    "drop i_lock": _plain(drop_i_lock),
    "take i_lock": _plain(hold_i_lock),
}
"""The words that a body may have beside those of `hook_actions`."""
