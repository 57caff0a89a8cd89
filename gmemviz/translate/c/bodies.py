"""Write the lines of a body as C: each word is the call that the kernel has for it.

No word is written by what the model takes it to do: a kfree_rcu stays one, and a lock is a lock. So
a kernel can refute the model's meaning of a word, and not its use alone. What has no such call
(clear, read) is the Design's own code, and what is left out is refused by its name.
"""

from collections.abc import Iterator, Mapping
from string import Template
from typing import Final, NamedTuple

from gmemviz.model import Action, Design, Kept
from gmemviz.model.design import Verb
from gmemviz.translate.c.fragments import Words, fill
from gmemviz.translate.c.metadata import is_memory_alone
from gmemviz.translate.c.names import GETTING, OUTSIDE, PUTTING, TESTS, Names, word
from gmemviz.translate.c.plays import lines_of, stops_of

CALLS: Final[Mapping[Verb, str]] = {
    "truncate": "truncate_inode_pages_final(&inode->i_data);",
    "clear_inode": "clear_inode(inode);",
    "make_bad_inode": "make_bad_inode(inode);",
    "add page": "add_folio(inode);\t/* filemap_add_folio() of a new one */",
    "igrab": "!igrab(inode)",
    "iput": "iput(inode);",
    "drop i_lock": "spin_unlock(&inode->i_lock);",
    "take i_lock": "spin_lock(&inode->i_lock);",
    "return 0": "return 0;",
    "return 1": "return 1;",
    "free struct": "$free_struct",
    "free to inode_cachep": "free_inode_nonrcu(inode);",
    "call_rcu free struct": "call_rcu(&inode->i_rcu, ${start}_callback);",
    "kill_anon_super": "kill_anon_super(sb);",
    "kill_litter_super": "kill_litter_super(sb);",
    "call_rcu": "call_rcu(&later_of(${start}_${name}_later, at)->rcu, ${start}_${name}_rcu);",
    "queue": "queue_work(later_queue(), &later_of(${start}_${name}_later, at)->work);",
    "drain": "drain_later(${start}_${name}_later, at);\t/* flush_work() */",
    "cancel": "cancel_later(${start}_${name}_later, at);\t/* cancel_work_sync() */",
    "rcu_barrier": "rcu_barrier();",
    "synchronize_rcu": "synchronize_rcu();",
    "rcu_read_unlock": "rcu_read_unlock();",
    "call_srcu": (
        "call_srcu(&own_srcu, &later_of(${start}_${name}_later, at)->rcu, ${start}_${name}_rcu);"
    ),
    "synchronize_srcu": "synchronize_srcu(&own_srcu);",
    "srcu_barrier": "srcu_barrier(&own_srcu);",
    "srcu_read_unlock": "leave_srcu(at);\t/* srcu_read_unlock() */",
    "wait for": "wait_for(&${start}_actors[${number}]);",
    "sleep": "schedule_timeout_uninterruptible(1);",
    "lock": "${lock}",
    "unlock": "${unlock}",
    "walk": "${walk}",
}
"""The words that are said of no metadata, each as one call; where igrab fails, the body ends."""

_OTHERWISE: Final[Mapping[tuple[Verb, str], str]] = {
    ("drain", "rcu"): "rcu_barrier();",
    ("drain", "srcu"): "srcu_barrier(&own_srcu);",
    ("queue", "timer"): "mod_timer(&later_of(${start}_${name}_later, at)->timer, when_due());",
    ("cancel", "timer"): "delete_timer(${start}_${name}_later, at);\t/* timer_delete_sync() */",
}
"""The calls of what is no work. (include/linux/timer.h, kernel/rcu/tree.c:rcu_barrier,
kernel/rcu/srcutree.c:srcu_barrier@v6.12)"""

ON_METADATA: Final[Mapping[Verb, str]] = {
    "attach": "attached_there",
    "attach unless set": "attached_there",
    "get": "got",
    "get unless zero": "got",
    "put": "put_reference",
    "put after a grace period": "put_reference",
    "free": "freed_there",
    "free after a grace period": "freed_by_rcu",
    "free in a worker": "freed_by_worker",
    "clear": "cleared",
    "read": "read_there",
    "put on": "put_on",
    "take off": "taken_off",
}
"""The words that are said of metadata, each as a fragment of `fragments.c`."""

