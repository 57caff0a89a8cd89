"""Say in Promela how metadata is attached, read and released.

Written apart from `gmemviz.model.road.metadata`, which does the same to a Machine: each has
to agree with the other, so neither calls the other.
"""

from gmemviz.model.design import LAST_PUT, LAST_PUT_UNTESTED, Kept
from gmemviz.model.machine import FIRST_FILE
from tests.oracles.promela_names import At, Text, when

__all__ = (
    "attach",
    "attach_at_birth",
    "attach_to_file",
    "attach_to_folio",
    "init",
    "is_far",
    "put_folio",
    "read_all",
    "read_when_empty",
    "release",
    "unwind",
    "use_all",
)


def _reach(at: At, kept: Kept) -> Text:
    if kept.placement.holder in ("inode", "container"):
        yield f"touch({at['inode']});"
    if kept.placement.holder == "container":
        yield f"container_of({at['cache']});"


def _attach(at: At, kept: Kept) -> Text:
    slot = at.slot(kept)
    yield from _reach(at, kept)
    stored = list(_store(at, kept))
    if kept.placement.holder == "xarray":  # which refuses a second entry
        yield from when(f"is_set({slot})", ["tell(stale_alias);"], stored)
    else:
        yield from stored


def _store(at: At, kept: Kept) -> Text:
    if not kept.kind.owns_object:
        yield f"{at.slot(kept)} = SET;"
    elif kept.kind.scarce:
        yield from _attach_scarce(at, kept)
    else:
        yield from _allocate(at, kept)


def _allocate(at: At, kept: Kept) -> Text:
    yield f"allocate({at.object(kept)});"
    yield f"{at.slot(kept)} = {at.object(kept)};"


def _attach_scarce(at: At, kept: Kept) -> Text:
    holder, refused = _scarcity(at, kept)
    yield from when(
        f"{holder} != NOTHING",
        [f"{refused} = (status[{holder}] == AWAITING -> 1 : 0);"],
        [f"{holder} = {at['inode']};", *_allocate(at, kept)],
    )


def _scarcity(at: At, kept: Kept) -> tuple[str, str]:
    name = kept.kind.name
    return at.word(f"{name}.holder"), at.word(f"{name}.refused")


def _is_of_inode(kept: Kept) -> bool:
    return kept.placement.holder in ("inode", "container", "xarray")


def is_far(kept: Kept) -> bool:
    """Return whether it is looked for from the inode in vain."""
    return kept.placement.holder in ("file", "dentry")


def attach(at: At) -> Text:
    """Yield what the creator stores for the inode."""
    for kept in at.target.design.keeps:
        if _is_of_inode(kept) and not kept.kind.born_in_alloc:
            yield from _attach(at, kept)


def attach_to_file(at: At) -> Text:
    """Yield what is stored for a file, and with the first file for the dentry."""
    holders = ("file", "dentry") if at.target.file == FIRST_FILE else ("file",)
    for kept in at.target.design.keeps:
        if kept.placement.holder in holders and not kept.kind.born_in_alloc:
            yield from _attach(at, kept)


def attach_to_folio(at: At) -> Text:
    """Yield what is stored for a folio."""
    for kept in at.target.design.keeps:
        if kept.placement.holder == "folio":
            yield from _attach(at, kept)


def attach_at_birth(at: At, *, kept: Kept) -> Text:
    """Yield what alloc_inode attaches; a file that could hold it there is not yet."""
    if kept.placement.holder == "file":
        yield f"allocate({at.object(kept)});"
    else:
        yield from _attach(at, kept)


def init(at: At, *, kept: Kept) -> Text:
    """Yield the setting of a container's pointer to NULL."""
    yield from _reach(at, kept)
    yield f"{at.slot(kept)} = NOTHING;"


def _read(at: At, kept: Kept) -> Text:
    slot = at.slot(kept)
    if is_far(kept):
        yield "tell(out_of_reach);"
        return
    yield from _reach(at, kept)
    yield from when(f"{slot} == CLEARED", ["tell(wrong_branch);"])
    if kept.kind.owns_object:
        lost = when(f"status[{at.object(kept)}] == FREED", ["tell(wrong_branch);"])
        yield from when(f"{slot} != NOTHING", [f"touch({slot});"], lost)


