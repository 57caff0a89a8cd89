"""Draw who holds what memory: the inode, what is embedded in it, who points at whom.

One picture a World, with all that may ever be there; a state says by roles what is there now.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Final, NamedTuple

from gmemviz.model import Design, Kept
from gmemviz.model.design import unmarked
from gmemviz.model.machine import (
    ABSENT,
    AWAITING,
    FREED,
    HANDED_OVER,
    HELD,
    I_CLEAR,
    I_FREEING,
    Cell,
    Target,
)
from gmemviz.model.search import World
from gmemviz.render.drawing import Arrow, Cluster, Drawing, Node, element_id

Cells = Mapping[str, Cell]

STATUS: Mapping[Cell, str] = {
    ABSENT: "absent", HELD: "held", HANDED_OVER: "held", AWAITING: "awaiting", FREED: "freed",
}  # fmt: skip
"""The role of an object by what the heap says of it; somebody else holds what was handed over."""

_BITS: Final = {"I_FREEING": I_FREEING, "I_CLEAR": I_CLEAR}
_TABLE: Final = "global xarray"
# The object that a pointer lies in, by its holder; other holders are the inode's own memory.
_OUTSIDE: Final = {
    "file": "file", "xarray": _TABLE, "dentry": "dentry", "folio": "folio",
    "superblock": "superblock",
}  # fmt: skip


class Pointer(NamedTuple):
    """Give an arrow of the picture; it is there in the states where `holds` says so.

    `in_inode`: it lies in the inode's memory, and goes with it.
    """

    tail: str
    head: str
    label: str
    holds: Callable[[Cells], bool]
    in_inode: bool = False


def object_id(name: str) -> str:
    """Return the SVG id of an object's node."""
    return element_id("mem", name)


def _edge_id(pointer: Pointer) -> str:
    return element_id("mem_e", pointer.tail, pointer.head)


# --- what is in the picture -------------------------------------------------------------


def memory(world: World) -> Drawing:
    """Return the Drawing of the objects of a World, all of them, there or not."""
    edges, words = [], []
    for pointer in _pointers(world):
        tail, head = object_id(pointer.tail), object_id(pointer.head)
        edges.append(Arrow(_edge_id(pointer), tail, head, "pointer", pointer.label))
        label = f" ({pointer.label})" if pointer.label else ""
        words.append(f"{pointer.tail} -> {pointer.head}{label}")
    layout = (("rankdir", "LR"), ("nodesep", "0.16"), ("ranksep", "0.4"))
    nodes, frames = tuple(_outside(world)), (_container(world.design),)
    title, alt = "Who holds what memory", "\n".join(words)
    return Drawing("memory", title, alt, nodes, tuple(edges), frames, layout)


def _outside(world: World) -> Iterator[Node]:
    for name in ("file", "dentry", *(each.folio for each in _drawn(world)), "RCU queue", "reader"):
        yield Node(object_id(name), name)
    for kept, each in _kept(world):
        if kept.kind.owns_object:
            yield from (Node(object_id(cell), unmarked(cell)) for cell in each.objects(kept))
    holders = {kept.placement.holder for kept in world.design.keeps}
    for holder in ("xarray", "superblock"):
        if holder in holders:
            yield Node(object_id(_OUTSIDE[holder]), _OUTSIDE[holder])


# The inode, or the struct of the Design's own around it, as in guest_memfd
# (virt/kvm/guest_memfd.c:gmem_inode@v7.3).
def _container(design: Design) -> Cluster:
    heads = []
    for kept in design.keeps:
        if kept.placement.holder == "container":
            name = kept.kind.name
            heads.append(_head(kept, f"{name} (head)" if kept.kind.owns_object else name))
    if not heads:
        return _inode(design)
    return Cluster(object_id("container"), "containing struct", tuple(heads), (_inode(design),))


# struct address_space i_data lies in struct inode itself (include/linux/fs.h:inode@v7.3).
def _inode(design: Design) -> Cluster:
    labels = {"i_count": "i_count > 0", "I_FREEING": "I_FREEING", "I_CLEAR": "I_CLEAR"}
    bits = [Node(object_id(name), label, "chip") for name, label in labels.items()]
    heads, mapped = [], [Node(object_id("i_pages"), "i_pages", "chip")]
    for kept in design.keeps:
        if kept.placement.struct == "inode":
            heads.append(_head(kept, f"{kept.placement.field}: {kept.kind.name}"))
        elif kept.placement.struct == "address_space":
            mapped.append(_head(kept, f"{kept.placement.field}: {kept.kind.name}"))
    mapping = Cluster(object_id("i_data"), "i_data (address_space)", tuple(mapped))
    return Cluster(object_id("inode"), "struct inode", (*bits, *heads), (mapping,))


# What is left of metadata in the memory of the inode: a pointer, a word, or an embedded struct.
def _head(kept: Kept, label: str) -> Node:
    return Node(object_id(_head_name(kept)), label, "chip")


def _head_name(kept: Kept) -> str:
    return f"head of {kept.kind.name}"


