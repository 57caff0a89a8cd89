"""Make the Design that five choices say: a cell of the matrix.

The hooks of a cell are those that a filesystem with such a cleanup would have to set beside it: an
alloc_inode for a container (include/linux/fs.h:struct super_operations), and the free_inode that
gives the container back.
"""

from collections.abc import Iterator, Mapping

from gmemviz.errors import choice
from gmemviz.facts import HookName, kernels
from gmemviz.model.design.actions import hooks_of
from gmemviz.model.design.choices import (
    CLEANUPS,
    METADATA,
    MOUNTS,
    PLACEMENTS,
    SAYS_NOTHING_OF_THE_STRUCT,
    Metadata,
    Placement,
)
from gmemviz.model.design.design import Design, Kept


def design_from_choices(
    *, kernel: str, mount: str, placement: str, cleanup: str, metadata: str
) -> Design:
    """Return the Design that five choices make; UnknownNameError for a wrong word.

    Whether the choices go together is `why_not`'s to say.
    """
    choice("kernel", kernel, kernels())
    pattern = CLEANUPS[choice("cleanup", cleanup, CLEANUPS)]
    where = PLACEMENTS[choice("placement", placement, PLACEMENTS)]
    kind = METADATA[choice("metadata", metadata, METADATA)]
    bodies = {hook: tuple(actions) for hook, actions in _bodies(where, pattern, kind)}
    return Design(
        kernel=kernel,
        mount=MOUNTS[choice("mount", mount, MOUNTS)],
        hooks=hooks_of(bodies),
        keeps=(Kept(kind, where),),
        cleanup=cleanup,
    )


def _bodies(
    placement: Placement, pattern: Mapping[HookName, tuple[str, ...]], kind: Metadata
) -> Iterator[tuple[HookName, list[str]]]:
    yield from _birth(placement, kind)
    for hook, actions in pattern.items():
        yield hook, [action.replace("free M", f"free {kind.name}") for action in actions]
    is_silent = any(hook in SAYS_NOTHING_OF_THE_STRUCT for hook in pattern)
    if placement.holder == "container" and is_silent:
        yield "free_inode", ["free struct"]


def _birth(placement: Placement, kind: Metadata) -> Iterator[tuple[HookName, list[str]]]:
    allocates = "alloc container" if placement.holder == "container" else "alloc struct"
    if kind.born_in_alloc:
        yield "alloc_inode", [allocates, f"attach {kind.name}"]
    elif placement.holder == "container":
        yield "alloc_inode", [allocates, f"init {kind.name}"]


def why_not(kind: Metadata, placement: Placement) -> str:
    """Return why `kind` cannot be written into `placement` at all, or ""."""
    if placement.word_only and kind.owns_object:
        return f"{placement.name} holds bits, and {kind.name} needs a pointer"
    return ""


def unfit(design: Design) -> str:
    """Return why one of a Design's kinds cannot be where the Design keeps it, or ""."""
    reasons = (why_not(kept.kind, kept.placement) for kept in design.keeps)
    return next(filter(None, reasons), "")
