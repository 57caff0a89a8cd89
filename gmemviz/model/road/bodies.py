"""Do what the words of a Design's bodies say: one operation, or a few, for each action.

A body is a hook, an actor or a callback. What happens to the inode's own memory stands in
`hook_actions`, what happens to metadata in `metadata`; here are reading and deferring, locks and
lists, and what a condition asks. The words that are calls of the kernel are those of fs/inode.c
(igrab, iput), kernel/rcu (call_rcu, rcu_barrier, synchronize_rcu) and kernel/workqueue.c.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from itertools import chain, pairwise
from typing import Any, Final

from gmemviz.model.design import (
    DROPS,
    FAILED,
    GRACE,
    IN_SOFTIRQ,
    MEMBERS,
    NLINK,
    NO_SLEEP,
    OWN,
    TAKES,
    WORKER,
    Action,
    Callback,
    Condition,
    Kept,
    Verb,
    is_put_by,
)
from gmemviz.model.machine import (
    AWAITING,
    FREED,
    HANDED_OVER,
    HELD,
    STALE,
    Cell,
    Machine,
    NoFunction,
    Operation,
    Target,
    stands_for,
)
from gmemviz.model.road import cells, icache, references
from gmemviz.model.road.files import add_unasked
from gmemviz.model.road.folios import has_room
from gmemviz.model.road.lines import (
    Choose,
    Do,
    Line,
    ReturnIf,
    call,
    if_no,
    if_yes,
    no,
    until,
    wait,
)
from gmemviz.model.road.metadata import (
    OF_INODE,
    follow,
    give_back,
    note_stale,
    reach,
    test_word,
    through_mapping,
)
from gmemviz.model.road.rcu import (
    close_section,
    leave,
    leave_srcu,
    open_section,
    queue_free,
    stay_awaited,
    stay_noted,
)
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
_SYNCHRONIZE: Final = "kernel/rcu/tree.c:synchronize_rcu"
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
    is_of_folio = kept.placement.holder == "folio" and not t.carries(kept)
    if is_of_folio and m[t.folio] != HELD:
        m.register = 0  # whoever finds no folio has no pointer to test
        return
    if own := references.held(m, t, kept):  # whoever has a reference of its own reads by that
        m[cells.loaded(t)], m.register = own[-1], 1
        return
    references.load_pointer(m, t, kept)
    m.register = int(bool(m.register) or untested)
    if not m.register:
        m.comes_to(f"the pointer to {kept.kind.name} is loaded: it is NULL, and nothing is read")


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
    reach(m, t, kept, "clears", "the pointer in")
    m[t.slot(kept)] = None
    m.says(f"pointer to {kept.kind.name}", "NULL")


# One exchange takes the pointer from all who look for it and gives it to the body: so a reader
# that has it has begun before. (include/linux/rcupdate.h:rcu_replace_pointer@v6.12)
@stands_for("include/linux/rcupdate.h:rcu_replace_pointer")
def _detach(m: Machine, t: Target, kept: Kept) -> None:
    reach(m, t, kept, "takes", "the pointer in")
    value = m[t.slot(kept)]
    note_stale(m, kept, value)
    m[cells.having(t, kept).slot(kept)] = value
    m[t.slot(kept)] = None
    m.says(f"pointer to {kept.kind.name}", "NULL")


@stands_for(_OWN)
def _by_own(m: Machine, t: Target, *, names: frozenset[str], then: Operation) -> None:
    then(m, replace(t, own=names))


def by_own(names: frozenset[str], ways: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """Return the same operations, which find what the body has detached by its own pointer."""
    return tuple(_partial(_by_own, names=names, then=way) for way in ways) if names else ways


# Somebody else owns it from here on and frees it, so what is left of it at the end is no leak.
@stands_for(_OWN)
def _hand_over(m: Machine, t: Target, kept: Kept) -> None:
    reach(m, t, kept, "reads", "the pointer in")
    value = m[t.slot(kept)]
    if isinstance(value, str) and value in m and m[value] == HELD:
        m[value] = HANDED_OVER
        m.says(value, HANDED_OVER)
    m[t.slot(kept)] = None


# The pointer stays as it is: a hook that frees the same once more is a double free.
@stands_for(NoFunction("several", "kfree_rcu, and a work that frees"))
def defer(m: Machine, t: Target, kept: Kept, how: str) -> None:
    """Queue the free of what the pointer leads to, and leave the pointer as it is."""
    reach(m, t, kept, "reads", "the pointer in")
    value = m[t.slot(kept)]
    if value is None:
        m.comes_to(f"no {kept.kind.name} is attached, and nothing is queued")
        return
    name = str(value)
    if value == STALE or m[name] in (AWAITING, FREED):
        m.fail("double-free", kept.kind.name, f"queues {kept.kind.name}, which is freed already")
    queue_free(m, t, kept, name, how)
    if kept.kind.left_empty:  # as a list is, each entry of which was taken off and queued
        m[t.slot(kept)] = None


# An ACL's pointer, or a quota's, is taken away before what it leads to is put, by an exchange or
# under a lock: nobody loads it in between. A body says the two one behind the other.
# (fs/posix_acl.c:forget_cached_acl, fs/quota/dquot.c:dquot_drop)
@stands_for("fs/posix_acl.c:forget_cached_acl")
def _exchange(m: Machine, t: Target, kept: Kept) -> None:
    defer(m, t, kept, GRACE)
    m[t.slot(kept)] = None


def _is_exchanged(action: Action, t: Target) -> bool:
    member = MEMBERS.get(t.kept(action.metadata).placement.name)
    if member is None or member.use != "rcu":
        return False
    pairs = chain.from_iterable(map(pairwise, t.design.bodies.values()))
    behind = [then for free, then in pairs if free == action]
    return any(then.verb == "clear" and then.metadata == action.metadata for then in behind)


@waits("no free is queued, or a reader is inside whom it waits for", _LATER)
def is_due(m: Machine, t: Target, *, kept: Kept, how: str, number: int = 0) -> bool:
    """Return whether a free is queued and all readers that it waits for have left.

    `number` says of which object, where there may be more of the kind than one.
    """
    return m[cells.deferred(t.objects(kept)[number], how)] == ()


# Only a plain kfree goes into a batch of kfree_rcu. What gives back more, as a lock or a walk, does
# all of it in the callback: in softirq where RCU runs that. (kernel/rcu/tree.c:rcu_do_batch@v6.12)
@stands_for(_LATER)
def free_deferred(
    m: Machine, t: Target, *, kept: Kept, how: str, number: int = 0, sleeps: bool = False
) -> None:
    """Give back what was queued, as its kind is given back anywhere."""
    name = t.objects(kept)[number]
    m[cells.deferred(name, how)] = None
    give_back(m, kept, name, sleeps=sleeps)
    forget(m, cells.deferred(name, how))


# --- callbacks --------------------------------------------------------------------------


# To queue an rcu_head that is queued already breaks RCU's list, so it is called a double free.
@stands_for("kernel/rcu/srcutree.c:call_srcu")
def _call_srcu(m: Machine, t: Target, name: str) -> None:
    _queue_behind(m, t, name, cells.SRCU_READERS)


@stands_for(_CALL_RCU)
def _call_rcu(m: Machine, t: Target, name: str) -> None:
    _queue_behind(m, t, name, "readers")


def _queue_behind(m: Machine, t: Target, name: str, readers: str) -> None:
    objects = _lies_in(m, t, name)
    if objects == ():
        return
    of = _whose(t, objects)
    is_given = references.hand_over(m, of, _callback(t, name))
    if objects is None and _is_of_inode(t, name) and not is_given:
        m.touch(t.inode, "queues", "a callback of")
    if m[cells.queued(of, name)] is not None:
        m.fail("double-free", name, f"queues {name}, which is queued already")
    _carry(m, of, name, objects)
    m[cells.queued(of, name)] = m[readers]
    m.says(f"callback {name}", "queued")


_Objects = tuple[tuple[Kept, Cell], ...]


# The pointer is loaded as the callback is queued, and whoever has a reference of its own has the
# object by that. Where there is no object there is no rcu_head, so that nothing is queued.
@stands_for(NoFunction("design", "the address of a member of what is freed, such as &body->rcu"))
def _lies_in(m: Machine, t: Target, name: str) -> _Objects | None:
    found: list[tuple[Kept, Cell]] = []
    for kept in cells.all_carried(t, name):
        own = references.held(m, t, kept)
        if not own:
            reach(m, t, kept, "reads", "the pointer in")
        found.append((kept, own[-1] if own else m[t.slot(kept)]))
    if not found:
        return None
    for kept, value in found:
        if value is not None:
            follow(m, kept, value, "queues", "a callback of")
    if any(value is not None for _, value in found):
        return tuple(found)
    m.comes_to(f"there is nothing that {name} would free, and it is not queued")
    return ()


# What a body attaches may be there twice, the first of it waiting: each has an rcu_head of its own.
def _whose(t: Target, objects: _Objects | None) -> Target:
    for kept, value in objects or ():
        if value in t.objects(kept)[1:]:
            return cells.of_second(t)
    return t


def _carry(m: Machine, t: Target, name: str, objects: _Objects | None) -> None:
    for kept, value in objects or ():
        m[cells.carried(cells.queued(t, name), kept)] = value


# Its rcu_head lies in the inode where its body has to do with the inode.
def _is_of_inode(t: Target, name: str) -> bool:
    callback = _callback(t, name)
    about = any(action.verb in _OF_INODE for action in callback.does)
    return about or not set(OF_INODE).isdisjoint(t.design.lies_in(callback))


_OF_INODE: Final = ("free struct", "free to inode_cachep", "iput", "truncate", "make_bad_inode")


# A work that is queued already stays where it is.
@stands_for(_QUEUE)
def _queue(m: Machine, t: Target, name: str) -> None:
    objects = _lies_in(m, t, name)
    of = _whose(t, objects)
    if objects == ():
        return
    if m[cells.queued(of, name)] is not None:
        m.comes_to(f"{name} is queued already, and stays where it is")
        return
    references.hand_over(m, of, _callback(t, name))
    _carry(m, of, name, objects)
    m[cells.queued(of, name)] = ()
    m.says(f"callback {name}", "queued")


@waits("the callback is not queued, waits for a reader, or runs", _LATER)
def callback_is_due(m: Machine, t: Target, *, name: str) -> bool:
    """Return whether a callback is queued, waits for no reader, and does not run."""
    return m[cells.queued(t, name)] == () and not m[cells.running(t, name)]


@stands_for(_LATER)
def begin_callback(m: Machine, t: Target, *, name: str) -> None:
    """Take a callback off its queue; one of RCU's runs in softirq, where a grace period waits."""
    m[cells.queued(t, name)] = None
    m[cells.running(t, name)] = 1
    for kept in cells.all_carried(t, name):
        with_it = cells.carried(cells.queued(t, name), kept)
        m[t.slot(kept)], m[with_it] = m[with_it], None
    references.receive(m, t, cells.queued(t, name))
    stay_awaited(m, cells.queued(t, name))
    for flusher in filter(cells.is_flusher, m):
        stay_noted(m, flusher, cells.queued(t, name))
    if _runs(t, name) in NO_SLEEP:
        open_section(m, cells.running(t, name))


