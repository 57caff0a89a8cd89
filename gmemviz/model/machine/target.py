"""Name the objects that one actor works on, and the cells that they stand in.

It stands for the arguments with which the kernel's functions call each other: which inode, by
which file, and whose tables ``i_sb->s_op`` and ``f_op`` are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from gmemviz.facts import Facts, HookName
from gmemviz.model.design import SHARED_WORD, Action, Design, Kept
from gmemviz.model.machine.heap import Machine

INODE_CACHEP: Final = "inode_cachep"
OWN_CACHE: Final = "its own cache"
FIRST_FILE: Final = "file"
SECOND_FILE: Final = "file 2"
"""What another open file of the same inode is called."""

Trait = Literal[
    "init fails",  # inode_init_always fails (path I of the exit paths)
    "O_PATH",  # the file has empty_fops, so no release
    "unmounts",  # the mount may go while this actor runs
    "root",  # the inode is the mount's root
    "named",  # the inode has a name, by which it is found and unlinked
    "hashed",  # the inode is on the hash and on s_inodes, and linked
    "lost",  # another task has hashed the same inode first
    "I_DONTCACHE",  # the inode shall not be cached
    "counted",  # references to the struct file are counted one by one
    "bound",  # a memslot is bound to the file
    "module",  # the hooks are in a module that may go
    "no root",  # the superblock is given up before it has a root
    "carries",  # the callback has what it was queued with
    "another",  # the callback lies in the second of two objects of a kind
    "mount fails",  # the superblock is given up half way: it has none of its metadata
]
"""What is special about an actor's inode or file in a scenario: one row a word."""


@dataclass(frozen=True, slots=True)
class Target:
    """Name the objects that one actor works on.

    `inode` is the inode's cell and `address` where it lies, which a later inode may share;
    `file` is the struct file that the actor has; `actor` is who holds the locks that it takes.
    `folio_number` says which of the inode's folios it is about, where a run may have two. `own` are
    the kinds of metadata that its body has detached, and so goes by a pointer of its own.
    """

    design: Design
    facts: Facts
    inode: str = "inode"
    address: str = "inode"
    file: str = FIRST_FILE
    actor: str = ""
    traits: tuple[Trait, ...] = ()
    folio_number: int = 1
    own: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        """Return what tells this target's cells from another's."""
        return self.inode, self.address, self.file, self.actor, self.folio, *self.traits

    @property
    def each_folio(self) -> "tuple[Target, ...]":
        """Return this target for each folio that a run may have."""
        if self.design.folios == 1:
            return (self,)
        numbers = range(1, self.design.folios + 1)
        return tuple(replace(self, folio_number=number) for number in numbers)

    @property
    def table(self) -> Mapping[HookName, tuple[Action, ...]]:
        """Return the hooks that ``i_sb->s_op`` and the other tables really hold."""
        return {hook: body for hook, body in self.design.hooks if self._has(hook)}

    def _has(self, hook: HookName) -> bool:
        if hook == "release":
            return "O_PATH" not in self.traits  # do_dentry_open gives such a file empty_fops
        return hook == "free_folio" or self.design.mount.own_table

    @property
    def callback(self) -> str:
        """Return the callback that RCU runs: the VFS's, or one that a hook has queued."""
        for body in self.table.values():
            if any(action.verb == "call_rcu free struct" for action in body):
                return "your_callback"
        return "i_callback"

    @property
    def allocator(self) -> str:
        """Return the function that makes the inode."""
        return "iget5_locked" if self.is_hashed else self.design.allocator

    @property
    def is_hashed(self) -> bool:
        """Return whether the inode is on the hash: so is what is named, and read from a disk."""
        return "hashed" in self.traits or ("named" in self.traits and not self.design.persistent)

    @property
    def adds_folio(self) -> str:
        """Return the function that puts a folio into the page cache."""
        return self.design.adds_folio

    @property
    def fills(self) -> str:
        """Return how a folio gets into the page cache, or "" where none ever does."""
        if not self.design.filled:
            return ""
        return "page fault" if self.design.mappable else "fallocate(2)"

    @property
    def maps(self) -> str:
        """Return how a mapping of a file with counted references begins, or ""."""
        return "mmap(2)" if self.design.mappable else ""

    @property
    def unmaps(self) -> str:
        """Return how the mapping goes, or "" where there never is one."""
        return "munmap(2)" if self.design.mappable else ""

    def lock_kind(self, name: str) -> str:
        """Return the kind of a lock of the Design."""
        return next(lock.kind for lock in self.design.locks if lock.name == name)

    def has_lock_of_each(self, name: str) -> bool:
        """Return whether each inode has a lock of this name of its own."""
        return any(lock.of_each for lock in self.design.locks if lock.name == name)

    @property
    def suffix(self) -> str:
        """Return what tells this inode's objects from the first one's."""
        return "" if self.inode == "inode" else f" of {self.inode}"

    @property
    def folio(self) -> str:
        """Return the cell of the inode's folio."""
        return ("folio" if self.folio_number == 1 else f"folio {self.folio_number}") + self.suffix

    def kept(self, name: str) -> Kept:
        """Return a kind of metadata and where it is kept, by the kind's name."""
        return next(kept for kept in self.design.keeps if kept.kind.name == name)

    def object(self, kept: Kept) -> str:
        """Return the cell of the metadata's memory."""
        if kept.placement.holder == "superblock":
            return kept.kind.cell
        if kept.placement.holder == "file" and self.file != FIRST_FILE:
            return f"{kept.kind.cell} of {self.file}"
        if kept.placement.holder == "folio" and self.folio_number > 1:
            return f"{kept.kind.cell} of {self.folio}"
        return kept.kind.cell + self.suffix

    def objects(self, kept: Kept) -> tuple[str, ...]:
        """Return the cells of all of it that there may be at once.

        What a body attaches may be attached anew while the first waits for a grace period: it has
        two, of which a run uses the one that is free.
        """
        first = self.object(kept)
        if kept.kind.name not in self.design.attached_later or not kept.kind.owns_object:
            return (first,)
        head, of, holder = first.partition(" of ")
        return (first, f"{head} 2{of}{holder}")

    def carries(self, kept: Kept) -> bool:
        """Return whether the actor has the object by a pointer of its own.

        It has detached it, or is a callback that was queued with it.
        """
        if kept.kind.name in self.own:
            return True
        if "carries" not in self.traits:
            return False
        name = self.actor.partition(":")[2].partition(",")[0].partition(" ")[0]
        return kept.kind.name in self.design.carried[name]

    def slot(self, kept: Kept) -> str:
        """Return the cell of the pointer (or word) to the metadata."""
        if self.carries(kept):
            return f"{self.actor} carries.{kept.kind.cell}"
        holders = {
            "file": self.file + self.suffix,
            "dentry": "dentry" + self.suffix,
            "folio": self.folio,
            "xarray": f"xarray[{self.address}]",
            "superblock": "superblock",
        }
        is_union = kept.placement.name in SHARED_WORD
        cell = self.design.cell_of_union if is_union else kept.kind.cell
        return f"{holders.get(kept.placement.holder, self.inode)}.{cell}"


Operation = Callable[[Machine, Target], None]
"""One atomic step, done to the cells."""

Test = Callable[[Machine, Target], bool]
"""A question that only looks: what an actor waits for, or jumps by."""
