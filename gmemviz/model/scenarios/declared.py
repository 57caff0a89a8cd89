"""Make scenarios of what a Design declares: each of its actors beside a teardown, and all of them.

An actor begins as the Design says (include/linux/fs.h:struct inode's i_count, a dentry, a file, a
lock or rcu_read_lock is all that it may hold), runs its body and puts what it held. The callbacks
and the deferred frees of a Design belong to every scenario, as RCU does.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from itertools import combinations, combinations_with_replacement, permutations
from typing import Final, Literal, NamedTuple

from gmemviz.facts import Context
from gmemviz.model.design import (
    ATTACHING,
    BY_ITSELF,
    DROPS,
    GRACE,
    IN_SOFTIRQ,
    QUEUES,
    TAKES,
    WORKER,
    Action,
    Callback,
    DeclaredActor,
    Design,
    From,
    Holds,
    Kept,
    Runs,
    Verb,
    is_put_by,
)
from gmemviz.model.machine import (
    FIRST_FILE,
    HELD,
    I_FREEING,
    Cell,
    Machine,
    NoFunction,
    Target,
    Trait,
    stands_for,
)
from gmemviz.model.road import (
    Again,
    Chosen,
    Do,
    Line,
    OwnBody,
    bodies,
    cells,
    dcache,
    files,
    has,
    icache,
    if_yes,
    kvm,
    marks,
    members,
    rcu,
    until,
    wait,
    waits,
    when,
)
from gmemviz.model.scenarios import named
from gmemviz.model.scenarios.scenario import (
    ALLOCATE,
    ATTACH,
    CLOSE,
    CREATE,
    LAST_CLOSE,
    MAKE_ANOTHER,
    PIPE,
    RCU,
    READER,
    SOFTIRQ,
    USE,
    WALKER,
    Actor,
    Scenario,
    actor,
    entry,
    scenario,
    unmounts,
)
from gmemviz.model.scenarios.witnesses import DEAD, SECOND

_partial = cache(partial)

_ACTOR: Final = NoFunction("design", "an actor of the Design's takes, and puts, what it holds")


# --- who may begin, and what it takes ---------------------------------------------------


UNMOUNTING: Final = "umount has begun"
"""The cell that says whether it has: nobody begins then for whom the unmounter waits."""


@waits("it may not begin yet, or not any more, or cannot get hold of what it holds")
def may_begin(m: Machine, t: Target, *, who: DeclaredActor) -> bool:
    """Return whether an actor may begin, and can get hold of what it holds."""
    if who.until == "umount" and m[UNMOUNTING]:
        return False
    if who.begins == "listed" and not m[cells.members(who.walks)]:
        return False
    return _MOMENTS[who.begins](m, t) and _CAN_HOLD[who.holds](m, t, who)


def _is_created(m: Machine, _: Target) -> bool:
    return bool(m["attached"])


# What is on a list is found by it, be its creator done or not: `may_begin` asks for no more.
def _at_any_time(_: Machine, __: Target) -> bool:
    return True


# inode_init_always sets the count, and nobody has heard of the inode before.
def _is_allocated(m: Machine, t: Target) -> bool:
    return m[t.inode] == HELD and m[f"{t.inode}.i_count"] is not None


def _is_going(m: Machine, t: Target) -> bool:
    return m[t.inode] == HELD and bool(m.count(f"{t.inode}.i_state") & I_FREEING)


_MOMENTS: Final[Mapping[From, Callable[[Machine, Target], bool]]] = {
    "alloc": _is_allocated,
    "creation": _is_created,
    "open": rcu.is_published,
    "listed": _at_any_time,
    "close": files.has_closed,
    "eviction": _is_going,
    "umount": files.is_dead,
}


# Who has no reference takes one from somebody who has: at 0 the inode is iput_final's, and only
# igrab may look (fs/inode.c:iput_final@v6.12). So the guard asks for a count, not for memory.
def _is_referenced(m: Machine, t: Target, _: DeclaredActor) -> bool:
    return bool(m[f"{t.inode}.i_count"]) and not m[f"{t.inode}.i_state"]


# inotify_add_watch looks a path up, so umount waits for it (fs/namespace.c:mntput@v6.12).
def _is_referenced_and_mounted(m: Machine, t: Target, who: DeclaredActor) -> bool:
    return _is_referenced(m, t, who) and m.count("mount") > 0


def _always(_: Machine, __: Target, ___: DeclaredActor) -> bool:
    return True


# A dentry at 0 may still be found in the dcache; that of a pseudo file is not hashed, so a path to
# it needs somebody who holds it (fs/file_table.c:alloc_file_pseudo@v6.12).
def _has_dentry(m: Machine, t: Target, _: DeclaredActor) -> bool:
    if "named" in t.traits and dcache.may_look_up(m, t):
        return True
    if m.get(cells.name(t)) in (dcache.NEGATIVE, dcache.DEAD):  # unlink(2) may hold it still
        return False
    return m.count(f"{t.inode}.dentry") > 0 and m.count("mount") > 0 and _is_created(m, t)


# Nobody gets a file before fd_install, which comes when its creator is done.
# (fs/file.c:fd_install@v6.12)
def _is_file_held(m: Machine, t: Target, _: DeclaredActor) -> bool:
    return m.count("f_ref") > 0 and _is_created(m, t)


def _is_lock_free(m: Machine, t: Target, who: DeclaredActor) -> bool:
    (cell,) = cells.locks(t, who.lock)
    return bodies.is_free(m, t, name=who.lock, cell=cell)


_CAN_HOLD: Final[Mapping[Holds, Callable[[Machine, Target, DeclaredActor], bool]]] = {
    "nothing": _always,
    "rcu": _always,
    "srcu": _always,
    "inode": _is_referenced,
    "mark": _is_referenced_and_mounted,
    "dentry": _has_dentry,
    "file": _is_file_held,
    "O_PATH file": _has_dentry,
    "lock": _is_lock_free,
}


@stands_for(_ACTOR)
def begin(m: Machine, t: Target, *, who: DeclaredActor) -> None:
    """Take what an actor holds."""
    m[cells.inside(t.actor)] = 1
    if who.holds == "mark":
        m.add(marks.MARKS, 1)
    if who.holds in ("inode", "mark"):
        icache.hold(m, t)
    elif who.holds == "rcu":
        rcu.enter(m, t)
    elif who.holds == "srcu":
        rcu.enter_srcu(m, t)
    elif who.holds == "file":
        kvm.get_file(m, t)
    elif who.holds in ("dentry", "O_PATH file"):
        dcache.look_up(m, t)
    elif who.holds == "lock":
        (cell,) = cells.locks(t, who.lock)
        bodies.take(m, t, name=who.lock, kind=t.lock_kind(who.lock), cell=cell)


@stands_for(_ACTOR)
def end(m: Machine, t: Target, *, who: DeclaredActor) -> None:
    """Drop what an actor held, where that is no road of its own."""
    if who.holds == "rcu":
        rcu.leave(m, t)
    elif who.holds == "srcu":
        rcu.leave_srcu(m, t)
    elif who.holds == "lock":
        (cell,) = cells.locks(t, who.lock)
        bodies.drop(m, t, name=who.lock, cell=cell)
    if who.holds == "mark":
        m.add(marks.MARKS, -1)
    m[cells.inside(t.actor)] = 2


_PUTS: Final[Mapping[Holds, tuple[str, ...]]] = {
    "inode": ("iput",), "mark": ("iput",), "dentry": ("dput", "mntput"), "file": ("fput",),
    "O_PATH file": ("__fput",),
}  # fmt: skip
"""The roads by which an actor puts what it held."""
_SAYS: Final[Mapping[Holds, str]] = {
    "nothing": "begins, and holds nothing",
    "rcu": "rcu_read_lock",
    "srcu": "srcu_read_lock",
    "inode": "the inode is held",
    "mark": "a mark holds the inode",
    "dentry": "the dentry is held",
    "file": "the file is held",
    "O_PATH file": "an O_PATH file is open",
}


# Under a spinlock nobody may sleep, and under RCU neither.
# A reader may be preempted, but it may not sleep: a writer's synchronize_rcu would never end
# (include/linux/rcupdate.h:rcu_read_lock@v6.12). The model calls both atomic.
def _context(who: DeclaredActor, lock_kinds: Mapping[str, str]) -> Context | None:
    is_spin = who.holds == "lock" and lock_kinds[who.lock] != "mutex"
    return "A" if is_spin or who.holds == "rcu" else None


# Whatever runs in a module is its text; nobody looks at that where no module goes.
_TEXT: Final = when(has("module"), Do(kvm.run_text, "code of the module runs"))


# A mark is put by umount alone, so its holder waits to be taken away; the others leave when they
# are done.
def _lines(who: DeclaredActor, lock_kinds: Mapping[str, str]) -> tuple[Line, ...]:
    says = _SAYS.get(who.holds, f"{who.lock} is held")
    is_taken = until(marks.is_taken, "the mark is taken away")
    return (
        wait(_partial(may_begin, who=who), _partial(begin, who=who), says),
        OwnBody(f"actor {who.name}", _context(who, lock_kinds)),
        _TEXT,
        *((is_taken,) if who.holds == "mark" else ()),
        *(entry(name) for name in _PUTS.get(who.holds, ())),
        Do(_partial(end, who=who), "is done"),
    )


# Whether it comes once more is asked as it begins: who cannot get in any more waits for nothing.
def _twice(who: DeclaredActor, lines: tuple[Line, ...]) -> tuple[Line, ...]:
    again = Do(_partial(begin_again, who=who), "begins once more, or cannot any more")
    return (*lines, again, if_yes(*lines[1:]))


@stands_for(_ACTOR)
def begin_again(m: Machine, t: Target, *, who: DeclaredActor) -> None:
    """Take once more what an actor holds, where it can."""
    m.register = int(may_begin(m, t, who=who))
    if m.register:
        begin(m, t, who=who)


def actor_of(
    who: DeclaredActor, number: int, traits: tuple[Trait, ...], lock_kinds: Mapping[str, str]
) -> Actor:
    """Return the Actor of what a Design declares; `number` tells two of it apart."""
    name = cells.own_name("actor", who.name) + (f" {number}" if number > 1 else "")
    own: tuple[Trait, ...] = ("O_PATH",) if who.holds == "O_PATH file" else ()
    return Actor(name, _lines(who, lock_kinds), shown=who.name, traits=(*traits, *own))


# --- the scenarios ----------------------------------------------------------------------


NEVER_ACTIVE: Final = ((cells.SB_ACTIVE, 0),)
"""A superblock is active once fill_super has succeeded. (fs/super.c:vfs_get_super@v6.12)"""

MOUNT_FAILS: Final = Scenario(
    "mount-fails", "C", "a mount fails half way: its root inode goes with the superblock",
    (
        actor("task", entry("a mount that fails"), traits=("unmounts", "root", "mount fails")),
        replace(SOFTIRQ, traits=("mount fails",)),
    ),
    sometimes=(DEAD,), cells=NEVER_ACTIVE,
)  # fmt: skip

# d_make_root puts the inode that it has no dentry for, and so does a fill_super that fails before.
# evict runs then on a superblock without s_root, which is not asked for put_super.
# (fs/dcache.c:d_make_root, fs/super.c:generic_shutdown_super@v6.12)
MOUNT_WITHOUT_ROOT: Final = Scenario(
    "mount-without-root", "C", "a mount fails as its root inode gets no dentry, which is put",
    (
        actor(
            "task",
            entry("a mount without a root dentry"),
            traits=("unmounts", "root", "mount fails", "no root"),
        ),
        replace(SOFTIRQ, traits=("mount fails",)),
    ),
    sometimes=(DEAD,), cells=NEVER_ACTIVE,
)  # fmt: skip

MOUNT_FAILS_AT_ONCE: Final = Scenario(
    "mount-fails-at-once", "C", "a mount fails before it has a root: put_super is not called",
    (actor("task", entry("a mount that fails at once"), traits=("unmounts", "no root")),),
    sometimes=(DEAD,),
)  # fmt: skip


def of_design(design: Design) -> tuple[Scenario, ...]:
    """Return the scenarios that a Design's own actors make."""
    found: list[Scenario] = []
    if _needs_another(design):
        found += _scenarios_of_another(design)
    for who in design.actors:
        found.append(_scenario(design, (who,), f"actor {who.name}"))
        found += _scenarios_of_readers(design, who)
    found += _mounts_that_fail(design)
    if named.is_asked(design):
        found += _named_scenarios(design)
    if len(design.actors) > 1:
        found.append(_scenario(design, design.actors, "all actors"))
    for who, reader in permutations(design.actors, 2):
        if who.times == 2 and not _replaced(design, who).isdisjoint(_loaded(reader)):
            name = f"actor {who.name} twice, {reader.name}"
            found.append(_scenario(design, (who, reader), name, is_again=True))
    return tuple(found)


