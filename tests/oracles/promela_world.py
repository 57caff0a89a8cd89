"""Say in Promela what goes on around the road: files, pages, readers, memslots, a module.

Written anew from what the kernel does, apart from the model's `world`, `readers`, `memslots`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from gmemviz.model.machine import FIRST_FILE
from gmemviz.model.road import files, folios, kvm, rcu
from tests.oracles import promela_metadata as metadata
from tests.oracles.promela_names import At, Text, when
from tests.oracles.promela_vfs import fixed

__all__ = ("GUARDS", "OPERATIONS")


# --- files and pages ----------------------------------------------------------------------


def _open_file(at: At) -> Text:
    yield from fixed("{dentry} = 1;", "{mount}++;", "{published} = 1;")(at)
    if "counted" in at.target.traits:
        yield f"{at['f_ref']} = 1;"
    if "module" in at.target.traits:
        yield f"{at['module']}++;"
    if at.has("opened"):
        yield f"{at['opened']} = 1;"
    yield from metadata.attach_to_file(at)


def _open_again(at: At) -> Text:
    yield from fixed("{dentry}++;", "{mount}++;")(at)
    yield from metadata.attach_to_file(at)


def _compare_files(at: At) -> Text:
    # What a file keeps is its own, so another file has it only where the first has nothing.
    for kept in at.target.design.keeps:
        if kept.placement.holder == "file" and at.target.file != FIRST_FILE:
            first = at.word(f"{FIRST_FILE}.{kept.kind.name}")
            yield from when(f"{first} != NOTHING", ["tell(per_file);"])


def _add_folio(at: At) -> Text:
    yield f"touch({at['inode']});"
    yield from _at_first_unused(at.folios(), _add, [])


def _add(at: At) -> Text:
    yield from fixed("allocate({folio});", "{mapping} = {inode};", "{nrpages}++;")(at)
    yield f"{at['mapped']} = {int(at.target.design.mappable)};"
    yield from metadata.attach_to_folio(at)


def _at_first_unused(
    folios: list[At], text: Callable[[At], Text], otherwise: Iterable[str]
) -> Text:
    # A folio that somebody still holds is in use, be it out of the page cache.
    first, *others = folios
    rest = _at_first_unused(others, text, otherwise) if others else otherwise
    yield from when(f"status[{first['folio']}] != HELD", text(first), rest)


def _add_unasked(at: At) -> Text:
    forget = fixed("status[{folio}] = ABSENT;")
    yield from _at_first_unused(at.folios(), forget, forget(at))
    yield from _add_folio(at)
    yield f"{at['mapped']} = 0;"


def _unpin(at: At) -> Text:
    yield f"{at['pinned']}--;"
    is_last = f"{at['mapping']} == NOTHING && {at['pinned']} == 0"
    if at.has("batch"):
        is_last += f" && {at['batch']} == NOTHING"
    yield from when(is_last, metadata.put_folio(at))


def _read_by_folio(at: At) -> Text:
    read = [f"touch({at['inode']});", *metadata.read_all(at)]
    yield from when(f"{at['mapping']} != NOTHING", read)


def _is_out(at: At) -> str:
    # Of the one inode that scenarios with a cache's end have; it comes back if free_inode frees.
    inode, count = f"status[{at['inode']}]", at["i_count"]
    is_held = f"({inode} == HELD && {count} != 0)"
    back = "" if files.never_frees(at.target) else f" || {inode} == AWAITING"
    return f"{at['cache']} == OWN_CACHE && ({is_held}{back})"


def _destroy_cache(at: At) -> Text:
    # The kernel complains, leaves the cache where it is, and goes on.
    yield from when(_is_out(at), ["tell(objects_remain);"], [f"free({at['kmem_cache']});"])


def _no_callback_waits(at: At) -> Text:
    over = f" || {at['waits_for']} == NOT_QUEUED" if files.never_frees(at.target) else ""
    yield f"(status[{at['inode']}] != AWAITING{over})"


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
    if metadata.is_far(kept):
        yield f"touch({at['inode']});"
        yield "tell(out_of_reach);"
        yield "answer = 0;"
        return
    if kept.placement.holder != "xarray":
        yield f"touch({at['inode']});"
    yield f"load({at.slot(kept)}, {at['pointer']});"


# --- KVM and its module -------------------------------------------------------------------

_UNBIND: Final = ("{gmem_file} = 0;", "{bindings} = 0;")
_MAY_LOCK: Final = "({slots_lock} == NOTHING || {slots_lock} == _pid + 1)"


def _unbind_dying(at: At) -> Text:
    return fixed(*_UNBIND)(at) if at.target.design.unbinds_dying else iter(())


def _may_unload(at: At) -> Text:
    known = "{opened} && {module} == 0"
    yield from fixed(f"{known} && {{mount}} <= 1" if at.target.design.owner else known)(at)


OPERATIONS: Final[Mapping[Callable[..., object], Callable[..., Text]]] = {
    kvm.begin_fault: fixed("{mmap_lock} = 1;"),
    kvm.bind: fixed("status[{memslot}] = HELD;", "{gmem_file} = 1;", "{bindings} = 1;"),
    kvm.end_fault: fixed("{mmap_lock} = 0;"),
    kvm.free_memslot: fixed("free({memslot});"),
    kvm.get_file: fixed("{f_ref}++;"),
    kvm.get_file_active: fixed(
        "answer = ({f_ref} > 0 -> 1 : 0);", *when("answer == 1", ["{f_ref}++;"])
    ),
    kvm.load_slot: fixed(),
    kvm.lock_slots: fixed(
        *when("{slots_lock} == _pid + 1", ["fail(deadlock);"]),
        "may_sleep({context});",
        "{slots_lock} = _pid + 1;",
    ),
    kvm.put_file: fixed("put({f_ref});"),
    kvm.put_fops: fixed("{module}--;"),
    kvm.release_bindings: fixed(*when("{bindings} != 0", ["touch({memslot});", *_UNBIND])),
    kvm.run_text: fixed("touch({module_text});"),
    kvm.unbind: fixed(*_UNBIND),
    kvm.unbind_dying: _unbind_dying,
    kvm.unload: fixed("status[{module_text}] = FREED;"),
    kvm.unlock_slots: fixed("{slots_lock} = NOTHING;"),
    rcu.end_grace: fixed("{waits_for} = NOT_QUEUED;"),
    rcu.enter: fixed("{readers} = {inode};"),
    rcu.grab_folio: fixed("{readers} = {inode};", "{pinned}++;"),
    rcu.leave: _leave,
    rcu.let_go: _let_go,
    rcu.load_mapping: fixed("load({mapping}, {pointer});"),
    rcu.load_metadata: _load_metadata,
    rcu.read_inode: fixed("touch({inode});"),
    rcu.read_mapping: fixed("touch({pointer});"),
    rcu.read_metadata: fixed("touch({pointer});"),
    rcu.unpublish: _unpublish,
    folios.go_on: fixed("answer = 1;"),
    folios.leave_off: fixed("answer = 0;"),
    files.add_folio: _add_folio,
    files.add_unasked: _add_unasked,
    files.compare_files: _compare_files,
    files.destroy_cache: _destroy_cache,
    files.hold_mount: fixed("{mount}++;"),
    files.lock_folio: fixed("{locked} = 1;"),
    files.mount: fixed("{dentry} = 2;"),
    files.mount_half: fixed("{dentry} = 1;"),
    files.note_close: fixed("{closed} = 1;", "{path} = ({path} != 0 -> 2 : 0);"),
    files.open_again: _open_again,
    files.open_file: _open_file,
    files.open_path: fixed("{dentry}++;", "{mount}++;", "{path} = 1;"),
    files.pin: fixed("{pinned}++;"),
    files.read_by_folio: _read_by_folio,
    files.set_root_null: _set_root_null,
    files.unlock_folio: fixed("{locked} = 0;"),
    files.unmap: fixed("{mapped} = 0;"),
    files.unpin: _unpin,
}
"""The text of each operation, by the model's own function."""

