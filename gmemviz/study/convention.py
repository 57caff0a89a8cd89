"""Judge whether a Design follows the kernel's convention: a judgement, not an outcome.

One rule: each action's undo sits in its paired hook. What alloc_inode set up
goes in destroy_inode or free_inode; what came into the page cache, or was
attached later, goes in evict_inode after truncation; drop_inode only decides.
(What each hook is for: Documentation/filesystems/vfs.rst:struct super_operations@v6.12)
"""

import itertools
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final, NamedTuple

from gmemviz.errors import of_kind
from gmemviz.model import Action, Design
from gmemviz.model.design import Verb
from gmemviz.shown import shows_itself


@shows_itself
class Judgement(NamedTuple):
    """Say whether a Design is conventional, and why (not)."""

    conventional: bool
    reason: str


def judge(design: Design) -> Judgement:
    """Return the judgement on `design`; the first breach of the rule is the reason."""
    of_kind("design", design, Design)
    for breach in _breaches(design):
        return Judgement(False, breach)
    return Judgement(True, "each undo sits in the hook that pairs with its do")


FREES: Final[tuple[Verb, ...]] = ("free", "free after a grace period", "free in a worker")
"""Words that undo an attaching, at once or later."""


def _breaches(design: Design) -> Iterator[str]:
    if design.body("alloc_inode") is None and design.body("free_inode") is not None:
        yield "free_inode is set, and there is no alloc_inode for it to undo"
    if design.body("alloc_inode") is not None and not _frees_struct(design):
        yield "alloc_inode is set, and no hook gives back what it allocated"
    for hook, body in design.hooks:
        for index, action in enumerate(body):
            if action.verb == "free":
                yield from _misplaced(design, hook, body[:index], action)
    freed = _freed(design)
    for kept in design.keeps:
        if kept.kind.owns_object and kept.kind.name not in freed:
            yield f"nothing undoes the attaching of {kept.kind.name}"


# A hook may free at once or later, or hand it to a callback of the Design's own.
def _freed(design: Design) -> set[str]:
    bodies = [body for _, body in design.hooks] + [later.does for later in design.callbacks]
    actions = itertools.chain.from_iterable(bodies)
    return {action.metadata for action in actions if action.verb in FREES}


# The VFS frees what it took from inode_cachep itself. (fs/inode.c:i_callback@v6.12)
def _frees_struct(design: Design) -> bool:
    bodies = dict(design.hooks).values()
    verbs = {action.verb for action in chain.from_iterable(bodies)}
    return not design.has_container or bool(verbs & {"free struct", "call_rcu free struct"})


def _misplaced(
    design: Design, hook: str, before: Sequence[Action], action: Action
) -> Iterator[str]:
    name = action.metadata
    has_truncated = "truncate" in {past.verb for past in before}
    if hook == "drop_inode":
        yield f"drop_inode only decides, and here it frees {name}"
    elif hook == "evict_inode" and design.filled and not has_truncated:
        yield f"evict_inode frees {name} before the pages are gone"
    elif hook in ("destroy_inode", "free_inode") and not _is_of_alloc(design, name):
        yield f"{hook} frees {name}, which alloc_inode did not set up"


def _is_of_alloc(design: Design, name: str) -> bool:
    found = [kept for kept in design.keeps if kept.kind.name == name]
    return any(kept.placement.holder == "container" or kept.kind.born_in_alloc for kept in found)