# Who frees what is there and attaches another finds nothing the first time: only its second turn
# takes away what a reader may have. (fs/posix_acl.c:set_cached_acl@v6.12 is such a one)
def _replaced(design: Design, who: DeclaredActor) -> frozenset[str]:
    attached = frozenset(action.metadata for action in who.does if action.verb in ATTACHING)
    return attached & _changed(design, who, _TAKES_AWAY)


def _loaded(who: DeclaredActor) -> frozenset[str]:
    return frozenset(action.metadata for action in who.does if action.verb.startswith(_LOADS))


_LOADS: Final = ("read", "get")


def says_of_superblock(design: Design) -> bool:
    """Return whether a Design has hooks of the superblock, or keeps something there."""
    has_hooks = design.body("put_super") is not None or design.body("kill_sb") is not None
    return has_hooks or any(kept.placement.holder == "superblock" for kept in design.keeps)


# Whoever says nothing of the superblock has a root inode that goes as after any other mount.
def _mounts_that_fail(design: Design) -> Iterator[Scenario]:
    if not unmounts(design):
        return
    if says_of_superblock(design):
        yield from (MOUNT_FAILS, MOUNT_WITHOUT_ROOT)
    if any(kept.kind.before_root for kept in design.keeps):
        yield MOUNT_FAILS_AT_ONCE


