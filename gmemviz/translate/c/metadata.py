"""Write the C of what an inode owns: its struct, its birth, its release, where it is kept.

What the release takes (a plain lock, one that sleeps, or sleep itself) is what makes it wrong in
one hook and right in another; the C takes it, so that a kernel with its checks on can say so.
"""

import textwrap
from collections.abc import Iterator
from typing import Final

from gmemviz.model import Kept
from gmemviz.model.design import Verb
from gmemviz.translate.c.fragments import fill
from gmemviz.translate.c.names import OUTSIDE, TESTS, Names, is_played, prose, word

WIDTH: Final = 72


def comment(text: str) -> list[str]:
    """Return the lines of a comment, without what begins and ends it."""
    return [f" * {line}" for line in textwrap.wrap(prose(text), WIDTH)]


def declarations(names: Names) -> Iterator[str]:
    """Yield the structs and the caches of all that is kept."""
    for kept in names.design.keeps:
        if kept.kind.owns_object:
            says = comment(f"{kept.kind.name}: {kept.kind.says}.")
            yield fill("kind", names.of(kept) | {"says": says, "links": links(names, kept)})
    if shared := names.shared:
        members = [fill("member", names.of(kept)) for kept in shared]
        yield fill("shared", names.of(shared[0]) | {"members": members})
    if names.design.has_container:
        yield _container(names)
    if is_in_xarray(names):
        yield fill("xarray", {"start": names.start})


def is_in_xarray(names: Names) -> bool:
    """Return whether something is kept in the xarray for all inodes."""
    return any(kept.placement.holder == "xarray" for kept in names.design.keeps)


# By which ways an object is freed later, where that is by a function of ours: kfree_rcu needs none.
def _deferred(names: Names, kept: Kept) -> list[str]:
    said = _said_of(names, kept)
    ways = ["rcu"] if said & _BY_RCU and not is_memory_alone(kept) else []
    return ways + (["worker"] if "free in a worker" in said else [])


_BY_RCU: Final[frozenset[Verb]] = frozenset(
    {"free after a grace period", "put after a grace period"}
)


def is_memory_alone(kept: Kept) -> bool:
    """Return whether giving something back takes no more than a kfree: kfree_rcu is for that."""
    return kept.kind.release == "kfree" and not kept.kind.scarce


def _said_of(names: Names, kept: Kept) -> set[Verb]:
    bodies = names.design.bodies.values()
    return {action.verb for body in bodies for action in body if action.metadata == kept.kind.name}


def links(names: Names, kept: Kept) -> list[str]:
    """Return the members by which RCU, a worker and the Design's lists hold an object."""
    said = _said_of(names, kept)
    carried = frozenset[str]().union(*names.design.carried.values())
    members = ["\tstruct kref count;"] if kept.kind.name in names.design.counted else []
    members += ["\tstruct rcu_head rcu;"] if said & _BY_RCU else []
    members += ["\tstruct later later;"] if kept.kind.name in carried else []
    members += ["\tstruct work_struct work;"] if "free in a worker" in said else []
    lists = sorted(names.lists_of(kept))
    return members + [f"\tstruct list_head on_{word(name)};" for name in lists]


# The slab calls ..._once() for a new object, and not again when the object is reused: so it may do
# no more than what stays true of a freed inode. (fs/inode.c:inode_init_once@v6.12)
def _container(names: Names) -> str:
    inside = [kept for kept in names.design.keeps if kept.placement.holder == "container"]
    born = {action.metadata for action in names.design.body("alloc_inode") or ()}
    unset = [names.of(kept) for kept in inside if kept.kind.name not in born]
    return fill("container", {
        "start": names.start,
        "members": [fill("member", names.of(kept)) for kept in inside],
        "unset": [fill("unset", words) for words in unset],
    })  # fmt: skip


def metadata(names: Names) -> Iterator[str]:
    """Yield the functions that allocate, find and free each kind."""
    for kept in names.design.keeps:
        words = names.of(kept)
        if kept.kind.owns_object:
            yield fill("alloc", words)
            yield fill("free", words)
            if later := _deferred(names, kept):
                yield fill("freed_later", words | {f"by_{way}": True for way in later})
            yield from _last_put(names, kept)
        if kept.placement.holder not in OUTSIDE:
            yield fill("of", words)


# Only what some body says: the compiler warns of a function that nobody calls.
def _last_put(names: Names, kept: Kept) -> Iterator[str]:
    said = _said_of(names, kept)
    ways = {"at_once": "put" in said, "later": "put after a grace period" in said}
    if any(ways.values()):
        yield fill("last_put", names.of(kept) | ways | {"plain": is_memory_alone(kept)})


def attached(names: Names, *, to_file: bool) -> list[Kept]:
    """Return what the creator attaches to an inode, or to a file: all that no body does."""
    late = [kept for kept in names.design.keeps if not kept.kind.born_in_alloc]
    late = [kept for kept in late if kept.kind.name not in names.design.attached_later]
    late = [kept for kept in late if kept.placement.holder != "superblock"]
    return [kept for kept in late if (kept.placement.holder in ("file", "dentry")) is to_file]


def attach(names: Names, *, to_file: bool) -> Iterator[str]:
    """Yield the function that attaches what an inode, or a file, owns; nothing where it is none."""
    kinds = attached(names, to_file=to_file)
    dresses = not to_file and is_played(names.design)
    if not kinds and not dresses:
        return
    # Nobody else sees the inode yet, so an error may leave what it attached to the iput.
    several = len(kinds) > 1  # then what is attached already is freed by the iput of an error
    objects = [
        names.of(kept) | {"several": several or bool(kept.kind.of)}
        for kept in kinds
        if kept.kind.owns_object
    ]
    declared = [fill("declared", words) for words in objects]
    if any(kept.placement.holder == "xarray" for kept in kinds):
        declared.append("\tint error;")
    if any(kept.placement.holder == "dentry" for kept in kinds):
        declared.append("\tstruct dentry *dentry = file->f_path.dentry;")
    steps = ["\tdress(inode);"] if dresses else []
    led_to = set()  # fields whose struct is there
    for kept in kinds:
        words = names.of(kept) | {"several": several or bool(kept.kind.of)}
        if names.is_shared(kept) and kept.placement not in led_to:
            led_to.add(kept.placement)
            steps.append(fill("attach_shared", words))
        steps.append(only_of(kept, fill("attach_one", words)))
    yield fill("attach", {
        "start": names.start,
        "file": to_file,
        "declared": [*declared, ""] if declared else [],
        "several": several,
        "steps": steps,
    })  # fmt: skip


def only_of(kept: Kept, text: str) -> str:
    """Return what attaches something, under a question where few kinds of inode have it."""
    asked = " || ".join(TESTS[kind] for kind in kept.kind.of)
    return f"\tif ({asked}) {{\n{text}\n\t}}" if asked else text


def attached_to_superblock(names: Names) -> list[Kept]:
    """Return what a mount's own code attaches to its superblock: all that no body does."""
    kinds = [kept for kept in names.design.keeps if kept.placement.holder == "superblock"]
    return [kept for kept in kinds if kept.kind.name not in names.design.attached_later]


def attach_to_superblock(names: Names) -> Iterator[str]:
    """Yield the function that attaches what the superblock owns; nothing where it owns nothing."""
    if kinds := attached_to_superblock(names):
        steps = [fill("attach_one_to_sb", names.of(kept)) for kept in kinds]
        yield fill("attach_to_sb", {"start": names.start, "steps": steps})
