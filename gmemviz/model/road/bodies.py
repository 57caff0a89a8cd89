"""Do what the words of a Design's bodies say: one operation, or a few, for each action.

A body is a hook, an actor or a callback. What happens to the inode's own memory stands in
`hook_actions`, what happens to metadata in `metadata`; here are reading and deferring, locks and
lists, and what a condition asks.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import Final

from gmemviz.model.design import (
    FAILED,
    INODE_KINDS,
    NLINK,
    Action,
    Condition,
    Design,
    Kept,
    Verb,
)
from gmemviz.model.machine import AWAITING, FREED, HELD, STALE, Cell, Machine, Operation, Target
from gmemviz.model.road.files import add_unasked
from gmemviz.model.road.lines import Call, Choose, Do, If, Line, ReturnIf, Wait, no, yes
from gmemviz.model.road.metadata import follow, note_stale, reach, through_mapping
from gmemviz.model.road.rcu import BARRIER, leave
from gmemviz.model.road.vfs import drop_i_lock, hold_i_lock, is_i_lock_free

# The same operation is the same object, so that programs can be compared.
_partial = cache(partial)

HANDED_OVER: Final = "handed over"
"""What metadata is that belongs to somebody else now: no leak, and not ours to free."""

Guard = Callable[[Machine, Target], bool]


# --- the cells that bodies need ---------------------------------------------------------


def cells_of_bodies(t: Target) -> dict[str, Cell]:
    """Return the initial cells that only a Design with such words has, of one actor's inode."""
    cells: dict[str, Cell] = dict(_cells_of_later(t))
    if t.design.said & {"read", "walk"}:
        cells[_loaded(t)] = None
    if asks_kind(t):
        cells[kind_cell(t)] = ""
    if asks_nlink(t):
        cells[nlink_cell(t)] = 1
    if asks_failed(t):
        cells[failed_cell(t)] = 0
    return cells


def _cells_of_later(t: Target) -> Iterator[tuple[str, Cell]]:
    for kept in t.design.keeps:
        for how in (GRACE, WORKER):
            if kept.kind.owns_object and f"free {how}" in t.design.said:
                yield deferred(t, kept, how), None
    for callback in t.design.callbacks:
        yield queued(t, callback.name), None
        yield running(t, callback.name), 0
        yield f"{t.inode}.waits_for runs", 0


def shared_cells_of_bodies(design: Design) -> dict[str, Cell]:
    """Return the initial cells of a Design's locks and lists, which all inodes share."""
    cells: dict[str, Cell] = {lock_cell(lock.name): "" for lock in design.locks}
    cells |= {list_cell(name): () for name in design.lists}
    if design.callbacks or "rcu_barrier" in design.said:
        cells[BARRIER] = ()
    return cells


def asks_kind(t: Target) -> bool:
    """Return whether it matters what kind of inode it is."""
    design = t.design
    kinds = [kept.kind for kept in design.keeps]
    is_one = design.kinds == ("regular",) and not any(k.of or k.by_i_mapping for k in kinds)
    return not is_one or "make_bad_inode" in design.said or bool(design.tests & set(INODE_KINDS))


def asks_nlink(t: Target) -> bool:
    """Return whether it matters whether the inode has a name left."""
    return NLINK in t.design.tests


def asks_failed(t: Target) -> bool:
    """Return whether it matters whether what made the inode has failed."""
    return FAILED in t.design.tests


def kinds_of(t: Target) -> tuple[Operation, ...]:
    """Return the operations that set i_mode: one for each kind that it may be."""
    kinds = ("directory",) if "root" in t.traits else t.design.kinds
    return tuple(_partial(_set_kind, kind=kind) for kind in kinds)


def _set_kind(m: Machine, t: Target, kind: str) -> None:
    m[kind_cell(t)] = kind
    m.says(f"{t.inode}.i_mode", kind)


def links_of(_: Target) -> tuple[Operation, ...]:
    """Return the operations that set i_nlink."""
    return tuple(_partial(_set_nlink, count=count) for count in (0, 1))


def _set_nlink(m: Machine, t: Target, count: int) -> None:
    m[nlink_cell(t)] = count
    m.says(f"{t.inode}.i_nlink", str(count))


