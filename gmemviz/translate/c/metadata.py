"""Write the C of what an inode owns: its struct, its birth, its release, where it is kept.

What the release takes (a plain lock, one that sleeps, or sleep itself) is what makes it wrong in
one hook and right in another; the C takes it, so that a kernel with its checks on can say so.
"""

import textwrap
from collections.abc import Iterator
from typing import Final

from gmemviz.model import Kept
from gmemviz.translate.c.fragments import fill
from gmemviz.translate.c.names import Names, prose

WIDTH: Final = 72


def comment(text: str) -> list[str]:
    """Return the lines of a comment, without what begins and ends it."""
    return [f" * {line}" for line in textwrap.wrap(prose(text), WIDTH)]


def declarations(names: Names) -> Iterator[str]:
    """Yield the structs and the caches of all that is kept."""
    for kept in names.design.keeps:
        if kept.kind.owns_object:
            says = comment(f"{kept.kind.name}: {kept.kind.says}.")
            yield fill("kind", names.of(kept) | {"says": says})
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
        if kept.placement.holder != "file":
            yield fill("of", words)


def attached(names: Names, *, to_file: bool) -> list[Kept]:
    """Return what the creator attaches to an inode, or to a file: all that alloc_inode does not."""
    late = [kept for kept in names.design.keeps if not kept.kind.born_in_alloc]
    return [kept for kept in late if (kept.placement.holder == "file") is to_file]


def attach(names: Names, *, to_file: bool) -> Iterator[str]:
    """Yield the function that attaches what an inode, or a file, owns; nothing where it is none."""
    kinds = attached(names, to_file=to_file)
    if not kinds:
        return
    # Nobody else sees the inode yet, so an error may leave what it attached to the iput.
    several = len(kinds) > 1  # then what is attached already is freed by the iput of an error
    objects = [names.of(kept) | {"several": several} for kept in kinds if kept.kind.owns_object]
    declared = [fill("declared", words) for words in objects]
    if any(kept.placement.holder == "xarray" for kept in kinds):
        declared.append("\tint error;")
    steps = []
    led_to = set()  # fields whose struct is there
    for kept in kinds:
        words = names.of(kept) | {"several": several}
        if names.is_shared(kept) and kept.placement not in led_to:
            led_to.add(kept.placement)
            steps.append(fill("attach_shared", words))
        steps.append(fill("attach_one", words))
    yield fill("attach", {
        "start": names.start,
        "file": to_file,
        "declared": [*declared, ""] if declared else [],
        "several": several,
        "steps": steps,
    })  # fmt: skip
