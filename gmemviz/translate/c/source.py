"""Write a Design as C: the code that a developer would start from, and its table for the driver."""

from typing import Final

from gmemviz import shown
from gmemviz.errors import of_kind
from gmemviz.model import Design, Kept
from gmemviz.model.design import LAST_PUT, LAST_PUT_BY_MAPPING, LAST_PUT_UNTESTED
from gmemviz.translate.c.fragments import fill
from gmemviz.translate.c.hooks import OF_SUPERBLOCK, hooks, statements, unwind
from gmemviz.translate.c.metadata import (
    attach,
    attach_to_superblock,
    attached,
    attached_to_superblock,
    comment,
    declarations,
    is_in_xarray,
    metadata,
)
from gmemviz.translate.c.names import OUTSIDE, Names, is_played, refuse_unwritable

_READERS: Final = {
    "truncation": "BY_TRUNCATION",
    "lockless reader": "BY_LOCKLESS_READER",
    LAST_PUT: "BY_LAST_PUT",
    LAST_PUT_BY_MAPPING: "BY_LAST_PUT_IF_MAPPED",
    LAST_PUT_UNTESTED: "BY_LAST_PUT_UNTESTED",
}
"""What the driver calls those who read metadata. (gmemviz/record/module/judge.h)"""


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
    parts = [
        _head(design),
        *declarations(names),
        *metadata(names),
        *hooks(names),
        *attach(names, to_file=False),
        *attach(names, to_file=True),
        *attach_to_superblock(names),
        *unwind(names),
        _operations(names),
    ]
    return shown.Text("\n\n".join(parts) + "\n")


def _head(design: Design) -> str:
    return fill("head", {
        "title": comment(design.title),
        "played": is_played(design),
        "anonymous": not design.mount.own_table,
        "left": comment(_left(design)),
        "kernel": bool(design.functions),
    })  # fmt: skip


# The driver does it, and it is no part of the Design. The order matters: kern_unmount() evicts the
# root inode, rcu_barrier() waits for its callback, and only then is a cache empty.
# (fs/namespace.c:kern_unmount@v6.12)
def _left(design: Design) -> str:
    has_cache = design.has_container or any(kept.kind.owns_object for kept in design.keeps)
    is_mounted = design.mount.own_table and design.mount.is_set_up
    first = "kmem_cache_create() first, and " if has_cache else ""
    end = ["kern_unmount()"] if is_mounted else []
    end += ["rcu_barrier()", "kmem_cache_destroy()"] if has_cache else ["rcu_barrier()"]
    return f"Left to whoever uses it: {first}at the end {', '.join(end)}, in this order."


# A filesystem that is mounted gets its table through the context (fs/libfs.c:init_pseudo@v6.12); a
# superblock that nobody sets up has the table and no more.
def _operations(names: Names) -> str:
    design = names.design
    set_hooks = [hook for hook, _ in design.hooks if hook in OF_SUPERBLOCK]
    is_line_by_line = is_played(design)
    if is_line_by_line and design.body("put_super") is not None:
        set_hooks.append("put_super")
    has_kill = is_line_by_line and design.body("kill_sb") is not None
    return fill("operations", {
        "start": names.start,
        "unused": "" if design.mount.own_table else "__maybe_unused ",
        "hooks": [f"\t.{hook} = {names(hook)}," for hook in set_hooks],
        "release": design.body("release") is not None,
        "own_table": design.mount.own_table,
        "set_up": design.mount.is_set_up,
        "dentries": is_line_by_line and design.body("d_release") is not None,
        "kill_sb": names("kill_sb") if has_kill else "kill_anon_super",
        "of_superblock": bool(attached_to_superblock(names)),
    })  # fmt: skip