# --- another inode, which has the same locks ----------------------------------------------


# Each inode goes by itself, and all have the locks of the Design in common. What cannot be at work
# twice on one inode, as two of its hooks, or who holds it and its evict_inode, can on two.
_ANOTHER: Final = (
    actor("second", *MAKE_ANOTHER, inode="second"),
    Actor("rcu 2", RCU, "second", "grace period"),
)


def _scenarios_of_another(design: Design) -> Iterator[Scenario]:
    meanwhile = "another inode goes, and has the same locks"
    yield scenario("another inode", meanwhile, *LAST_CLOSE, *_ANOTHER, also=(SECOND,))
    for who in design.actors:
        if _may_meet(design, who) or any(action.verb in _WAITS for action in who.does):
            says = f"{said_of((who,))}{meanwhile}"
            traits, crew = _crew(design, who)
            own = cells_of_actors(design, (who,), list(crew[:1]))
            yield scenario(
                f"actor {who.name}, another inode", says,
                actor("task", *CREATE, *mapped(traits), *CLOSE, traits=traits), SOFTIRQ, *crew,
                *_ANOTHER, cells=own, also=(SECOND,),
            )  # fmt: skip

    for who, other in combinations_with_replacement(design.actors, 2):
        if _may_meet(design, who) and _may_meet(design, other) and _is_at_home(other):
            yield _scenario_of_two(design, who, other)


