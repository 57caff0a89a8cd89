"""Say in Promela what hooks and the VFS do on the road of an inode, and what they wait for.

Written anew from what the kernel does, apart from the model's `actions`, `vfs` and `caching`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from gmemviz.model.road import folios, hook_actions, icache, lines, vfs
from gmemviz.model.road import metadata as holding
from tests.oracles import promela_metadata as metadata
from tests.oracles.promela_names import At, Text, when

__all__ = ("GUARDS", "OPERATIONS", "fixed", "unlock")


def fixed(*lines: str) -> Callable[[At], Text]:
    """Return an operation whose lines are the same for every Design, but for the names."""
    return lambda at: (line.format_map(at) for line in lines)


def unlock(at: At) -> Text:
    """Yield the drop of i_lock, where others want it too."""
    if at.has("i_lock"):
        yield f"{at['i_lock']} = 0;"


def _then_unlock(*lines: str) -> Callable[[At], Text]:
    def text(at: At) -> Text:
        yield from fixed(*lines)(at)
        yield from unlock(at)

    return text


def _not(short: str) -> Callable[[At], Text]:
    # A cell that is not there is a lock that nobody else wants.
    return lambda at: iter([f"!{at[short]}" if at.has(short) else "true"])


# --- hooks --------------------------------------------------------------------------------


def _compile_fields(at: At) -> Text:
    for kept in at.target.design.keeps:
        struct, field = kept.placement.struct, kept.placement.field
        if struct and not at.target.facts.has_field(struct, field):
            yield "fail(no_such_field);"


def _allocate_container(at: At) -> Text:
    yield from fixed("allocate({inode});", "{cache} = OWN_CACHE;")(at)
    if at.target.address == at.target.inode:
        return
    for kept in at.target.design.keeps:
        if kept.placement.holder == "container":
            yield f"{at.slot(kept)} = {at.word(f'{at.target.address}.{kept.kind.name}')};"


def _free_struct(at: At) -> Text:
    is_own = at.target.design.has_container
    if is_own:
        yield f"touch({at['kmem_cache']});"
    cache = "OWN_CACHE" if is_own else "INODE_CACHEP"
    yield f"free_to({at['inode']}, {at['cache']}, {cache});"


def _drop_unhashed(at: At) -> Text:
    yield f"answer = {int('hashed' not in at.target.traits)};"


def _truncate(at: At) -> Text:
    yield from fixed("touch({inode});", "may_sleep({context});")(at)
    yield from metadata.read_when_empty(at)
    if at.has("batch"):
        yield "answer = 0;"
    yield from when(f"{at['nrpages']} > 0", _remove_folios(at))


# All are out of the page cache before the first is shown to free_folio.
def _remove_folios(at: At) -> Iterable[str]:
    for folio in at.folios():
        yield from when(f"{folio['mapping']} != NOTHING", metadata.read_all(folio))
    yield f"{at['nrpages']} = 0;"
    for folio in at.folios():
        gone = [f"{folio['mapping']} = NOTHING;"]
        if at.has("batch"):
            gone += [f"{folio['batch']} = _pid + 1;", "answer = 1;"]
        else:
            gone += _put_reference(folio)
        yield from when(f"{folio['mapping']} != NOTHING", gone)


# A pipe, or a walk of page tables, has found the first.
def _put_reference(folio: At) -> Iterable[str]:
    if folio.target.folio == folio.folios()[0].target.folio:
        return when(f"{folio['pinned']} == 0", metadata.put_folio(folio))
    return metadata.put_folio(folio)


def _put_next(at: At) -> Text:
    # Of those that are left the first goes, and the answer says whether there is one behind it.
    yield "answer = 0;"
    text: list[str] = []
    for folio in reversed(at.folios()):
        is_left, behind = f"{folio['batch']} == _pid + 1", text
        text = [f"{folio['batch']} = NOTHING;", *_put_reference(folio)]
        for later in at.folios()[at.folios().index(folio) + 1 :]:
            text += when(f"{later['batch']} == _pid + 1", ["answer = 1;"])
        text = list(when(is_left, text, behind))
    yield from text


# --- the VFS itself -----------------------------------------------------------------------


def _init_always(at: At) -> Text:
    yield f"touch({at['inode']});"
    if not at.target.design.mount.is_set_up:
        yield "fail(crash);"
    yield from fixed("{i_count} = 1;", "{i_state} = 0;")(at)
    for kept in at.target.design.keeps:
        if kept.placement.holder == "inode":
            yield f"{at.slot(kept)} = NOTHING;"


def _put_inode(at: At) -> Text:
    yield from fixed("touch({inode});", "put({i_count});")(at)
    lock = [f"{at['i_lock']} = 1;"] if at.has("i_lock") else []
    yield from when("answer == 0", [f"touch({at['superblock']});", *lock])


def _insert(at: At) -> Text:
    yield f"touch({at['inode']});"
    if "lost" not in at.target.traits:
        yield f"{at['hashed']} = 1;"


def _look_for_busy(at: At) -> Text:
    # The kernel complains, and goes on.
    is_busy = f"status[{at['inode']}] == HELD && {at['i_count']} != 0"
    yield from when(is_busy, ["tell(busy_inodes);"])


def _use(at: At) -> Text:
    yield f"touch({at['inode']});"
    yield from metadata.use_all(at)


def _is_unused(at: At) -> Text:
    is_free = next(_not("i_lock")(at))
    yield from fixed(
        f"status[{{inode}}] == HELD && {{i_count}} == 0 && {{i_state}} == 0 && {is_free}"
    )(at)


OPERATIONS: Final[Mapping[Callable[..., object], Callable[..., Text]]] = {
    lines.nothing: fixed(),
    hook_actions.allocate_container: _allocate_container,
    hook_actions.allocate_default: fixed("allocate({inode});", "{cache} = INODE_CACHEP;"),
    hook_actions.call_rcu: fixed(
        "touch({inode});",
        *when("status[{inode}] == AWAITING", ["fail(double_free);"]),
        "{waits_for} = {readers};",
        "status[{inode}] = AWAITING;",
    ),
    hook_actions.clear_inode: fixed(
        "touch({inode});",
        "bug_on({nrpages} > 0);",
        "bug_on(!({i_state} & I_FREEING));",
        "bug_on({i_state} & I_CLEAR);",
        "{i_state} = I_FREEING | I_CLEAR;",
    ),
    hook_actions.compile_fields: _compile_fields,
    hook_actions.drop: fixed("answer = 1;"),
    hook_actions.free_default: fixed("free_to({inode}, {cache}, INODE_CACHEP);"),
    hook_actions.free_struct: _free_struct,
    hook_actions.keep: fixed("answer = 0;"),
    hook_actions.truncate: _truncate,
    folios.put_next: _put_next,
    icache.drop_unhashed: _drop_unhashed,
    icache.igrab: fixed(
        "touch({inode});",
        "answer = ({i_state} == 0 -> 1 : 0);",
        *when("answer == 1", ["{i_count}++;"]),
    ),
    icache.insert: _insert,
    icache.look_for_busy: _look_for_busy,
    icache.look_up: fixed("{readers} = {inode};", "answer = {hashed};"),
    icache.stay: _then_unlock("touch({inode});"),
    icache.unhash: fixed("touch({inode});", "{hashed} = 0;"),
    icache.use: _use,
    icache.write_back: fixed("touch({inode});", "may_sleep({context});"),
    holding._attach_at_birth: metadata.attach_at_birth,
    holding._init: metadata.init,
    holding._release: metadata.release,
    holding.attach: metadata.attach,
    holding.unwind: metadata.unwind,
    vfs.allocate_blob: fixed("touch({inode});"),
    vfs.assert_cleared: fixed("touch({inode});", "bug_on({i_state} != (I_FREEING | I_CLEAR));"),
    vfs.assert_freeing: fixed(
        "touch({inode});", "touch({superblock});", "bug_on(!({i_state} & I_FREEING));"
    ),
    vfs.free_superblock: fixed("free({superblock});"),
    vfs.init_always: _init_always,
    vfs.mark_freeing: _then_unlock(
        "touch({inode});",
        "touch({superblock});",
        "{i_state} = ({i_state} & ~I_WILL_FREE) | I_FREEING;",
    ),
    vfs.mark_will_free: _then_unlock("touch({inode});", "{i_state} = {i_state} | I_WILL_FREE;"),
    vfs.pick_unused: fixed(
        "answer = (status[{inode}] == HELD && {i_count} == 0 && {i_state} == 0 -> 1 : 0);",
        *when("answer == 1", ["{i_state} = I_FREEING;"]),
    ),
    vfs.put_dentry: fixed("put({dentry});"),
    vfs.put_inode: _put_inode,
    vfs.put_mount: fixed("put({mount});"),
    vfs.uncount: fixed("touch({inode});"),
}
"""The text of each operation, by the model's own function."""

GUARDS: Final[Mapping[Callable[..., object], Callable[..., Text]]] = {
    hook_actions.may_truncate: _not("locked"),
    icache.is_unused: _is_unused,
    vfs.is_i_lock_free: _not("i_lock"),
}
"""What an actor waits for on the road."""
