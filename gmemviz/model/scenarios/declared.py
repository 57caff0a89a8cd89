"""Make scenarios of what a Design declares: each of its actors beside a teardown, and all of them.

The callbacks and the deferred frees of a Design belong to every scenario, as RCU does.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Final

from gmemviz.facts import Context
from gmemviz.model.design import DeclaredActor, Design, From, Holds
from gmemviz.model.machine import HELD, I_FREEING, Cell, Machine, Target, Trait
from gmemviz.model.road import (
    Again,
    Body,
    Chosen,
    Do,
    Line,
    Wait,
    When,
    bodies,
    files,
    has,
    kvm,
    marks,
    rcu,
)
from gmemviz.model.scenarios.scenario import (
    CLOSE,
    CREATE,
    DEAD,
    ENDS,
    SOFTIRQ,
    Actor,
    Scenario,
    entry,
    unmounts,
)

_partial = cache(partial)


def own_name(what: str, name: str) -> str:
    """Return what the model calls an actor or callback of the Design: never as one of its own."""
    return f"{what}:{name}"


# --- who may begin, and what it takes ---------------------------------------------------


UNMOUNTING: Final = "umount has begun"


def may_begin(m: Machine, t: Target, *, who: DeclaredActor) -> bool:
    """Return whether an actor may begin, and can get hold of what it holds."""
    if who.until == "umount" and m[UNMOUNTING]:
        return False
    return _MOMENTS[who.begins](m, t) and _CAN_HOLD[who.holds](m, t, who)


def _is_created(m: Machine, _: Target) -> bool:
    return bool(m["attached"])


def _is_going(m: Machine, t: Target) -> bool:
    return m[t.inode] == HELD and bool(m.count(f"{t.inode}.i_state") & I_FREEING)


_MOMENTS: Final[Mapping[From, Callable[[Machine, Target], bool]]] = {
    "creation": _is_created,
    "open": rcu.is_published,
    "close": files.has_closed,
    "eviction": _is_going,
    "umount": files.is_dead,
}


def _is_referenced(m: Machine, t: Target, _: DeclaredActor) -> bool:
    return bool(m[f"{t.inode}.i_count"]) and not m[f"{t.inode}.i_state"]


def _always(_: Machine, __: Target, ___: DeclaredActor) -> bool:
    return True


def _has_dentry(m: Machine, t: Target, _: DeclaredActor) -> bool:
    return m.count(f"{t.inode}.dentry") > 0


def _is_file_held(m: Machine, _: Target, __: DeclaredActor) -> bool:
    return m.count("f_ref") > 0


def _is_lock_free(m: Machine, t: Target, who: DeclaredActor) -> bool:
    return bodies.is_free(m, t, name=who.lock)


_CAN_HOLD: Final[Mapping[Holds, Callable[[Machine, Target, DeclaredActor], bool]]] = {
    "nothing": _always,
    "rcu": _always,
    "inode": _is_referenced,
    "mark": _is_referenced,
    "dentry": _has_dentry,
    "file": _is_file_held,
    "O_PATH file": _has_dentry,
    "lock": _is_lock_free,
}


def begin(m: Machine, t: Target, *, who: DeclaredActor) -> None:
    """Take what an actor holds."""
    m[bodies.inside(t.actor)] = 1
    if who.holds == "mark":
        m[marks.MARKS] = m.count(marks.MARKS) + 1
    if who.holds == "rcu":
        rcu.enter(m, t)
    elif who.holds in ("inode", "mark"):
        m[f"{t.inode}.i_count"] = m.count(f"{t.inode}.i_count") + 1
        m.says(t.inode, "held again")
    elif who.holds == "file":
        kvm.get_file(m, t)
    elif who.holds in ("dentry", "O_PATH file"):
        m[f"{t.inode}.dentry"] = m.count(f"{t.inode}.dentry") + 1
        m["mount"] = m.count("mount") + 1
    elif who.holds == "lock":
        bodies.take(m, t, name=who.lock, kind=t.lock_kind(who.lock))


def end(m: Machine, t: Target, *, who: DeclaredActor) -> None:
    """Drop what an actor held, where that is no road of its own."""
    if who.holds == "rcu":
        rcu.leave(m, t)
    elif who.holds == "lock":
        bodies.drop(m, t, name=who.lock)
    if who.holds == "mark":
        m[marks.MARKS] = m.count(marks.MARKS) - 1
    m[bodies.inside(t.actor)] = 2


_PUTS: Final[Mapping[Holds, tuple[str, ...]]] = {
    "inode": ("iput",), "mark": ("iput",), "dentry": ("dput", "mntput"), "file": ("fput",),
    "O_PATH file": ("__fput",),
}  # fmt: skip
_SAYS: Final = {
    "nothing": "begins, and holds nothing",
    "rcu": "rcu_read_lock",
    "inode": "the inode is held",
    "mark": "a mark holds the inode",
    "dentry": "the dentry is held",
    "file": "the file is held",
    "O_PATH file": "an O_PATH file is open",
}


def _context(who: DeclaredActor, lock_kinds: Mapping[str, str]) -> Context | None:
    """Return where a body runs: under RCU or a spinlock nobody may sleep."""
    is_spin = who.holds == "lock" and lock_kinds[who.lock] != "mutex"
    return "A" if is_spin or who.holds == "rcu" else None


def _lines(who: DeclaredActor, lock_kinds: Mapping[str, str]) -> tuple[Line, ...]:
    says = _SAYS.get(who.holds, f"{who.lock} is held")
    waits: tuple[Line, ...] = ()
    if who.holds == "mark":
        waits = (Wait(marks.is_taken, files.nothing, "the mark is taken away"),)
    puts = tuple(entry(name) for name in _PUTS.get(who.holds, ()))
    return (
        Wait(_partial(may_begin, who=who), _partial(begin, who=who), says),
        Body(f"actor {who.name}", _context(who, lock_kinds)),
        *waits,
        *puts,
        Do(_partial(end, who=who), "is done"),
    )


def _actor(
    who: DeclaredActor, number: int, traits: tuple[Trait, ...], lock_kinds: Mapping[str, str]
) -> Actor:
    name = own_name("actor", who.name) + (f" {number}" if number > 1 else "")
    own: tuple[Trait, ...] = ("O_PATH",) if who.holds == "O_PATH file" else ()
    return Actor(name, _lines(who, lock_kinds), shown=who.name, traits=(*traits, *own))


MOUNT_FAILS: Final = Scenario(
    "mount-fails", "C", "a mount fails half way: its root inode goes with the superblock",
    (
        Actor("task", (entry("a mount that fails"),), traits=("unmounts", "root", "mount fails")),
        replace(SOFTIRQ, traits=("mount fails",)),
    ),
    sometimes=(DEAD,),
)  # fmt: skip


MOUNT_FAILS_AT_ONCE: Final = Scenario(
    "mount-fails-at-once", "C", "a mount fails before it has a root: put_super is not called",
    (
        Actor("task", (entry("a mount that fails at once"),), traits=("unmounts", "no root")),
    ),
    sometimes=(DEAD,),
)  # fmt: skip


# --- the scenarios ----------------------------------------------------------------------


def of_design(design: Design) -> tuple[Scenario, ...]:
    """Return the scenarios that a Design's own actors make."""
    found = [_scenario(design, (who,), f"actor {who.name}") for who in design.actors]
    if unmounts(design) and any(kept.placement.holder == "superblock" for kept in design.keeps):
        found.append(MOUNT_FAILS)
    if unmounts(design) and any(kept.kind.before_root for kept in design.keeps):
        found.append(MOUNT_FAILS_AT_ONCE)
    if len(design.actors) > 1:
        found.append(_scenario(design, design.actors, "all actors"))
    return tuple(found)