def note_failed(m: Machine, t: Target) -> None:
    """Note that what made the inode has failed."""
    m[failed_cell(t)] = 1


# --- reading ----------------------------------------------------------------------------


def _loaded(t: Target) -> str:
    return f"{t.actor} has loaded"


def _load(m: Machine, t: Target, kept: Kept, *, untested: bool) -> None:
    """Load the pointer; where it is tested, NULL ends the reading."""
    reach(m, t, kept, "reads the pointer in")
    value = m[t.slot(kept)]
    note_stale(m, kept, value)
    m[_loaded(t)] = value
    m.register = int(value is not None or untested)


def _use(m: Machine, t: Target, kept: Kept) -> None:
    """Read what the pointer that was loaded leads to."""
    value = m[_loaded(t)]
    m[_loaded(t)] = None
    if value is None:
        name = kept.kind.name
        m.fail("crash", name, f"follows the pointer to {name}, which is NULL")
    follow(m, kept, value, "reads")


def _read_word(m: Machine, t: Target, kept: Kept) -> None:
    reach(m, t, kept, "reads")
    if m[t.slot(kept)] == "cleared":
        m.fail("wrong-branch", kept.kind.name, f"reads {kept.kind.name}, cleared already")


def _read(action: Action, kept: Kept) -> tuple[Line, ...]:
    if not kept.kind.owns_object:
        return (Do(_partial(_read_word, kept=kept), action.says),)
    load = _partial(_load, kept=kept, untested=action.untested)
    if kept.kind.by_i_mapping:
        ways = through_mapping(kept, (load,))
        use = Do(_partial(_use, kept=kept), action.says)
        return (
            Choose(lambda _: ways, f"the pointer to {kept.kind.name} is loaded"), If(yes, (use,)),
        )  # fmt: skip
    use = Do(_partial(_use, kept=kept), action.says)
    return (Do(load, f"the pointer to {kept.kind.name} is loaded"), If(yes, (use,)))


# --- writing ----------------------------------------------------------------------------


def _clear(m: Machine, t: Target, kept: Kept) -> None:
    reach(m, t, kept, "clears the pointer in")
    m[t.slot(kept)] = None
    m.says(f"pointer to {kept.kind.name}", "NULL")


def _hand_over(m: Machine, t: Target, kept: Kept) -> None:
    reach(m, t, kept, "reads the pointer in")
    value = m[t.slot(kept)]
    if isinstance(value, str) and value in m and m[value] == HELD:
        m[value] = HANDED_OVER
        m.says(value, HANDED_OVER)
    m[t.slot(kept)] = None


def deferred(t: Target, kept: Kept, how: str) -> str:
    """Return the cell that says for which readers a deferred free waits; None: none is queued."""
    return f"{t.object(kept)} {how}"


def _defer(m: Machine, t: Target, kept: Kept, how: str) -> None:
    reach(m, t, kept, "reads the pointer in")
    value = m[t.slot(kept)]
    if value is None:
        return
    name = str(value)
    if value == STALE or m[name] in (AWAITING, FREED):
        m.fail("double-free", kept.kind.name, f"queues {kept.kind.name}, which is freed already")
    m[deferred(t, kept, how)] = m["readers"] if how == GRACE else ()
    m[name] = AWAITING
    m.says(name, AWAITING)


GRACE: Final = "after a grace period"
WORKER: Final = "in a worker"


def is_due(m: Machine, t: Target, *, kept: Kept, how: str) -> bool:
    """Return whether a free is queued and all readers that it waits for have left."""
    return m[deferred(t, kept, how)] == ()


def free_deferred(m: Machine, t: Target, *, kept: Kept, how: str) -> None:
    """Free what was queued."""
    m[deferred(t, kept, how)] = None
    name = t.object(kept)
    if how == WORKER and kept.kind.release in ("sleeping lock", "may sleep"):
        m.sleep(name, "sleeps to release")
    m.free(name)


# --- callbacks --------------------------------------------------------------------------


def queued(t: Target, name: str) -> str:
    """Return the cell that says for which readers a callback waits; None: it is not queued."""
    return f"callback {name}{t.suffix}"


