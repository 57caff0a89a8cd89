"""Say what a reading rests on: files whose text was used, names that were looked up, folders.

    toy_evict_inode calls toy_put           name toy_put, and the file that has it
    toy_put is in no file                   name toy_put: a file that defines it would be another
    who creates a toy is looked for         folder fs/toy/: any file of it may

After a change, what rests on none of it is as it was: so a table is read anew only where a file
that it rests on has changed, or one that defines, or did, a name that was looked up.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple


class Rested(NamedTuple):
    """Hold all that something rests on, sorted."""

    files: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()

    def stands(self, changed: Collection[str], names: Collection[str]) -> bool:
        """Tell whether it is as it was, where these files changed, which define those names."""
        is_same = set(self.files).isdisjoint(changed) and set(self.names).isdisjoint(names)
        return is_same and not any(path.startswith(self.folders) for path in changed)


class Rests:
    """Gather what a function's reading rests on; what its callees rest on is theirs, and shared.

    Thousands of functions are called by thousands: their names are put together at the end alone.
    """

    __slots__ = ("below", "files", "folders", "names")

    def __init__(self) -> None:
        self.files: set[str] = set()
        self.names: set[str] = set()
        self.folders: set[str] = set()
        self.below: set[Rests] = set()

    def on(self, other: "Rests") -> None:
        """Rest on whatever another reading rests on."""
        self.below.add(other)

    def each(self) -> "Iterator[Rests]":
        """Yield this and all below it, each once."""
        todo, seen = [self], {self}
        while todo:
            rests = todo.pop()
            yield rests
            todo += rests.below - seen
            seen |= rests.below

    def summed(self) -> Rested:
        """Return all of it as a record."""
        parts = list(self.each())
        files = sorted(set().union(*(part.files for part in parts)))
        names = sorted(set().union(*(part.names for part in parts)))
        folders = sorted(set().union(*(part.folders for part in parts)))
        return Rested(tuple(files), tuple(names), tuple(folders))
