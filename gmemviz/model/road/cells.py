"""Name the cells that a run begins with: one row a cell, with the kernel's member that it is.

Fields go by the kernel's name: ``inode.i_count`` is include/linux/fs.h:struct inode's. A new place
for something to be counted, locked or remembered is a row here.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from gmemviz.model.design import (
    FAILED,
    GRACE,
    INODE_KINDS,
    NLINK,
    WORKER,
    Design,
    Holder,
    Kept,
    Verb,
    is_put_by,
)
from gmemviz.model.machine import ABSENT, FIRST_FILE, HELD, SECOND_FILE, Cell, Target

Cells = tuple[tuple[str, Cell], ...]

SHARED: Final[Cells] = (
    ("superblock", HELD),
    ("mount", 1),  # kern_mount's own reference
    ("cache", HELD),  # the Design's kmem_cache
    ("mapped", 0),  # whether a PTE leads to the folio
    ("published", 0),  # whether a new reader can find the inode
    ("path", 0),  # an O_PATH file: 1 open, 2 the real one is closed
    ("closed", 0),  # whether close(2) has returned
    ("pinned", 0),  # references to the folio beside the page cache's
    ("readers", ()),  # who is inside a read-side section
    ("pointer", None),  # what the lockless reader has loaded
)
"""Those that all actors share."""

COUNTED_FILE: Final[Cells] = (("f_ref", 0), ("mmap_lock", 0))
MEMSLOT: Final[Cells] = (
    *COUNTED_FILE,
    ("memslot", ABSENT),
    ("slot->gmem.file", 0),
    ("bindings", 0),  # the file's own xarray of memslots
    ("slots_lock", ""),  # who holds it
)
MODULE: Final[Cells] = (
    ("module", 0),
    ("module text", HELD),
    ("opened", 0),  # whether a file has ever been open
)
I_LOCK: Final[Cells] = (("inode.i_lock", 0),)
FOLIO_LOCK: Final[Cells] = (("folio.locked", 0),)

S_UMOUNT: Final = "s_umount"
"""The cell that says whether somebody scans the superblock, or shuts it down."""
SB_ACTIVE: Final = "SB_ACTIVE"
"""The cell of the superblock's flag: inodes that are put for the last time may stay."""
UNLINKED: Final = "unlinked"
"""The cell that says whether unlink(2) has returned."""
NAMED: Final[Cells] = (*I_LOCK, (S_UMOUNT, 0), (SB_ACTIVE, 1), (UNLINKED, 0))
"""Those that only some scenarios have."""

ON: Final = "on"
OFF: Final = "off"
POISONED: Final = "poisoned"
BUSY: Final[Cells] = (("inode.i_sb_list", ON),)
"""What becomes of an inode that is on s_inodes (fs/inode.c:inode_sb_list_del)."""


def cells_of(target: Target) -> dict[str, Cell]:
    """Return the initial cells of one inode and all that it may own, by name."""
    inode = target.inode
    # A constructor of the slab (inode_init_once) leaves no count: inode_init_always sets it.
    cells: dict[str, Cell] = {
        inode: ABSENT,
        f"{inode}.cache": "",  # the kmem_cache that its memory is of
        f"{inode}.i_count": None,  # not initialised
        f"{inode}.i_state": 0,
        f"{inode}.nrpages": 0,  # of i_data
        f"{inode}.dentry": 0,  # references to its dentry, which holds the inode
        f"{inode}.waits_for": None,  # None: no callback is queued
    }
    for each in target.each_folio:
        cells |= _cells_of_folio(each)
    if asks_a_ops(target):
        cells[f"{inode}.a_ops"] = 0
    fails = "mount fails" in target.traits or "no root" in target.traits
    for kept in target.design.keeps:
        # What a superblock owns is there with the mount; where that fails, what it had before.
        is_there = kept.placement.holder == "superblock" and (kept.kind.before_root or not fails)
        is_there = is_there and kept.kind.name not in target.design.attached_later
        for each in target.each_folio:
            value = each.object(kept) if kept.kind.owns_object else "set"
            cells[each.slot(kept)] = value if is_there else None
            if kept.kind.owns_object:
                cells |= dict.fromkeys(each.objects(kept), ABSENT)
                cells[each.object(kept)] = HELD if is_there else ABSENT
            if kept.kind.name in target.design.counted:
                cells |= dict.fromkeys(map(references, each.objects(kept)), 0)
                cells[references(each.object(kept))] = int(is_there)
        if kept.kind.scarce:
            cells[f"{kept.kind.cell}.holder"] = None
            cells[f"{kept.kind.cell}.refused"] = 0
    return cells | dict(_cells_of_name(target)) | _cells_of_bodies(target)


