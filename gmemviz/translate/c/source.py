"""Write a Design as C: the code that a developer would start from, and its table for the driver."""

import textwrap
from collections.abc import Iterator
from typing import Final

from gmemviz import shown
from gmemviz.errors import of_kind
from gmemviz.model import Design
from gmemviz.model.design import LAST_PUT, LAST_PUT_BY_MAPPING, LAST_PUT_UNTESTED
from gmemviz.translate.c.hooks import OF_SUPERBLOCK, hooks, unwind
from gmemviz.translate.c.metadata import attach, declarations, metadata
from gmemviz.translate.c.names import Names, prose, refuse_unwritable

Text = Iterator[str]

HEAD: Final = """\
// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include "judge.h"\t/* look_at(), wait_in_a_corner(), insert_fails(): the driver's */

"""
WIDTH: Final = 72
MAGIC: Final = "0x474d454d"


def module_source(design: Design, *, start: str = "your") -> str:
    """Return the Design as C of a kernel module, fit to paste into a mail.

    All of its names begin with `start`. DesignError where the Design has what a module
    of ours cannot do. The driver around it, and its table, are not part of the text.

    >>> from gmemviz.study import gallery
    >>> "mutex" in module_source(gallery("guest_memfd-7.3"))
    False
    """
    of_kind("design", design, Design)
    refuse_unwritable(design)
    names = Names(start, design)
    lines = [
        *_title(design),
        "",
        *declarations(names),
        *metadata(names),
        *hooks(names),
        *attach(names, to_file=False),
        *attach(names, to_file=True),
        *unwind(names),
        *_tables(names),
    ]
    return shown.Text(HEAD + "\n".join(lines).rstrip() + "\n")


def _title(design: Design) -> Text:
    yield "/*"
    yield from (f" * {line}" for line in textwrap.wrap(prose(design.title), WIDTH))
    if not design.mount.own_table:
        yield " * The superblock is that of anon_inodefs: nobody calls the table below."
    yield from _left(design)
    if design.functions:
        yield " * This is the Design: the kernel's own file may lay out the same otherwise."
    yield " */"


def _left(design: Design) -> Text:
    # The driver does it, and it is no part of the Design.
    has_cache = design.has_container or any(kept.kind.owns_object for kept in design.keeps)
    is_mounted = design.mount.own_table and design.mount.is_set_up
    end = [*(["kern_unmount()"] * is_mounted), "rcu_barrier()"]
    end += ["kmem_cache_destroy()"] * has_cache
    first = "kmem_cache_create() first, and " * has_cache
    text = f"Left to whoever uses it: {first}at the end {', '.join(end)}, in this order."
    yield " *"
    yield from (f" * {line}" for line in textwrap.wrap(text, WIDTH))


def _tables(names: Names) -> Text:
    set_hooks = [hook for hook, _ in names.design.hooks if hook in OF_SUPERBLOCK]
    unused = "" if names.design.mount.own_table else "__maybe_unused "
    yield f"static const struct super_operations {unused}{names('super_operations')} = {{"
    yield "\t.statfs = simple_statfs,"
    yield from (f"\t.{hook} = {names(hook)}," for hook in set_hooks)
    yield "};"
    yield ""
    yield f"static const struct file_operations {names('file_operations')} = {{"
    if names.design.body("release") is not None:
        yield f"\t.release = {names('release')},"
    yield "};"
    if not names.design.mount.own_table:
        return
    yield ""
    if names.design.mount.is_set_up:
        yield from _filesystem(names)
    else:
        yield f"static struct super_block {names('superblock')} = {{"
        yield f"\t.s_op = &{names('super_operations')},\t/* and nothing else is set */"
        yield "};"


def _filesystem(names: Names) -> Text:
    yield f"static int {names('init_fs_context')}(struct fs_context *fc)"
    yield "{"
    yield f"\tstruct pseudo_fs_context *ctx = init_pseudo(fc, {MAGIC});"
    yield ""
    yield "\tif (!ctx)"
    yield "\t\treturn -ENOMEM;"
    yield f"\tctx->ops = &{names('super_operations')};"
    yield "\treturn 0;"
    yield "}"
    yield ""
    yield f"static struct file_system_type {names('filesystem')} = {{"
    yield f'\t.name = "{names("filesystem")}",'
    yield "\t.owner = THIS_MODULE,"
    yield f"\t.init_fs_context = {names('init_fs_context')},"
    yield "\t.kill_sb = kill_anon_super,"
    yield "};"
    yield ""
    yield f"static struct vfsmount *{names('mount')}(void)"
    yield "{"
    yield f"\treturn kern_mount(&{names('filesystem')});"
    yield "}"