def _runs(t: Target, name: str) -> str:
    return _callback(t, name).runs


def _callback(t: Target, name: str) -> Callback:
    return next(callback for callback in t.design.callbacks if callback.name == name)


@stands_for(_LATER)
def end_callback(m: Machine, t: Target, *, name: str) -> None:
    """Let whoever waits for a callback go on."""
    close_section(m, cells.running(t, name))
    m[cells.running(t, name)] = 0
    for kept in cells.all_carried(t, name):
        m[t.slot(kept)] = None
    for waiter in (cells.BARRIER, *filter(cells.is_flusher, m)):
        forget(m, cells.running(t, name), waiter)


@stands_for(_BARRIER)
def counts_callbacks(t: Target) -> bool:
    """Return whether an rcu_barrier has to tell one callback from another."""
    return cells.counts_callbacks(t.design)


@stands_for(_RUN_RCU)
def vfs_callback_ends(m: Machine, t: Target) -> None:
    """Let an rcu_barrier that has counted the VFS's callback go on."""
    close_section(m, cells.returns(t))
    m[cells.returns(t)] = 0
    forget(m, cells.returns(t))


def _who_runs(m: Mapping[str, Cell], t: Target, *, name: str) -> str:
    if t.actor.startswith(cells.own_name("callback", name)):
        return "it waits for its own end"
    runs = any(m[cells.runs(queued)] for queued in cells.each_queued(m, t, name))
    return f"{name} runs" if runs else f"{name} is queued, and does not run"