def running(t: Target, name: str) -> str:
    """Return the cell that says whether a callback runs just now."""
    return f"callback {name}{t.suffix} runs"


def _call_rcu(m: Machine, t: Target, name: str) -> None:
    if _is_of_inode(t, name):
        m.touch(t.inode, "queues a callback of")
    if m[queued(t, name)] is not None:
        m.fail("double-free", name, f"queues {name}, which is queued already")
    m[queued(t, name)] = m["readers"]
    m.says(f"callback {name}", "queued")


def _is_of_inode(t: Target, name: str) -> bool:
    # Its rcu_head lies in the inode where its body has to do with the inode.
    body = next(callback.does for callback in t.design.callbacks if callback.name == name)
    kept = [t.kept(action.metadata) for action in body if action.metadata]
    about = any(action.verb in _OF_INODE for action in body)
    return about or any(k.placement.holder in ("inode", "container", "xarray") for k in kept)


_OF_INODE: Final = ("free struct", "free to inode_cachep", "iput", "truncate", "make_bad_inode")


def _queue(m: Machine, t: Target, name: str) -> None:
    # A work that is queued already stays where it is. (kernel/workqueue.c:queue_work_on)
    if m[queued(t, name)] is None:
        m[queued(t, name)] = ()
        m.says(f"callback {name}", "queued")


def callback_is_due(m: Machine, t: Target, *, name: str) -> bool:
    """Return whether a callback is queued, waits for no reader, and does not run."""
    return m[queued(t, name)] == () and not m[running(t, name)]


def begin_callback(m: Machine, t: Target, *, name: str) -> None:
    """Take a callback off its queue."""
    m[queued(t, name)] = None
    m[running(t, name)] = 1


def end_callback(m: Machine, t: Target, *, name: str) -> None:
    """Let whoever waits for a callback go on."""
    m[running(t, name)] = 0
    forget(m, queued(t, name))


def has_callbacks(t: Target) -> bool:
    """Return whether the Design has callbacks of its own."""
    return bool(t.design.callbacks)


def vfs_callback_ends(m: Machine, t: Target) -> None:
    """Let an rcu_barrier that has counted the VFS's callback go on."""
    m[f"{t.inode}.waits_for runs"] = 0
    forget(m, f"{t.inode}.waits_for")


def is_drained(m: Machine, t: Target, *, name: str) -> bool:
    """Return whether a callback is neither queued nor runs."""
    return m[queued(t, name)] is None and not m[running(t, name)]


def note_callbacks(m: Machine, t: Target) -> None:
    """Note the callbacks that are queued now. (kernel/rcu/tree.c:rcu_barrier)"""
    names = _of_rcu(m, t)
    counted = (name for name in names if m[name] is not None or m.get(f"{name} runs"))
    m[BARRIER] = tuple(sorted(counted))


def _of_rcu(m: Machine, t: Target) -> list[str]:
    # What a worker runs is not RCU's, and rcu_barrier does not wait for it.
    own = [f"callback {call.name}" for call in t.design.callbacks if call.runs == "rcu"]
    found = [name for name in m if name.endswith((GRACE, ".waits_for"))]
    for name in own:
        found += [cell for cell in m if cell == name or cell.startswith(f"{name} of ")]
    return found


def forget(m: Machine, name: str) -> None:
    """Take a callback that has run off what an rcu_barrier waits for."""
    waits = m.get(BARRIER)
    if waits and isinstance(waits, tuple) and name in waits:
        m[BARRIER] = tuple(other for other in waits if other != name)


def have_run(m: Machine, _: Target) -> bool:
    """Return whether all that rcu_barrier has noted have run."""
    return not m[BARRIER]


# --- locks and lists --------------------------------------------------------------------


def lock_cell(name: str) -> str:
    """Return the cell that says who holds a lock of the Design."""
    return f"lock {name}"


def is_free(m: Machine, t: Target, *, name: str) -> bool:
    """Return whether nobody else holds the lock; who has it already can try."""
    return m[lock_cell(name)] in ("", t.actor)


