"""Find the files of a tree that are there to be read, and say of every other why it is not.

A tree that somebody works in has editors' locks (links that lead nowhere), folders of somebody
else, and what a test left behind: to open what is no regular file may block, or do something.
"""

import errno
import os
import stat
from collections.abc import Iterator
from typing import Final

from gmemviz.extract.tree.build import Build

SOURCES: Final = (".c", ".h")
MAKEFILES: Final = ("Kbuild", "Makefile")
"""Where a folder has both, kbuild reads the first."""

LONGEST_MAKEFILE: Final = 1_000_000

NO_CODE: Final = frozenset(
    (".git", "Documentation", "scripts", "tools", "samples", "usr", "rust"),
)
Entry = os.DirEntry[str]


class Files:
    """List the source files of a tree; `skipped` has what is left unread, and why."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.skipped: dict[str, str] = {}

    def below(self, part: str, build: Build) -> Iterator[str]:
        """Yield the sources below a folder, or the one file; `build` learns of its Makefiles."""
        folder, _, name = part.rpartition("/") if part.endswith(SOURCES) else (part, "", "")
        folders = [folder] if os.path.isdir(f"{self.root}/{folder}") else []  # noqa: PTH112
        while folders:
            here = folders.pop()
            sources, makefiles, inner = self.sorted_out(here)
            for path in makefiles[:1]:
                build.add(here, self.text(path))
            if name:
                yield from (path for path in sources if path == part)
            else:
                yield from sources
                folders += inner

    def sorted_out(self, folder: str) -> tuple[list[str], list[str], list[str]]:
        """Return a folder's sources, its Makefiles and its folders, as paths."""
        sources, makefiles, folders = [], [], []
        for entry in self.entries(folder):
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                if (folder or entry.name not in NO_CODE) and self.is_printable(path):
                    folders.append(path)
            elif entry.name in MAKEFILES:
                makefiles += [path] if self.is_regular(path, entry) else []
            elif entry.name.endswith(SOURCES):
                if folder and self.is_regular(path, entry):  # none of the kernel's is at the root
                    sources.append(path)
            elif entry.is_symlink() and kind_of(entry) == "a folder":
                self.skipped[path] = "a link to a folder"
        return sources, sorted(makefiles), folders

    def entries(self, folder: str) -> list[Entry]:
        """Return what a folder holds, sorted; nothing of one that is not ours to read."""
        try:
            with os.scandir(f"{self.root}/{folder}") as found:
                return sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            self.skipped[folder] = f"{error.strerror}"
            return []

    def is_regular(self, path: str, entry: Entry) -> bool:
        """Tell whether a file may be opened; else it counts as skipped."""
        kind = kind_of(entry)
        if kind:
            self.skipped[path] = kind
        return not kind and self.is_printable(path)

    def is_printable(self, path: str) -> bool:
        """Tell whether a name may stand in a snapshot, and on a terminal."""
        if not path.isprintable():
            self.skipped[path] = "a name that cannot be printed"
        return path.isprintable()

    def text(self, path: str) -> str:
        """Return the text of a Makefile, or "" where it cannot be read."""
        try:
            with open(f"{self.root}/{path}", errors="replace") as file:  # noqa: PTH123 - as in Tree
                text = file.read(LONGEST_MAKEFILE + 1)
        except OSError as error:
            self.skipped[path] = f"{error.strerror}"
            return ""
        if len(text) > LONGEST_MAKEFILE:
            self.skipped[path] = os.strerror(errno.EFBIG)
            return ""
        return text


def kind_of(entry: Entry) -> str:
    """Return what stands behind a name, or "" for a regular file."""
    try:
        if entry.is_file(follow_symlinks=False):  # most are, and nothing more has to be asked
            return ""
        found = entry.stat()
    except OSError as error:
        return "a link that leads nowhere" if entry.is_symlink() else f"{error.strerror}"
    if stat.S_ISREG(found.st_mode):  # one of /proc may have no end, or never begin
        return "" if found.st_size else "a link to a file without a size"
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(found.st_mode), "a device")