# What each inode has a lock of its own for is guarded from nobody who works on another.
def _needs_another(design: Design) -> bool:
    return _waits_locked(design) or any(lock.of_each for lock in design.locks)


def _may_meet(design: Design, who: DeclaredActor) -> bool:
    takes = who.holds == "lock" or any(action.verb in TAKES for action in who.does)
    is_of_each = any(lock.of_each for lock in design.locks)
    return takes and (is_of_each or _waits_with(who.does, is_held=who.holds == "lock"))


# Its maker has the only reference to the other inode, and no file of it.
def _is_at_home(who: DeclaredActor) -> bool:
    return _ABROAD.isdisjoint(action.verb for action in who.does) and who.holds != "mark"


_ABROAD: Final[frozenset[Verb]] = frozenset(
    {"igrab", "iput", "add page", "truncate", "make_bad_inode"}
)


def _scenario_of_two(design: Design, who: DeclaredActor, other: DeclaredActor) -> Scenario:
    traits, crew = _crew(design, who)
    name = cells.own_name("actor", f"{other.name} of another inode")
    begins = _partial(begin, who=other) if other.holds in BY_ITSELF else _partial(come, who=other)
    may = _partial(can_hold, who=other)
    body = OwnBody(f"actor {other.name}", _context(other, kinds_of_locks(design)))
    works = (
        wait(may, begins, _SAYS.get(other.holds, f"{other.lock} is held")),
        body,
        Do(_partial(end, who=other), "is done"),
    )
    second = actor(
        name, *ALLOCATE, ATTACH, *works, entry("error path"), inode="second", shown=other.name
    )
    own = cells_of_actors(design, (who,), [*crew[:1], second])
    says = f"{who.says or who.name}, and on another inode {other.says or other.name}"
    return scenario(
        f"actor {who.name}, {other.name} of another inode",
        f"{says}, as the Design declares, while the inode goes",
        actor("task", *CREATE, *mapped(traits), *CLOSE, traits=traits), SOFTIRQ, *crew, second,
        _ANOTHER[1], cells=own, also=(SECOND,),
    )  # fmt: skip


