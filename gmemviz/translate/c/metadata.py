"""Write the C of what an inode owns: its struct, its birth, its release, where it is kept."""

import textwrap
from collections.abc import Iterator
from typing import Final

from gmemviz.facts import load
from gmemviz.model import Kept
from gmemviz.translate.c.names import Names, Word, prose

Text = Iterator[str]
WIDTH: Final = 72
HELD: Final = "/* what it holds goes here */"


def declarations(names: Names) -> Text:
    """Yield the structs and the caches of all that is kept."""
    for kept in names.design.keeps:
        if kept.kind.owns_object:
            yield from _struct(kept, names.of(kept))
    yield from _together(names)
    if names.design.has_container:
        yield from _container(names)
    if names.has_xarray:
        yield f"static DEFINE_XARRAY({names('xarray')});\t/* one for all inodes, one plain lock */"
        yield ""


def _struct(kept: Kept, w: Word) -> Text:
    kind = kept.kind
    said = textwrap.wrap(prose(f"{kind.name}: {kind.says}."), WIDTH)
    yield "/*"
    yield from (f" * {line}" for line in said)
    yield " */"
    yield f"{w.type} {{"
    if kind.release == "plain lock":
        yield "\tspinlock_t lock;\t/* also taken in process context, with softirqs on */"
    yield "\tunsigned long data[8];"
    yield "};"
    yield f"static struct kmem_cache *{w.cache};"
    if kind.release == "sleeping lock":
        yield f"static DEFINE_MUTEX({w.lock});"
    if kind.scarce:
        yield f"static atomic_t {w.left} = ATOMIC_INIT(1);"
    yield ""


def _together(names: Names) -> Text:
    # Two kinds in one field: the field leads to a struct, and that to both.
    kinds = [kept for kept in names.shared if names.is_shared(kept)]
    if not kinds:
        return
    own = names(kinds[0].placement.field)
    yield f"struct {own} {{"
    yield from (f"\t{names.of(kept).type} *{names.of(kept).x};" for kept in kinds)
    yield "};"
    yield f"static struct kmem_cache *{own}_cache;"
    yield ""
    yield f"static struct {own} *{own}_of(struct inode *inode)"
    yield "{"
    yield f"\treturn {names.field(kinds[0])};"
    yield "}"
    yield ""


def _container(names: Names) -> Text:
    own = names("inode")
    yield f"struct {own} {{"
    yield "\tstruct inode vfs_inode;"
    for kept in names.design.keeps:
        if kept.placement.holder == "container":
            w = names.of(kept)
            yield f"\tunsigned long {w.x};" if w.is_word else f"\t{w.type} *{w.x};"
    yield "};"
    yield f"static struct kmem_cache *{own}_cache;"
    yield ""
    yield f"static struct {own} *{own}_of(struct inode *inode)"
    yield "{"
    yield f"\treturn container_of(inode, struct {own}, vfs_inode);"
    yield "}"
    yield ""
    yield from _once(names, own)


def _once(names: Names, own: str) -> Text:
    # What alloc_inode does not set is set once a slab object: the next inode finds it as it was.
    born = {action.metadata for action in names.design.body("alloc_inode") or ()}
    kept_in = [kept for kept in names.design.keeps if kept.placement.holder == "container"]
    yield f"static void {own}_once(void *object)"
    yield "{"
    yield f"\tstruct {own} *box = object;"
    yield ""
    yield "\tinode_init_once(&box->vfs_inode);"
    for kept in kept_in:
        if kept.kind.name not in born:
            w = names.of(kept)
            yield f"\tbox->{w.x} = {'0' if w.is_word else 'NULL'};"
    yield "}"
    yield ""


def metadata(names: Names) -> Text:
    """Yield the functions that allocate, find and free each kind."""
    for kept in names.design.keeps:
        w = names.of(kept)
        if kept.kind.owns_object:
            yield from _allocate(kept, w, names)
            yield from _free(kept, w, names)
        if kept.placement.holder != "file":
            yield from _of(kept, w, names)


def _allocate(kept: Kept, w: Word, names: Names) -> Text:
    yield f"static {w.type} *{names(w.x)}_alloc(void)"
    yield "{"
    is_plain = kept.kind.release == "plain lock"
    if is_plain or kept.kind.scarce:
        yield f"\t{w.type} *{w.v};"
        yield ""
    if kept.kind.scarce:
        yield f"\tif (atomic_dec_if_positive(&{w.left}) < 0)"
        yield "\t\treturn NULL;"
    made = f"kmem_cache_zalloc({w.cache}, GFP_KERNEL);"
    if is_plain or kept.kind.scarce:
        yield f"\t{w.v} = {made}"
        if is_plain:
            yield f"\tif ({w.v})"
            yield f"\t\tspin_lock_init(&{w.v}->lock);"
        if kept.kind.scarce:
            yield f"\tif (!{w.v})"
            yield f"\t\tatomic_inc(&{w.left});"
        yield f"\treturn {w.v};"
    else:
        yield f"\treturn {made}"
    yield "}"
    yield ""