def driver_table(design: Design, *, start: str = "your") -> str:
    """Return the table by which the driver knows a Design written with the same `start`."""
    names = Names(start, design)
    inside = [kept.kind for kept in design.keeps if kept.placement.holder == "container"]
    freed = {action.metadata for action in design.body("release") or ()}
    return fill("driver", {
        "start": start,
        "caches": _caches(names),
        "kinds": [_kind(kept, names) for kept in design.keeps],
        "own_table": design.mount.own_table,
        "set_up": design.mount.is_set_up,
        "attach": is_played(design) or bool(attached(names, to_file=False)),
        "gives_up": is_played(design),
        "attach_to_file": bool(attached(names, to_file=True)),
        "unwinds": bool(design.unwinds),
        "xarray": is_in_xarray(names),
        "never_filled": not design.filled,
        "attached_around": any(not kind.born_in_alloc for kind in inside),
        "released_around": any(kind.name in freed for kind in inside),
    }) + "\n"  # fmt: skip


# The driver makes the caches before a run and destroys them after it, to hear what is left in them.
def _caches(names: Names) -> list[str]:
    objects = [kept for kept in names.design.keeps if kept.kind.owns_object]
    caches = [(kept.kind.name, f"{names.of(kept)['own']}") for kept in objects]
    fields = sorted({kept.placement.field for kept in names.shared})
    caches += [(field, names(field)) for field in fields]
    lines = [fill("cache", {"name": name, "own": own}) for name, own in caches]
    if names.design.has_container:
        lines.append(fill("cache", {"name": "inode", "own": names("inode"), "has_once": True}))
    return lines


# Such as: { .name = "tree", .read = BY_TRUNCATION, .of = (void *)your_tree_of },
def _kind(kept: Kept, names: Names) -> str:
    kind, own = kept.kind, names.of(kept)["own"]
    read = " | ".join(_READERS[reader] for reader in kind.read_by if reader in _READERS)
    holder = kept.placement.holder
    of = ".of = NULL" if holder in OUTSIDE else f".of = (void *){own}_of"
    of = ".is_of_file = true" if holder == "file" else of
    fields = {
        f'.name = "{kind.name}"': True,
        f".read = {read or 0}": True,
        ".is_word = true": not kind.owns_object,
        of: True,
        ".put_sleeps = true": kind.put_sleeps,
        f".lock = &{own}_lock": kind.release == "sleeping lock",
        f".left = &{own}_left": kind.scarce,
    }
    return f"\t{{ {', '.join(field for field, is_set in fields.items() if is_set)} }},"


CREATOR: Final = "creator"
"""The word for where a creator attaches what the inode owns: it is in no hook."""


def source_lines(design: Design, *, start: str = "your") -> dict[str, int]:
    """Return at which line of `module_source` a hook does what, by ``hook: action``.

    A hook's own name leads to its head. An action of several lines is at its last, which does it:
    ``if (map)`` comes before ``your_map_free(map);``.
    Where a Design is played (actors, questions, `read`), each line of a body stands among stops of
    the play, in words of bodies.py that `statements` does not write: its hooks have heads alone.

    >>> from gmemviz.study import gallery
    >>> source_lines(gallery("rfc-v1-free_inode"))["free_inode"] > 1
    True
    """
    names = Names(start, design)
    text = module_source(design, start=start).split("\n")
    found: dict[str, int] = {}
    for number, line in enumerate(text, 1):
        if line.startswith(f"static int {start}_attach("):
            found[CREATOR] = number
    for hook, body in design.hooks:
        head = f"{names(hook)}("
        heads = [at for at, line in enumerate(text) if head in line and not line.endswith(";")]
        if not heads:
            continue
        at = found[hook] = heads[0] + 1
        if is_played(design):
            continue
        for action, written in zip(body, statements(hook, body, names), strict=True):
            at = _line_of(written, text, at)
            found[f"{hook}: {action}"] = at
    return found


def _line_of(statement: str, text: list[str], after: int) -> int:
    wanted = next((line for line in reversed(statement.split("\n")) if line.strip(" \t}")), "")
    for at, line in enumerate(text[after:], after + 1):
        if line.startswith("}"):  # the function ends, so no line of its own does it
            break
        if line == wanted:
            return at
    return after
