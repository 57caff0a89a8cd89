"""Write the C of a Design's hooks: one function a hook, its actions in order."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from gmemviz.facts import HookName
from gmemviz.model import Kept
from gmemviz.model.design import Action, Verb
from gmemviz.translate.c.metadata import store
from gmemviz.translate.c.names import Names, Word

Text = Iterator[str]

OF_SUPERBLOCK: Final[tuple[HookName, ...]] = (
    "alloc_inode", "drop_inode", "evict_inode", "destroy_inode", "free_inode",
)  # fmt: skip

_HEADS: Final[Mapping[HookName, str]] = {
    "alloc_inode": "struct inode *{}(struct super_block *sb)",
    "drop_inode": "int {}(struct inode *inode)",
    "evict_inode": "void {}(struct inode *inode)",
    "destroy_inode": "void {}(struct inode *inode)",
    "free_inode": "void {}(struct inode *inode)",
    "release": "int {}(struct inode *inode, struct file *file)",
}


def hooks(names: Names) -> Text:
    """Yield every hook of the Design as a function, after what the hooks call."""
    verbs = {action.verb for _, body in names.design.hooks for action in body}
    if "call_rcu free struct" in verbs:
        yield f"static void {names('callback')}(struct rcu_head *head)"
        yield "{"
        yield "\tstruct inode *inode = container_of(head, struct inode, i_rcu);"
        yield ""
        yield f"\t{_free_struct(names)}"
        yield "}"
        yield ""
    for hook, body in names.design.hooks:
        if hook in _HEADS:
            yield from _hook(hook, body, names)


def unwind(names: Names) -> Text:
    """Yield the function that frees what the creator's error path frees before it calls iput."""
    if not names.design.unwinds:
        return
    yield f"static void {names('unwind')}(struct inode *inode)"
    yield "{"
    for kept in names.design.keeps:
        w = names.of(kept)
        if kept.kind.name in names.design.unwinds:
            yield f"\tif ({names(w.x)}_of(inode))"
            yield f"\t\t{names(w.x)}_free({names(w.x)}_of(inode));"
            yield f"\t{store(kept, w, 'NULL')}"
    yield "}"
    yield ""


def _hook(hook: HookName, body: tuple[Action, ...], names: Names) -> Text:
    yield f"static {_HEADS[hook].format(names(hook))}"
    yield "{"
    if hook == "alloc_inode":
        yield from _birth(body, names)
    else:
        lines = [
            line
            for number, action in enumerate(body)
            for line in _action(action, hook, names, is_first=not number)
        ]
        told = [line for line in lines if line.startswith("*")]
        rest = [line for line in lines if not line.startswith("*")]
        yield from (f"\t{line[1:]}" for line in told)
        if told and rest:
            yield ""
        yield from (f"\t{line}" for line in rest)
    if hook == "release":
        yield from () if body else ("\t/* nothing here gives back what the inode owns */",)
        yield "\treturn 0;"
    yield "}"
    yield ""


def _birth(body: tuple[Action, ...], names: Names) -> Text:
    is_box = body[0].verb == "alloc container"
    own = names("inode")
    if is_box:
        yield f"\tstruct {own} *box = alloc_inode_sb(sb, {own}_cache, GFP_KERNEL);"
    else:
        yield "\t/* inode_cachep is static in fs/inode.c: the driver looks it up. */"
        yield "\tstruct inode *inode = alloc_inode_sb(sb, inode_cachep, GFP_KERNEL);"
    yield from (
        f"\t{names.of(kept).type} *{names.of(kept).v};"
        for kept in (_kept(action, names) for action in body[1:] if action.verb == "attach")
        if _is_checked(kept)
    )
    if is_box:
        yield "\tstruct inode *inode;"
    yield ""
    yield f"\tif (!{'box' if is_box else 'inode'})"
    yield "\t\treturn NULL;"
    if is_box:
        yield "\tinode = &box->vfs_inode;"
    give_back = f"kmem_cache_free({own}_cache, box);" if is_box else "free_inode_nonrcu(inode);"
    for action in body[1:]:
        kept = _kept(action, names)
        if action.verb == "init":
            yield from _init(kept, names.of(kept))
        else:
            yield from _attach(kept, names.of(kept), names, give_back)
    yield "\treturn inode;"


def _is_checked(kept: Kept) -> bool:
    return kept.kind.owns_object and kept.placement.holder != "file"


def _kept(action: Action, names: Names) -> Kept:
    return next(kept for kept in names.design.keeps if kept.kind.name == action.metadata)


def _init(kept: Kept, w: Word) -> Text:
    if kept.placement.holder == "xarray":
        yield f"\txa_erase({w.place});"
    elif kept.placement.holder != "file":
        yield f"\t{store(kept, w, '0' if w.is_word else 'NULL')}"


