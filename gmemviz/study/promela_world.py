"""Say in Promela what goes on around the road: files, pages, readers, memslots, a module.

Written anew from what the kernel does, apart from the model's `world`, `readers`, `memslots`.
"""

from collections.abc import Callable, Mapping
from typing import Final

from gmemviz.model.target import FIRST_FILE
from gmemviz.study import promela_metadata as metadata
from gmemviz.study.promela_names import At, Text, when
from gmemviz.study.promela_vfs import fixed

__all__ = ("GUARDS", "OPERATIONS")


# --- files and pages ----------------------------------------------------------------------


def _open_file(at: At) -> Text:
    yield from fixed("{dentry} = 1;", "{mount}++;", "{published} = 1;")(at)
    if "counted" in at.target.traits:
        yield f"{at['f_ref']} = 1;"
    if "module" in at.target.traits:
        yield f"{at['module']}++;"
    yield from metadata.attach_to_file(at)


def _open_again(at: At) -> Text:
    yield from fixed("{dentry}++;", "{mount}++;")(at)
    yield from metadata.attach_to_file(at)


def _compare_files(at: At) -> Text:
    # What a file keeps is its own, so another file has it only where the first has nothing.
    for kept in at.target.design.keeps:
        if kept.placement.holder == "file" and at.target.file != FIRST_FILE:
            first = at.word(f"{FIRST_FILE}.{kept.kind.name}")
            yield from when(f"{first} != NOTHING", ["fail(per_file);"])


def _add_folio(at: At) -> Text:
    yield from fixed(
        "touch({inode});", "allocate({folio});", "{mapping} = {inode};", "{nrpages} = 1;"
    )(at)
    yield f"{at['mapped']} = {int(at.target.design.mappable)};"
    yield from metadata.attach_to_folio(at)


def _add_unasked(at: At) -> Text:
    yield f"status[{at['folio']}] = ABSENT;"
    yield from _add_folio(at)
    yield f"{at['mapped']} = 0;"


def _unpin(at: At) -> Text:
    yield f"{at['pinned']}--;"
    is_last = f"{at['mapping']} == NOTHING && {at['pinned']} == 0"
    yield from when(is_last, metadata.put_folio(at))


def _read_by_folio(at: At) -> Text:
    read = [f"touch({at['inode']});", *metadata.read_all(at)]
    yield from when(f"{at['mapping']} != NOTHING", read)


def _set_root_null(at: At) -> Text:
    for kept in at.target.design.keeps:
        if kept.kind.name in at.target.design.root_sets:
            yield f"touch({at['inode']});"
            yield f"{at.slot(kept)} = NOTHING;"


# --- readers without a reference ----------------------------------------------------------


def _leave(at: At) -> Text:
    yield f"{at['readers']} = NOTHING;"
    waits_for = at["waits_for"]
    yield from when(f"{waits_for} != NOT_QUEUED", [f"{waits_for} = NOTHING;"])


def _let_go(at: At) -> Text:
    yield from _unpin(at)
    yield from _leave(at)


def _unpublish(at: At) -> Text:
    if "O_PATH" not in at.target.traits:
        yield f"{at['published']} = 0;"


def _load_metadata(at: At) -> Text:
    kept = next(kept for kept in at.target.design.keeps if kept.kind.read_without_reference)
    if kept.placement.holder != "xarray":
        yield f"touch({at['inode']});"
    yield f"load({at.slot(kept)}, {at['pointer']});"


# --- KVM and its module -------------------------------------------------------------------

_UNBIND: Final = ("{gmem_file} = 0;", "{bindings} = 0;")
_MAY_LOCK: Final = "({slots_lock} == NOTHING || {slots_lock} == _pid + 1)"


def _unbind_dying(at: At) -> Text:
    return fixed(*_UNBIND)(at) if at.target.design.unbinds_dying else iter(())


def _may_unload(at: At) -> Text:
    known = "({published} || {closed}) && {module} == 0"
    yield from fixed(f"{known} && {{mount}} <= 1" if at.target.design.owner else known)(at)


