"""Attach, read and release metadata, wherever a placement keeps the pointer to it.

This is the part of the road that is the Design's own: its creator attaches (as __kvm_gmem_create
and hugetlbfs_get_inode do), truncation and readers read, a hook releases. That an operation follows
a pointer into the wrong memory, or twice, is noticed here; the rest the Machine notices.
"""

from functools import cache, partial
from typing import Final

from gmemviz.model.design import LAST_PUT, LAST_PUT_UNTESTED, DefectCode, Holder, Kept
from gmemviz.model.machine import (
    ABSENT,
    AWAITING,
    FIRST_FILE,
    FREED,
    OWN_CACHE,
    REFUSED,
    STALE,
    Cell,
    Machine,
    NoFunction,
    Operation,
    Target,
    phrase,
    stands_for,
)
from gmemviz.model.road.cells import references
from gmemviz.model.road.ways import is_far, note_out_of_reach

# The same operation is the same object, so that programs can be compared.
_partial = cache(partial)

LAST: Final = "at the last folio_put"
"""When what outlives the inode is read once more. (mm/swap.c:__folio_put@v6.12)"""

OF_INODE: Final[tuple[Holder, ...]] = ("inode", "container", "xarray")
"""Who holds a pointer that is the inode's own."""

_CREATOR: Final = NoFunction("design", "its creator, or its alloc_inode, stores what it owns")
_READER: Final = NoFunction("design", "what truncation or a system call reads is the Design's")
_POINTER: Final = NoFunction("hardware", "a load of a pointer, and what it leads to")
_RELEASE: Final = NoFunction("design", "a hook of the Design releases what it owns")


@stands_for(_POINTER)
def reach(m: Machine, t: Target, kept: Kept, verb: str, what: str = "", *, when: str = "") -> None:
    """Touch the memory that the pointer lies in; the xarray's own is always there."""
    holder = kept.placement.holder
    if t.carries(kept):
        return  # a callback has the object by its own address
    if holder in ("inode", "container"):
        m.touch(t.inode, verb, what, when)
    cache_of_inode = m[f"{t.inode}.cache"]
    if holder == "container" and cache_of_inode != OWN_CACHE:
        past = f"past an inode that {cache_of_inode} handed out alone"
        doing = phrase(verb, what, when)
        m.fail("wrong-cache", t.inode, f"{doing} {kept.kind.name} by container_of, {past}")


@stands_for(_POINTER)
def note_stale(m: Machine, kept: Kept, value: Cell) -> None:
    """Note where a pointer is what an earlier life of its memory left; `stale-alias`."""
    if value == STALE:
        doing = f"reads {kept.kind.name}, which nobody has set in this life of the memory"
        m.note("stale-alias", kept.kind.name, doing)


@stands_for(_POINTER)
def follow(m: Machine, kept: Kept, value: Cell, verb: str, what: str = "") -> None:
    """Touch what a pointer leads to; what an earlier life left leads to freed memory."""
    if value == STALE:
        name = kept.kind.name
        doing = phrase(verb, what)
        m.fail("use-after-free", name, f"{doing} {name}, which an earlier life of the memory left")
    m.touch(str(value), verb, what)


def _attach(m: Machine, t: Target, kept: Kept) -> None:
    slot = t.slot(kept)
    reach(m, t, kept, "writes")
    if kept.placement.holder == "xarray" and m[slot] not in (None, "cleared"):
        doing = f"finds {m[slot]} of an earlier inode under the address of {t.inode}"
        m.note("stale-alias", t.inode, doing)
        return  # xa_insert says -EBUSY, and the creator has nothing to attach
    make(m, t, kept)


