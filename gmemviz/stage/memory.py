"""Draw memory from a run's own heap: every object of the run, step by step, and who touches what.

A cell with a status is an object, and ``object.field`` one of its members, so what a new scenario
brings is drawn without a word here. Only what the kernel calls it stands in a table.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from gmemviz.facts import Facts
from gmemviz.model import Design, Kept
from gmemviz.model.design import unmarked
from gmemviz.model.machine import (
    FREED,
    I_CLEAR,
    I_FREEING,
    I_WILL_FREE,
    STALE,
    Cell,
    Target,
)
from gmemviz.model.search import Step, World
from gmemviz.stage.drawn import STATUS, Drawn, Look, StructRow
from gmemviz.stage.tables import S_OP, HookTable, tables

SUPERBLOCK: Final = "superblock"
_FLAGS: Final = {"I_FREEING": I_FREEING, "I_CLEAR": I_CLEAR, "I_WILL_FREE": I_WILL_FREE}

_HIDDEN: Final = frozenset({"waits_for", "refused", "batch", "a_ops", "persistent", "failed"})
"""Fields that say what another drawing shows, or that are a search's own notes."""

CARRIES: Final = " carries"
"""How the object of what an actor has by a pointer of its own ends (`Target.slot`)."""
_CALLBACK: Final = "callback:"

_MOVED: Final[Mapping[str, tuple[str, str]]] = {
    "slot->gmem.file": ("memslot", "gmem.file"),
    "bindings": ("file", "bindings"),
    "f_ref": ("file", "f_ref"),
    "pinned": ("folio", "pins"),
    "mount": ("mount", "mnt_count"),
    "module": ("module text", "refcount"),
}
"""Cells that are a member of something, and by their name do not say so."""

_FIRST: Final = ("i_mode", "i_nlink", "i_count", "i_state", "i_sb")
"""Members of struct inode, in the kernel's order; what it owns comes behind them."""

_SHOWN_AS: Final[Mapping[str, str]] = {"nrpages": "i_data", "cache": "slab cache"}


class Scene(NamedTuple):
    """Give the objects of a run as they stand after each step, by their ids."""

    frames: tuple[dict[str, Drawn], ...]
    tables: tuple[HookTable, ...]
    members: Mapping[str, tuple[str, str]]


def scene(world: World, run: Sequence[Step], facts: Facts) -> Scene:
    """Return the memory of a run, without what is never there in it."""
    members = _members(world)
    slots = tuple(tables(world.design, facts))
    frames = [_frame(world, step.cells, members, slots) for step in run]
    seen = {name for frame in frames for name, drawn in frame.items() if _is_seen(name, drawn)}
    seen |= {name for frame in frames for name in frame if name in _gone(run)}
    if len(world.inodes) == 1:  # a pool matters where somebody else wants of it as well
        seen = {name for name in seen if not name.startswith(_POOL)}
    told = set(_telling_members(frames, world.inodes))
    freed: dict[str, str] = {}
    shown = []
    for number, (step, frame) in enumerate(zip(run, frames, strict=True), 1):
        freed |= dict.fromkeys(step.freed, f"freed at step {number} by {step.event.function}")
        kept = {name: _only(drawn, name, told) for name, drawn in frame.items() if name in seen}
        shown.append({name: _noted(drawn, freed.get(name, "")) for name, drawn in kept.items()})
    return Scene(tuple(shown), slots, members)


_BACKDROP: Final = ("cache", "mount", "module text")
"""What is there in every run, and is drawn in those that see it go."""


def _is_seen(name: str, drawn: Drawn) -> bool:
    return drawn.status != "absent" and name not in _BACKDROP


def _gone(run: Sequence[Step]) -> set[str]:
    effects = [effect for step in run for effect in step.effects]
    return {effect.object for effect in effects if effect.change in (FREED, "down to 0")}


# A member that is nothing in the whole run says nothing, but for those of an inode: NULL there is
# what somebody finds.
def _telling_members(
    frames: Iterable[Mapping[str, Drawn]], inodes: Sequence[str]
) -> Iterator[tuple[str, str]]:
    for frame in frames:
        for name, drawn in frame.items():
            for member in drawn.members:
                if name in inodes or member.look in ("null", "yours") or _is_set(member):
                    yield name, member.name


def _only(drawn: Drawn, name: str, told: set[tuple[str, str]]) -> Drawn:
    members = tuple(member for member in drawn.members if (name, member.name) in told)
    return drawn._replace(members=members)


def _noted(drawn: Drawn, note: str) -> Drawn:
    return drawn._replace(note=note) if drawn.status == "freed" and note else drawn


# --- where a cell is drawn --------------------------------------------------------------


def _members(world: World) -> dict[str, tuple[str, str]]:
    # Each cell's object and the member that it is, "" for the object itself.
    places = {name: _place(name) for name in world.names}
    for target in {program.target for program in world.programs}:
        if target.inode not in world.names:
            continue
        places[f"{target.inode}.dentry"] = f"dentry{target.suffix}", "d_lockref"
        for kept in world.design.keeps:
            for each in target.each_folio:
                places[each.slot(kept)] = _holder(each, kept), _label(kept)
            if kept.kind.scarce:
                places[f"{kept.kind.cell}.holder"] = pool_of(kept.kind.cell), "left"
    return places


def pool_of(cell: str) -> str:
    """Return the id of the pool that something scarce comes from, as hugetlb's pages do."""
    return f"{_POOL}{cell}"


_POOL: Final = "pool of "


def _place(name: str) -> tuple[str, str]:
    if name in _MOVED:
        return _MOVED[name]
    owner, dot, field = name.rpartition(".")
    return (owner, field) if dot else (name, "")