# What is found by a number is on the hash, what is found by a name has a dentry, and may be both.
def _cells_of_name(t: Target) -> Iterator[tuple[str, Cell]]:
    if t.is_hashed:
        yield f"{t.inode}.hashed", 0
    if "named" in t.traits:
        yield from ((name(t), ""), (persistent(t), 0), (nlink(t), 1))
    if keeps_in_dentry(t):
        yield dying(t), 0


def _cells_of_folio(t: Target) -> dict[str, Cell]:
    cells: dict[str, Cell] = {t.folio: ABSENT, f"{t.folio}.mapping": None}
    if is_shown(t):
        cells[batch(t)] = None
    return cells


def batch(t: Target) -> str:
    """Return the cell that says whose batch the folio is in, on its way to free_folio."""
    return f"{t.folio}.batch"


def is_shown(t: Target) -> bool:
    """Return whether the Design has a free_folio, to which each folio is shown."""
    return t.design.body("free_folio") is not None


def asks_a_ops(t: Target) -> bool:
    """Return whether a folio may come before the creator has set a_ops, and be missed."""
    return is_shown(t) and any(action.verb == "add page" for action in t.design.error_path)


# --- what only a Design's own words need ------------------------------------------------

ACL_PUT: Final = "posix_acl_release"
"""What the VFS defers by itself: its kfree_rcu. (include/linux/posix_acl.h:posix_acl_release)"""

CALLBACK: Final = "callback "
"""How the cell of a Design's own callback begins, which has the readers that it waits for."""

ANOTHER: Final = ", another"
"""How the name ends of a callback that lies in the second object of its kind."""

BARRIER: Final = "rcu_barrier waits for"
"""The cell of the callbacks that an rcu_barrier has still to see run."""


SYNCHRONIZES: Final = " in synchronize_rcu"
"""How the cell of the readers ends that an actor still waits for."""


SRCU_READERS: Final = "SRCU readers"
"""The cell of those inside a section of the Design's srcu_struct: there is one."""


def has_readers(name: str) -> bool:
    """Return whether readers stand in a cell of this name: who is inside, or is waited for.

    >>> [name for name in ("inode", "readers", "inode.waits_for") if has_readers(name)]
    ['readers', 'inode.waits_for']
    """
    ends = ("readers", ".waits_for", GRACE, SYNCHRONIZES)
    return name.endswith(ends) or name.startswith(CALLBACK)


def waits(names: Iterable[str]) -> list[str]:
    """Return the cells in which somebody stands who is waited for, not who is inside."""
    return [name for name in names if has_readers(name) and not name.endswith("readers")]


def shared_cells_of_bodies(design: Design) -> dict[str, Cell]:
    """Return the initial cells of a Design's locks and lists, which all inodes share."""
    cells: dict[str, Cell] = {lock(each.name): "" for each in design.locks if not each.of_each}
    cells |= {members(name): () for name in design.lists}
    if counts_callbacks(design):
        cells[BARRIER] = ()
    if may_be_busy(design):
        cells[SB_ACTIVE] = 1
    if has_srcu(design):
        cells[SRCU_READERS] = ()
    return cells


def has_srcu(design: Design) -> bool:
    """Return whether a Design has an srcu_struct: somebody reads under it, or waits for those."""
    is_said = {"call_srcu", "synchronize_srcu"}.intersection(design.said)
    return bool(is_said) or any(actor.holds == "srcu" for actor in design.actors)