@stands_for(_CREATOR)
def make(m: Machine, t: Target, kept: Kept) -> None:
    """Allocate what a kind of metadata is, and store the pointer to it, or set the word.

    Where a second creation finds none of what is scarce, or a run has as many objects as there are,
    the allocation fails, as it may, and the pointer stays as it is.
    """
    slot, kind = t.slot(kept), kept.kind
    if not kind.owns_object:
        m[slot] = "set"
        m.says(kind.name, "set")
        return
    if kind.scarce and _is_refused(m, kind.cell):
        return
    name = _unused(m, t, kept)
    if not name:
        m.says(kind.name, "no memory")
        m.comes_to(f"there is no memory for {kind.name}, and it is not attached")
        return
    if kind.scarce:
        m[f"{kind.cell}.holder"] = t.inode
    _leave_dangling(m, name)
    _allocate(m, name)
    m[slot] = name


def _allocate(m: Machine, name: str) -> None:
    m.allocate(name)
    if references(name) in m:  # kref_init: the pointer's own
        m[references(name)] = 1


# What is attached once, by its creator, has one object; forgetting a live one is noted there.
def _unused(m: Machine, t: Target, kept: Kept) -> str:
    several = t.objects(kept)
    unused = (name for name in several if m[name] in (ABSENT, FREED))
    return next(unused, "" if len(several) > 1 else several[0])


# Memory that is handed out again is another object: who still has the pointer to what was freed has
# a pointer to what an earlier life left.
def _leave_dangling(m: Machine, name: str) -> None:
    if m[name] != FREED:
        return
    for cell, value in m.items():
        if not _may_point(cell):
            continue
        if value == name:
            m[cell] = STALE
        elif isinstance(value, tuple) and name in value:
            m[cell] = tuple(STALE if each == name else each for each in value)


def _may_point(cell: str) -> bool:
    is_field = "." in cell and not cell.endswith((".cache", ".d_hash", ".i_mode", ".holder"))
    return is_field or cell == "pointer" or cell.startswith("list ") or cell.endswith(" has loaded")


# As hugetlb's pages: where another inode has them all, a creation fails.
def _is_refused(m: Machine, name: str) -> bool:
    holder = m[f"{name}.holder"]
    if not isinstance(holder, str):
        return False
    m[f"{name}.refused"] = int(m[holder] == AWAITING)
    m.touched(name, "is refused")
    m.says(name, REFUSED)
    return True


@stands_for(_CREATOR)
def attach(m: Machine, t: Target) -> None:
    """Store what the inode owns, as the creator does after alloc_inode."""
    for kept in t.design.keeps:
        is_its = not kept.kind.of or m[f"{t.inode}.i_mode"] in kept.kind.of
        if kept.kind.name in t.design.attached_later:
            continue
        if kept.placement.holder in OF_INODE and not kept.kind.born_in_alloc and is_its:
            _attach(m, t, kept)
    if "attached" in m:
        m["attached"] = 1
    if f"{t.inode}.a_ops" in m:
        m[f"{t.inode}.a_ops"] = 1


@stands_for(_CREATOR)
def attach_to_file(m: Machine, t: Target) -> None:
    """Store what a file and its dentry own, once there is a file."""
    for kept in t.design.keeps:
        if kept.kind.name in t.design.attached_later:
            continue
        is_of_dentry = kept.placement.holder == "dentry" and t.file == FIRST_FILE
        if (kept.placement.holder == "file" or is_of_dentry) and not kept.kind.born_in_alloc:
            _attach(m, t, kept)


@stands_for(_CREATOR)
def attach_to_folio(m: Machine, t: Target) -> None:
    """Store what a folio owns, as it comes into the page cache."""
    for kept in t.design.keeps:
        if kept.placement.holder == "folio":
            _attach(m, t, kept)


def attach_at_birth(kept: Kept) -> Operation:
    """Return the operation by which alloc_inode attaches: there is no file yet to hold it."""
    return _partial(_attach_at_birth, kept=kept)


@stands_for(_CREATOR)
def _attach_at_birth(m: Machine, t: Target, kept: Kept) -> None:
    if kept.placement.holder == "file":
        if kept.kind.owns_object:  # a word has no place before there is a file
            _allocate(m, t.object(kept))
    else:
        _attach(m, t, kept)


def init(kept: Kept) -> Operation:
    """Return the operation by which alloc_inode sets a pointer of its container to NULL."""
    return _partial(_init, kept=kept)


