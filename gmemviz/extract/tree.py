"""Open an unpacked kernel tree: its version, its files, their text and lines."""

import os
import re
from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate
from pathlib import Path

from gmemviz.errors import FactsError

__all__ = ("Tree",)

VERSION = re.compile(r"^(VERSION|PATCHLEVEL|SUBLEVEL|EXTRAVERSION)[ \t]*=[ \t]*(\S*)", re.MULTILINE)
EXPECTED = "an unpacked kernel tree (a Makefile with VERSION and PATCHLEVEL, and fs/inode.c)"
SKIPPED = frozenset((".git", "Documentation", "scripts", "tools", "samples", "usr", "rust"))
CACHED = 400

# Built for one processor only; their call_rcu is not the one that anybody runs.
UNIPROCESSOR = frozenset({"kernel/rcu/srcutiny.c", "kernel/rcu/tiny.c", "kernel/up.c"})


class Tree:
    """Read files below one folder, by paths relative to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = str(folder)
        self.release = read_release(folder)
        self.kernel = ".".join(self.release.split(".")[:2])
        self.cache: dict[str, bytes] = {}
        self.newlines: dict[str, list[int]] = {}

    def files(self, parts: Iterable[str]) -> list[str]:
        """Return the .c and .h files below each of `parts`, or of everything for ""."""
        found: list[str] = []
        for part in parts:
            if (self.folder / part).is_file():
                found.append(part)
                continue
            for folder, folders, names in os.walk(self.folder / part):
                relative = os.path.relpath(folder, self.folder)
                if relative == ".":
                    folders[:] = [name for name in folders if name not in SKIPPED]
                    relative = ""
                found.extend(
                    f"{relative}/{name}"
                    for name in names
                    if name.endswith((".c", ".h")) and relative
                )
        return sorted(path for path in found if path not in UNIPROCESSOR)

    def read(self, path: str) -> bytes:
        """Return a file's bytes; the last few hundred are kept."""
        text = self.cache.get(path)
        if text is None:
            try:
                with open(f"{self.root}/{path}", "rb", buffering=0) as file:  # noqa: PTH123 - 69,000 times
                    text = file.read()
            except OSError as error:
                raise FactsError(f"cannot read {self.root}/{path}: {error.strerror}") from error
            if len(self.cache) >= CACHED:
                self.cache.clear()
            self.cache[path] = text
        return text

    def line(self, path: str, offset: int) -> int:
        """Return the line, counted from 1, on which `offset` of a file stands."""
        newlines = self.newlines.get(path)
        if newlines is None:
            lengths = accumulate(map(len, self.read(path).split(b"\n")))
            newlines = self.newlines[path] = [end + line for line, end in enumerate(lengths)]
        return bisect_left(newlines, offset) + 1


def read_release(folder: Path) -> str:
    """Return the version that the Makefile gives, such as 7.3.4."""
    if not folder.is_dir():
        raise FactsError(f"{folder} is not a folder: expected {EXPECTED}")
    try:
        makefile = (folder / "Makefile").read_text(errors="replace")[:4000]
    except OSError:
        makefile = ""
    parts: dict[str, str] = dict(VERSION.findall(makefile))
    if not parts.get("VERSION", "").isdigit() or not parts.get("PATCHLEVEL", "").isdigit():
        raise FactsError(f"{folder} has no kernel Makefile: expected {EXPECTED}")
    if not (folder / "fs" / "inode.c").is_file():
        raise FactsError(f"{folder} has no fs/inode.c: expected {EXPECTED}")
    numbers = [parts["VERSION"], parts["PATCHLEVEL"], parts.get("SUBLEVEL", "")]
    return ".".join(number for number in numbers if number) + parts.get("EXTRAVERSION", "")