def read_all(at: At) -> Text:
    """Yield what truncation reads as it removes a folio."""
    for kept in at.target.design.keeps:
        if kept.kind.read_by_truncation:
            yield from _read(at, kept)


def read_when_empty(at: At) -> Text:
    """Yield what truncation reads whether there is a folio or not."""
    for kept in at.target.design.keeps:
        if kept.kind.read_when_empty and is_far(kept):
            yield from _read(at, kept)
        elif kept.kind.read_when_empty:
            yield from when(f"{at.slot(kept)} != NOTHING", _read(at, kept))


def use_all(at: At) -> Text:
    """Yield the reading of all that is attached to the inode."""
    for kept in at.target.design.keeps:
        if _is_of_inode(kept):
            yield from when(f"{at.slot(kept)} != NOTHING", _read(at, kept))


def put_folio(at: At) -> Text:
    """Yield the last put of the folio, and what its callback reads."""
    for kept in at.target.design.keeps:
        if kept.kind.read_by_last_put:
            yield from when(f"status[{at.object(kept)}] != ABSENT", _read_at_last_put(at, kept))
        if kept.placement.holder == "folio" and kept.kind.name not in _freed_by_hooks(at):
            released = release(at, kept=kept, sleeps=False)
            yield from when(f"status[{at.object(kept)}] != ABSENT", released)
    yield f"free({at['folio']});"


def _freed_by_hooks(at: At) -> set[str]:
    # What a hook frees, the folio does not take with it.
    bodies = [body for _, body in at.target.design.hooks]
    return {action.metadata for body in bodies for action in body if action.verb == "free"}


def _read_at_last_put(at: At, kept: Kept) -> Text:
    read, by_mapping = [f"touch({at.object(kept)});"], f"{at['mapping']} != NOTHING"
    if kept.kind.put_sleeps:
        yield f"may_sleep({at.context});"
    if LAST_PUT_UNTESTED in kept.kind.read_by:
        yield from when(by_mapping, ["skip;"], ["fail(crash);"])
    if LAST_PUT in kept.kind.read_by:
        yield from read
    elif is_far(kept):
        yield from when(by_mapping, ["tell(out_of_reach);"])
    else:
        yield from when(by_mapping, read)


def release(at: At, *, kept: Kept, sleeps: bool, untested: bool = False) -> Text:
    """Yield the release by a hook: nothing where the pointer is NULL, if the hook tests it."""
    slot = at.slot(kept)
    yield from _reach(at, kept)
    if untested and kept.kind.owns_object and kept.kind.release != "kfree":
        yield from when(f"{slot} == NOTHING", ["fail(crash);"])
    yield from when(f"is_set({slot})", _release(at, kept, sleeps=sleeps))


def unwind(at: At) -> Text:
    """Yield what the creator's error path frees by itself, and forgets."""
    for kept in at.target.design.keeps:
        if kept.kind.name in at.target.design.unwinds:
            yield from release(at, kept=kept, sleeps=False)
            yield f"{at.slot(kept)} = NOTHING;"


def _release(at: At, kept: Kept, *, sleeps: bool) -> Text:
    slot, holder = at.slot(kept), kept.placement.holder
    if holder == "xarray":
        yield f"take_shared_lock({at.context});"
    if not kept.kind.owns_object:
        yield f"{slot} = CLEARED;"
        return
    yield from _free(at, kept, sleeps=sleeps)
    if holder == "xarray" or kept.kind.left_empty:
        yield f"{slot} = NOTHING;"


def _free(at: At, kept: Kept, *, sleeps: bool) -> Text:
    slot = at.slot(kept)
    if kept.kind.release != "kfree":
        yield f"touch({slot});"
    if sleeps:
        yield f"may_sleep({at.context});"
    if kept.kind.release == "plain lock":
        yield f"take_lock({at.context});"
    yield f"free({slot});"
    if kept.kind.scarce:
        holder, refused = _scarcity(at, kept)
        yield from when(f"{refused} == 1", ["tell(late_release);"])
        yield f"{holder} = NOTHING;"