def take(m: Machine, t: Target, *, name: str, kind: str) -> None:
    """Take a lock of the Design."""
    if kind == "mutex":
        m.sleep(name, "takes")
    elif kind == "spinlock":
        m.shared_lock(name)
    if m[lock_cell(name)] == t.actor:
        m.fail("deadlock", name, f"takes {name}, which it holds already")
    m[lock_cell(name)] = t.actor
    m.says(lock_cell(name), "held")


def drop(m: Machine, _: Target, *, name: str) -> None:
    """Drop it."""
    m[lock_cell(name)] = ""
    m.says(lock_cell(name), "dropped")


def list_cell(name: str) -> str:
    """Return the cell that says what is on a list of the Design."""
    return f"list {name}"


def _put_on(m: Machine, t: Target, kept: Kept, name: str) -> None:
    reach(m, t, kept, "reads the pointer in")
    value, listed = m[t.slot(kept)], m[list_cell(name)]
    assert isinstance(listed, tuple)
    if value is not None:
        m[list_cell(name)] = tuple(sorted({*listed, str(value)}))
        m.says(str(value), f"on {name}")


def _take_off(m: Machine, t: Target, kept: Kept, name: str) -> None:
    reach(m, t, kept, "reads the pointer in")
    value, listed = m[t.slot(kept)], m[list_cell(name)]
    assert isinstance(listed, tuple)
    if value is not None:
        m.touch(str(value), "unlinks")
        m[list_cell(name)] = tuple(other for other in listed if other != value)
        m.says(str(value), f"off {name}")


def _look_at(m: Machine, t: Target, name: str) -> None:
    m[_loaded(t)] = m[list_cell(name)]


def _walk(m: Machine, t: Target, name: str) -> None:
    listed = m[_loaded(t)]
    m[_loaded(t)] = None
    assert isinstance(listed, tuple)
    for member in listed:
        m.touch(member, f"walks {name} to")


# --- the inode and others ---------------------------------------------------------------


def _igrab(m: Machine, t: Target) -> None:
    m.touch(t.inode, "looks at i_count of")
    m.register = int(not m[f"{t.inode}.i_state"] and m[t.inode] == HELD)
    if m.register:
        m[f"{t.inode}.i_count"] = m.count(f"{t.inode}.i_count") + 1
        m.says(t.inode, "held again")


def _sleep(m: Machine, t: Target) -> None:
    m.sleep(t.inode, "sleeps, at work on")


def _make_bad(m: Machine, t: Target) -> None:
    m.touch(t.inode, "makes bad")
    m[kind_cell(t)] = "bad"
    m.says(t.inode, "bad")


def kind_cell(t: Target) -> str:
    """Return the cell of what i_mode says."""
    return f"{t.inode}.i_mode"


def nlink_cell(t: Target) -> str:
    """Return the cell of i_nlink, 0 or 1."""
    return f"{t.inode}.i_nlink"


def failed_cell(t: Target) -> str:
    """Return the cell of whether what made the inode has failed."""
    return f"{t.inode}.failed"


def inside(name: str) -> str:
    """Return the cell of an actor: 0 not begun, 1 at work, 2 done."""
    return f"actor {name}"


def instances(name: str) -> tuple[str, ...]:
    """Return what the model calls an actor of the Design, which may be at work twice."""
    return (f"actor:{name}", f"actor:{name} 2")


def is_not_inside(m: Machine, _: Target, *, name: str) -> bool:
    """Return whether an actor is not at work."""
    return all(m.get(inside(who)) != 1 for who in instances(name))


def add_page(m: Machine, t: Target) -> None:
    """Put a folio into the page cache, where there is none."""
    if not m.count(f"{t.inode}.nrpages"):
        add_unasked(m, t)


# --- conditions -------------------------------------------------------------------------


def _ask(m: Machine, t: Target, conditions: tuple[Condition, ...]) -> None:
    m.register = int(all(_holds(m, t, condition) for condition in conditions))