_LOCK: Final = {
    "spinlock": ("spin_lock(&{0});", "spin_unlock(&{0});"),
    "irqsave": ("spin_lock_irqsave(&{0}, {0}_flags);", "spin_unlock_irqrestore(&{0}, {0}_flags);"),
    "mutex": ("mutex_lock(&{0});", "mutex_unlock(&{0});"),
}


_HANDS: Final[Mapping[Verb, str]] = {
    "call_rcu": "call_rcu(", "call_srcu": "call_srcu(&own_srcu, ",
}  # fmt: skip
"""The calls by which an object is handed over with the rcu_head that lies in it.
(kernel/rcu/srcutree.c:call_srcu@v6.12)"""


class _Place(NamedTuple):
    """Say where an action stands: in which body, and what that holds and has got by then.

    `stops` are those of the action that are left; `held` the locks, which the body drops where it
    ends early; `got` the metadata to which it takes references of its own, here or elsewhere.
    """

    names: Names
    title: str
    stops: list[str]
    held: tuple[str, ...]
    got: frozenset[str]


def written(title: str, body: tuple[Action, ...], names: Names) -> list[str]:
    """Return a body as C, with each of its stops."""
    steps: list[str] = []
    held: tuple[str, ...] = ()
    got = frozenset(got_by(body))
    numbers = list(lines_of(names.design)[title])
    for action in body:
        stops = [_stop(numbers.pop(0)) for _ in range(stops_of(action))]
        steps += _conditional(action, _Place(names, title, stops, held, got))
        if action.verb == "lock":
            held = (action.name, *held)
        elif action.verb == "unlock":
            held = tuple(name for name in held if name != action.name)
    return steps + list(map(_stop, numbers))  # an actor is done, and still has what it holds


def got_by(body: tuple[Action, ...]) -> list[str]:
    """Return the kinds of metadata to which a body takes references, sorted."""
    return sorted({action.metadata for action in body if action.verb in GETTING})


def _stop(number: int) -> str:
    return f"\tcome_to({number}, inode);"


# The question is a step of its own, as in the model: others may come between it and the action.
def _conditional(action: Action, place: _Place) -> Iterator[str]:
    yield place.stops.pop(0)
    if not action.only_if:
        yield _step(action, place)
        return
    asked = place.stops.pop(0)
    yield f"\tif ({' && '.join(_asked(action, place))}) {{"
    yield from (f"\t{line}" if line else "" for line in (asked, *_step(action, place).split("\n")))
    yield "\t}"


def _asked(action: Action, place: _Place) -> Iterator[str]:
    names = place.names
    for condition in action.only_if:
        if condition.subject:
            asks = found(kept_of(names.design, condition.subject), names, place.title)
        else:
            asks = TESTS[condition.test]
        yield f"!({asks})" if condition.negated else f"({asks})"


def kept_of(design: Design, name: str) -> Kept:
    """Return what a Design keeps under a name."""
    return next(kept for kept in design.keeps if kept.kind.name == name)


def found(kept: Kept, names: Names, title: str = "") -> str:
    """Return the expression by which a body finds what is kept; an inode leads to no file.

    Whoever goes by an inode reads that first, and it may be gone: `reached` tells it.
    """
    words, holder = names.of(kept), kept.placement.holder
    if holder == "xarray" and title == "free":
        return f"xa_erase({words['place']})"
    if holder in OUTSIDE:
        return str(words["place"])
    way = f"{words['own']}_of(inode)"
    return way if holder == "xarray" else f"reached(inode, {way})"


def _step(action: Action, place: _Place) -> str:
    names = place.names
    if action.verb in ON_METADATA:
        return _on_metadata(action, place)
    if action.verb == "igrab":
        return _ends(CALLS[action.verb], place)
    if action.verb in _HANDS and action.name in names.design.carried:
        return _handed(action, place)
    values = {"start": names.start, "name": word(action.name), "number": 0, **_struct(names)}
    if action.verb in ("lock", "unlock"):
        lock, unlock = calls_of_lock(names, action.name)
        values |= {"lock": lock, "unlock": unlock}
    elif action.verb == "walk":
        values["walk"] = _walk(action, names).lstrip("\t")
    elif action.verb == "wait for":
        actors = [actor.name for actor in names.design.actors]
        values["number"] = actors.index(action.name)
    line = CALLS[action.verb]
    if action.verb in ("drain", "queue", "cancel"):
        line = _OTHERWISE.get((action.verb, _runs(names.design, action.name)), line)
    return f"\t{Template(line).substitute(values)}"