@stands_for(_ACTOR)
def come(m: Machine, t: Target, *, who: DeclaredActor) -> None:  # noqa: ARG001 (as `begin`)
    """Begin with the reference of whoever made the inode."""
    m[cells.inside(t.actor)] = 1


@waits("somebody holds the lock that it would hold")
def can_hold(m: Machine, t: Target, *, who: DeclaredActor) -> bool:
    """Return whether an actor can take the lock that it holds, where it does."""
    return who.holds != "lock" or _is_lock_free(m, t, who)


def _crew(design: Design, who: DeclaredActor) -> tuple[tuple[Trait, ...], tuple[Actor, ...]]:
    is_late = who.holds == "mark" or who.begins == "umount"
    traits: tuple[Trait, ...] = ("unmounts",) if unmounts(design) and is_late else ()
    traits += ("counted",) if who.holds == "file" else ()
    crew = (actor_of(who, 1, traits, kinds_of_locks(design)),)
    return traits, (*crew, _unmounter((who,))) if traits[:1] == ("unmounts",) else crew


def _waits_locked(design: Design) -> bool:
    """Return whether somebody waits with a lock held: only so can two wait for each other."""
    bodies_of = [(False, body) for body in design.bodies.values()]
    bodies_of += [(True, who.does) for who in design.actors if who.holds == "lock"]
    return any(_waits_with(body, is_held=is_held) for is_held, body in bodies_of)


def _waits_with(body: tuple[Action, ...], *, is_held: bool) -> bool:
    held = int(is_held)
    for action in body:
        if held and action.verb in _WAITS:
            return True
        held += (action.verb in TAKES) - (action.verb in DROPS)
    return False


_WAITS: Final[tuple[Verb, ...]] = (
    *TAKES, "wait for", "drain", "cancel", "rcu_barrier", "synchronize_rcu", "synchronize_srcu",
    "srcu_barrier", "igrab", "iput",
)  # fmt: skip


# --- who reads by nature what an actor changes -------------------------------------------


class _Reads(NamedTuple):
    """Say who reads beside an actor, which the Design need not declare: the VFS, or a word of it.

    `uses` is what the holder of the file does, `actors` are those who hold nothing, and `reads`
    gives the kinds of metadata that are read so.
    """

    name: str
    says: str
    reads: Callable[[Design], Iterable[Kept]]
    uses: tuple[Line, ...] = ()
    actors: tuple[Actor, ...] = ()


def _used(design: Design) -> Iterator[Kept]:
    return (kept for kept, *_ in members.used(design))


def _walked(design: Design) -> Iterator[Kept]:
    return members.walked(design) if design.named else iter(())


def _lockless(design: Design) -> Iterator[Kept]:
    return (kept for kept in design.keeps if kept.kind.read_without_reference)


def _put_last(design: Design) -> Iterator[Kept]:
    return (kept for kept in design.keeps if kept.kind.read_by_last_put)


_READS: Final = (
    _Reads("in use", "a system call reads what the VFS keeps there", _used, (USE,)),
    _Reads("path walk", "a path walk under RCU reads the inode", _walked, (), (WALKER,)),
    _Reads("reader", "a reader under RCU looks at the metadata", _lockless, (), (READER,)),
    _Reads("last folio_put", "a folio of it outlives it in a pipe", _put_last, (), (PIPE,)),
)
"""They are asked about beside whoever attaches, frees, clears or hands over.

What an actor alone attaches is NULL without it, so that its readers read nothing there.
"""


def _scenarios_of_readers(design: Design, who: DeclaredActor) -> Iterator[Scenario]:
    changed = _changed(design, who)
    for reads in _READS:
        if any(kept.kind.name in changed for kept in reads.reads(design)):
            yield _scenario(design, (who,), f"actor {who.name}, {reads.name}", reads)


_TAKES_AWAY: Final = ("free", "clear", "detach", "hand over")
_CHANGES: Final = ("attach", *_TAKES_AWAY)


# What it queues is its own doing as well. A read, or a place on a list, changes no pointer.
def _changed(
    design: Design, who: DeclaredActor, verbs: tuple[str, ...] = _CHANGES
) -> frozenset[str]:
    actions = with_later(design, who.does)
    changes = (action for action in actions if action.verb.startswith(verbs))
    return frozenset(action.metadata for action in changes)