def driver_table(design: Design, *, start: str = "your") -> str:
    """Return the table by which the driver knows a Design written with the same `start`."""
    return "\n".join(_driver_table(Names(start, design))) + "\n"


def _driver_table(names: Names) -> Text:
    design, kinds = names.design, names.design.keeps
    yield from _caches(names)
    yield f"static const struct judged_metadata {names('metadata')}[] = {{"
    yield from _kinds(names)
    yield "\t{ }"
    yield "};"
    yield f"const struct design {names('design')} = {{"
    yield f'\t.name = "{names.start}",'
    if design.mount.own_table:
        what = "mount = {}_mount" if design.mount.is_set_up else "sb = &{}_superblock"
        yield f"\t.{what.format(names.start)},"
    yield f"\t.fops = &{names('file_operations')},"
    yield f"\t.caches = {names('caches')},"
    yield f"\t.metadata = {names('metadata')},"
    for what, of_file in (("attach", False), ("attach_to_file", True)):
        if any(
            (kept.placement.holder == "file") is of_file and not kept.kind.born_in_alloc
            for kept in kinds
        ):
            yield f"\t.{what} = {names(what)},"
    if design.unwinds:
        yield f"\t.unwind = {names('unwind')},"
    if names.has_xarray:
        yield f"\t.xarray = &{names('xarray')},"
    if not design.filled:
        yield "\t.is_never_filled = true,"
    yield from _around(names)
    yield "};"


def _around(names: Names) -> Text:
    inside = [one.kind for one in names.design.keeps if one.placement.holder == "container"]
    freed = {action.metadata for action in names.design.body("release") or ()}
    if any(not kind.born_in_alloc for kind in inside):
        yield f"\t.attached_around = sizeof(struct {names('inode')}),"
    if any(kind.name in freed for kind in inside):
        yield f"\t.released_around = sizeof(struct {names('inode')}),"


def _caches(names: Names) -> Text:
    yield f"static const struct judged_cache {names('caches')}[] = {{"
    for kept in names.design.keeps:
        if kept.kind.owns_object:
            w = names.of(kept)
            yield f'\t{{ "{kept.kind.name}", &{w.cache}, sizeof({w.type}), NULL }},'
    for field in sorted({kept.placement.field for kept in names.shared if names.is_shared(kept)}):
        own = names(field)
        yield f'\t{{ "{field}", &{own}_cache, sizeof(struct {own}), NULL }},'
    if names.design.has_container:
        own = names("inode")
        yield f'\t{{ "inode", &{own}_cache, sizeof(struct {own}), {own}_once }},'
    yield "\t{ }"
    yield "};"


def _kinds(names: Names) -> Text:
    for kept in names.design.keeps:
        kind, w = kept.kind, names.of(kept)
        said = [f'.name = "{kind.name}"', f".read = {_readers(kind.read_by)}"]
        said += [".is_word = true"] if w.is_word else []
        if kept.placement.holder == "file":
            said.append(".is_of_file = true")
        else:
            said.append(f".of = (void *){names(w.x)}_of")
        said += [".put_sleeps = true"] if kind.put_sleeps else []
        said += [f".lock = &{w.lock}"] if kind.release == "sleeping lock" else []
        said += [f".left = &{w.left}"] if kind.scarce else []
        yield f"\t{{ {', '.join(said)} }},"


_READERS: Final = {
    "truncation": "BY_TRUNCATION",
    "lockless reader": "BY_LOCKLESS_READER",
    LAST_PUT: "BY_LAST_PUT",
    LAST_PUT_BY_MAPPING: "BY_LAST_PUT_IF_MAPPED",
    LAST_PUT_UNTESTED: "BY_LAST_PUT_UNTESTED",
}


def _readers(read_by: tuple[str, ...]) -> str:
    return " | ".join(_READERS[reader] for reader in read_by if reader in _READERS) or "0"