@stands_for(_CREATOR)
def _init(m: Machine, t: Target, kept: Kept) -> None:
    reach(m, t, kept, "initialises")
    m[t.slot(kept)] = None


@stands_for(_READER)
def test_word(m: Machine, kept: Kept, value: Cell) -> None:
    """Go by a word that was read; `wrong-branch` is noted where it has been cleared."""
    if value == "cleared":
        m.note("wrong-branch", kept.kind.name, f"reads {kept.kind.name}, cleared already")


@stands_for(_READER)
def read_all(m: Machine, t: Target) -> None:
    """Read what truncation reads, as it removes a folio."""
    for kept in t.design.keeps:
        if kept.kind.read_by_truncation:
            _read(m, t, kept)


@stands_for(_READER)
def read_when_empty(m: Machine, t: Target) -> None:
    """Read what truncation reads even where there is no page to remove."""
    for kept in t.design.keeps:
        if kept.kind.read_when_empty and (is_far(kept) or m[t.slot(kept)] is not None):
            _read(m, t, kept)


@stands_for(_READER)
def use_all(m: Machine, t: Target) -> None:
    """Read all that is attached to the inode, as a fault or a system call may."""
    for kept in t.design.keeps:
        if kept.placement.holder in OF_INODE and m[t.slot(kept)] is not None:
            _read(m, t, kept)


# Who reads so has the inode, and nothing else to begin with.
def _read(m: Machine, t: Target, kept: Kept) -> None:
    if is_far(kept):
        note_out_of_reach(m, t, kept=kept)
        return
    reach(m, t, kept, "reads")
    value, name = m[t.slot(kept)], t.object(kept)
    test_word(m, kept, value)
    note_stale(m, kept, value)
    if not kept.kind.owns_object:
        return
    if value is None and m[name] == FREED:  # no freed memory is read, but what it said is lost
        m.note("wrong-branch", name, f"finds no {name}: it was erased and freed already")
        return
    follow(m, kept, value or name, "reads")


@stands_for({"6.12": "mm/swap.c:__folio_put", "7.3": "mm/folio.c:__folio_put"})
def put_folio(m: Machine, t: Target) -> None:
    """Drop the last reference to the folio, and read what its callback reads."""
    for kept in t.design.keeps:
        cell = t.object(kept) if kept.kind.owns_object else t.slot(kept)
        is_there = m.get(cell) not in (None, ABSENT)
        if kept.kind.read_by_last_put and is_there:
            _read_at_last_put(m, t, kept)
        frees_it_itself = kept.kind.name in t.design.frees
        if kept.placement.holder == "folio" and is_there and not frees_it_itself:
            _release(m, t, kept, sleeps=False)  # it goes with the folio
    m.free(t.folio)


# free_folio, and a destructor of folios, run when the inode may be gone long since.
def _read_at_last_put(m: Machine, t: Target, kept: Kept) -> None:
    if kept.kind.put_sleeps:  # whoever drops the last reference may be in softirq
        m.sleep(kept.kind.name, "at the last folio_put takes the sleeping lock of")
    is_there = m[f"{t.folio}.mapping"] is not None
    if LAST_PUT_UNTESTED in kept.kind.read_by and not is_there:
        m.fail("crash", t.folio, f"at the last folio_put follows the mapping of {t.folio}: NULL")
    if LAST_PUT not in kept.kind.read_by and not is_there:
        return
    if LAST_PUT not in kept.kind.read_by and is_far(kept):
        note_out_of_reach(m, t, kept=kept, having="folio->mapping")
    elif kept.kind.owns_object:
        m.touch(t.object(kept), "reads", when=LAST)
    else:
        reach(m, t, kept, "reads", "a word in", when=LAST)
        test_word(m, kept, m[t.slot(kept)])