def _handed(action: Action, place: _Place) -> str:
    names = place.names
    (name,) = names.design.carried[action.name]
    kept = kept_of(names.design, name)
    words = {
        "call": _HANDS[action.verb], "function": names(word(action.name)),
        "found": _found_there(kept, place),
    }  # fmt: skip
    return fill("handed_to_rcu", names.of(kept) | words)


# A callback has what it lies in, wherever pointers lead meanwhile.
def _found_there(kept: Kept, place: _Place, title: str = "") -> str:
    callback = place.title.removeprefix("callback ")
    is_carried = kept.kind.name in place.names.design.carried.get(callback, ())
    if is_carried and callback != place.title:
        return "at->carried"
    return found(kept, place.names, title or place.title)


# A body that ends early keeps no lock of its own; what an actor holds its driver drops.
def _ends(asked: str, place: _Place) -> str:
    unlocks = [f"\t\t{calls_of_lock(place.names, name)[1]}" for name in place.held]
    return fill("ended", {"asked": asked, "unlocks": unlocks, "locked": bool(unlocks)})


def calls_of_lock(names: Names, name: str) -> tuple[str, ...]:
    """Return the calls by which a lock of the Design's is taken and dropped."""
    kind = next(lock.kind for lock in names.design.locks if lock.name == name)
    return tuple(text.format(names(word(name))) for text in _LOCK[kind])


def _runs(design: Design, name: str) -> str:
    return next(callback.runs for callback in design.callbacks if callback.name == name)


def _struct(names: Names) -> dict[str, str]:
    box = names("inode")
    free = f"kmem_cache_free({box}_cache, {box}_of(inode));"
    return {"free_struct": free if names.design.has_container else "free_inode_nonrcu(inode);"}


# What is freed by a lock that it takes is freed by a function of its own, which RCU calls; what is
# only memory goes by kfree_rcu.
def _on_metadata(action: Action, place: _Place) -> str:
    names = place.names
    kept = kept_of(names.design, action.metadata)
    is_freed = action.verb.startswith("free")
    words = names.of(kept) | {
        "start": names.start,
        "loaded_stop": [f"\t{stop}" for stop in place.stops],
        "found": _found_there(kept, place, "free" if is_freed else ""),
        "untested": action.untested,
        "emptied": kept.kind.left_empty,
        "list": names(word(action.name)) if action.name else "",
        "on": word(action.name),
        "plain": is_memory_alone(kept),
        "whose": "NULL" if kept.placement.holder in OUTSIDE else "inode",
        "unless_set": action.verb == "attach unless set",
        **_counted(action, kept, place),
    }
    return fill(ON_METADATA[action.verb], words)


# Who has got a reference reads and puts by that, whatever the pointer says meanwhile. What a count
# is read of may be freed: look_at tells it, as it does of all that is read.
def _counted(action: Action, kept: Kept, place: _Place) -> Words:
    words = place.names.of(kept)
    v, got, name = words["v"], f"got_{words['x']}", kept.kind.name
    asked = f'!{v} || look_at("{name}", {v})'
    if action.verb == "get unless zero":
        asked += f" || !kref_get_unless_zero(&{v}->count)"
    counted: Words = {
        "unless_zero": action.verb == "get unless zero",
        "last": "last_later" if action.verb == "put after a grace period" else "last",
        "unowned": "", "forgets": [],
    }  # fmt: skip
    if action.verb in GETTING:
        counted["ends"] = [f"\t{line}" for line in _ends(asked, place).split("\n")]
    elif name in place.got and action.verb in ("read", *PUTTING):
        counted["found"] = f"{got} ?: {found(kept, place.names, place.title)}"
        counted |= {"unowned": f" && !{got}", "forgets": [f"\t\t{got} = NULL;"]}
    return counted


def _walk(action: Action, names: Names) -> str:
    kept = next(iter(names.on_list(action.name)), None)
    if kept is None:
        return "/* nothing is ever on it */;"
    on, whole = word(action.name), names(word(action.name))
    return fill("walked", names.of(kept) | {"list": whole, "on": on})