def _scenario(design: Design, actors: tuple[DeclaredActor, ...], name: str) -> Scenario:
    is_counted = any(who.holds == "file" for who in actors)
    traits: tuple[Trait, ...] = ("unmounts",) if unmounts(design) else ()
    traits += ("counted",) if is_counted else ()
    maps = (Chosen("maps", is_entry=True),) if is_counted else ()
    lock_kinds: dict[str, str] = {lock.name: lock.kind for lock in design.locks}
    beside = [_actor(who, 1, traits, lock_kinds) for who in actors]
    if len(actors) == 1 and actors[0].times == 2:
        beside.append(_actor(actors[0], 2, traits, lock_kinds))
    if unmounts(design):
        beside.append(_unmounter(actors))
    cells: list[tuple[str, Cell]] = [(bodies.inside(actor.name), 0) for actor in beside]
    cells += [("attached", 0), (UNMOUNTING, 0)]
    if any(who.holds == "mark" for who in actors):
        cells += [(marks.MARKS, 0), (marks.TAKEN, 0)]
    holds_inode = any(who.holds in ("inode", "mark") for who in actors)
    if holds_inode or design.said & {"igrab", "drop i_lock"}:
        cells.append(("inode.i_lock", 0))
    if is_counted:
        cells += kvm.FILE_CELLS
    says = " and ".join(who.says or who.name for who in actors)
    return Scenario(
        name, "N", f"{says}, as the Design declares, while the inode goes",
        (Actor("task", (*CREATE, *maps, *CLOSE), traits=traits), SOFTIRQ, *beside),
        sometimes=(ENDS,), cells=tuple(cells),
    )  # fmt: skip


