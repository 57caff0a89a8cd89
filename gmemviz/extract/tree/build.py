"""Tell which files no kernel of interest builds, by its Makefiles' lists of objects.

Of interest is what can run KVM here: a kernel for x86-64, with an MMU and several processors.
An option that is not settled (in `names.OPTIONS`) may be set or not, and so what it decides may
be built:

    obj-$(CONFIG_TINY_RCU) += tiny.o        settled as not set: tiny.c is not read
    obj-$(CONFIG_TOY) += toy.o              not settled: toy.c is read
"""

import posixpath
import re
from typing import Final

from gmemviz.extract.names import OPTIONS
from gmemviz.extract.tree.makefile import read_makefile

DECIDES = re.compile(r"\b(?:hostprogs|userprogs|" + "|".join(OPTIONS) + r")\b")
IN_SOURCE = re.compile(
    rb"^[ \t]*#[ \t]*(?:if|elif)[^\n]*(?:" + "|".join(OPTIONS).encode() + rb")\b", re.MULTILINE
)
_SET: Final = {name for name, value in OPTIONS.items() if value}
REFUSED: Final = (OPTIONS.keys() - _SET) | {f"!{name}" for name in _SET}
"""The conditions that hold in no kernel of interest, as `Conditions` words them."""

TEST_FILE = re.compile(r"(?:^|[/_-])k?(?:unit)?(?:self)?tests?(?:[/_.-]|$)|/kunit/|[/_-]kunit\.")
ARCHITECTURE: Final = "arch/x86/"


class Build:
    """Collect what Makefiles leave out; what none of them names is not left out.

    A file may be included by another (mm/percpu-vm.c), or named in a way that is not read here.
    """

    def __init__(self) -> None:
        self.left: set[str] = set()
        self.kept: set[str] = set()

    def add(self, folder: str, makefile: str) -> None:
        """Take over what the Makefile of a folder says of files in it and below it."""
        if DECIDES.search(makefile):
            lists = read_makefile(makefile, OPTIONS)
            built = lists.built()
            self.kept |= paths(folder, built)
            self.left |= paths(folder, {word for word in lists.named - built if ".." not in word})

    def is_built(self, path: str) -> bool:
        """Tell whether a kernel of interest may build a file; a header always counts."""
        if path.endswith(".h"):
            return True
        parents = path.split("/")[:-1]
        folders = ["/".join(parents[:depth]) + "/" for depth in range(1, len(parents) + 1)]
        places = {path.removesuffix(".c"), *folders}
        return not (places & self.left) - self.kept


def paths(folder: str, words: set[str]) -> set[str]:
    """Return where words of a Makefile lie: objects without their ending, folders with a slash.

    {"fs/toy/super", "fs/toy/lib/"} for `super.o lib/` in fs/toy.
    """
    found = set()
    for word in words:
        path = posixpath.normpath(f"{folder}/{word}")
        found.add(f"{path}/" if word.endswith("/") else path.removesuffix(".o"))
    return found


def is_second_choice(path: str) -> bool:
    """Tell whether a file's definition counts only where no other file has one.

    Such are other architectures' files and tests: tables of theirs have functions of their own,
    and so they are read all the same.
    """
    foreign = path.startswith("arch/") and not path.startswith(ARCHITECTURE)
    return foreign or bool(TEST_FILE.search(path))


def settles(text: bytes) -> bool:
    """Tell whether an #if of a file asks for an option that is settled."""
    return b"CONFIG_" in text and IN_SOURCE.search(text) is not None


def may_hold(label: str) -> bool:
    """Tell whether a place is compiled in, by its label of `Conditions`, or may be."""
    return "||" in label or REFUSED.isdisjoint(label.split(" && "))
