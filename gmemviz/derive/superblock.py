"""Find what becomes of s_fs_info: who ends it as the superblock goes, and who still reads it then.

    static void toy_put_super(struct super_block *sb)
    {
            rcu_barrier();                 callbacks of inodes have run
            kfree(sb->s_fs_info);          free s_fs_info via kfree
    }

Inodes are evicted before, but free_inode runs after a grace period, and path walk without a
reference may be anywhere. (fs/super.c:generic_shutdown_super@v6.12)
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from gmemviz.derive.bodies import DEFERRED, WAITS, Line, waiting
from gmemviz.derive.metadata import LEAVES, Owned
from gmemviz.derive.readers import without_reference
from gmemviz.facts import Deed, FunctionDeeds, HookName

INFO: Final = "s_fs_info"
OF_INODE: Final = f"i_sb.{INFO}"
"""Its path from an inode; from the superblock it is the member's name alone."""

LITTER: Final = "kill_litter_super"
KILLS: Final = ("kill_anon_super", LITTER)
"""The language's words for the end of a superblock; other functions do as the first."""

LATE: Final[tuple[HookName, ...]] = ("free_inode",)
"""Hooks that run after put_super and kill_sb may have."""

EVICTING: Final[tuple[HookName, ...]] = ("drop_inode", "evict_inode", "destroy_inode")
"""Hooks that run as the superblock is ended."""

ENDED: Final = "ends the superblock"
ENDS: Final[tuple[HookName, ...]] = ("put_super", "kill_sb")


def owned_by_superblock(
    hooks: Mapping[HookName, FunctionDeeds],
    ends: Mapping[HookName, FunctionDeeds],
    beside: Iterable[FunctionDeeds],
) -> tuple[Owned, ...]:
    """Return s_fs_info as a kind of metadata, if it is given back, and read when it may be gone."""
    is_freed = any(
        deed.kind in LEAVES and deed.path == INFO for found in ends.values() for deed in found.deeds
    )
    late = [deed for hook in late_hooks(ends) if hook in hooks for deed in hooks[hook].deeds]
    late += [deed for found in hooks.values() for deed in found.deeds if deed.later]
    late += [deed for found in beside for deed in found.deeds if without_reference(deed)]
    if not is_freed or not any(is_reading(deed) for deed in late):
        return ()
    return (Owned(INFO, OF_INODE, INFO, embedded=False),)


def late_hooks(ends: Mapping[HookName, FunctionDeeds]) -> tuple[HookName, ...]:
    """Return the hooks that may run once s_fs_info has been given back."""
    return (*LATE, *EVICTING) if frees_first(ends) else LATE


def frees_first(ends: Mapping[HookName, FunctionDeeds]) -> bool:
    """Tell whether kill_sb gives s_fs_info back before it ends the superblock, and its inodes.

    (fs/super.c:generic_shutdown_super@v6.12)
    """
    deeds = ends["kill_sb"].deeds if "kill_sb" in ends else ()
    order = [deed.kind for deed in deeds
             if deed.kind == ENDED or (deed.kind in LEAVES and deed.path == INFO)]  # fmt: skip
    return ENDED in order and order[0] != ENDED


def is_reading(deed: Deed) -> bool:
    """Tell whether a deed reads what s_fs_info leads to."""
    return deed.kind == "read" and deed.path == OF_INODE


def read_late(deeds: Sequence[Deed], kinds: Sequence[Owned]) -> list[Line]:
    """Return the line of free_inode, or of a callback, that reads s_fs_info."""
    if not any(kind.placement == INFO for kind in kinds):
        return []
    return [Line(f"read {INFO}", deed.chain) for deed in deeds if is_reading(deed)][:1]


def ending(hook: HookName, found: FunctionDeeds) -> tuple[Line, ...]:
    """Return the body of put_super or kill_sb, as far as s_fs_info goes."""
    heads = {deed.later for deed in found.deeds if deed.kind == DEFERRED and deed.path == INFO}
    frees = [deed for deed in found.deeds if deed.kind in LEAVES and deed.path == INFO]
    lines = []
    for deed in found.deeds:
        is_wait = deed.kind == WAITS
        text = _action(deed, heads) if not is_wait else _waited(deed, frees)
        if text:
            lines.append(Line(text, deed.chain))
    if hook == "kill_sb" and not any(line.text.startswith("kill_") for line in lines):
        return ()
    return tuple(lines)


# Who frees has waited only where each way to the free comes by the wait: ovl_put_super waits in
# kern_unmount_array, by the one way on which it frees. (fs/overlayfs/params.c:ovl_free_fs@v6.12)
def _waited(wait: Deed, frees: Sequence[Deed]) -> str:
    ways = [set(way) for free in frees for way in free.ways]
    is_met = all(any(way.issuperset(part) for part in wait.ways) for way in ways)
    return waiting(wait) if is_met else ""


def _action(deed: Deed, heads: set[str]) -> str:
    if deed.kind == "ends the superblock":
        word = LITTER if deed.via == LITTER else KILLS[0]
        return word if deed.via in KILLS else f"{word} via {deed.via}"
    if deed.path != INFO or deed.kind not in LEAVES:
        return ""
    is_late = deed.kind != LEAVES[0] or (deed.later and deed.later in heads)
    return f"free {INFO}{' after a grace period' if is_late else ''} via {deed.via}"