GUARDS: Final[Mapping[Callable[..., object], Callable[..., Text]]] = {
    kvm.is_bound: fixed("{gmem_file}"),
    kvm.may_lock: fixed(_MAY_LOCK),
    kvm.may_lock_bound: fixed(_MAY_LOCK + " && {gmem_file}"),
    kvm.may_lock_open: fixed(_MAY_LOCK + " && {f_ref} > 0"),
    kvm.may_unload: _may_unload,
    kvm.no_fault: fixed("!{mmap_lock}"),
    kvm.nobody_reads: fixed("{readers} == NOTHING"),
    rcu.grace_is_over: fixed("{waits_for} == NOTHING"),
    rcu.is_mapped: fixed("{mapped}"),
    rcu.is_published: fixed("{published}"),
    rcu.no_callback_waits: _no_callback_waits,
    files.has_closed: fixed("{closed}"),
    files.has_file: fixed("({published} || {closed})"),
    files.has_path: fixed("{path}"),
    files.is_dead: fixed("status[{superblock}] == FREED"),
    files.is_freed: fixed("status[{first_inode}] == FREED"),
    files.is_freed_and_closed: fixed("status[{first_inode}] == FREED && {closed}"),
    files.is_in_cache: fixed("{mapping} != NOTHING"),
    files.is_open: fixed("{dentry} == 1 && {published}"),
    files.is_out_of_cache: fixed("status[{folio}] == FREED"),
    files.may_mount: fixed("({published} || {closed}) && {mount} > 0"),
}
"""What an actor waits for around the road."""