def _holds(m: Machine, t: Target, condition: Condition) -> bool:
    if condition.subject:
        kept = t.kept(condition.subject)
        reach(m, t, kept, "tests the pointer in")
        is_so = m[t.slot(kept)] not in (None, "cleared")
    elif condition.test == NLINK:
        m.touch(t.inode, "reads i_nlink of")
        is_so = m[nlink_cell(t)] == 0
    elif condition.test == FAILED:
        is_so = bool(m[failed_cell(t)])
    else:
        m.touch(t.inode, "reads i_mode of")
        is_so = m[kind_cell(t)] == condition.test
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
    grab, leave = WORDS["igrab"](action, t)
    drops = tuple(Do(_partial(drop, name=name), f"{name} is dropped") for name in held)
    return (grab, If(no, drops), leave)


def asks(action: Action) -> Do:
    """Return the step that asks what an action depends on."""
    words = " and ".join(map(str, action.only_if))
    return Do(_partial(_ask, conditions=action.only_if), f"asks: {words}")


def _of_metadata(operation: Callable[..., None], *, named: bool = False, **how: str) -> "_Maker":
    def make(action: Action, t: Target) -> tuple[Line, ...]:
        said = {**how, "name": action.name} if named else how
        return (Do(_partial(operation, kept=t.kept(action.metadata), **said), action.says),)

    return make


def _of_name(operation: Callable[..., None]) -> "_Maker":
    def make(action: Action, _: Target) -> tuple[Line, ...]:
        return (Do(_partial(operation, name=action.name), action.says),)

    return make


def _plain(operation: Operation) -> "_Maker":
    return lambda action, _: (Do(operation, action.says),)


def _lock(action: Action, t: Target) -> tuple[Line, ...]:
    taken = _partial(take, name=action.name, kind=t.lock_kind(action.name))
    return (Wait(_partial(is_free, name=action.name), taken, action.says),)


def _drain(action: Action, _: Target) -> tuple[Line, ...]:
    return (Wait(_partial(is_drained, name=action.name), _sleep, action.says),)


def _barrier(action: Action, _: Target) -> tuple[Line, ...]:
    return (
        Do(note_callbacks, "the callbacks that are queued now are counted"),
        Wait(have_run, _sleep, action.says),
    )


def _wait_for(action: Action, _: Target) -> tuple[Line, ...]:
    return (Wait(_partial(is_not_inside, name=action.name), _sleep, action.says),)


def _grab(action: Action, _: Target) -> tuple[Line, ...]:
    return (Do(_igrab, action.says, is_i_lock_free), ReturnIf(no))


def _put(_: Action, __: Target) -> tuple[Line, ...]:
    return (Call(("iput",)),)


def _walk_through(action: Action, _: Target) -> tuple[Line, ...]:
    look = Do(_partial(_look_at, name=action.name), f"what is on {action.name} is seen")
    return (look, Do(_partial(_walk, name=action.name), action.says))


def _kill(_: Action, __: Target) -> tuple[Line, ...]:
    return (Call(("kill_anon_super",)),)


_Maker = Callable[[Action, Target], tuple[Line, ...]]
WORDS: Final[Mapping[Verb, _Maker]] = {
    "read": lambda action, t: _read(action, t.kept(action.metadata)),
    "clear": _of_metadata(_clear),
    "hand over": _of_metadata(_hand_over),
    "free after a grace period": _of_metadata(_defer, how=GRACE),
    "free in a worker": _of_metadata(_defer, how=WORKER),
    "call_rcu": _of_name(_call_rcu),
    "queue": _of_name(_queue),
    "drain": _drain,
    "rcu_barrier": _barrier,
    "wait for": _wait_for,
    "lock": _lock,
    "unlock": _of_name(drop),
    "put on": _of_metadata(_put_on, named=True),
    "take off": _of_metadata(_take_off, named=True),
    "walk": _walk_through,
    "rcu_read_unlock": _plain(leave),
    "sleep": _plain(_sleep),
    "igrab": _grab,
    "iput": _put,
    "kill_anon_super": _kill,
    "add page": _plain(add_page),
    "make_bad_inode": _plain(_make_bad),
    "drop i_lock": _plain(drop_i_lock),
    "take i_lock": _plain(hold_i_lock),
}
"""The words that a body may have beside those of `hook_actions`."""