def with_later(design: Design, body: Iterable[Action]) -> tuple[Action, ...]:
    """Return the actions of a body, and those of the callbacks that it queues, each once."""
    later = {callback.name: callback.does for callback in design.callbacks}
    actions, queued = list(body), set[str]()
    for action in actions:  # which grows as bodies are found
        if action.verb in QUEUES and action.name not in queued:
            queued.add(action.name)
            actions += later[action.name]
    return tuple(actions)


# What may be at work many times is searched with two of it. With more than one kind of actor there
# is one of each: two of two kinds are too many states, and each kind has had its pair alone.
def _scenario(
    design: Design,
    actors: tuple[DeclaredActor, ...],
    name: str,
    reads: _Reads | None = None,
    *,
    is_again: bool = False,
) -> Scenario:
    is_counted = any(who.holds == "file" for who in actors)
    # Whoever reads needs an inode in use, not an umount, unless the actor comes by one alone.
    goes = (reads is None and not is_again) or any(
        who.holds == "mark" or who.begins == "umount" for who in actors
    )
    traits: tuple[Trait, ...] = ("unmounts",) if unmounts(design) and goes else ()
    traits += ("counted",) if is_counted else ()
    maps = mapped(traits)
    lock_kinds = kinds_of_locks(design)
    beside = [actor_of(who, 1, traits, lock_kinds) for who in actors]
    if is_again or (reads and _replaced(design, actors[0])):
        beside[0] = replace(beside[0], lines=_twice(actors[0], beside[0].lines))
    if len(actors) == 1 and actors[0].times == 2 and reads is None:
        beside.append(actor_of(actors[0], 2, traits, lock_kinds))
    own = cells_of_actors(design, actors, beside)
    beside += [replace(each, traits=traits) for each in reads.actors] if reads else []
    if traits[:1] == ("unmounts",):
        beside.append(_unmounter(actors))
    meanwhile = reads.says if reads else "the inode goes"
    uses = reads.uses if reads else ()
    return scenario(
        name, f"{said_of(actors)}{meanwhile}",
        actor("task", *CREATE, *maps, *uses, *CLOSE, traits=traits), SOFTIRQ, *beside,
        cells=own,
    )  # fmt: skip


def mapped(traits: tuple[Trait, ...]) -> tuple[Line, ...]:
    """Return how a file is mapped whose references are counted, or nothing."""
    return (Chosen("maps", is_entry=True),) if "counted" in traits else ()


def kinds_of_locks(design: Design) -> dict[str, str]:
    """Return the kind of each lock of a Design by its name."""
    return {lock.name: lock.kind for lock in design.locks}


# The inode has a name here. A second one of the same actor is there only above, where the inode has
# lost its name: that is what O_TMPFILE makes, or what unlink(2) has left open.
def _named_scenarios(design: Design) -> Iterator[Scenario]:
    reclaims = (named.KSWAPD,) if named.may_be_reclaimed(design) else ()
    for who in design.actors:
        yield _named_scenario(design, (who,), "umount", reclaims)
        yield _named_scenario(design, (who,), "unlink", (named.UNLINKER,))
    # Any two meet as the superblock goes. As an unlink hook runs, two that are all do, and of more
    # those that both work on what it does. The shrinker stays away; three at once, or each pair at
    # an unlink, would be too many states.
    unlink = design.body("unlink")
    at_unlink = _worked_on(unlink or ())
    for pair in combinations(design.actors, 2):
        yield _named_scenario(design, pair, "umount")
        meet = all(not at_unlink.isdisjoint(_worked_on(who.does)) for who in pair)
        if unlink is not None and (meet or len(design.actors) == 2):
            yield _named_scenario(design, pair, "unlink", (named.UNLINKER,))


# Metadata, locks and lists that a body names.
def _worked_on(body: Iterable[Action]) -> frozenset[str]:
    return frozenset(name for action in body for name in (*action.names, action.name) if name)


def _named_scenario(
    design: Design,
    actors: tuple[DeclaredActor, ...],
    road: Literal["umount", "unlink"],
    enders: tuple[Actor, ...] = (),
) -> Scenario:
    is_counted = any(who.holds == "file" for who in actors)
    traits: tuple[Trait, ...] = named.NAMED + (("counted",) if is_counted else ())
    lock_kinds = kinds_of_locks(design)
    beside = [actor_of(who, 1, traits, lock_kinds) for who in actors]
    unmounter = replace(_unmounter(actors), traits=named.NAMED)
    if road == "unlink":
        unmounter = replace(unmounter, lines=(named.UNLINKED, *unmounter.lines))
    own = (each for each in cells_of_actors(design, actors, beside) if each not in cells.NAMED)
    ends = {"umount": "goes with its superblock", "unlink": "loses its name"}[road]
    return scenario(
        f"{titled(actors)}, {road}", f"{said_of(actors)}the inode {ends}",
        replace(named.TASK, traits=traits), named.GRACE, *enders, *beside, unmounter,
        cells=(*own, *cells.NAMED),
    )  # fmt: skip


