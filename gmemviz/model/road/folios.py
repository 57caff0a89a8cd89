"""Take folios out of the page cache, show each to free_folio, and put it.

The road is mm/truncate.c:truncate_inode_pages_range. It takes a batch of folios out at once; then
mm/filemap.c:filemap_free_folio calls free_folio for one after the other, and puts the reference
that the page cache had. An empty mapping has no batch, so free_folio is not called at all. That the
batch holds a reference of its own up to its end is left out: nobody could tell.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Final

from gmemviz.model.design import Action
from gmemviz.model.machine import HELD, Machine, NoFunction, Operation, Target, stands_for
from gmemviz.model.road.cells import batch, is_shown
from gmemviz.model.road.lines import Line, call, if_yes, when
from gmemviz.model.road.metadata import put_folio, read_all

# The same operation is the same object, so that programs can be compared.
_partial = cache(partial)

_FREES: Final = "mm/filemap.c:filemap_free_folio"


@stands_for("mm/filemap.c:delete_from_page_cache_batch")
def take_out(m: Machine, t: Target) -> None:
    """Take every folio out of the page cache; put them at once where no free_folio looks."""
    taken = [each for each in t.each_folio if m[f"{each.folio}.mapping"] is not None]
    for each in taken:
        read_all(m, each)
    for each in taken:
        m[f"{each.folio}.mapping"] = None
        m.says(each.folio, "out of the page cache")
    m[f"{t.inode}.nrpages"] = 0
    has_hook = is_shown(t) and _is_a_ops_set(m, t)
    for each in taken:
        if has_hook:
            m[batch(each)] = t.actor
        else:
            _put(m, each)
    if is_shown(t):
        m.register = int(has_hook and bool(taken))


@stands_for(_FREES)
def put_next(m: Machine, t: Target) -> None:
    """Put the folio that free_folio has seen, and turn to the next of the batch."""
    seen, *rest = _in_batch(m, t)
    m[batch(seen)] = None
    _put(m, seen)
    m.register = len(rest)


# Before the creator has set a_ops they are empty_aops, which have no free_folio: so where creation
# fails early, a folio goes unseen. (fs/inode.c:inode_init_always_gfp@v6.12)
def _is_a_ops_set(m: Machine, t: Target) -> bool:
    return bool(m.get(f"{t.inode}.a_ops", 1))


def _in_batch(m: Machine, t: Target) -> list[Target]:
    return [each for each in t.each_folio if m[batch(each)] == t.actor]


# Whoever pins a folio has found the first, by its PTE.
def _put(m: Machine, t: Target) -> None:
    if t.folio_number > 1 or not m["pinned"]:
        put_folio(m, t)


SHOWS: Final[tuple[Line, ...]] = (
    when(
        is_shown,
        if_yes(call("filemap_free_folio")),
        when(lambda t: t.design.folios > 1, if_yes(call("filemap_free_folio"))),
    ),
)
"""What comes behind `take_out`: each folio of the batch is shown to free_folio, and put."""


# --- how many there are -----------------------------------------------------------------


@stands_for(NoFunction("scenario", "a program touches as many pages as it likes"))
def go_on(m: Machine, _: Target) -> None:
    """Touch one more page."""
    m.register = 1


@stands_for(NoFunction("scenario", "a program touches as many pages as it likes"))
def leave_off(m: Machine, _: Target) -> None:
    """Touch no more pages."""
    m.register = 0


@stands_for(NoFunction("model", "how many folios a run may have"))
def has_room(m: Machine, t: Target) -> bool:
    """Return whether one more folio may come: a run has no more than `folios` of its Design."""
    return any(m[each.folio] != HELD for each in t.each_folio)


@stands_for(NoFunction("model", "which of the cells of folios are in use"))
def next_free(m: Machine, t: Target) -> Target:
    """Return this target for the folio that comes next: the first that is not in use."""
    unused = (each for each in t.each_folio if m[each.folio] != HELD)
    return next(unused, t)


# --- what a body does with them ---------------------------------------------------------


@stands_for(_FREES)
def _on_shown(m: Machine, t: Target, *, then: Operation) -> None:
    # free_folio works on the folio that it is given.
    then(m, _in_batch(m, t)[0])


@stands_for(NoFunction("design", "a body of the Design walks the folios of the inode"))
def _on_each(m: Machine, t: Target, *, then: Operation) -> None:
    # What a body does to what folios keep, it does to each that is there.
    for each in t.each_folio:
        if m[each.folio] == HELD:
            then(m, each)


def on_folios(action: Action, title: str, t: Target) -> Callable[..., None] | None:
    """Return on which folios an action of a body works, where a run may have two; None: on one.

    A callback has the pointer with it, so the folio that it is about may be gone.
    """
    if t.design.folios == 1:
        return None
    if title == "free_folio":
        return _on_shown
    is_kept_there = bool(action.metadata) and t.kept(action.metadata).placement.holder == "folio"
    is_told = action.verb == "read" or title.startswith("callback ")
    return _on_each if is_kept_there and not is_told else None


def working_on(
    folios: Callable[..., None] | None, ways: tuple[Operation, ...]
) -> tuple[Operation, ...]:
    """Return the same operations, working on the folios that `on_folios` has named."""
    if folios is None:
        return ways
    return tuple(_partial(folios, then=way) for way in ways)
