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
"""Where a folder has both, kbuild reads the first: scripts/Kbuild.include:kbuild-file@v6.12."""

LONGEST_MAKEFILE: Final = 1_000_000

NO_CODE: Final = frozenset(
    (".git", "Documentation", "scripts", "tools", "samples", "usr", "rust"),
)
Entry = os.DirEntry[str]


class Files:
    """List the source files of a tree; `skipped` has what is left unread, and why.

    A kernel has no source at its root, and what lies there is somebody's own; `at_root` reads it.
    """

    def __init__(self, root: str, *, at_root: bool = False) -> None:
        self.root = root
        self.at_root = at_root
        self.skipped: dict[str, str] = {}

    def below(self, part: str, build: Build) -> Iterator[str]:
        """Yield the sources below a folder, or the one file; `build` learns of its Makefiles.

        Links to folders are not followed: they may lead out of the tree, or round in it.
        """
        folder, _, name = part.rpartition("/") if part.endswith(SOURCES) else (part, "", "")
        folders = [folder] if self.is_folder(folder) else []
        while folders:
            here = folders.pop()
            files, inner = self.sorted_out(here)
            sources = [path for path in files if path.endswith(SOURCES)]
            makefiles = [path for path in files if not path.endswith(SOURCES)]
            if makefiles:
                build.add(here, self.text(makefiles[0]))
            if name:
                yield from (path for path in sources if path == part)
            else:
                yield from sources
                folders += inner

    def sorted_out(self, folder: str) -> tuple[list[str], list[str]]:
        """Return a folder's sources and Makefiles, and its folders, as paths by name."""
        files, folders = [], []
        for entry in self.entries(folder):
            path = f"{folder}/{entry.name}" if folder else entry.name
            is_source = entry.name.endswith(SOURCES)
            if entry.is_dir(follow_symlinks=False):
                if (folder or entry.name not in NO_CODE) and self.is_printable(path):
                    folders.append(path)
            elif entry.name in MAKEFILES or (is_source and (folder or self.at_root)):
                if self.is_regular(path, entry):
                    files.append(path)
            elif entry.is_symlink() and not is_source and self.is_folder(path):
                self.skipped[path] = "a link to a folder"
        return files, folders

    def is_folder(self, path: str) -> bool:
        """Tell whether a path leads to a folder, by links too."""
        return os.path.isdir(f"{self.root}/{path}")  # noqa: PTH112 - as in Tree

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