def said_of(actors: tuple[DeclaredActor, ...]) -> str:
    """Return what begins the sentence of a scenario: who is there, while something goes on."""
    says = " and ".join(who.says or who.name for who in actors)
    return f"{says}, as the Design declares, while "


def titled(actors: tuple[DeclaredActor, ...]) -> str:
    """Return what begins the name of a scenario of some actors: "actors a and b"."""
    plural = "" if len(actors) == 1 else "s"
    return f"actor{plural} " + " and ".join(who.name for who in actors)


def cells_of_actors(
    design: Design, actors: tuple[DeclaredActor, ...], beside: list[Actor]
) -> tuple[tuple[str, Cell], ...]:
    """Return the initial cells that actors of a Design need, of those that a scenario has."""
    held = {who.holds for who in actors}
    found: list[tuple[str, Cell]] = [(cells.inside(each.name), 0) for each in beside]
    found += [("attached", 0), (UNMOUNTING, 0)]
    if "mark" in held:
        found += [(marks.MARKS, 0), (marks.TAKEN, 0)]
    if held & {"inode", "mark"} or {"igrab", "drop i_lock"}.intersection(design.said):
        found += cells.I_LOCK
    if "file" in held:
        found += cells.COUNTED_FILE
    return tuple(found)


# Whoever unmounts a filesystem from outside knows nothing of its actors; where the Design says
# `until = "umount"`, its kill_sb or the mount's user waits for them first.
def _unmounter(actors: tuple[DeclaredActor, ...]) -> Actor:
    awaited = tuple(who.name for who in actors if who.until == "umount")
    guard = _partial(may_unmount, awaited=awaited)
    return actor(
        "unmounter", wait(guard, begin_unmount, "a file is open"), entry("kern_unmount"),
        shown="umount", traits=("unmounts",),
    )  # fmt: skip


@stands_for(_ACTOR)
def begin_unmount(m: Machine, _: Target) -> None:
    """Let nobody begin whom the unmounter waits for."""
    m[UNMOUNTING] = 1


@waits("no file has been made, or somebody is at work whom the unmounter waits for")
def may_unmount(m: Machine, t: Target, *, awaited: tuple[str, ...]) -> bool:
    """Return whether a file was made, and nobody is at work whom the unmounter waits for."""
    return files.has_file(m, t) and all(bodies.is_not_inside(m, t, name=who) for who in awaited)


# --- what a Design defers ---------------------------------------------------------------


def deferred_of(design: Design, of: Actor) -> tuple[Actor, ...]:
    """Return who runs a Design's callbacks and deferred frees for the inode that `of` works on.

    For a second file they are those of what each file keeps for itself.
    """
    drivers = () if of.file != FIRST_FILE else _drivers(design, of)
    return (*_callbacks(design, of), *_frees(design, of), *drivers)


def _is_of_another(of: Actor, *, is_each: bool) -> bool:
    return of.file != FIRST_FILE and not is_each


def _callbacks(design: Design, of: Actor) -> Iterator[Actor]:
    for callback in design.callbacks:
        if _is_of_another(of, is_each=cells.is_about(design, callback.name, "file")):
            continue
        numbers = _folios(design, is_each=cells.is_about(design, callback.name, "folio"))
        has: tuple[Trait, ...] = ("carries",) if callback.name in design.carried else ()
        for number in numbers:
            later = _later(callback.name, _lines_of_callback(callback), of, number)
            yield replace(later, traits=(*later.traits, *has))
        if cells.may_be_two(design, callback.name):
            name = later.name + cells.ANOTHER
            yield replace(later, name=name, traits=(*later.traits, *has, "another"))


# SRCU's callbacks run in a worker that has turned softirqs off, and so interrupted nobody.
# (kernel/rcu/srcutree.c:srcu_invoke_callbacks@v6.12)
_CONTEXT_OF: Final[Mapping[Runs, Context]] = {"srcu": "A", **dict.fromkeys(IN_SOFTIRQ, "B")}


