"""Make scenarios of what a Design leaves behind: a creation or a mount that fails, a module's exit.

What an error path frees, queues or leaves on a list others meet afterwards: whoever walks the list,
a work that runs, and the end of the superblock, which lives on (fs/super.c:generic_shutdown_super).
Each is asked only where the failing road names what one of them names too. What an actor queues
runs as text of the module (kernel/module/main.c:free_module).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache, partial
from itertools import chain, combinations
from typing import Final

from gmemviz.facts import HookName
from gmemviz.model.design import (
    BY_ITSELF,
    FAILED,
    GRACE,
    QUEUES,
    Action,
    DeclaredActor,
    Design,
    From,
    Holds,
    Verb,
)
from gmemviz.model.machine import Machine, NoFunction, Operation, Target, Trait, stands_for
from gmemviz.model.road import (
    Choose,
    Do,
    Line,
    attach,
    bodies,
    call,
    cells,
    files,
    kvm,
    nothing,
    wait,
    waits,
    when,
)
from gmemviz.model.scenarios import declared
from gmemviz.model.scenarios.scenario import (
    ALLOCATE,
    CLOSE,
    CREATE,
    SOFTIRQ,
    Scenario,
    actor,
    entry,
    scenario,
    unmounts,
)
from gmemviz.model.scenarios.witnesses import DEAD

_partial = cache(partial)

_GIVES_UP: Final = NoFunction("design", "whoever made an inode, or a mount, gives it up")


def of_design(design: Design) -> tuple[Scenario, ...]:
    """Return the scenarios in which somebody gives up, or a module goes, and others meet it."""
    return (*_creations(design), *_mounts(design), *_module_exits(design))


# --- what names what ----------------------------------------------------------------------


_Name = tuple[str, str]
_HOOKS_OF_FAILING: Final[tuple[HookName, ...]] = (
    "alloc_inode", "drop_inode", "evict_inode", "destroy_inode", "free_inode",
)  # fmt: skip
_HOOKS_BEFORE: Final[tuple[HookName, ...]] = ("release", "unlink", "d_release", "free_folio")
"""Hooks that an inode goes through which has had a file, and one whose creation fails does not."""

_LISTING: Final[tuple[Verb, ...]] = ("put on", "take off", "walk")
_MAKES: Final[tuple[Verb, ...]] = ("init", "alloc struct", "alloc container")
"""Words of alloc_inode that say of a field no more than that there is one."""


def _names(design: Design, body: Iterable[Action]) -> frozenset[_Name]:
    callbacks = {callback.name for callback in design.callbacks}
    found: set[_Name] = set()
    for action in declared.with_later(design, body):
        found |= {("metadata", name) for name in action.names}
        if action.verb in _LISTING:
            found.add(("list", action.name))
        elif action.name in callbacks:
            found.add(("callback", action.name))
    return frozenset(found)


def _asks_of_failure(action: Action) -> bool:
    return any(condition.test == FAILED for condition in action.only_if)


# What a failed creation does that no other does: its error path, what asks whether it has failed,
# and what alloc_inode did, which not all of the hooks may undo.
def _of_failing(design: Design) -> frozenset[_Name]:
    asked = filter(_asks_of_failure, chain.from_iterable(design.bodies.values()))
    unwound = {("metadata", name) for name in design.unwinds}
    return _names(design, (*design.error_path, *asked)) | _of_init(design) | unwound


# A hook may find what another would have taken away before: release, where there was a file.
def _left_by_failing(design: Design) -> frozenset[_Name]:
    hooks = (design.body(hook) or () for hook in _HOOKS_OF_FAILING)
    before = (design.body(hook) or () for hook in _HOOKS_BEFORE)
    names = _names(design, chain.from_iterable(hooks))
    return _of_failing(design) | (names & _names(design, chain.from_iterable(before)))


def _of_superblock(design: Design) -> frozenset[_Name]:
    names = (kept.kind.name for kept in design.keeps)
    kept = {("metadata", name) for name in names if _is_of_superblock(design, name)}
    ends = (*(design.body("put_super") or ()), *(design.body("kill_sb") or ()))
    return _names(design, ends) | kept


def _is_of_superblock(design: Design, name: str) -> bool:
    return any(
        kept.placement.holder == "superblock" for kept in design.keeps if kept.kind.name == name
    )


_TAKES_AWAY: Final[tuple[Verb, ...]] = (
    "free", "free after a grace period", "free in a worker", "clear", "detach", "hand over", "put",
    "put after a grace period",
)  # fmt: skip


# Only a mount's own error path, under s_umount, may take away what the superblock has.
def is_of_mount(design: Design) -> bool:
    """Return whether an error path takes away what the superblock has, as fill_super's does."""
    return any(
        action.verb in _TAKES_AWAY and _is_of_superblock(design, action.metadata)
        for action in declared.with_later(design, design.error_path)
    )


