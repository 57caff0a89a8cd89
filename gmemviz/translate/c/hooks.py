"""Write the C of a Design's hooks: one function a hook, its actions in order.

The hooks stand on the kernel's road so: alloc_inode in fs/inode.c:alloc_inode; at the last iput
drop_inode in iput_final, evict_inode in evict, destroy_inode in destroy_inode, and free_inode in
i_callback, which RCU runs (all @v6.12). release comes before them, in fs/file_table.c:__fput.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from string import Template
from typing import Final, NamedTuple

from gmemviz.facts import HookName
from gmemviz.model import Kept
from gmemviz.model.design import Action, Verb
from gmemviz.translate.c.fragments import Words, fill
from gmemviz.translate.c.names import Names, is_played
from gmemviz.translate.c.played import HEADS as PLACES
from gmemviz.translate.c.played import bodies_before_hooks, gives_up, hook_of_place

HEADS: Final[Mapping[HookName, str]] = {
    "alloc_inode": "struct inode *{}(struct super_block *sb)",
    "drop_inode": "int {}(struct inode *inode)",
    "evict_inode": "void {}(struct inode *inode)",
    "destroy_inode": "void {}(struct inode *inode)",
    "free_inode": "void {}(struct inode *inode)",
    "release": "int {}(struct inode *inode, struct file *file)",
}
"""The hooks that a module has, as the kernel declares them.
(include/linux/fs.h:super_operations, file_operations@v6.12)"""

OF_SUPERBLOCK: Final = tuple(hook for hook in HEADS if hook != "release")

LINES: Final[Mapping[Verb, str]] = {
    "truncate": "truncate_inode_pages_final(&inode->i_data);",
    "clear_inode": "clear_inode(inode);",
    "free struct": "$free_struct",
    "free to inode_cachep": "free_inode_nonrcu(inode);",
    "call_rcu free struct": "call_rcu(&inode->i_rcu, ${start}_callback);",
    "return 0": "return 0;",
    "return 1": "return 1;",
}
"""Verbs that are one line of C. `_free` writes "free", `_birth` what only alloc_inode does."""


class Written(NamedTuple):
    """Give what one action comes to: variables at the top of the function, and statements."""

    declared: list[str]
    steps: list[str]


def hooks(names: Names) -> Iterator[str]:
    """Yield every hook of the Design as a function, after what the hooks call."""
    bodies = dict(names.design.hooks).values()
    if "call_rcu free struct" in {action.verb for action in chain.from_iterable(bodies)}:
        yield fill("callback", _struct(names))
    is_line_by_line = is_played(names.design)
    if is_line_by_line:
        yield from bodies_before_hooks(names)
    for hook, body in names.design.hooks:
        if hook == "alloc_inode":
            yield _birth(body, names)
        elif is_line_by_line and hook in PLACES:
            yield hook_of_place(hook, names)
        elif hook in HEADS:
            yield _hook(hook, body, names)


def unwind(names: Names) -> Iterator[str]:
    """Yield the function that frees what the creator's error path frees before it calls iput."""
    unwinds = names.design.unwinds
    unwound = [names.of(kept) for kept in names.design.keeps if kept.kind.name in unwinds]
    steps = [fill("unwind_one", words) for words in unwound]
    if is_played(names.design):
        yield from gives_up(names, steps)
    elif unwinds:
        yield fill("unwind", {"start": names.start, "steps": steps})


# How the struct inode is freed: one of the Design's own, or the one that fs/inode.c has for whoever
# has none. `give_back` is for a birth that fails, where the container is at hand.
def _struct(names: Names) -> Words:
    box = names("inode")
    if names.design.has_container:
        give_back = f"kmem_cache_free({box}_cache, box);"
        free = f"kmem_cache_free({box}_cache, {box}_of(inode));"
    else:
        give_back = "free_inode_nonrcu(inode);"
        free = f"{give_back}\t/* kmem_cache_free(inode_cachep, inode) */"
    return {
        "start": names.start, "free_struct": free, "give_back": give_back,
        "container": names.design.has_container,
    }  # fmt: skip


# alloc_inode returns NULL where it fails, and then has left nothing: its caller gives up at once,
# and calls no other hook. (fs/inode.c:alloc_inode@v6.12)
def _birth(body: tuple[Action, ...], names: Names) -> str:
    struct = _struct(names)
    declared, steps = [], []
    for action in body[1:]:  # the first one allocates the struct
        kept = _kept(action, names)
        words = names.of(kept)
        if action.verb == "init":
            if kept.placement.holder != "file":  # there is none yet
                steps.append(f"\t{words['clear']}")
            continue
        steps.append(fill("attach_at_birth", {"give_back": struct["give_back"], **words}))
        if kept.kind.owns_object and kept.placement.holder != "file":
            declared.append(fill("declared", words | {"several": True}))
    return fill("alloc_inode", struct | {"declared": declared, "steps": steps})


def _kept(action: Action, names: Names) -> Kept:
    return next(kept for kept in names.design.keeps if kept.kind.name == action.metadata)


# C wants what a function declares above what it does, so both are gathered apart.
def _hook(hook: HookName, body: tuple[Action, ...], names: Names) -> str:
    declared: list[str] = []
    steps: list[str] = []
    for number, action in enumerate(body):
        written = _action(action, hook, names, is_first=number == 0)
        declared += written.declared
        steps += written.steps
    return fill("hook", {
        "head": HEADS[hook].format(names(hook)),
        "declared": [*declared, ""] if declared else [],
        "steps": steps,
        "release": hook == "release",
        "empty": not body,
    })  # fmt: skip


def statements(hook: HookName, body: tuple[Action, ...], names: Names) -> list[str]:
    """Return the C of each action of a hook; "" in alloc_inode, where they are written together."""
    if hook == "alloc_inode":
        return [""] * len(body)
    written = [_action(action, hook, names, is_first=not at) for at, action in enumerate(body)]
    return ["\n".join(each.steps) for each in written]


def _action(action: Action, hook: HookName, names: Names, *, is_first: bool) -> Written:
    if action.verb == "free":
        return _free(action, hook, names, is_first=is_first)
    line = Template(LINES[action.verb]).substitute(_struct(names))
    return Written([], [f"\t{line}"])


# A word is cleared where an object is freed. Nothing leads from an inode to its open files, so what
# a file keeps is within reach in `release` alone.
def _free(action: Action, hook: HookName, names: Names, *, is_first: bool) -> Written:
    kept = _kept(action, names)
    kind, holder, words = kept.kind, kept.placement.holder, names.of(kept)
    found = {"xarray": f"xa_erase({words['place']})", "file": "file->private_data"}
    words = words | {
        "found": found.get(holder, f"{words['own']}_of(inode)"),
        "first": is_first,
        "untested": action.untested,
        "emptied": kind.left_empty and holder != "xarray",
        "out_of_reach": holder == "file" and hook != "release",
        "last": names.is_shared(kept) and _is_last(kept, hook, names),
    }
    is_freed = kind.owns_object and not words["out_of_reach"]
    return Written([fill("freed", words)] if is_freed else [], [fill("free_in_hook", words)])


# The struct that leads to several kinds goes with the last of them.
def _is_last(kept: Kept, hook: HookName, names: Names) -> bool:
    kinds = {other.kind.name for other in names.sharing(kept)}
    frees = []
    for where, body in names.design.hooks:
        freed = [action.metadata for action in body if action.verb == "free"]
        frees += [(where, name) for name in freed if name in kinds]
    return {name for _, name in frees} == kinds and frees[-1] == (hook, kept.kind.name)