def _holder(target: Target, kept: Kept) -> str:
    return target.slot(kept).rpartition(".")[0]


def _label(kept: Kept) -> str:
    return kept.placement.field or kept.kind.name


# --- one step ---------------------------------------------------------------------------


def _frame(
    world: World, cells: Mapping[str, Cell], places: Mapping[str, tuple[str, str]],
    slots: Iterable[HookTable],
) -> dict[str, Drawn]:  # fmt: skip
    objects = {SUPERBLOCK: Drawn("super_block"), **{table.id: table.drawn for table in slots}}
    # Which cache its memory is of is in question where there is more than inode_cachep.
    hidden = _HIDDEN if world.design.has_container else _HIDDEN | {"cache"}
    for name, value in cells.items():
        owner, field = places[name]
        if field.partition(" ")[0] in hidden:
            continue
        before = objects.get(owner, Drawn(_title(owner, world)))
        if not field:
            status = STATUS.get(value) if isinstance(value, str) else None
            if status:
                objects[owner] = before._replace(status=status, note=_note(status, owner, world))
        else:
            member = _member(field, value, cells, owner)
            objects[owner] = before._replace(members=(*before.members, member))
    return {owner: _ordered(owner, drawn, world, cells) for owner, drawn in objects.items()}


def _title(owner: str, world: World) -> str:
    name = unmarked(owner)
    if owner.startswith(_POOL):
        return f"{owner.removeprefix(_POOL)} pool"
    if owner.endswith(CARRIES):
        actor = name.removesuffix(CARRIES)
        _, is_callback, callback = actor.partition(_CALLBACK)
        return f"argument of {callback}" if is_callback else f"local of {actor}"
    if owner in world.inodes:
        return _box(world.design) + ("" if owner == "inode" else f" ({name})")
    return {SUPERBLOCK: "super_block", "cache": "kmem_cache", "mount": "vfsmount"}.get(owner, name)


# What a kernel calls the struct around its inode no Design says: `your_` is of a reader's alone.
def _box(design: Design) -> str:
    if not design.has_container:
        return "struct inode"
    return "struct inode in its container" if design.functions else "struct your_inode"


def _note(status: str, owner: str, world: World) -> str:
    mount = world.design.mount
    if owner == SUPERBLOCK and status == "allocated":
        whose = "own mount" if mount.own_table else "anon_inodefs"
        return whose if mount.is_set_up else "static, zeroed"
    return {"waits": "waits for RCU", "freed": "freed"}.get(status, "")


def _member(field: str, value: Cell, cells: Mapping[str, Cell], owner: str) -> StructRow:
    name = _SHOWN_AS.get(field, field)
    if name == "left":
        return StructRow(name, f"{int(value is None)} of 1", look="" if value is None else "stale")
    if field == "nrpages":
        folio = "folio" if owner == "inode" else f"folio of {owner}"
        is_there = cells.get(f"{folio}.mapping") is not None
        count = "1 folio" if value == 1 else f"{value} folios"
        return StructRow(name, count, folio if is_there else "")
    if field == "mapping":  # it leads into the middle of an inode, where i_data is
        return StructRow(name, "NULL" if value is None else "i_data", look="" if value else "null")
    if field == "i_state":
        return StructRow(name, _flags(value))
    return _plain(name, value, cells)


def _flags(value: Cell) -> str:
    bits = value if isinstance(value, int) else 0
    return " | ".join(name for name, bit in _FLAGS.items() if bits & bit) or "0"


def _plain(name: str, value: Cell, cells: Mapping[str, Cell]) -> StructRow:
    look: Look = ""
    if isinstance(value, str) and value in cells:
        return StructRow(name, "", value, "stale" if cells[value] == FREED else "")
    if value is None:
        text, look = ("not set" if name == "i_count" else "NULL"), "null"
    elif value == STALE:
        text, look = "left by an earlier life", "stale"
    else:
        text = ", ".join(value) if isinstance(value, tuple) else str(value)
    return StructRow(name, text, "", look)


# What leads from one object to the next is no cell: it never changes in a run.
def _ordered(owner: str, drawn: Drawn, world: World, cells: Mapping[str, Cell]) -> Drawn:
    members = drawn.members
    if owner in world.inodes:
        members = (*members, StructRow("i_sb", "", SUPERBLOCK))
        members = tuple(sorted(members, key=_rank))
    elif owner == SUPERBLOCK:
        members = (StructRow("s_op", "", S_OP), *members)
        if not world.design.mount.is_set_up:  # i_uid_write follows it (include/linux/fs.h)
            members = (StructRow("s_user_ns", "NULL", look="null"), *members)
    elif owner.startswith("dentry") and owner.partition(" of ")[2] in ("", *world.inodes):
        inode = owner.partition(" of ")[2] or "inode"
        is_there = bool(cells.get(f"{inode}.dentry"))
        members = (*members, StructRow("d_inode", "", inode)) if is_there else members
    if drawn.status == "absent" and any(_is_set(member) for member in drawn.members):
        drawn = drawn._replace(status="allocated") if _has_no_status(owner, cells) else drawn
    return drawn._replace(members=members)


def _rank(member: StructRow) -> int:
    return _FIRST.index(member.name) if member.name in _FIRST else len(_FIRST)


# Such as a file, an xarray or a pool: the heap has no status of it, but it has members.
def _has_no_status(owner: str, cells: Mapping[str, Cell]) -> bool:
    return cells.get(owner) not in STATUS


def _is_set(member: StructRow) -> bool:
    return bool(member.to) or member.value not in ("", "0", "NULL")


def order(frames: Iterable[Mapping[str, Drawn]]) -> Iterator[str]:
    """Yield the ids of all objects, each once, in the order in which they come to be."""
    yield from dict.fromkeys(name for frame in frames for name in frame)
