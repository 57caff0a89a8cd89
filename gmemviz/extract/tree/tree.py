"""Open an unpacked kernel tree: its version, its files, their text and lines.

A file is read when it is scanned, and again when a body of it is; there are some 60,000, so only
the last few hundred are kept. What is there when a tree is listed may be gone when it is read:
somebody may work in it.
"""

import errno
import os
import re
from bisect import bisect_left
from collections.abc import Iterable
from contextlib import suppress
from itertools import accumulate
from pathlib import Path

from gmemviz.errors import FactsError, choice
from gmemviz.extract.tree.build import Build
from gmemviz.extract.tree.files import Files
from gmemviz.facts import kernel_name

VERSION = re.compile(r"^(VERSION|PATCHLEVEL|SUBLEVEL|EXTRAVERSION)[ \t]*=[ \t]*(\S*)", re.MULTILINE)
EXPECTED = "an unpacked kernel tree (a Makefile with VERSION and PATCHLEVEL, and fs/inode.c)"
LONGEST_HEAD = 4000  # letters of the Makefile in which its version stands
CACHED = 400
LARGEST = 100_000_000
"""Bytes of a file that is still read; the kernel's largest header has some 20 million."""


class Tree:
    """Read files below one folder, by paths relative to it.

    A folder of a few files, without a Makefile that says whose they are, has the `release` given.
    """

    def __init__(self, folder: Path, release: str = "") -> None:
        self.folder = folder
        self.root = str(folder)
        is_part = bool(release) and not (folder / "Makefile").is_file() and folder.is_dir()
        self.listing = Files(self.root, at_root=is_part)
        self.release = release if is_part else read_release(folder)
        self.kernel = kernel_name(self.release)
        self.cache: dict[str, bytes] = {}
        self.newlines: dict[str, list[int]] = {}
        self.stamps: dict[str, tuple[int, int]] = {}

    def files(self, parts: Iterable[str]) -> list[str]:
        """Return the sources below each of `parts`, or all for ""; what nobody builds left out."""
        build = Build()
        found: set[str] = set()
        for part in parts:
            found.update(self.listing.below(part.rstrip("/"), build))
        return sorted(path for path in found - self.skipped.keys() if build.is_built(path))

    def must_have(self, part: str) -> None:
        """Raise UnknownNameError where the tree has no such folder or file."""
        if part and not (self.folder / part).exists():
            above = self.folder / part.rpartition("/")[0]
            beside = (above if above.is_dir() else self.folder).iterdir()
            choice("folder", part, sorted(f"{path.relative_to(self.folder)}" for path in beside))

    @property
    def skipped(self) -> dict[str, str]:
        """Map what is left unread to the reason, such as "a FIFO"."""
        return self.listing.skipped

    def read(self, path: str) -> bytes:
        """Return a file's bytes, those kept if it was read lately.

        One that has gone since it was listed raises FactsError.
        """
        text = self.cache.get(path)
        if text is None:
            try:
                text = self.opened(path)
            except OSError as error:
                raise FactsError(f"cannot read {self.root}/{path}: {error.strerror}") from error
        return text

    def can_read(self, path: str) -> bool:
        """Tell whether a file is still there, and ours to read; else it counts as skipped."""
        try:
            self.opened(path)
        except OSError as error:
            self.skipped[path] = f"{error.strerror}"
        return path not in self.skipped

    def opened(self, path: str) -> bytes:
        """Return a file's bytes, or raise OSError; FactsError for one that has changed meanwhile.

        What is known of a file are offsets in it: in another text they would mean anything.
        """
        with open(f"{self.root}/{path}", "rb", buffering=0) as file:  # noqa: PTH123 - 69,000 times
            found = os.fstat(file.fileno())
            if found.st_size > LARGEST:
                raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
            text = file.read()
        stamp = (found.st_mtime_ns, found.st_size)
        if self.stamps.setdefault(path, stamp) != stamp:
            raise FactsError(f"{self.root}/{path} has changed while the tree was read: ask again")
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
    """Return the version that the Makefile gives, such as 7.3.4.

    A folder without such a Makefile, or without fs/inode.c, raises FactsError.
    """
    if not folder.is_dir():
        raise FactsError(f"{folder} is not a folder: expected {EXPECTED}")
    makefile = ""
    with suppress(OSError):
        if (folder / "Makefile").is_file():
            with (folder / "Makefile").open(errors="replace") as text:
                makefile = text.read(LONGEST_HEAD)
    parts: dict[str, str] = dict(VERSION.findall(makefile))
    if not parts.get("VERSION", "").isdigit() or not parts.get("PATCHLEVEL", "").isdigit():
        raise FactsError(f"{folder} has no kernel Makefile: expected {EXPECTED}")
    if not (folder / "fs" / "inode.c").is_file():
        raise FactsError(f"{folder} has no fs/inode.c: expected {EXPECTED}")
    numbers = [parts["VERSION"], parts["PATCHLEVEL"], parts.get("SUBLEVEL", "")]
    return ".".join(number for number in numbers if number) + parts.get("EXTRAVERSION", "")