# --- a creation that fails, beside others, and the superblock's end ------------------------


def _creations(design: Design) -> Iterator[Scenario]:
    traits: tuple[Trait, ...] = ("unmounts",) if unmounts(design) else ()
    if traits and _of_failing(design) & _of_superblock(design):
        yield _failing(design, (), traits)
    if traits and _of_init(design) & _of_superblock(design):
        yield _failing_init(design, (), traits)
    for group in _groups(design, _meets_failing):
        yield _failing(design, group, traits)
    for group in _groups(design, _meets_init):
        yield _failing_init(design, group, traits)


# Where inode_init_always fails nothing but alloc_inode has been, and evict_inode never is.
# (fs/inode.c:alloc_inode@v6.12)
def _of_init(design: Design) -> frozenset[_Name]:
    body = design.body("alloc_inode") or ()
    return _names(design, (action for action in body if action.verb not in _MAKES))


_BEFORE_A_FILE: Final[tuple[From, ...]] = ("alloc", "creation", "listed", "eviction", "umount")
_WITHOUT_A_FILE: Final[tuple[Holds, ...]] = (*BY_ITSELF, "inode")


def _meets_failing(design: Design, who: DeclaredActor) -> bool:
    may = who.begins in _BEFORE_A_FILE and who.holds in _WITHOUT_A_FILE
    return may and not _names(design, who.does).isdisjoint(_left_by_failing(design))


def _meets_init(design: Design, who: DeclaredActor) -> bool:
    is_listed = who.begins == "listed" and ("list", who.walks) in _of_init(design)
    meets = not _names(design, who.does).isdisjoint(_of_init(design))
    return (is_listed or (who.begins == "alloc" and meets)) and who.holds in BY_ITSELF


# Two meet as well, where there are no more than three of them: more would be too many states.
def _groups(
    design: Design, may: Callable[[Design, DeclaredActor], bool]
) -> tuple[tuple[DeclaredActor, ...], ...]:
    each = tuple(who for who in design.actors if may(design, who))
    return tuple(combinations(each, 2 if len(each) in (2, 3) else 1))


# An inode that fails before it is attached is told apart here from one that fails after that.
def _ways_of_creation(t: Target) -> tuple[Operation, ...]:
    late: tuple[Operation, ...] = () if t.design.attaches_late else (attach,)
    early: tuple[Operation, ...] = (nothing,) if t.design.fails_early or not late else ()
    return (*late, *early)


_ATTACHES: Final = Choose(
    _ways_of_creation, "the creator attaches what the inode owns, or fails before"
)


def _failing(
    design: Design, actors: tuple[DeclaredActor, ...], traits: tuple[Trait, ...]
) -> Scenario:
    wait_first, begin_again = _turns(design, actors)
    lines = (
        *ALLOCATE, _ATTACHES, *wait_first, entry("error path"), *begin_again,
        *_ends(actors, traits),
    )  # fmt: skip
    says = "creation fails: the creator calls iput"
    return _scenario(design, "creation fails", says, lines, actors=actors, traits=traits)


# The two hooks have run at once, and nobody else has anything of the inode.
_INIT_FAILS: Final = ALLOCATE[:2]


def _failing_init(
    design: Design, actors: tuple[DeclaredActor, ...], traits: tuple[Trait, ...]
) -> Scenario:
    lines = (*_INIT_FAILS, *_ends(actors, traits))
    says = "inode_init_always fails: destroy_inode and free_inode run at once"
    all_traits: tuple[Trait, ...] = ("init fails", *traits)
    return _scenario(design, "init fails", says, lines, actors=actors, traits=all_traits)


def _scenario(
    design: Design,
    name: str,
    says: str,
    lines: tuple[Line, ...],
    *,
    actors: tuple[DeclaredActor, ...],
    traits: tuple[Trait, ...],
) -> Scenario:
    own_traits: tuple[Trait, ...] = tuple(trait for trait in traits if trait == "unmounts")
    kinds = declared.kinds_of_locks(design)
    beside = [declared.actor_of(who, 1, own_traits, kinds) for who in actors]
    ends = (DEAD,) if own_traits else ()
    then = ", and the superblock goes" if own_traits else ""
    return scenario(
        _titled(name, actors, then=", umount" if own_traits else ""),
        f"{_beside(actors)}{says}{then}",
        actor("task", *lines, traits=traits), SOFTIRQ, *beside,
        path="I" if "init fails" in traits else "C", also=ends,
        cells=declared.cells_of_actors(design, actors, beside),
    )  # fmt: skip