def _unmounter(actors: tuple[DeclaredActor, ...]) -> Actor:
    waits = tuple(who.name for who in actors if who.until == "umount")
    guard = _partial(may_unmount, waits=waits)
    return Actor(
        "unmounter", (Wait(guard, begin_unmount, "a file is open"), entry("kern_unmount")),
        shown="umount", traits=("unmounts",),
    )  # fmt: skip


def begin_unmount(m: Machine, _: Target) -> None:
    """Let nobody begin whom the unmounter waits for."""
    m[UNMOUNTING] = 1


def may_unmount(m: Machine, t: Target, *, waits: tuple[str, ...]) -> bool:
    """Return whether a file was made, and nobody is at work whom the unmounter waits for."""
    names = [name for who in waits for name in bodies.instances(who)]
    busy = any(m.get(bodies.inside(name)) == 1 for name in names)
    return files.has_file(m, t) and not busy


# --- what a Design defers ---------------------------------------------------------------


def deferred_of(design: Design, of: Actor) -> tuple[Actor, ...]:
    """Return who runs a Design's callbacks and deferred frees for the inode that `of` works on."""
    found = []
    traits: tuple[Trait, ...] = tuple(trait for trait in of.traits if trait in _ABOUT_INODE)
    for callback in design.callbacks:
        context: Context = "B" if callback.runs == "rcu" else "P"
        lines: tuple[Line, ...] = (
            Wait(
                _partial(bodies.callback_is_due, name=callback.name),
                _partial(bodies.begin_callback, name=callback.name),
                f"{callback.name} is due",
            ),
            When(has("module"), Do(kvm.run_text, "code of the module runs")),
            Body(f"callback {callback.name}", context),
            Do(_partial(bodies.end_callback, name=callback.name), f"{callback.name} is done"),
            Again(),
        )
        found.append(_later(callback.name, lines, of, traits))
    verbs = {(action.metadata, action.verb) for body in design.bodies.values() for action in body}
    for kept in design.keeps:
        for how, context in ((bodies.GRACE, "B"), (bodies.WORKER, "P")):
            if (kept.kind.name, f"free {how}") in verbs:
                guard = _partial(bodies.is_due, kept=kept, how=how)
                act = _partial(bodies.free_deferred, kept=kept, how=how)
                line = Wait(guard, act, f"{kept.kind.name} is freed", context)
                text = When(_runs_module_text, Do(kvm.run_text, "code of the module runs"))
                own = (line, text, Again()) if how == bodies.WORKER else (line, Again())
                found.append(_later(f"{kept.kind.name} {how}", own, of, traits))
    return tuple(found)


def _runs_module_text(t: Target) -> bool:
    return "module" in t.traits


_ABOUT_INODE: Final = ("hashed", "root", "unmounts", "module")


def _later(name: str, lines: tuple[Line, ...], of: Actor, traits: tuple[Trait, ...]) -> Actor:
    own = own_name("callback", name)
    own = own if of.inode == "inode" else f"{own} of {of.inode}"
    return Actor(own, lines, of.inode, name, of.address, traits=traits)