def may_be_busy(design: Design) -> bool:
    """Return whether somebody of the Design's may hold an inode while its superblock goes.

    An actor can, and what a body has queued to iput later. (fs/super.c:generic_shutdown_super)
    """
    has_holders = bool(design.actors) or "iput" in design.said
    return has_holders and design.mount.unmounts


def counts_callbacks(design: Design) -> bool:
    """Return whether an rcu_barrier has to tell one callback from another.

    Without callbacks, and without the word, the only one that it may meet is the VFS's own.
    """
    return bool(design.callbacks) or "rcu_barrier" in design.said


def _cells_of_bodies(t: Target) -> dict[str, Cell]:
    cells: dict[str, Cell] = {**dict(_cells_of_later(t)), **_cells_of_its_own(t)}
    if may_be_busy(t.design):
        cells[i_sb_list(t)] = ON
    if {"read", "walk", "get", "get unless zero"}.intersection(t.design.said):
        cells[loaded(t)] = None
    if {"synchronize_rcu", "synchronize_srcu"}.intersection(t.design.said):
        cells[awaited(t)] = ()
    if {"drain", "srcu_barrier"}.intersection(t.design.said):
        cells[flushed(t)] = ()
    cells |= {got(t, kept): () for kept in counted(t)}
    if asks_kind(t):
        cells[kind(t)] = ""
    if asks_nlink(t):
        cells[nlink(t)] = 1
    if asks_failed(t):
        cells[failed(t)] = 0
    return cells


# What an inode has for itself, or an actor: a lock, and the pointers that its body detaches.
def _cells_of_its_own(t: Target) -> dict[str, Cell]:
    cells: dict[str, Cell] = {
        f"{lock(each.name)}{t.suffix}": "" for each in t.design.locks if each.of_each
    }
    if "detach" in t.design.said:
        owned = (kept for kept in t.design.keeps if kept.kind.owns_object)
        cells |= {having(t, kept).slot(kept): None for kept in owned}
    return cells


def counted(t: Target) -> Iterator[Kept]:
    """Yield the kinds of metadata that some body takes a reference of its own to."""
    if {"get", "get unless zero"}.intersection(t.design.said):
        yield from (kept for kept in t.design.keeps if kept.kind.name in t.design.counted)


def _cells_of_later(t: Target) -> Iterator[tuple[str, Cell]]:
    objects = [kept for kept in t.design.keeps if kept.kind.owns_object]
    for each in t.each_folio:
        for kept in objects:
            hows = (how for how in (GRACE, WORKER) if (kept.kind.name, how) in t.design.deferred)
            for name, how in itertools.product(each.objects(kept), hows):
                yield deferred(name, how), None
        for callback in t.design.callbacks:
            yield queued(each, callback.name), None
            yield running(each, callback.name), 0
            with_it = all_carried(each, callback.name)
            yield from ((carried(queued(each, callback.name), kept), None) for kept in with_it)
        yield from _cells_handed(each)
    for kept in objects:
        if is_put_by(kept.placement, ACL_PUT):
            yield from ((deferred(name, GRACE), None) for name in t.objects(kept))
    if notes_return(t):
        yield returns(t), 0


def _cells_handed(t: Target) -> Iterator[tuple[str, Cell]]:
    for callback, kept in itertools.product(t.design.callbacks, counted(t)):
        yield handed(queued(t, callback.name), kept), ()


def notes_return(t: Target) -> bool:
    """Return whether it matters how long the VFS's own callback runs: to a barrier, or to RCU."""
    is_awaited = "free_inode" in t.design.readers or may_go(t)
    return counts_callbacks(t.design) or is_awaited


def may_go(t: Target) -> bool:
    """Return whether the hooks are text of a module that goes, behind a grace period of its own.

    Where it is in none, somebody has asked for the scenario by name, as if it were.
    (kernel/module/main.c:free_module)
    """
    return "module" in t.traits and t.design.module


def asks_kind(t: Target) -> bool:
    """Return whether it matters what kind of inode it is."""
    design = t.design
    kinds = [kept.kind for kept in design.keeps]
    all_alike = design.kinds == ("regular",) and not any(k.of or k.by_i_mapping for k in kinds)
    return (
        not all_alike
        or "make_bad_inode" in design.said
        or bool(set(INODE_KINDS).intersection(design.tests))
    )