@stands_for(_RELEASE)
def _release(m: Machine, t: Target, kept: Kept, *, sleeps: bool, untested: bool = False) -> None:
    # A pattern tests its pointer. An xarray's entry is erased under a lock that is everybody's.
    kind, slot = kept.kind, t.slot(kept)
    value = m[slot]
    reach(m, t, kept, "reads")
    if value is None and untested and kind.owns_object and kind.release != "kfree":
        m.fail("crash", kind.name, f"follows the pointer to {kind.name}, which is NULL")
    if value in (None, "cleared"):
        return
    if value == STALE and kind.owns_object:  # a word is only written, whatever stood there
        is_read = kind.release != "kfree"  # a lock or a walk reads the object; a kfree does not
        code: DefectCode = "use-after-free" if is_read else "double-free"
        m.fail(code, kind.name, f"frees {kind.name}, which an earlier life of the memory left")
    if kept.placement.holder == "xarray" and not t.carries(kept):
        m.shared_lock("xa_lock")
        m[slot] = None
    if not kind.owns_object:
        m[slot] = "cleared"
        m.says(kind.name, "cleared")
        return
    give_back(m, kept, str(value), sleeps=sleeps)
    if kind.left_empty:
        m[slot] = None


@stands_for(_RELEASE)
def give_back(m: Machine, kept: Kept, name: str, *, sleeps: bool) -> None:
    """Do what giving back a kind of metadata does: lock, sleep, and free its memory."""
    if kept.kind.release != "kfree":  # a lock or a walk reads the object; a kfree does not
        m.touch(name, "releases")
    if sleeps:
        m.sleep(name, "sleeps to release")
    if kept.kind.release == "plain lock":
        m.lock(name)
    m.free(name)
    if kept.kind.scarce:
        _give_back_scarce(m, kept)


def _give_back_scarce(m: Machine, kept: Kept) -> None:
    # A second creation failed while this stood behind a grace period, and only now is it back.
    name = kept.kind.name
    if m[f"{kept.kind.cell}.refused"]:
        doing = f"gives {name} back only now, and a second creation has failed meanwhile"
        m.note("late-release", name, doing)
    m[f"{kept.kind.cell}.holder"] = None


@stands_for(_RELEASE)
def unwind(m: Machine, t: Target) -> None:
    """Release what the creator's error path releases itself, and forget it."""
    for kept in t.design.keeps:
        if kept.kind.name in t.design.unwinds:
            _release(m, t, kept, sleeps=False)
            m[t.slot(kept)] = None


def through_mapping(kept: Kept, ways: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """Return what is done where a hook follows i_mapping: of a special inode it is another's.

    That one has no such metadata, or its own. (fs/hugetlbfs/inode.c:hugetlbfs_evict_inode@v6.12)
    """
    follows: list[Operation] = []
    for then in ways:
        follows.append(_partial(_follow_mapping, kept=kept, then=then, is_there=False))
        follows.append(_partial(_follow_mapping, kept=kept, then=then, is_there=True))
    return tuple(follows)


@stands_for(NoFunction("design", "a hook of the Design follows inode->i_mapping"))
def _follow_mapping(m: Machine, t: Target, kept: Kept, *, then: Operation, is_there: bool) -> None:
    if m[f"{t.inode}.i_mode"] != "special":
        then(m, t)
        return
    m.touch(t.inode, "reads", "i_mapping of")
    m.register = 0
    if is_there:
        name = kept.kind.name
        m.note("stale-alias", name, f"finds {name} of another inode, by an i_mapping not its own")


def releases(kept: Kept, *, untested: bool = False) -> tuple[Operation, ...]:
    """Return what releasing may do: one operation, or one for each way it may go.

    A pattern tests its pointer for NULL, since the root inode has none and an early error
    comes before there is one; `untested` is a hook that does not.
    """
    at_once = _partial(_release, kept=kept, sleeps=False, untested=untested)
    asleep = _partial(_release, kept=kept, sleeps=True, untested=untested)
    ways: tuple[Operation, ...] = (at_once,)
    if kept.kind.release == "sleeping lock":
        ways = (asleep,)
    if kept.kind.release == "may sleep":  # the corner where it does, and the one where not
        ways = (at_once, asleep)
    return through_mapping(kept, ways) if kept.kind.by_i_mapping else ways