def _titled(name: str, actors: tuple[DeclaredActor, ...], *, then: str) -> str:
    if not actors:
        return f"{name}{then}"
    return f"{declared.titled(actors)}, {name}"


def _beside(actors: tuple[DeclaredActor, ...]) -> str:
    return declared.said_of(actors) if actors else ""


# --- whom the superblock's end waits for ---------------------------------------------------


@waits("somebody is at work whom the unmounter waits for")
def may_give_up(m: Machine, t: Target, *, awaited: tuple[str, ...]) -> bool:
    """Return whether nobody is at work whom the unmounter waits for."""
    return all(bodies.is_not_inside(m, t, name=who) for who in awaited)


@stands_for(_GIVES_UP)
def let_begin(m: Machine, _: Target) -> None:
    """Let those begin again for whom the unmounter waits: the superblock is there still."""
    m[declared.UNMOUNTING] = 0


def _waits_for(actors: tuple[DeclaredActor, ...], says: str) -> tuple[Line, ...]:
    awaited = tuple(who.name for who in actors if who.until == "umount")
    guard = _partial(may_give_up, awaited=awaited)
    return (wait(guard, declared.begin_unmount, says),) if actors else ()


# Whoever takes away what the superblock has does it under s_umount, and in turns with all who
# respect that: until = "umount" says that somebody does. (fs/super.c:super_lock@v6.12)
def _turns(
    design: Design, actors: tuple[DeclaredActor, ...]
) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    if not actors or not is_of_mount(design):
        return (), ()
    return _waits_for(actors, "s_umount is held"), (Do(let_begin, "s_umount is dropped"),)


def _ends(actors: tuple[DeclaredActor, ...], traits: tuple[Trait, ...]) -> tuple[Line, ...]:
    if "unmounts" not in traits:
        return ()
    return (*_waits_for(actors, "the unmount begins"), entry("kern_unmount"))


# --- a mount that fails, beside others ----------------------------------------------------


_ROOT_IS_MADE: Final = (
    call("new_inode"),
    when(
        lambda t: bool(t.design.root_sets),
        Do(files.set_root_null, "the root has no metadata, and says so"),
    ),
)
_HALF: Final = Do(files.mount_half, "the superblock has its root, and nothing else")
_OF_MOUNT: Final[tuple[Trait, ...]] = ("unmounts", "root", "mount fails")


@stands_for(_GIVES_UP)
def note_made(m: Machine, _: Target) -> None:
    """Let those begin who wait for a creation: the root inode is made."""
    if "attached" in m:
        m["attached"] = 1


_MADE: Final = Do(note_made, "the root inode is made")


def _mounts(design: Design) -> Iterator[Scenario]:
    if not unmounts(design) or not declared.says_of_superblock(design):
        return
    groups = _groups(design, _meets_mount)
    if _is_run_by_mount(design) and not groups:
        groups = ((),)
    for group in groups:
        yield _mount(design, group, "mount fails", (_HALF,), _OF_MOUNT)
        without = (call("d_make_root"),)
        yield _mount(design, group, "mount without root", without, (*_OF_MOUNT, "no root"))
    if _is_run_by_mount(design):
        lines = (*_error_path(design, ()), call("deactivate_locked_super"))
        yield Scenario(
            "mount fails at once, error path", "C",
            "a mount fails before it has a root, and its error path runs",
            (actor("task", *lines, traits=("unmounts", "no root")),), sometimes=(DEAD,),
        )  # fmt: skip


# It has to be there with the root for an error path of the mount's own to take it away; and there
# is no inode of the Design's creator, so whatever is said of that belongs to another error path.
def _is_run_by_mount(design: Design) -> bool:
    early = {kept.kind.name for kept in design.keeps if kept.kind.before_root}
    taken = {action.metadata for action in design.error_path if action.verb in _TAKES_AWAY}
    return bool(early & taken) and _is_without_inode(design, design.error_path)


_OF_INODE: Final[tuple[Verb, ...]] = (
    "igrab", "iput", "add page", "truncate", "make_bad_inode", "free struct",
    "free to inode_cachep", "clear_inode",
)  # fmt: skip


def _is_without_inode(design: Design, body: tuple[Action, ...]) -> bool:
    actions = declared.with_later(design, body)
    names = frozenset().union(*(action.names for action in actions))
    asks_inode = any(asked.test for action in actions for asked in action.only_if)
    acts_on_inode = any(action.verb in _OF_INODE for action in actions)
    of_superblock = all(_is_of_superblock(design, name) for name in names)
    return of_superblock and not asks_inode and not acts_on_inode