def _pointers(world: World) -> Iterator[Pointer]:
    yield Pointer("file", "dentry", "", lambda c: bool(c["inode.dentry"]))
    yield Pointer("dentry", "i_count", "d_inode", lambda c: bool(c["inode.dentry"]))
    for each in _drawn(world):
        mapping = f"{each.folio}.mapping"
        is_mapped = partial(_is_set, mapping)
        yield Pointer("i_pages", each.folio, "", is_mapped, in_inode=True)
        yield Pointer(each.folio, "i_pages", "mapping", is_mapped)
    yield Pointer("RCU queue", "i_count", "i_rcu", partial(_is_set, "inode.waits_for"))
    for kept, each in _kept(world):
        if kept.kind.owns_object:
            yield from _pointers_to(kept, each)


def _is_set(name: str, cells: Cells) -> bool:
    return cells[name] is not None


# i_link and i_cdev are one word: where it leads to the one, it does not lead to the other.
def _leads(name: str, others: tuple[str, ...], cells: Cells) -> bool:
    return cells[name] not in (None, *others)


# A pointer that a body sets anew leads now to the one object, now to the other.
def _pointers_to(kept: Kept, target: Target) -> Iterator[Pointer]:
    is_in_folio = kept.placement.holder == "folio"
    tail = _OUTSIDE.get(kept.placement.holder, _head_name(kept))
    tail = target.folio if is_in_folio else tail
    label = f".{kept.placement.field or kept.kind.name}"
    if kept.placement.holder == "xarray":
        label = "[inode]"
    in_inode = kept.placement.holder not in _OUTSIDE
    slot = target.slot(kept)
    sharing = [other for other in target.design.keeps if target.slot(other) == slot]
    objects = tuple(chain.from_iterable(map(target.objects, sharing)))
    for name in target.objects(kept):
        others = tuple(other for other in objects if other != name)
        yield Pointer(tail, name, label, partial(_leads, slot, others), in_inode)


# The first actor of every scenario is the one whose inode, file and folios are drawn.
def _drawn(world: World) -> tuple[Target, ...]:
    return world.programs[0].target.each_folio


def _kept(world: World) -> Iterator[tuple[Kept, Target]]:
    # What a folio keeps is drawn for each of them, all else once.
    for kept in world.design.keeps:
        drawn = _drawn(world)
        for each in drawn if kept.placement.holder == "folio" else drawn[:1]:
            yield kept, each


def without_absent(drawing: Drawing) -> Drawing:
    """Return the memory picture as it is dressed, without what is not there: fewer, larger words.

    For a slide, where it stands still; the words at its edges are as large as those in its boxes.
    """
    gone = {name for name, role in drawing.roles.items() if role == "absent"}
    nodes = tuple(node for node in drawing.nodes if node.id not in gone)
    edges = tuple(
        replace(edge, extra=(*edge.extra, ("fontsize", "11")))
        for edge in drawing.edges
        if not {edge.id, edge.tail, edge.head} & gone
    )
    clusters = tuple(_without(cluster, gone) for cluster in drawing.clusters)
    return replace(drawing, nodes=nodes, edges=edges, clusters=clusters)


def _without(cluster: Cluster, gone: Collection[str]) -> Cluster:
    nodes = tuple(node for node in cluster.nodes if node.id not in gone)
    inner = tuple(_without(each, gone) for each in cluster.clusters)
    return replace(cluster, nodes=nodes, clusters=inner)


# --- what is there in a state -----------------------------------------------------------


def memory_roles(world: World, cells: Cells) -> dict[str, str]:
    """Return the role of each element of the memory picture in one state."""
    named = chain(_objects(world, cells), _kept_objects(world, cells), _bits(cells))
    roles = {object_id(name): role for name, role in named}
    for pointer in _pointers(world):
        if not pointer.holds(cells) or (pointer.in_inode and cells["inode"] == FREED):
            roles[_edge_id(pointer)] = "absent"
        elif cells.get(pointer.head) == FREED:
            roles[_edge_id(pointer)] = "dangling"
    return roles


def _there(is_there: object) -> str:
    return "held" if is_there else "absent"


def _objects(world: World, cells: Cells) -> Iterator[tuple[str, str]]:
    status = STATUS[cells["inode"]]
    yield "inode", status
    yield "i_data", status
    yield "container", status
    yield "file", _there(cells["inode.dentry"])
    yield "dentry", _there(cells["inode.dentry"])
    for each in _drawn(world):
        yield each.folio, STATUS[cells[each.folio]]
    yield "RCU queue", "absent" if cells["inode.waits_for"] is None else "awaiting"
    yield "reader", _there(cells["readers"])


def _kept_objects(world: World, cells: Cells) -> Iterator[tuple[str, str]]:
    for kept, each in _kept(world):
        is_set = cells[each.slot(kept)] not in (None, "cleared")
        if kept.placement.holder in ("inode", "container"):
            is_freed = STATUS[cells["inode"]] == "freed"
            yield _head_name(kept), "freed" if is_freed else _there(is_set)
        elif kept.placement.holder == "xarray":
            yield _TABLE, _there(is_set)
        elif kept.placement.holder == "superblock":
            yield "superblock", STATUS[cells["superblock"]]
        if kept.kind.owns_object:
            yield from ((cell, STATUS[cells[cell]]) for cell in each.objects(kept))


def _bits(cells: Cells) -> Iterator[tuple[str, str]]:
    flags = cells["inode.i_state"]
    assert isinstance(flags, int)
    is_alive = cells["inode"] in (HELD, AWAITING)
    yield "i_count", _there(is_alive and cells["inode.i_count"])
    for name, bit in _BITS.items():
        yield name, _there(is_alive and flags & bit)
    yield "i_pages", _there(cells["inode.nrpages"])