# flush_work waits for the run that was asked for last, and not for what is queued after it began:
# a work that queues itself again is queued still as it returns. One that is queued does not begin
# before its last run has ended, so that it alone is waited for where it is both.
# (kernel/workqueue.c:start_flush_work@v6.12)
@stands_for("kernel/workqueue.c:flush_work")
def note_flushed(m: Machine, t: Target, name: str) -> None:
    """Note the last run of a callback that was asked for, wherever it was queued."""
    sleep(m, t)
    m[cells.flushed(t)] = tuple(_last_runs(m, t, name))


def _last_runs(m: Machine, t: Target, name: str) -> Iterator[str]:
    for queued in cells.each_queued(m, t, name):
        if m[queued] is not None:
            yield queued
        elif m[cells.runs(queued)]:
            yield cells.runs(queued)


# It queues a callback of its own behind what each processor has, as rcu_barrier does.
@stands_for("kernel/rcu/srcutree.c:srcu_barrier")
def note_srcu_callbacks(m: Machine, t: Target) -> None:
    """Note the callbacks of SRCU that are queued or run now."""
    sleep(m, t)
    noted: list[str] = []
    for callback in t.design.callbacks:
        if callback.runs == "srcu":
            noted += _last_runs(m, t, callback.name)
    m[cells.flushed(t)] = tuple(noted)


