"""Find what of a Design no search has asked about, and say what would ask it.

No defect is not yet a correct Design: of an actor that never ran, or a line that nobody came to,
nothing is known. It stands for the reviewer's question whether a test has run the code at all.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import chain

from gmemviz.model.design import (
    FROM,
    INODE_KINDS,
    Action,
    DeclaredActor,
    Design,
    Kept,
)
from gmemviz.model.search.explore import Exploration
from gmemviz.model.search.reasons import tasks_of


def not_asked(
    design: Design, searches: Sequence[Exploration], useless: Collection[str], *, is_whole: bool
) -> Iterator[str]:
    """Yield a sentence for each actor, reader and line of a Design that no run came to.

    `useless` are hooks that no run can enter, which is a defect of its own. Where somebody named
    the scenarios (not `is_whole`), hooks and readers that others ask about are left out: the
    verdict is said of those scenarios alone. An actor is not, since whoever declares one wants it
    to run.
    """
    acted = frozenset().union(*(search.acted for search in searches))
    begun = frozenset(chain.from_iterable(map(_begun, searches)))
    actors = {f"actor {actor.name}": actor for actor in design.actors}
    for title, body in design.bodies.items():
        missed = [action for action in body if f"{title}: {action}" not in acted]
        is_hook = title in dict(design.hooks)
        if title in actors and title not in begun:
            yield f"no run enters {title}: {_enters(design, actors[title], is_whole=is_whole)}"
        elif title not in useless and (is_whole or not is_hook):
            for action in missed:
                would_ask = _would_ask(design, title, action)
                yield f"in no run does {title} get to: {action}{would_ask}"
    if is_whole:
        yield from _unread(design, searches)
        yield from _unwalked(design)
        yield from _unloaded(design, searches)


def endless(searches: Sequence[Exploration]) -> Iterator[str]:
    """Yield a sentence where some run has no end, at which alone a leak would show."""
    names = [each.world.scenario.name for each in searches if each.is_endless]
    if names:
        where = ", ".join(dict.fromkeys(names))
        yield f"a callback is queued again and again, some run has no end: {where}"


# The module's exit is asked about where it takes a mount of its own down. Of hooks of files alone,
# on somebody else's mount, nothing is known: who holds the module is f_op's owner there.
def _unloaded(design: Design, searches: Sequence[Exploration]) -> Iterator[str]:
    actors = chain.from_iterable(search.world.scenario.actors for search in searches)
    if design.module and not any("module" in actor.traits for actor in actors):
        yield f"module = true, and no scenario unloads a module whose mount is {design.mount.name}"


# What is freed and still on a list harms nobody until somebody walks it.
def _unwalked(design: Design) -> Iterator[str]:
    actions = [action for body in design.bodies.values() for action in body]
    walked = {action.name for action in actions if action.verb == "walk"}
    for name in design.lists:
        if name not in walked:
            yield f"no body walks {name}, so nobody reads what is on it"


# Whoever has gone on from its very first step has begun.
def _begun(search: Exploration) -> Iterator[str]:
    titles = tasks_of(search.world.design)
    for actor, done, _ in search.taken:
        if not done:
            yield titles.get(search.world.programs[actor].shown, "")


def _enters(design: Design, actor: DeclaredActor, *, is_whole: bool) -> str:
    if not is_whole:
        return f"scenario 'actor {actor.name}' would, and so would all that ask"
    until = ", not after umount has begun" if actor.until else ""
    begins = f"it {actor.held}, and begins {FROM[actor.begins]}{until}"
    goes = design.mount.unmounts or actor.begins != "umount"
    return begins if goes else f'{begins} (mount = "own" would ask it)'


# Of most lines nobody can say it but who knows what the Design is for.
def _would_ask(design: Design, title: str, action: Action) -> str:
    asked = [each.test for each in action.only_if if each.test and not each.negated]
    kinds = [test for test in asked if test in INODE_KINDS and test not in design.kinds]
    if kinds:
        return f' (kinds = ["{kinds[0]}"] would ask it)'
    if title in ("put_super", "kill_sb") and not design.mount.unmounts:
        return ' (mount = "own" would ask it)'
    if title == "free_folio" and not _has_pages(design):
        return " (filled = true would ask it)"
    return ""


def _has_pages(design: Design) -> bool:
    return design.filled or "add page" in design.said


# --- readers that are no actors, but words of the metadata ------------------------------


def _unread(design: Design, searches: Sequence[Exploration]) -> Iterator[str]:
    names = {search.world.scenario.name for search in searches}
    for kept in design.keeps:
        yield from _unread_kind(design, kept, names)


# Without a page nobody removes or puts one. (mm/truncate.c:truncate_inode_pages_range@v6.12)
def _unread_kind(design: Design, kept: Kept, names: Collection[str]) -> Iterator[str]:
    kind, has_pages = kept.kind, _has_pages(design)
    if kind.read_without_reference and "rcu-reader" not in names:
        way = f"no way leads from the inode to {kept.placement.name}"
        yield f"in no run does a lockless reader read {kind.name}: {way}"
    if kind.read_by_truncation and not has_pages:
        yield f"in no run does truncation read {kind.name} (filled = true would ask it)"
