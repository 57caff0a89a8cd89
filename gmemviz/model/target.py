"""Name the objects that one actor works on, and the cells that they stand in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from gmemviz.facts import Facts
from gmemviz.model.action import Action
from gmemviz.model.design import Design, Kept
from gmemviz.model.machine import Machine

__all__ = ("FIRST_FILE", "INODE_CACHEP", "OWN_CACHE", "Operation", "Target")

INODE_CACHEP: Final = "inode_cachep"
OWN_CACHE: Final = "its own cache"
FIRST_FILE: Final = "file"


@dataclass(frozen=True, slots=True)
class Target:
    """Name the objects that one actor works on.

    `inode` is the inode's cell and `address` where it lies, which a later inode may share;
    `file` is the struct file that the actor has. `init_fails` makes inode_init_always
    fail (path I of the exit paths), a file that `is_path_only` (O_PATH) has empty_fops, so
    no release, and with `unmounts` the mount may go while this actor runs. `is_root`: the
    inode is the mount's root.
    """

    design: Design
    facts: Facts
    inode: str = "inode"
    address: str = "inode"
    file: str = FIRST_FILE
    init_fails: bool = False
    is_path_only: bool = False
    unmounts: bool = False
    is_root: bool = False

    @property
    def table(self) -> Mapping[str, tuple[Action, ...]]:
        """Return the hooks that ``i_sb->s_op`` and ``f_op`` really hold."""
        return {
            hook: body
            for hook, body in self.design.hooks
            if (not self.is_path_only if hook == "release" else self.design.mount.own_table)
        }

    @property
    def callback(self) -> str:
        """Return the callback that RCU runs: the VFS's, or one that a hook has queued."""
        verbs = {action.verb for body in self.table.values() for action in body}
        return "your_callback" if "call_rcu free struct" in verbs else "i_callback"

    @property
    def allocator(self) -> str:
        """Return the function that makes the inode."""
        return self.design.allocator

    @property
    def adds_folio(self) -> str:
        """Return the function that puts a folio into the page cache."""
        return self.design.adds_folio

    @property
    def fills(self) -> str:
        """Return how a folio gets into the page cache: by a touch, or without a mapping."""
        return "page fault" if self.design.mappable else "fallocate(2)"

    @property
    def unmaps(self) -> str:
        """Return how the mapping goes, or "" where there never is one."""
        return "munmap(2)" if self.design.mappable else ""

    @property
    def suffix(self) -> str:
        """Return what tells this inode's objects from the first one's."""
        return "" if self.inode == "inode" else f" of {self.inode}"

    @property
    def folio(self) -> str:
        """Return the cell of the inode's folio."""
        return "folio" + self.suffix

    def object(self, kept: Kept) -> str:
        """Return the cell of the metadata's memory."""
        if kept.placement.holder == "file" and self.file != FIRST_FILE:
            return f"{kept.kind.name} of {self.file}"
        return kept.kind.name + self.suffix

    def slot(self, kept: Kept) -> str:
        """Return the cell of the pointer (or word) to the metadata."""
        holders = {"file": self.file + self.suffix, "xarray": f"xarray[{self.address}]"}
        return f"{holders.get(kept.placement.holder, self.inode)}.{kept.kind.name}"


Operation = Callable[[Machine, Target], None]
