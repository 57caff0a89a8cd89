"""Do what the VFS does by itself about the members of struct inode that a Design keeps things in.

The roads are fs/inode.c:__destroy_inode, which puts the ACLs, fs/inode.c:evict, which takes a
device's inode off the list of its cdev, fs/pipe.c:pipe_release, and an RCU walk that reads what it
finds. None of it is a hook, so a Design that does the same once more does it twice.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from typing import Final

from gmemviz.model.design import GRACE, MEMBERS, Design, Kept, Use
from gmemviz.model.machine import (
    HANDED_OVER,
    HELD,
    Machine,
    NoFunction,
    Operation,
    Target,
    stands_for,
)
from gmemviz.model.road import bodies, cells
from gmemviz.model.road.metadata import reach
from gmemviz.model.road.rcu import read_metadata
from gmemviz.model.road.waiting import waits

# The same operation is the same object, so that programs can be compared.
_partial = cache(partial)

_DRIVER: Final = NoFunction("scenario", "a driver lets go of its device when it likes")


def put_in(function: str, t: Target) -> tuple[Kept, ...]:
    """Return what this kernel gives back in the course of `function`, by its facts."""
    found: list[Kept] = []
    for kept in t.design.keeps:
        member = MEMBERS.get(kept.placement.name)
        if member and member.put_in.endswith(f":{function}"):
            called = {call.callee for call in t.facts.function(function).calls}
            found += [kept] * (member.put_by.partition(":")[2] in called)
    return tuple(found)


# i_pipe, i_cdev and i_link are one word: what is in it is what the kind of inode has there.
def _is_its(m: Machine, t: Target, kept: Kept) -> bool:
    return not kept.kind.of or m.get(cells.kind(t)) in kept.kind.of


# --- ACLs -------------------------------------------------------------------------------


@stands_for("fs/inode.c:__destroy_inode")
def has_acls(t: Target) -> bool:
    """Return whether there is an ACL for the VFS to put."""
    return bool(put_in("__destroy_inode", t))


# The pointer stays where it is, and the memory until the readers have left: it is kfree_rcu'd.
@stands_for("include/linux/posix_acl.h:posix_acl_release")
def put_acls(m: Machine, t: Target) -> None:
    """Put the ACLs that are cached in the inode."""
    for kept in put_in("__destroy_inode", t):
        bodies.defer(m, t, kept, GRACE)


# --- devices ----------------------------------------------------------------------------


@stands_for("fs/inode.c:evict")
def has_device(t: Target) -> bool:
    """Return whether the inode can be on the list of a cdev."""
    return bool(put_in("evict", t))


# evict asks S_ISCHR(i_mode), so what make_bad_inode has made a regular file stays on the list.
@stands_for("fs/char_dev.c:cd_forget")
def forget_device(m: Machine, t: Target) -> None:
    """Take the inode off the list of its cdev, and forget the device, which is its driver's."""
    for kept in put_in("evict", t):
        slot = t.slot(kept)
        value, kind = m[slot], m.get(cells.kind(t), "special")
        if isinstance(value, str) and kind == "special":
            m.touch(value, "takes", "the inode off the list in")
            m[value], m[slot] = HANDED_OVER, None
            m.says(value, HANDED_OVER)


@waits("a file is open, so the device is held, or the inode is not on its list", _DRIVER)
def may_purge(m: Machine, t: Target, *, kept: Kept) -> bool:
    """Return whether a device may go while an inode is on its list: no file holds it.

    Where the Design has the kernel's cdev_lock, by that name, nobody else holds that either.
    """
    return m[t.object(kept)] == HELD and not m["published"] and is_lock_free(m, t)


# The list runs through the inodes, so one that was freed without cd_forget is written into here.
@stands_for("fs/char_dev.c:cdev_purge")
def purge(m: Machine, t: Target, *, kept: Kept) -> None:
    """Take the inode off the list of a cdev that goes; the inode has no device then."""
    m.touch(t.inode, "takes", "off the list of its device")
    m[t.slot(kept)] = None
    m.free(t.object(kept))


# --- pipes ------------------------------------------------------------------------------