def _who_of_srcu(m: Mapping[str, Cell], t: Target) -> str:
    awaited = m[cells.flushed(t)]
    assert isinstance(awaited, tuple)
    return f"{' and '.join(map(_plainly, awaited))} has not run"


@waits(_who_of_srcu, "kernel/rcu/srcutree.c:srcu_barrier")
def have_srcu_run(m: Machine, t: Target) -> bool:
    """Return whether all that srcu_barrier has noted have run."""
    return not m[cells.flushed(t)]


@waits(_who_runs, "kernel/workqueue.c:flush_work")
def is_flushed(m: Machine, t: Target, *, name: str) -> bool:  # noqa: ARG001 (who waits says it)
    """Return whether the run that was noted is over."""
    return not m[cells.flushed(t)]


# Whoever queues it again meanwhile is refused until cancel_work_sync has returned, the work itself
# too; a timer that arms itself again is deleted behind that.
# (kernel/workqueue.c:__cancel_work_sync@v6.12, kernel/time/timer.c:timer_delete_sync@v6.12)
@waits(_who_runs, "kernel/workqueue.c:cancel_work_sync")
def is_not_running(m: Machine, t: Target, *, name: str) -> bool:
    """Return whether a callback does not run: what is queued alone is taken back."""
    return not any(m[cells.runs(queued)] for queued in cells.each_queued(m, t, name))


@stands_for("kernel/workqueue.c:cancel_work_sync")
def _take_back(m: Machine, t: Target, name: str, *, may_sleep: bool) -> None:
    if may_sleep:
        sleep(m, t)
    for queued in cells.each_queued(m, t, name):
        m[queued] = None
        for kept in cells.all_carried(t, name):
            m[cells.carried(queued, kept)] = None
        references.receive(m, t, queued)
        for flusher in filter(cells.is_flusher, m):
            forget(m, queued, flusher)
    m.says(f"callback {name}", "not queued")


@stands_for(_BARRIER)
def note_callbacks(m: Machine, t: Target) -> None:
    """Note the callbacks that are queued now, as rcu_barrier queues one of its own behind them."""
    noted: list[str] = []
    for name in _of_rcu(m, t):
        noted += [name] if m[name] is not None else []
        noted += [cells.runs(name)] if m.get(cells.runs(name)) else []
    m[cells.BARRIER] = tuple(sorted(noted))