def _free(kept: Kept, w: Word, names: Names) -> Text:
    kind = kept.kind
    yield f"static void {names(w.x)}_free({w.type} *{w.v})"
    yield "{"
    if kind.release != "kfree":  # a walk or a lock reads the object; a kfree does not
        yield f'\tlook_at("{kind.name}", {w.v});'
    if kind.release == "plain lock":
        yield f"\tspin_lock(&{w.v}->lock);"
        yield f"\t{HELD}"
        yield f"\tspin_unlock(&{w.v}->lock);"
    if kind.release == "sleeping lock":
        yield f"\tmutex_lock(&{w.lock});"
        yield f"\t{HELD}"
        yield f"\tmutex_unlock(&{w.lock});"
    if kind.release == "may sleep":
        yield "\twait_in_a_corner();"
    yield f"\tkmem_cache_free({w.cache}, {w.v});"
    if kind.scarce:
        yield f"\tatomic_inc(&{w.left});"
    yield "}"
    yield ""


def _of(kept: Kept, w: Word, names: Names) -> Text:
    result = "unsigned long " if w.is_word else f"{w.type} *"
    yield f"static {result}{names(w.x)}_of(struct inode *inode)"
    yield "{"
    if kept.placement.struct and not load(names.design.kernel).has_field(
        kept.placement.struct, kept.placement.field
    ):
        yield f"\t/* struct {kept.placement.struct} of {names.design.kernel} has no such field. */"
    if names.is_shared(kept):
        both = names(kept.placement.field)
        yield f"\tstruct {both} *both = {both}_of(inode);"
        yield ""
        yield f"\treturn both ? both->{w.x} : NULL;"
    elif kept.placement.holder == "xarray":
        found = f"xa_load({w.place})"
        yield f"\treturn xa_to_value({found});" if w.is_word else f"\treturn {found};"
    else:
        is_bits = w.is_word and kept.placement.holder != "container"
        cast = "(unsigned long)" if is_bits else "(void *)" if w.is_cast else ""
        yield f"\treturn {cast}{w.place};"
    yield "}"
    yield ""


def store(kept: Kept, w: Word, value: str) -> str:
    """Return the statement that stores a value (an object, or the bits of a word)."""
    if w.is_cast or (w.is_word and kept.placement.holder != "container"):
        return f"{w.place} = (void *){value};"
    return f"{w.place} = {value};"


def attach(names: Names, *, to_file: bool) -> Text:
    """Yield the function that attaches what an inode, or a file, owns; nothing where it is none."""
    kinds = [
        kept
        for kept in names.design.keeps
        if (kept.placement.holder == "file") is to_file and not kept.kind.born_in_alloc
    ]
    if not kinds:
        return
    what = "attach_to_file(struct file *file)" if to_file else "attach(struct inode *inode)"
    yield f"static int {names(what)}"
    yield "{"
    at_once = len(kinds) == 1  # else what is attached already is freed by the iput of an error
    declared = [*_declared(kinds, names, at_once=at_once)]
    yield from (*declared, "") if declared else ()
    if not at_once:
        yield "\t/* What is attached when a later step fails, the caller's iput() frees. */"
    for number, kept in enumerate(kinds):
        if names.is_shared(kept) and kept.placement not in [
            one.placement for one in kinds[:number]
        ]:
            yield from _attach_struct(kept, names)
        if kept.kind.owns_object and not at_once:
            yield f"\t{names.of(kept).v} = {names(names.of(kept).x)}_alloc();"
        yield from _attach_one(kept, names.of(kept), names)
    yield "\treturn 0;"
    yield "}"
    yield ""


def _declared(kinds: list[Kept], names: Names, *, at_once: bool) -> Text:
    for kept in kinds:
        w = names.of(kept)
        if kept.kind.owns_object:
            born = f" = {names(w.x)}_alloc()" if at_once else ""
            yield f"\t{w.type} *{w.v}{born};"
    if any(kept.placement.holder == "xarray" for kept in kinds):
        yield "\tint error;"


def _attach_struct(kept: Kept, names: Names) -> Text:
    own = names(kept.placement.field)
    yield f"\t{names.field(kept)} = kmem_cache_zalloc({own}_cache, GFP_KERNEL);"
    yield f"\tif (!{names.field(kept)})"
    yield "\t\treturn -ENOMEM;"


def _attach_one(kept: Kept, w: Word, names: Names) -> Text:
    value = "FLAG_SET" if w.is_word else w.v
    if not w.is_word:
        yield f"\tif (!{w.v})"
        yield "\t\treturn -ENOMEM;"
    if kept.placement.holder != "xarray":
        yield f"\t{store(kept, w, value)}"
        return
    entry = f"xa_mk_value({value})" if w.is_word else value
    yield f"\terror = xa_insert({w.place}, {entry}, GFP_KERNEL);"
    yield f'\tif (insert_fails("{kept.kind.name}", error)) {{'
    if not w.is_word:
        yield f"\t\t{names(w.x)}_free({w.v});"
    yield "\t\treturn error;"
    yield "\t}"