OPERATIONS: Final[Mapping[str, Callable[..., Text]]] = {
    "memslots.begin_fault": fixed("{mmap_lock} = 1;"),
    "memslots.bind": fixed("status[{memslot}] = HELD;", "{gmem_file} = 1;", "{bindings} = 1;"),
    "memslots.end_fault": fixed("{mmap_lock} = 0;"),
    "memslots.free_memslot": fixed("free({memslot});"),
    "memslots.get_file": fixed("{f_ref}++;"),
    "memslots.get_file_active": fixed(
        "answer = ({f_ref} > 0 -> 1 : 0);", *when("answer == 1", ["{f_ref}++;"])
    ),
    "memslots.load_slot": fixed(),
    "memslots.lock_slots": fixed(
        *when("{slots_lock} == _pid + 1", ["fail(deadlock);"]),
        "may_sleep({context});",
        "{slots_lock} = _pid + 1;",
    ),
    "memslots.put_file": fixed("put({f_ref});"),
    "memslots.put_fops": fixed("{module}--;"),
    "memslots.release_bindings": fixed(*when("{bindings} != 0", ["touch({memslot});", *_UNBIND])),
    "memslots.run_text": fixed("touch({module_text});"),
    "memslots.unbind": fixed(*_UNBIND),
    "memslots.unbind_dying": _unbind_dying,
    "memslots.unload": fixed("status[{module_text}] = FREED;"),
    "memslots.unlock_slots": fixed("{slots_lock} = NOTHING;"),
    "readers.end_grace": fixed("{waits_for} = NOT_QUEUED;"),
    "readers.enter": fixed("{readers} = {inode};"),
    "readers.grab_folio": fixed("{readers} = {inode};", "{pinned}++;"),
    "readers.leave": _leave,
    "readers.let_go": _let_go,
    "readers.load_mapping": fixed("load({mapping}, {pointer});"),
    "readers.load_metadata": _load_metadata,
    "readers.read_inode": fixed("touch({inode});"),
    "readers.read_mapping": fixed("touch({pointer});"),
    "readers.read_metadata": fixed("touch({pointer});"),
    "readers.unpublish": _unpublish,
    "world.add_folio": _add_folio,
    "world.add_unasked": _add_unasked,
    "world.compare_files": _compare_files,
    "world.destroy_cache": fixed("free({kmem_cache});"),
    "world.hold_mount": fixed("{mount}++;"),
    "world.lock_folio": fixed("{locked} = 1;"),
    "world.mount": fixed("{dentry} = 2;"),
    "world.note_close": fixed("{closed} = 1;", "{path} = ({path} != 0 -> 2 : 0);"),
    "world.nothing": fixed(),
    "world.open_again": _open_again,
    "world.open_file": _open_file,
    "world.open_path": fixed("{dentry}++;", "{mount}++;", "{path} = 1;"),
    "world.pin": fixed("{pinned}++;"),
    "world.read_by_folio": _read_by_folio,
    "world.set_root_null": _set_root_null,
    "world.unlock_folio": fixed("{locked} = 0;"),
    "world.unmap": fixed("{mapped} = 0;"),
    "world.unpin": _unpin,
}
"""The text of each operation, by its module and name in the model."""

GUARDS: Final[Mapping[str, Callable[..., Text]]] = {
    "memslots.is_bound": fixed("{gmem_file}"),
    "memslots.may_lock": fixed(_MAY_LOCK),
    "memslots.may_lock_bound": fixed(_MAY_LOCK + " && {gmem_file}"),
    "memslots.may_lock_open": fixed(_MAY_LOCK + " && {f_ref} > 0"),
    "memslots.may_unload": _may_unload,
    "memslots.no_fault": fixed("!{mmap_lock}"),
    "readers.grace_is_over": fixed("{waits_for} == NOTHING"),
    "readers.is_mapped": fixed("{mapped}"),
    "readers.is_published": fixed("{published}"),
    "readers.no_callback_waits": fixed("status[{inode}] != AWAITING"),
    "world.has_closed": fixed("{closed}"),
    "world.has_file": fixed("({published} || {closed})"),
    "world.has_path": fixed("{path}"),
    "world.is_dead": fixed("status[{superblock}] == FREED"),
    "world.is_freed": fixed("status[{first_inode}] == FREED"),
    "world.is_freed_and_closed": fixed("status[{first_inode}] == FREED && {closed}"),
    "world.is_in_cache": fixed("{mapping} != NOTHING"),
    "world.is_open": fixed("{dentry} == 1 && {published}"),
    "world.is_out_of_cache": fixed("status[{folio}] == FREED"),
    "world.may_mount": fixed("({published} || {closed}) && {mount} > 0"),
}
"""What an actor waits for around the road."""