# kfree_rcu puts a pointer into a batch, which a worker frees: rcu_barrier knows nothing of it. What
# gives back more than memory does so in a callback of its own, for which it waits.
# (kernel/rcu/tree.c:kvfree_call_rcu@v6.12, mm/slab_common.c:kvfree_call_rcu@v7.3)
def _is_callback(t: Target, deferred: str) -> bool:
    queues = {call.callee for call in t.facts.function("kvfree_call_rcu").calls}
    cell = deferred.partition(" ")[0]
    is_freed_alone = any(
        kept.kind.cell == cell and kept.kind.release == "kfree" for kept in t.design.keeps
    )
    return not is_freed_alone or "call_rcu" in queues


@stands_for(NoFunction("design", "a body, or posix_acl_release, says kfree_rcu"))
def frees_by_rcu(t: Target) -> bool:
    """Return whether something is freed by kfree_rcu in some body, or by the VFS."""
    is_put = any(is_put_by(kept.placement, cells.ACL_PUT) for kept in t.design.keeps)
    return is_put or any(how == GRACE for _, how in t.design.deferred)


@waits("a pointer is in a batch of kfree_rcu", "mm/slab_common.c:kmem_cache_destroy")
def no_batch_waits(m: Machine, _: Target) -> bool:
    """Return whether all that kfree_rcu was given is freed."""
    return all(m[name] is None for name in m if name.endswith(GRACE))


# What a worker runs is not RCU's, and rcu_barrier does not wait for it.
def _of_rcu(m: Machine, t: Target) -> list[str]:
    own = [
        f"{cells.CALLBACK}{callback.name}"
        for callback in t.design.callbacks
        if callback.runs == "rcu"
    ]
    found = [name for name in m if name.endswith(".waits_for")]
    found += [name for name in m if name.endswith(GRACE) and _is_callback(t, name)]
    for name in own:
        heads = f"{name} of ", name + cells.ANOTHER
        alike = [cell for cell in m if cell == name or cell.startswith(heads)]
        found += [cell for cell in alike if not cell.endswith(" runs")]
    return found


@stands_for(_BARRIER)
def forget(m: Machine, name: str, waiter: str = cells.BARRIER) -> None:
    """Take a callback that has run off what an rcu_barrier, or another waiter, waits for."""
    awaited = m.get(waiter)
    if isinstance(awaited, tuple) and name in awaited:
        m[waiter] = tuple(other for other in awaited if other != name)


def _who_has_not_run(m: Mapping[str, Cell], t: Target) -> str:
    awaited = m[cells.BARRIER]
    assert isinstance(awaited, tuple)
    if any(cells.is_own(queued, t) for queued in awaited):
        return "it waits for its own end"
    return f"{' and '.join(map(_plainly, awaited))} has not run"


# What the cells of queues are called, without what tells one that is queued from one that runs.
def _plainly(queued: str) -> str:
    name = queued.removesuffix(" runs").removeprefix(cells.CALLBACK)
    return f"i_callback of {name.removesuffix('.waits_for')}" if "." in name else name


@waits(_who_has_not_run, _BARRIER)
def have_run(m: Machine, _: Target) -> bool:
    """Return whether all that rcu_barrier has noted have run."""
    return not m[cells.BARRIER]


@stands_for("kernel/rcu/srcutree.c:synchronize_srcu")
def note_srcu_readers(m: Machine, t: Target) -> None:
    """Note who reads under SRCU now, each to be seen leaving."""
    sleep(m, t)
    m[cells.awaited(t)] = m[cells.SRCU_READERS]


# Nothing is queued: who comes later reads on, and whoever waits sees to it that nobody finds what
# is freed behind. A task that sleeps under a spinlock of its own is told off by __might_sleep, and
# holds up no grace period, since RCU notes that it was switched away; under rcu_read_lock it waits
# for itself. (kernel/rcu/tree_plugin.h:rcu_note_context_switch@v6.12)
@stands_for(_SYNCHRONIZE)
def note_readers(m: Machine, t: Target) -> None:
    """Note who reads under RCU now, each to be seen leaving."""
    sleep(m, t)
    readers = m["readers"]
    assert isinstance(readers, tuple)
    own = _under(t, "")
    m[cells.awaited(t)] = tuple(name for name in readers if not name.startswith(own))