def asks_nlink(t: Target) -> bool:
    """Return whether it matters whether the inode has a name left."""
    return NLINK in t.design.tests


def may_lack_name(t: Target) -> bool:
    """Return whether it matters, and the inode may have no name from the start, as O_TMPFILE's."""
    return asks_nlink(t) and "named" not in t.traits


def asks_failed(t: Target) -> bool:
    """Return whether it matters whether what made the inode has failed."""
    return FAILED in t.design.tests


def kind(t: Target) -> str:
    """Return the cell of what i_mode says."""
    return f"{t.inode}.i_mode"


def nlink(t: Target) -> str:
    """Return the cell of i_nlink, 0 or 1."""
    return f"{t.inode}.i_nlink"


def i_sb_list(t: Target) -> str:
    """Return the cell of i_sb_list: ON, OFF once evict has begun, POISONED by an umount before.

    Only where somebody may hold the inode beyond its superblock there is such a cell.
    """
    return f"{t.inode}.i_sb_list"


def name(t: Target) -> str:
    """Return the cell of what the inode's dentry is: "" before there is one (road/dcache)."""
    return f"{t.inode}.d_hash"


def persistent(t: Target) -> str:
    """Return the cell of DCACHE_PERSISTENT: whether the name itself holds the dentry."""
    return f"{t.inode}.persistent"


def keeps_in_dentry(t: Target) -> bool:
    """Return whether something lies in the dentry of a name: metadata, or what a callback is by."""
    design = t.design
    of_callbacks = any(is_about(design, callback.name, "dentry") for callback in design.callbacks)
    return "named" in t.traits and (
        of_callbacks or any(kept.placement.holder == "dentry" for kept in design.keeps)
    )


def dying(t: Target) -> str:
    """Return the cell of a dentry that is killed, and whose d_release has not returned."""
    return f"{t.inode}.d_release"


def failed(t: Target) -> str:
    """Return the cell of whether what made the inode has failed."""
    return f"{t.inode}.failed"


def loaded(t: Target) -> str:
    """Return the cell of the pointer, or the list, that an actor has loaded."""
    return f"{t.actor} has loaded"


def awaited(t: Target) -> str:
    """Return the cell of the readers that an actor waits for: none but in synchronize_rcu."""
    return f"{t.actor}{SYNCHRONIZES}"


FLUSHES: Final = " in flush_work"
"""How the cell of the runs ends that an actor still waits for."""


def flushed(t: Target) -> str:
    """Return the cell of the runs that an actor waits for: none but in flush_work."""
    return f"{t.actor}{FLUSHES}"


def is_flusher(name: str) -> bool:
    """Return whether a cell of this name has the runs that a flush_work waits for."""
    return name.endswith(FLUSHES)


def deferred(name: str, how: str) -> str:
    """Return the cell that says for which readers a deferred free waits; None: none is queued."""
    return f"{name} {how}"


def references(name: str) -> str:
    """Return the cell of an object's count of references, the pointer's own among them."""
    return f"{name} references"


def got(t: Target, kept: Kept) -> str:
    """Return the cell of the references that an actor has taken, and not put yet."""
    return f"{t.actor} got {kept.kind.name}"


def handed(queued_in: str, kept: Kept) -> str:
    """Return the cell of the references that whoever queued a callback has handed to it."""
    return f"handed to {queued_in}: {kept.kind.name}"


def queued(t: Target, name: str) -> str:
    """Return the cell that says for which readers a callback waits; None: it is not queued.

    What each folio or file keeps has an rcu_head of its own, so a callback about that is one each.
    """
    tail = ANOTHER if "another" in t.traits and may_be_two(t.design, name) else ""
    if t.folio_number > 1 and is_about(t.design, name, "folio"):
        return f"{CALLBACK}{name} of {t.folio}{tail}"
    if t.file != FIRST_FILE and is_about(t.design, name, "file"):
        return f"{CALLBACK}{name} of {t.file}{t.suffix}{tail}"
    return f"{CALLBACK}{name}{t.suffix}{tail}"