def _lines_of_callback(callback: Callback) -> tuple[Line, ...]:
    name = callback.name
    due = _partial(bodies.callback_is_due, name=name)
    return (
        wait(due, _partial(bodies.begin_callback, name=name), f"{name} is due"),
        _TEXT,
        OwnBody(f"callback {name}", _CONTEXT_OF.get(callback.runs, "P")),
        Do(_partial(bodies.end_callback, name=name), f"{name} is done"),
        Again(),
    )


_HOWS: Final[tuple[tuple[str, Context], ...]] = ((GRACE, "B"), (WORKER, "P"))


# `free M after a grace period` is a callback that nobody names: kvfree_call_rcu's
# (kernel/rcu/tree.c:kvfree_call_rcu@v6.12). It holds the pointer, so that M may be cleared before.
def _frees(design: Design, of: Actor) -> Iterator[Actor]:
    defers = set(design.deferred)
    for kept in design.keeps:
        if is_put_by(kept.placement, cells.ACL_PUT):  # by the VFS, whatever the hooks do
            defers.add((kept.kind.name, GRACE))
        if _is_of_another(of, is_each=kept.placement.holder == "file"):
            continue
        numbers = _folios(design, is_each=kept.placement.holder == "folio")
        for how, context in _HOWS:
            if (kept.kind.name, how) in defers:
                for number in numbers:
                    yield from _frees_each(design, kept, (how, context), of, number)


# What a body attaches may wait twice, the second of it beside the first.
def _frees_each(
    design: Design, kept: Kept, later: tuple[str, Context], of: Actor, folio_number: int
) -> Iterator[Actor]:
    name = f"{kept.kind.name} {later[0]}"
    yield _later(name, _lines_of_free(kept, *later, 0), of, folio_number)
    if kept.kind.name in design.attached_later:
        second = _later(name, _lines_of_free(kept, *later, 1), of, folio_number)
        yield replace(second, name=f"{second.name}, the second")


# A device goes when its driver says so, which looks at no inode of a filesystem.
# (fs/char_dev.c:cdev_purge)
def _drivers(design: Design, of: Actor) -> Iterator[Actor]:
    for kept in design.keeps:
        if is_put_by(kept.placement, "cd_forget"):
            guard = _partial(members.may_purge, kept=kept)
            purges = _partial(members.purge, kept=kept)
            line = wait(guard, purges, f"{kept.kind.name} goes, and lists no inode any more")
            yield _later(f"driver of {kept.kind.name}", (line,), of, 1)


# The code of a work is the module's, and so is that of a callback which gives back more than
# memory; that of kfree_rcu is the kernel's. (mm/slab_common.c:kvfree_call_rcu@v7.3)
def _lines_of_free(kept: Kept, how: str, context: Context, number: int) -> tuple[Line, ...]:
    guard = _partial(bodies.is_due, kept=kept, how=how, number=number)
    at_once = _partial(bodies.free_deferred, kept=kept, how=how, number=number)
    asleep = _partial(bodies.free_deferred, kept=kept, how=how, number=number, sleeps=True)
    frees = asleep if kept.kind.release == "sleeping lock" else at_once
    says = f"{kept.kind.name} is freed"
    line = wait(guard, frees, says, context=context)
    if kept.kind.release == "may sleep":
        ways = (f"{says} at once", f"{says} behind a sleep")
        line = line._replace(otherwise=asleep, ways=ways)
    is_kernels = how == GRACE and kept.kind.release == "kfree"
    return (line, Again()) if is_kernels else (line, _TEXT, Again())


_ABOUT_INODE: Final = (
    "named", "hashed", "root", "unmounts", "module", "mount fails", "no root",
)  # fmt: skip
"""What is special about the inode itself, or its superblock, and not about who works on it."""


# What each folio keeps is freed by itself, and may wait while the other's is freed.
def _folios(design: Design, *, is_each: bool) -> range:
    return range(1, 1 + (design.folios if is_each else 1))


def _later(name: str, lines: tuple[Line, ...], of: Actor, folio_number: int) -> Actor:
    traits: tuple[Trait, ...] = tuple(trait for trait in of.traits if trait in _ABOUT_INODE)
    own = cells.own_name("callback", name)
    own = own if of.inode == "inode" else f"{own} of {of.inode}"
    own = own if of.file == FIRST_FILE else f"{own} of {of.file}"
    own = own if folio_number == 1 else f"{own} of folio {folio_number}"
    return Actor(own, lines, of.inode, name, of.address, of.file, traits, folio_number)