def _who_reads(m: Mapping[str, Cell], t: Target) -> str:
    awaited = m[cells.awaited(t)]
    assert isinstance(awaited, tuple)
    if t.actor in awaited:
        return "it is inside a read-side section itself"
    return f"{' and '.join(map(cells.said, awaited))} is inside a read-side section"


@waits(_who_reads, _SYNCHRONIZE)
def have_left(m: Machine, t: Target) -> bool:
    """Return whether all who read as synchronize_rcu began have left."""
    return not m[cells.awaited(t)]


# --- locks and lists --------------------------------------------------------------------


# What lockdep says of a kind of lock, the Machine says: a mutex may sleep, a plain spinlock that
# softirq takes as well may be taken over its own holder.
def _who_holds(m: Mapping[str, Cell], _: Target, *, name: str, cell: str = "") -> str:
    return f"{cells.said(str(m[cell or cells.lock(name)]))} holds {name}"


@waits(_who_holds, _LOCK)
def is_free(m: Machine, t: Target, *, name: str, cell: str = "") -> bool:
    """Return whether nobody else holds the lock; who has it already can try.

    `cell` is that of the lock where it is not the one that all inodes share.
    """
    return m.get(cell or cells.lock(name), "") in ("", t.actor)


# Who holds a spinlock cannot be preempted, so that what is freed behind a grace period stays until
# its unlock; who holds a mutex can. (include/linux/spinlock_api_smp.h:__raw_spin_lock@v6.12)
@stands_for(_LOCK)
def take(m: Machine, t: Target, *, name: str, kind: str, cell: str = "") -> None:
    """Take a lock of the Design; where a run has no other inode, that one's is not there."""
    cell = cell or cells.lock(name)
    if cell not in m:
        m.comes_to(f"there is no other inode that would have {name}")
        return
    if _is_own(t, name, cell):
        m.touch(t.inode, "takes", f"{name} in")
    if kind == "mutex":
        m.sleep(name, "takes")
    else:
        open_section(m, _under(t, cell), within=t.actor)
    if kind == "spinlock":
        m.shared_lock(name)
    if m[cell] == t.actor:
        m.fail("deadlock", name, f"takes {name}, which it holds already")
    m[cell] = t.actor
    m.says(cell, "held")


# A lock that each inode has lies in the memory of its inode, and goes with it, as i_rwsem. That of
# another inode is taken by whoever has a reference to both, which is not looked into.
def _is_own(t: Target, name: str, cell: str) -> bool:
    return t.has_lock_of_each(name) and cell == f"{cells.lock(name)}{t.suffix}"


def _under(t: Target, cell: str) -> str:
    return f"{t.actor} under {cell.removeprefix(cells.lock(''))}"


@stands_for(_LOCK)
def drop(m: Machine, t: Target, *, name: str, cell: str = "") -> None:
    """Drop it."""
    cell = cell or cells.lock(name)
    if cell not in m:
        return
    if _is_own(t, name, cell):
        m.touch(t.inode, "drops", f"{name} in")
    close_section(m, _under(t, cell))
    m[cell] = ""
    m.says(cell, "dropped")


@stands_for(_OWN)
def _put_on(m: Machine, t: Target, kept: Kept, name: str) -> None:
    reach(m, t, kept, "reads", "the pointer in")
    value, listed = m[t.slot(kept)], m[cells.members(name)]
    assert isinstance(listed, tuple)
    if value is not None:
        m.touch(str(value), "links")  # list_add writes into what it adds
        m[cells.members(name)] = tuple(sorted({*listed, str(value)}))
        m.says(str(value), f"on {name}")


@stands_for(_OWN)
def _take_off(m: Machine, t: Target, kept: Kept, name: str) -> None:
    reach(m, t, kept, "reads", "the pointer in")
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
    m[cells.loaded(t)] = listed = m[cells.members(name)]
    m.comes_to(f"what is on {name} is seen" if listed else f"{name} is empty")


