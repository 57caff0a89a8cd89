"""Attach metadata after creation, and count the references to it.

A body may allocate what the creator did not: by a plain store, or by a cmpxchg that only one of two
can win. What has a count is freed by whoever drops the last reference, as kref_put does
(include/linux/kref.h); refcount_t warns of a count that comes back from 0 (lib/refcount.c).
"""

from functools import cache, partial
from typing import Final

from gmemviz.model.design import GRACE, Action, Callback, Kept
from gmemviz.model.machine import Machine, NoFunction, Operation, Target, stands_for
from gmemviz.model.road import cells
from gmemviz.model.road.lines import Choose, Do, Line, ReturnIf, if_no, no
from gmemviz.model.road.metadata import (
    follow,
    give_back,
    make,
    note_stale,
    reach,
    through_mapping,
)
from gmemviz.model.road.rcu import queue_free

# The same operation is the same object, so that programs can be compared.
_partial = cache(partial)

_OWN: Final = NoFunction("design", "code of a body of the Design's own")
_GET: Final = "include/linux/kref.h:kref_get"
_TRY: Final = "include/linux/kref.h:kref_get_unless_zero"
_PUT: Final = "include/linux/kref.h:kref_put"


# --- attaching ----------------------------------------------------------------------------


@stands_for(_OWN)
def attach(m: Machine, t: Target, kept: Kept, *, unless_set: bool = False) -> None:
    """Allocate metadata and store the pointer; where it is `unless_set`, only into a NULL.

    Who stores plainly over what another has stored leaks that. Who loses a cmpxchg frees its own
    again, which nobody has seen, and so does whoever xa_insert tells -EBUSY.
    """
    reach(m, t, kept, "writes")
    value = m[t.slot(kept)]
    is_insert = unless_set or kept.placement.holder == "xarray"
    if is_insert and value not in (None, "cleared"):
        note_stale(m, kept, value)
        m.comes_to(f"{kept.kind.name} was attached already, and is left as it was")
        return
    m.comes_to(f"{kept.kind.name} is attached")
    make(m, t, kept)


# --- references ---------------------------------------------------------------------------


@stands_for(_OWN)
def load_pointer(m: Machine, t: Target, kept: Kept) -> None:
    """Load the pointer; the register says whether there is one.

    It is a step of its own: others may free between the load and what is done by it.
    """
    reach(m, t, kept, "reads", "the pointer in")
    value = m[t.slot(kept)]
    note_stale(m, kept, value)
    m[cells.loaded(t)] = value
    m.register = int(value is not None)
    is_null = "" if m.register else ", and is NULL"
    m.comes_to(f"the pointer to {kept.kind.name} is loaded{is_null}")


@stands_for(_GET)
def _get(m: Machine, t: Target, kept: Kept) -> None:
    value = _look(m, t, kept)
    if not _count(m, value):
        doing = f"counts up {kept.kind.name}, the last reference to which is gone"
        m.fail("use-after-free", value, doing)
    _take(m, t, kept, value)


@stands_for(_TRY)
def _get_unless_zero(m: Machine, t: Target, kept: Kept) -> None:
    value = _look(m, t, kept)
    m.register = int(bool(_count(m, value)))
    m.comes_to(f"{kept.kind.name} is going, and no reference is taken")
    if m.register:
        _take(m, t, kept, value)


def _look(m: Machine, t: Target, kept: Kept) -> str:
    value = m[cells.loaded(t)]
    m[cells.loaded(t)] = None
    follow(m, kept, value, "reads", "the count of")
    return str(value)


def _take(m: Machine, t: Target, kept: Kept, name: str) -> None:
    _set_count(m, name, _count(m, name) + 1)
    m[cells.got(t, kept)] = (*held(m, t, kept), name)
    m.comes_to(f"a reference to {kept.kind.name} is taken")


# A union may lead to what has no count, as i_link's body where a pipe was meant: it counts as one.
def _count(m: Machine, name: str) -> int:
    count = m.get(cells.references(name), 1)
    assert isinstance(count, int)
    return count


def _set_count(m: Machine, name: str, count: int) -> None:
    if cells.references(name) in m:
        m[cells.references(name)] = count
    m.says(name, f"{count} references")


@stands_for(_OWN)
def held(m: Machine, t: Target, kept: Kept) -> tuple[str, ...]:
    """Return what an actor has a reference of its own to, the last one last."""
    got = m.get(cells.got(t, kept), ())
    assert isinstance(got, tuple)
    return got