# The root inode has nothing of what an actor may look for in others.
def _meets_mount(design: Design, who: DeclaredActor) -> bool:
    may = who.begins in ("creation", "listed", "umount") and who.holds in BY_ITSELF
    meets = not _names(design, who.does).isdisjoint(_of_superblock(design))
    return may and meets and _is_without_inode(design, who.does)


def _error_path(design: Design, actors: tuple[DeclaredActor, ...]) -> tuple[Line, ...]:
    if not _is_run_by_mount(design):
        return ()
    wait_first, begin_again = _turns(design, actors)
    return (*wait_first, call("error path of a mount"), *begin_again)


def _mount(
    design: Design,
    actors: tuple[DeclaredActor, ...],
    name: str,
    fails: tuple[Line, ...],
    traits: tuple[Trait, ...],
) -> Scenario:
    kinds = declared.kinds_of_locks(design)
    fails_too: tuple[Trait, ...] = ("unmounts", "mount fails")
    beside = [declared.actor_of(who, 1, fails_too, kinds) for who in actors]
    lines = (
        *_ROOT_IS_MADE, _MADE, *fails, *_error_path(design, actors),
        *_waits_for(actors, "the superblock is given up"), call("deactivate_locked_super"),
    )  # fmt: skip
    has = "its root inode" if "no root" not in traits else "a root inode that gets no dentry"
    own = dict(declared.cells_of_actors(design, actors, beside)) | dict(declared.NEVER_ACTIVE)
    return Scenario(
        _titled(name, actors, then=", error path"), "C",
        f"{_beside(actors)}a mount fails half way, with {has}",
        (actor("task", *lines, traits=traits), replace(SOFTIRQ, traits=("mount fails",)), *beside),
        sometimes=(DEAD,), cells=tuple(own.items()),
    )  # fmt: skip


# --- a module that goes beside who queues -----------------------------------------------------


_LEAVES: Final[tuple[Trait, ...]] = ("unmounts", "module")


def _module_exits(design: Design) -> Iterator[Scenario]:
    if not unmounts(design) or not design.module:
        return
    for who in design.actors:
        is_own = not who.until and who.holds in _OUTLIVES_MODULE
        if who.begins != "umount" and (is_own or _leaves_text(design, who)):
            yield _module_exit(design, who)


_OUTLIVES_MODULE: Final[tuple[Holds, ...]] = ("nothing", "srcu", "inode", "lock")
"""What holds no module, and no grace period waits for: a thread that nobody stops runs on."""


# The code of a work, and of a callback that gives back more than memory, is the module's.
def _leaves_text(design: Design, who: DeclaredActor) -> bool:
    by_rcu = {kept.kind.name for kept in design.keeps if kept.kind.release != "kfree"}
    return any(
        action.verb in (*QUEUES, "free in a worker")
        or (action.verb.endswith(GRACE) and action.metadata in by_rcu)
        for action in declared.with_later(design, who.does)
    )


@waits("something holds the module, or somebody is at work whom the unmounter waits for")
def may_exit(m: Machine, t: Target, *, awaited: tuple[str, ...]) -> bool:
    """Return whether nothing holds the module, and nobody is at work for whom its exit waits."""
    return kvm.may_unload(m, t) and may_give_up(m, t, awaited=awaited)


# Whoever has not begun as the module goes is of a filesystem that is not there any more.
def _module_exit(design: Design, who: DeclaredActor) -> Scenario:
    traits: tuple[Trait, ...] = (*_LEAVES, *(("counted",) if who.holds == "file" else ()))
    beside = declared.actor_of(
        replace(who, until="umount"), 1, traits, declared.kinds_of_locks(design)
    )
    guard = _partial(may_exit, awaited=(who.name,) if who.until == "umount" else ())
    rmmod = actor(
        "rmmod", wait(guard, declared.begin_unmount, "nothing holds the module"),
        entry("module exit"), shown="rmmod", traits=_LEAVES,
    )  # fmt: skip
    own = dict(declared.cells_of_actors(design, (who,), [beside])) | dict(cells.MODULE)
    return scenario(
        f"actor {who.name}, module exit",
        f"{declared.said_of((who,))}the module goes",
        actor("task", *CREATE, *declared.mapped(traits), *CLOSE, traits=traits),
        replace(SOFTIRQ, traits=("module",)), beside, rmmod,
        cells=tuple(own.items()), also=(DEAD,),
    )  # fmt: skip