@stands_for(_OWN)
def _walk(m: Machine, t: Target, name: str) -> None:
    listed = m[cells.loaded(t)]
    m[cells.loaded(t)] = None
    assert isinstance(listed, tuple)
    for member in listed:
        if member == STALE:
            m.fail("use-after-free", name, f"walks {name} to what was freed while on it")
        m.touch(member, "walks", f"{name} to")


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


def _who_is_inside(_: Mapping[str, Cell], t: Target, *, name: str) -> str:
    is_its_own = t.actor in cells.instances(name)
    return "it waits for its own end" if is_its_own else f"{name} is at work"


@waits(_who_is_inside, _OWN)
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
    answer = "yes" if m.register else "no"
    m.comes_to(f"asks: {' and '.join(map(str, conditions))}? {answer}")


def _holds(m: Machine, t: Target, condition: Condition) -> bool:
    if condition.test == OWN:
        is_so = bool(references.held(m, t, t.kept(condition.subject)))
    elif condition.subject:
        kept = t.kept(condition.subject)
        reach(m, t, kept, "tests", "the pointer in")
        note_stale(m, kept, m[t.slot(kept)])
        is_so = m[t.slot(kept)] not in (None, "cleared")
    elif condition.test == NLINK:
        m.touch(t.inode, "reads", "i_nlink of")
        is_so = m[cells.nlink(t)] == 0
    elif condition.test == FAILED:
        is_so = bool(m[cells.failed(t)])
    else:
        m.touch(t.inode, "reads", "i_mode of")
        is_so = m[cells.kind(t)] == condition.test
    return is_so != condition.negated


# --- a line of the road for each word ---------------------------------------------------


def lines_of(action: Action, t: Target, held: tuple[tuple[str, Verb], ...]) -> tuple[Line, ...]:
    """Return the lines that an action is written in; () where `hook_actions` has it.

    `held` are the Design's locks that the body holds, each with the word that has taken it: where
    an igrab or a get ends the body, they are dropped.
    """
    if action.verb not in WORDS:
        return ()
    drops = tuple(chain.from_iterable(_drops(t, name, verb) for name, verb in held))
    if action.verb in ("get", "get unless zero"):
        return references.get(action, t, drops)
    if action.verb != "igrab":
        return WORDS[action.verb](action, t)
    grab, end = WORDS["igrab"](action, t)
    return (grab, if_no(*drops), end)


def asks(action: Action) -> Do:
    """Return the step that asks what an action depends on."""
    words = " and ".join(map(str, action.only_if))
    return Do(_partial(_ask, conditions=action.only_if), f"asks: {words}")


def _of_metadata(operation: Callable[..., None], *, named: bool = False, **how: Any) -> "_Maker":
    def make(action: Action, t: Target) -> tuple[Line, ...]:
        words = {**how, "name": action.name} if named else how
        return (Do(_partial(operation, kept=t.kept(action.metadata), **words), action.says),)

    return make


def _defer_by_rcu(action: Action, t: Target) -> tuple[Line, ...]:
    if _is_exchanged(action, t):
        return (Do(_partial(_exchange, kept=t.kept(action.metadata)), action.says),)
    return _of_metadata(defer, how=GRACE)(action, t)


def _of_name(operation: Callable[..., None]) -> "_Maker":
    def make(action: Action, _: Target) -> tuple[Line, ...]:
        return (Do(_partial(operation, name=action.name), action.says),)

    return make


def _plain(operation: Operation) -> "_Maker":
    return lambda action, _: (Do(operation, action.says),)


def _road(name: str) -> "_Maker":
    return lambda _, __: (call(name),)


def _drain(action: Action, _: Target) -> tuple[Line, ...]:
    flushes = _partial(note_flushed, name=action.name)
    return (
        Do(flushes, f"the last run of {action.name} that was asked for is waited for"),
        until(_partial(is_flushed, name=action.name), action.says),
    )


def _synchronize(action: Action, _: Target) -> tuple[Line, ...]:
    return (Do(note_readers, "who reads under RCU is waited for"), until(have_left, action.says))


def _synchronize_srcu(action: Action, _: Target) -> tuple[Line, ...]:
    notes = Do(note_srcu_readers, "who reads under SRCU is waited for")
    return (notes, until(have_left, action.says))