# Who has taken a reference puts that one; a hook that has none puts the pointer's own, which was
# counted as it was attached. The pointer stays as it is.
@stands_for(_PUT)
def _put(m: Machine, t: Target, kept: Kept, *, how: str = "", sleeps: bool = False) -> None:
    own = held(m, t, kept)
    if own:
        m[cells.got(t, kept)] = own[:-1]
    else:
        reach(m, t, kept, "reads", "the pointer in")
    value = own[-1] if own else m[t.slot(kept)]
    if value is None:
        m.comes_to(f"the pointer to {kept.kind.name} is NULL, and nothing is put")
        return
    follow(m, kept, value, "counts down")
    name = str(value)
    if not _count(m, name):
        doing = f"counts down {kept.kind.name}, the last reference to which is gone"
        m.fail("use-after-free", name, doing)
    left = _count(m, name) - 1
    _set_count(m, name, left)
    then = f"shall be freed {how}" if how else "is freed"
    gone = f"the last reference to {kept.kind.name} is dropped, and it {then}"
    m.comes_to(f"a reference to {kept.kind.name} is dropped, {left} left" if left else gone)
    if not left and how:
        queue_free(m, t, kept, name, how)
    elif not left:
        give_back(m, kept, name, sleeps=sleeps)
    if not left and kept.kind.left_empty and not own:
        m[t.slot(kept)] = None


# --- what a callback is given -----------------------------------------------------------------


# A body that gets a reference, queues a work and leaves the put to it, gives the reference away;
# where the work is queued already it keeps it, and who takes the work back has it then. The work
# lies in what it has the reference to, so that it finds that without the inode.
@stands_for(_OWN)
def hand_over(m: Machine, t: Target, callback: Callback) -> bool:
    """Give a callback a reference of the actor's, if it puts more than it gets; say whether."""
    is_given = False
    queued = cells.queued(t, callback.name)
    for kept in cells.counted(t):
        own = held(m, t, kept)
        if own and _puts_more(callback, kept):
            m[cells.got(t, kept)] = own[:-1]
            m[cells.handed(queued, kept)] = own[-1:]
            is_given = True
    return is_given


def _puts_more(callback: Callback, kept: Kept) -> bool:
    verbs = [action.verb for action in callback.does if action.metadata == kept.kind.name]
    puts = sum(verb.startswith("put") and verb != "put on" for verb in verbs)
    return puts > sum(verb.startswith("get") for verb in verbs)


@stands_for(_OWN)
def receive(m: Machine, t: Target, queued: str) -> None:
    """Take what a queued callback was given: as it begins, or as it is taken back."""
    for kept in cells.counted(t):
        given = m[cells.handed(queued, kept)]
        assert isinstance(given, tuple)
        if given:
            m[cells.got(t, kept)] = (*held(m, t, kept), *given)
            m[cells.handed(queued, kept)] = ()


# --- a line of the road for each word -------------------------------------------------------


def get(action: Action, t: Target, drops: tuple[Do, ...]) -> tuple[Line, ...]:
    """Return the lines that take a reference, or end the body; `drops` lets go of its locks."""
    kept = t.kept(action.metadata)
    ends = (if_no(*drops), ReturnIf(no))
    load: Operation = _partial(load_pointer, kept=kept)
    says = f"the pointer to {kept.kind.name} is loaded"
    line: Line = Do(load, says)
    if kept.kind.by_i_mapping:
        ways = through_mapping(kept, (load,))
        line = Choose(lambda _: ways, says)
    if action.verb == "get":
        return (line, *ends, Do(_partial(_get, kept=kept), action.says))
    return (line, *ends, Do(_partial(_get_unless_zero, kept=kept), action.says), *ends)


def put(action: Action, t: Target) -> tuple[Line, ...]:
    """Return the line that drops a reference: as many ways as giving back the last one may go."""
    kept = t.kept(action.metadata)
    if action.verb == "put after a grace period":
        return (Do(_partial(_put, kept=kept, how=GRACE), action.says),)
    at_once, asleep = (_partial(_put, kept=kept, sleeps=sleeps) for sleeps in (False, True))
    ways: dict[str, tuple[Operation, ...]] = {
        "sleeping lock": (asleep,), "may sleep": (at_once, asleep),
    }  # fmt: skip
    does = ways.get(kept.kind.release, (at_once,))
    return (Choose(lambda _: does, action.says),)