def _attach(kept: Kept, w: Word, names: Names, give_back: str) -> Text:
    if kept.placement.holder == "file":
        yield "\t/* There is no file yet that could hold it. */"
        yield from () if w.is_word else (f"\t{names(w.x)}_alloc();",)
        return
    value = "FLAG_SET" if w.is_word else w.v
    if not w.is_word:
        yield f"\t{w.v} = {names(w.x)}_alloc();"
        yield f"\tif (!{w.v}) {{"
        yield f"\t\t{give_back}"
        yield "\t\treturn NULL;"
        yield "\t}"
    if kept.placement.holder == "xarray":
        entry = f"xa_mk_value({value})" if w.is_word else value
        yield f'\tif (insert_fails("{kept.kind.name}",'
        yield f"\t\t\t xa_insert({w.place}, {entry}, GFP_KERNEL))) {{"
        yield from () if w.is_word else (f"\t\t{names(w.x)}_free({w.v});",)
        yield f"\t\t{give_back}"
        yield "\t\treturn NULL;"
        yield "\t}"
        return
    if kept.placement.holder == "inode":
        yield "\t/* inode_init_always comes after this hook, and sets it to NULL. */"
    yield f"\t{store(kept, w, value)}"


def _free_struct(names: Names) -> str:
    if names.design.has_container:
        return f"kmem_cache_free({names('inode')}_cache, {names('inode')}_of(inode));"
    return "free_inode_nonrcu(inode);\t/* kmem_cache_free(inode_cachep, inode) */"


def _said(line: str) -> Callable[[Names], str]:
    return lambda _: line


LINES: Final[Mapping[Verb, Callable[[Names], str]]] = {
    "truncate": _said("truncate_inode_pages_final(&inode->i_data);"),
    "clear_inode": _said("clear_inode(inode);"),
    "free struct": _free_struct,
    "free to inode_cachep": _said("free_inode_nonrcu(inode);"),
    "call_rcu free struct": lambda names: f"call_rcu(&inode->i_rcu, {names('callback')});",
    "return 0": _said("return 0;"),
    "return 1": _said("return 1;"),
}
"""Verbs that are one line of C. `_free` writes "free", `_birth` what only alloc_inode does."""


# A line that begins with * declares, and goes to the top of the function.
def _action(action: Action, hook: HookName, names: Names, *, is_first: bool) -> Text:
    if action.verb == "free":
        yield from _free(_kept(action, names), action, hook, names, is_first=is_first)
    else:
        yield LINES[action.verb](names)


def _free(kept: Kept, action: Action, hook: HookName, names: Names, *, is_first: bool) -> Text:
    w, holder = names.of(kept), kept.placement.holder
    if holder == "file" and hook != "release":
        yield f"/* No way leads from an inode to file->private_data: {kept.kind.name} stays. */"
    elif w.is_word:
        yield f"xa_erase({w.place});" if holder == "xarray" else store(kept, w, "0")
    else:
        found = f"{names(w.x)}_of(inode)"
        found = f"xa_erase({w.place})" if holder == "xarray" else found
        found = "file->private_data" if holder == "file" else found
        if is_first:
            yield f"*{w.type} *{w.v} = {found};"
        else:  # the pointer is read where it is freed: what comes before may matter
            yield f"*{w.type} *{w.v};"
            yield f"{w.v} = {found};"
        yield from _release(kept, w, names, untested=action.untested)
        if names.is_shared(kept) and _is_last(kept, hook, names):
            both = names(kept.placement.field)
            yield f"if ({both}_of(inode))"
            yield f"\tkmem_cache_free({both}_cache, {both}_of(inode));"


def _release(kept: Kept, w: Word, names: Names, *, untested: bool) -> Text:
    release = f"{names(w.x)}_free({w.v});"
    empties = kept.kind.left_empty and kept.placement.holder != "xarray"
    if untested:
        yield release
        yield from [store(kept, w, "NULL")] if empties else []
        return
    yield f"if ({w.v}) {{" if empties else f"if ({w.v})"
    yield f"\t{release}"
    if empties:
        yield f"\t{store(kept, w, 'NULL')}"
        yield "}"


# The struct that leads to several kinds goes with the last of them.
def _is_last(kept: Kept, hook: HookName, names: Names) -> bool:
    kinds = {other.kind.name for other in names.shared if other.placement == kept.placement}
    frees = [
        (where, action.metadata)
        for where, body in names.design.hooks
        for action in body
        if action.verb == "free" and action.metadata in kinds
    ]
    return {name for _, name in frees} == kinds and frees[-1] == (hook, kept.kind.name)