def _srcu_barrier(action: Action, _: Target) -> tuple[Line, ...]:
    notes = Do(note_srcu_callbacks, "what call_srcu has queued is waited for")
    return (notes, until(have_srcu_run, action.says))


# Whoever waits may sleep, so that it says so where nobody may.
def _wait_for(action: Action, _: Target) -> tuple[Line, ...]:
    return (wait(_partial(is_not_inside, name=action.name), sleep, action.says),)


# A softirq interrupts who holds a spinlock in process context, and no other softirq of its own
# processor: what timers and RCU's callbacks alone take is safe. A hook is process context, and
# free_inode too: alloc_inode calls it at once where inode_init_always fails.
# (kernel/softirq.c:handle_softirqs, fs/inode.c:alloc_inode@v6.12)
def _kind_of_lock(t: Target, name: str) -> str:
    kind = t.lock_kind(name)
    soft = {f"callback {each.name}" for each in t.design.callbacks if each.runs in NO_SLEEP}
    for title, body in t.design.bodies.items():
        if title not in soft and any(do.name == name and do.verb in TAKES for do in body):
            return kind
    is_held = any(who.lock == name for who in t.design.actors)
    return "irqsave" if kind == "spinlock" and not is_held else kind


def _lock(action: Action, t: Target) -> tuple[Line, ...]:
    kind = _kind_of_lock(t, action.name)
    lines: list[Line] = []
    for cell in cells.locks(t, action.name, action.verb):
        taken = _partial(take, name=action.name, kind=kind, cell=cell)
        lines.append(wait(_partial(is_free, name=action.name, cell=cell), taken, action.says))
    return tuple(lines)


def _unlock(action: Action, t: Target) -> tuple[Line, ...]:
    return _drops(t, action.name, action.verb)


def _drops(t: Target, name: str, verb: Verb) -> tuple[Do, ...]:
    which = reversed(cells.locks(t, name, verb))
    return tuple(Do(_partial(drop, name=name, cell=cell), f"{name} is dropped") for cell in which)


def _grab(action: Action, _: Target) -> tuple[Line, ...]:
    return (Do(icache.igrab, action.says, is_i_lock_free), ReturnIf(no))


def _get(action: Action, t: Target) -> tuple[Line, ...]:
    return references.get(action, t, ())


# A timer that is deleted is waited for without sleeping. (kernel/time/timer.c:timer_delete_sync)
def _cancel(action: Action, t: Target) -> tuple[Line, ...]:
    guard = _partial(is_not_running, name=action.name)
    may_sleep = _runs(t, action.name) not in IN_SOFTIRQ
    return (wait(guard, _partial(_take_back, name=action.name, may_sleep=may_sleep), action.says),)


def _walk_through(action: Action, _: Target) -> tuple[Line, ...]:
    look = Do(_partial(_look_at, name=action.name), f"what is on {action.name} is seen")
    return (look, Do(_partial(_walk, name=action.name), action.says))


_Maker = Callable[[Action, Target], tuple[Line, ...]]
WORDS: Final[Mapping[Verb, _Maker]] = {
    "read": _read,
    "clear": _of_metadata(_clear),
    "detach": _of_metadata(_detach),
    "attach unless set": _of_metadata(references.attach, unless_set=True),
    "get": _get,
    "get unless zero": _get,
    "put": references.put,
    "put after a grace period": references.put,
    "cancel": _cancel,
    "hand over": _of_metadata(_hand_over),
    "free after a grace period": _defer_by_rcu,
    "free in a worker": _of_metadata(defer, how=WORKER),
    "call_rcu": _of_name(_call_rcu),
    "queue": _of_name(_queue),
    "drain": _drain,
    "rcu_barrier": _road("rcu_barrier"),
    "synchronize_rcu": _synchronize,
    "call_srcu": _of_name(_call_srcu),
    "synchronize_srcu": _synchronize_srcu,
    "srcu_barrier": _srcu_barrier,
    "srcu_read_unlock": _plain(leave_srcu),
    "wait for": _wait_for,
    **dict.fromkeys(TAKES, _lock),
    **dict.fromkeys(DROPS, _unlock),
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
