"""Write the lines of a body as C: each word is the call that the kernel has for it.

No word is written by what the model takes it to do: a kfree_rcu stays one, and a lock is a lock. So
a kernel can refute the model's meaning of a word, and not its use alone. What has no such call
(clear, read) is the Design's own code, and what is left out is refused by its name.
"""

from collections.abc import Iterator, Mapping
from string import Template
from typing import Final

from gmemviz.model import Action, Design, Kept
from gmemviz.model.design import Verb
from gmemviz.translate.c.fragments import fill
from gmemviz.translate.c.names import OUTSIDE, TESTS, Names, word
from gmemviz.translate.c.plays import lines_of, stops_of

CALLS: Final[Mapping[Verb, str]] = {
    "truncate": "truncate_inode_pages_final(&inode->i_data);",
    "clear_inode": "clear_inode(inode);",
    "make_bad_inode": "make_bad_inode(inode);",
    "add page": "add_folio(inode);\t/* filemap_add_folio() of a new one */",
    "igrab": "if (!igrab(inode))\n\t\tgoto out;",
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
    "rcu_barrier": "rcu_barrier();",
    "rcu_read_unlock": "rcu_read_unlock();",
    "wait for": "wait_for(&${start}_actors[${number}]);",
    "sleep": "schedule_timeout_uninterruptible(1);",
    "lock": "${lock}",
    "unlock": "${unlock}",
    "walk": "${walk}",
}
"""The words that are said of no metadata, each as one call."""

ON_METADATA: Final[Mapping[Verb, str]] = {
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


def written(title: str, body: tuple[Action, ...], names: Names) -> list[str]:
    """Return a body as C, with each of its stops."""
    steps: list[str] = []
    numbers = list(lines_of(names.design)[title])
    for action in body:
        stops = [_stop(numbers.pop(0)) for _ in range(stops_of(action))]
        steps += _conditional(action, names, title, stops)
    return steps + list(map(_stop, numbers))  # an actor is done, and still has what it holds


def _stop(number: int) -> str:
    return f"\tcome_to({number}, inode);"


# The question is a step of its own, as in the model: others may come between it and the action.
def _conditional(action: Action, names: Names, title: str, stops: list[str]) -> Iterator[str]:
    yield stops.pop(0)
    if not action.only_if:
        yield _step(action, names, title, stops)
        return
    asked = stops.pop(0)
    step = _step(action, names, title, stops)
    yield f"\tif ({' && '.join(_asked(action, names, title))}) {{"
    yield from (f"\t{line}" for line in (asked, *step.split("\n")))
    yield "\t}"


def _asked(action: Action, names: Names, title: str) -> Iterator[str]:
    for condition in action.only_if:
        if condition.subject:
            asks = found(kept_of(names.design, condition.subject), names, title)
        else:
            asks = TESTS[condition.test]
        yield f"!({asks})" if condition.negated else f"({asks})"


def kept_of(design: Design, name: str) -> Kept:
    """Return what a Design keeps under a name."""
    return next(kept for kept in design.keeps if kept.kind.name == name)


def found(kept: Kept, names: Names, title: str = "") -> str:
    """Return the expression by which a body finds what is kept; an inode leads to no file."""
    words, holder = names.of(kept), kept.placement.holder
    if holder == "xarray" and title == "free":
        return f"xa_erase({words['place']})"
    if holder in OUTSIDE:
        return str(words["place"])
    return f"{words['own']}_of(inode)"


def _step(action: Action, names: Names, title: str, stops: list[str]) -> str:
    if action.verb in ON_METADATA:
        return _on_metadata(action, names, title, stops)
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
    if action.verb == "drain" and _runs(names.design, action.name) == "rcu":
        line = "rcu_barrier();"
    return f"\t{Template(line).substitute(values)}"


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
def _on_metadata(action: Action, names: Names, title: str, stops: list[str]) -> str:
    kept = kept_of(names.design, action.metadata)
    words = names.of(kept) | {
        "start": names.start,
        "loaded_stop": [f"\t{stop}" for stop in stops],
        "found": found(kept, names, "free" if action.verb.startswith("free") else title),
        "untested": action.untested,
        "emptied": kept.kind.left_empty,
        "list": names(word(action.name)) if action.name else "",
        "on": word(action.name),
        "plain": kept.kind.release == "kfree" and not kept.kind.scarce,
    }
    return fill(ON_METADATA[action.verb], words)


def _walk(action: Action, names: Names) -> str:
    kept = next(iter(names.on_list(action.name)), None)
    if kept is None:
        return "/* nothing is ever on it */;"
    on, whole = word(action.name), names(word(action.name))
    return fill("walked", names.of(kept) | {"list": whole, "on": on})
