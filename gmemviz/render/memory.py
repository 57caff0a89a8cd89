"""Draw who holds what memory: the inode, what is embedded in it, who points at whom."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from gmemviz.model import Design, Kept
from gmemviz.model.machine import ABSENT, AWAITING, FREED, HELD, I_CLEAR, I_FREEING, Cell
from gmemviz.model.search import World
from gmemviz.render.drawing import Cluster, Drawing, Edge, Node, element_id

Cells = Mapping[str, Cell]


class Pointer(NamedTuple):
    """Give an arrow of the picture; it is there in the states where `holds` says so."""

    tail: str
    head: str
    label: str
    holds: Callable[[Cells], bool]


STATUS: Mapping[Cell, str] = {ABSENT: "absent", HELD: "held", AWAITING: "awaiting", FREED: "freed"}


def object_id(name: str) -> str:
    """Return the SVG id of an object's node."""
    return element_id("mem", name)


def _slot_label(kept: Kept) -> str:
    if kept.placement.holder == "xarray":
        return "[inode]"
    return f".{kept.placement.field}" if kept.placement.field else f".{kept.kind.name}"


def _head(kept: Kept) -> str:
    return f"{kept.kind.name} (head)" if kept.kind.owns_object else kept.kind.name


def _container(design: Design, inner: tuple[Cluster, ...]) -> tuple[Cluster, ...]:
    if not any(kept.placement.holder == "container" for kept in design.keeps):
        return inner
    heads = tuple(
        Node(object_id(f"head of {kept.kind.name}"), _head(kept), "chip")
        for kept in design.keeps
        if kept.placement.holder == "container"
    )
    return (Cluster(object_id("container"), "containing struct", heads, inner),)


def _inode(design: Design) -> Cluster:
    bits = tuple(
        Node(object_id(name), label, "chip")
        for name, label in (
            ("i_count", "i_count > 0"),
            ("I_FREEING", "I_FREEING"),
            ("I_CLEAR", "I_CLEAR"),
        )
    )
    slots = tuple(
        Node(object_id(f"head of {kept.kind.name}"), f"i_private: {kept.kind.name}", "chip")
        for kept in design.keeps
        if kept.placement.struct == "inode"
    )
    embedded = tuple(
        Node(object_id(f"head of {kept.kind.name}"), f"i_private_data: {kept.kind.name}", "chip")
        for kept in design.keeps
        if kept.placement.struct == "address_space"
    )
    mapping = Cluster(
        object_id("i_data"), "i_data (address_space)",
        (Node(object_id("i_pages"), "i_pages", "chip"), *embedded),
    )  # fmt: skip
    return Cluster(object_id("inode"), "struct inode", (*bits, *slots), (mapping,))


def _pointers(world: World) -> Iterator[Pointer]:
    yield Pointer("file", "dentry", "", lambda c: bool(c["inode.dentry"]))
    yield Pointer("dentry", "i_count", "d_inode", lambda c: bool(c["inode.dentry"]))
    yield Pointer("i_pages", "folio", "", lambda c: bool(c["inode.nrpages"]))
    yield Pointer("folio", "i_pages", "mapping", lambda c: c["folio.mapping"] is not None)
    yield Pointer("RCU queue", "i_count", "i_rcu", lambda c: c["inode.waits_for"] is not None)
    for kept in world.design.keeps:
        if kept.kind.owns_object:
            cell = _slot(world, kept)
            yield Pointer(
                _holder(kept), kept.kind.name, _slot_label(kept),
                lambda c, cell=cell: c[cell] is not None,  # type: ignore[misc]
            )  # fmt: skip


def _outside(design: Design) -> list[Node]:
    names = ["file", "dentry", "folio", "RCU queue", "reader"]
    names += [kept.kind.name for kept in design.keeps if kept.kind.owns_object]
    names += [_TABLE] if any(kept.placement.holder == "xarray" for kept in design.keeps) else []
    return [Node(object_id(name), name) for name in names]


_TABLE: Final = "global xarray"


def _holder(kept: Kept) -> str:
    outside = {"file": "file", "xarray": _TABLE, "dentry": "dentry", "folio": "folio"}
    return outside.get(kept.placement.holder, f"head of {kept.kind.name}")


def _slot(world: World, kept: Kept) -> str:
    # The first actor of every scenario is the one whose inode and file are drawn.
    return world.programs[0].target.slot(kept)


def _pointer_edge(pointer: Pointer) -> Edge:
    return Edge(
        element_id("mem_e", pointer.tail, pointer.head),
        object_id(pointer.tail),
        object_id(pointer.head),
        "pointer",
        pointer.label,
    )


def memory(world: World) -> Drawing:
    """Return the Drawing of the objects of a World, all of them, there or not."""
    design = world.design
    edges = tuple(_pointer_edge(pointer) for pointer in _pointers(world))
    words = [f"{p.tail} -> {p.head}{f' ({p.label})' if p.label else ''}" for p in _pointers(world)]
    return Drawing(
        "memory", "Who holds what memory", "\n".join(words), tuple(_outside(design)), edges,
        _container(design, (_inode(design),)),
        (("rankdir", "LR"), ("nodesep", "0.16"), ("ranksep", "0.4")),
    )  # fmt: skip


def _bits(cells: Cells) -> Iterator[tuple[str, str]]:
    flags, count = cells["inode.i_state"], cells["inode.i_count"]
    assert isinstance(flags, int)
    alive = cells["inode"] in (HELD, AWAITING)
    yield "i_count", "held" if alive and count else "absent"
    for name, bit in (("I_FREEING", I_FREEING), ("I_CLEAR", I_CLEAR)):
        yield name, "held" if alive and flags & bit else "absent"
    yield "i_pages", "held" if cells["inode.nrpages"] else "absent"


def _objects(world: World, cells: Cells) -> Iterator[tuple[str, str]]:
    status = STATUS[cells["inode"]]
    yield "inode", status
    yield "i_data", status
    yield "container", status
    is_open = bool(cells["inode.dentry"])
    yield "file", "held" if is_open else "absent"
    yield "dentry", "held" if is_open else "absent"
    yield "folio", STATUS[cells["folio"]]
    yield "RCU queue", "awaiting" if cells["inode.waits_for"] is not None else "absent"
    yield "reader", "held" if cells["readers"] else "absent"
    for kept in world.design.keeps:
        name = kept.kind.name
        slot = cells[_slot(world, kept)]
        if kept.placement.holder in ("inode", "container"):
            there = "absent" if slot in (None, "cleared") else "held"
            yield f"head of {name}", "freed" if status == "freed" else there
        elif kept.placement.holder == "xarray":
            yield _TABLE, "held" if slot not in (None, "cleared") else "absent"
        if kept.kind.owns_object:
            yield name, STATUS[cells[name]]


def memory_roles(world: World, cells: Cells) -> dict[str, str]:
    """Return the role of each element of the memory picture in one state."""
    roles = {object_id(name): role for name, role in (*_objects(world, cells), *_bits(cells))}
    for pointer in _pointers(world):
        edge = element_id("mem_e", pointer.tail, pointer.head)
        in_inode = pointer.tail.startswith("head of") or pointer.tail == "i_pages"
        if not pointer.holds(cells) or (in_inode and cells["inode"] == FREED):
            roles[edge] = "absent"
        elif cells.get(pointer.head) == FREED:
            roles[edge] = "dangling"
    return roles