@stands_for("fs/pipe.c:fifo_open")
def is_pipe(t: Target) -> bool:
    """Return whether the file has pipefifo_fops: no release of the Design's, and no O_PATH file."""
    is_own = t.design.body("release") is not None or "O_PATH" in t.traits
    return not is_own and bool(put_in("pipe_release", t))


@stands_for("fs/pipe.c:put_pipe_info")
def put_pipe(m: Machine, t: Target) -> None:
    """Free the buffers, and forget them."""
    for kept in put_in("pipe_release", t):
        if not _is_its(m, t, kept):
            continue
        reach(m, t, kept, "reads", "the pointer in")
        value = m[t.slot(kept)]
        m[t.slot(kept)] = None
        if isinstance(value, str):
            m.free(value)


# --- who reads them beside the hooks --------------------------------------------------------


def walked(design: Design) -> Iterator[Kept]:
    """Yield what an RCU walk reads of an inode: a symlink's body, the ACL of permission()."""
    # Who says `lockless reader` has a reader of its own already.
    for kept in design.keeps:
        member = MEMBERS.get(kept.placement.name)
        is_read = member is not None and bool(member.walked_by)
        if is_read and kept.kind.owns_object and not kept.kind.read_without_reference:
            yield kept


def used(design: Design) -> Iterator[tuple[Kept, str, Use]]:
    """Yield what the VFS reads for whoever holds the inode, by which function and how."""
    for kept in design.keeps:
        member = MEMBERS.get(kept.placement.name)
        if member is not None and member.used_by and kept.kind.owns_object:
            yield kept, member.used_by.partition(":")[2], member.use


@stands_for("fs/namei.c:link_path_walk")
def is_walked(t: Target) -> bool:
    """Return whether an RCU walk reads a pointer of the inode."""
    return any(walked(t.design))


@stands_for("fs/namei.c:pick_link")
def load_walked(m: Machine, t: Target) -> None:
    """Load what an RCU walk reads: the body of a symlink, the ACL that permission() wants."""
    _load(m, t, walked(t.design))


# Where a pointer leads is read a step after it was loaded: in between others free it.
def _load(m: Machine, t: Target, places: Iterable[Kept]) -> None:
    loaded: list[str] = []
    for kept in places:
        reach(m, t, kept, "reads", "the pointer in")
        value = m[t.slot(kept)]
        if value is not None and _is_its(m, t, kept):
            loaded.append(str(value))
    m["pointer"] = tuple(loaded)
    m.register = len(loaded)


USES: Final[Mapping[str, Use]] = {
    member.used_by.partition(":")[2]: member.use for member in MEMBERS.values() if member.used_by
}
"""The functions by which the VFS reads a member for who holds the inode, and how they do it."""

_SYSTEM_CALL: Final = NoFunction("several", "open, readlink, write and others have it called")


def is_used_by(function: str) -> Callable[[Target], bool]:
    """Return the test for an inode something of which that function reads.

    What goes with the last file (fs/pipe.c:pipe_release) nobody reads who has an O_PATH file alone.
    """
    return lambda t: any(
        name == function and _is_found(t, kept) for kept, name, _ in used(t.design)
    )


def _is_found(t: Target, kept: Kept) -> bool:
    return "O_PATH" not in t.traits or kept.placement.name != "i_pipe"


def load_used(function: str) -> Operation:
    """Return the operation that loads what that function reads."""
    return _partial(_load_used, function=function)


@stands_for(_SYSTEM_CALL)
def _load_used(m: Machine, t: Target, *, function: str) -> None:
    _load(m, t, (kept for kept, name, _ in used(t.design) if name == function))


def use_locked(function: str) -> Operation:
    """Return the operation that loads and reads at once, since a lock is held meanwhile."""
    return _partial(_use_locked, function=function)


@stands_for(_SYSTEM_CALL)
def _use_locked(m: Machine, t: Target, *, function: str) -> None:
    _load_used(m, t, function=function)
    read_metadata(m, t)
    m["pointer"] = None


# A Design that has the kernel's cdev_lock declares it by that name.
@waits("somebody holds cdev_lock", _DRIVER)
def is_lock_free(m: Machine, _: Target) -> bool:
    """Return whether nobody holds the lock under which a device's pointer changes."""
    return not m.get(cells.lock("cdev_lock"))
