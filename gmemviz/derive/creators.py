"""Find who sets the members that alloc_inode leaves alone: creators, or the slab's constructor.

    inode = new_inode(sb);
    toy_init(TOY_I(inode));            target is NULL from here on
    if (toy_read(inode)) {
            iget_failed(inode);        evict_inode and free_inode run: target is set in time
            return ERR_PTR(-EIO);
    }

A constructor runs once a slab object's life, not once an inode's: what it sets is NULL in fresh
memory, and else what the last owner left. (mm/slub.c:setup_object@v6.12)
"""

from collections.abc import Sequence
from typing import Final

from gmemviz.derive.metadata import CONTAINER, LEAVES, Owned, is_in, zeroes
from gmemviz.facts import Deed, DeedKind, FunctionDeeds, Source

MAKERS: Final = ("new_inode", "new_inode_pseudo", "iget_locked", "iget5_locked", "alloc_anon_inode")
"""Functions that a creator has its inode from (fs/inode.c:new_inode@v6.12)."""

SETS: Final[tuple[DeedKind, ...]] = ("initialised", "emptied", "attached")
FIRST: Final = "inode_init_once"
"""What the constructor of an inode's slab calls (fs/inode.c:inode_init_once@v6.12)."""


def unset(kinds: Sequence[Owned], born: Sequence[Deed]) -> tuple[Owned, ...]:
    """Return the members that alloc_inode, whose deeds are given, leaves as they were."""
    paths = {deed.path for deed in born if deed.kind in SETS or zeroes(deed)}
    members = [kind for kind in kinds if kind.is_member and not kind.left_empty]
    return tuple(kind for kind in members if not is_in(kind.path, paths))


def is_constructor(found: FunctionDeeds) -> bool:
    """Tell whether a slab's constructor is one of inodes."""
    return any(deed.via == FIRST for deed in found.deeds)


def built(kinds: Sequence[Owned], constructor: FunctionDeeds | None) -> tuple[str, ...]:
    """Return the kinds that a constructor sets: its argument is the container."""
    if constructor is None:
        return ()
    paths = {f"{CONTAINER}.{deed.path}" for deed in constructor.deeds if deed.kind in SETS}
    return tuple(kind.name for kind in kinds if is_in(kind.path, paths))


def late(kind: Owned, creators: Sequence[FunctionDeeds]) -> Source | None:
    """Return where a creator puts its inode, and sets a member only behind that; None if none does.

    Creators that were not seen to set it say nothing: a callback of theirs may.
    """
    for creator in creators:
        first = next((at for at, deed in enumerate(creator.deeds) if _sets(deed, kind)), 0)
        for deed in creator.deeds[:first]:
            if deed.kind in LEAVES and deed.path == "inode":
                return deed.at
    return None


def _sets(deed: Deed, kind: Owned) -> bool:
    return deed.kind in SETS and is_in(kind.path, (deed.path,))


def silent(kinds: Sequence[Owned], creators: Sequence[FunctionDeeds]) -> tuple[str, ...]:
    """Return, for what is assumed, each creator that was not seen to set what alloc_inode does not.

    >>> silent((), ())
    ()
    """
    found = []
    for creator in creators:
        names = [
            kind.name for kind in kinds if not any(_sets(deed, kind) for deed in creator.deeds)
        ]
        if names:
            where = f"{creator.path}:{creator.line}: {creator.function}"
            found.append(f"{where} sets {', '.join(names)} before it can fail")
    return tuple(found)