def each_queued(m: Mapping[str, Cell], t: Target, name: str) -> Iterator[str]:
    """Yield those cells of a callback, for whoever waits for it wherever it was queued.

    A work that lies in what one file or one folio keeps is not the other's.
    """
    for each in t.each_folio:
        yield queued(each, name)
    if may_be_two(t.design, name):
        yield queued(of_second(t), name)
    of_another = queued(replace(t, file=SECOND_FILE), name)
    if of_another in m and of_another != queued(t, name):
        yield of_another


def may_be_two(design: Design, name: str) -> bool:
    """Return whether a callback lies in what a body attaches anew while the first still waits."""
    return not design.carried.get(name, frozenset()).isdisjoint(design.attached_later)


def of_second(t: Target) -> Target:
    """Return the target of whoever works on the callback that lies in the second object."""
    return replace(t, traits=(*t.traits, "another"))


def carried(queued_in: str, kept: Kept) -> str:
    """Return the cell of what a callback is queued with, by the cell of its queue."""
    return f"{queued_in} with.{kept.kind.cell}".removeprefix(CALLBACK)


def having(t: Target, *kinds: Kept) -> Target:
    """Return the target of a body that has detached these kinds of metadata."""
    return replace(t, own=frozenset(kept.kind.name for kept in kinds))


def all_carried(t: Target, name: str) -> Iterator[Kept]:
    """Yield the kinds of metadata that a callback is queued with."""
    kinds = t.design.carried.get(name, frozenset())
    yield from (kept for kept in t.design.keeps if kept.kind.name in kinds)


def is_about(design: Design, name: str, holder: Holder) -> bool:
    """Return whether a callback has to do with what such a holder keeps."""
    callback = next(callback for callback in design.callbacks if callback.name == name)
    return holder in design.lies_in(callback)


def running(t: Target, name: str) -> str:
    """Return the cell that says whether a callback runs just now."""
    return runs(queued(t, name))


def runs(queued_in: str) -> str:
    """Return that cell by the cell of where the callback is queued."""
    return f"{queued_in} runs"


def returns(t: Target) -> str:
    """Return the cell that says whether the VFS's own callback of the inode runs just now."""
    return f"{t.inode}.waits_for runs"


def lock(name: str) -> str:
    """Return the cell that says who holds a lock of the Design."""
    return f"lock {name}"


def locks(t: Target, name: str, verb: Verb = "lock") -> tuple[str, ...]:
    """Return the cells of the locks that a word takes or drops, in that order.

    Of two inodes, the one that lies lower is locked first by whoever takes both.
    (fs/inode.c:lock_two_nondirectories@v6.12)
    """
    if not t.has_lock_of_each(name):
        return (lock(name),)
    first, second = lock(name), f"{lock(name)} of {SECOND}"
    if verb.endswith("both"):
        return first, second
    if verb.endswith("another"):
        return (first if t.inode == SECOND else second,)
    return (f"{first}{t.suffix}",)


SECOND: Final = "second"
"""What scenarios call the other of two inodes."""


def members(name: str) -> str:
    """Return the cell that says what is on a list of the Design."""
    return f"list {name}"


def inside(name: str) -> str:
    """Return the cell of an actor: 0 not begun, 1 at work, 2 done."""
    return f"actor {name}"


def instances(name: str) -> tuple[str, ...]:
    """Return what the model calls an actor of the Design, which may be at work twice."""
    first = own_name("actor", name)
    return (first, f"{first} 2")


def own_name(what: str, name: str) -> str:
    """Return what the model calls an actor or callback of the Design: never as one of its own."""
    return f"{what}:{name}"


def said(own: str) -> str:
    """Return the name of an actor, or of its section, as the Design has it.

    >>> said("actor:opener under guard")
    'opener under guard'
    """
    return own.rpartition(":")[2]


def is_own(queued_in: str, t: Target) -> bool:
    """Return whether a callback, by the cell of its queue or of its run, is the actor itself."""
    name = queued_in.removeprefix(CALLBACK).removesuffix(" runs")
    return t.actor == own_name("callback", name)
