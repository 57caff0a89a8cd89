"""Find which functions a call through a member may come to, by the tables that set the member.

    toy->ops->forget(toy);                  of struct toy_operations, as toy is declared

    static const struct toy_operations plain_ops = { .forget = plain_forget };
    static const struct toy_operations lazy_ops = { .forget = lazy_forget };

Both are read. Where a table is written in a way that is not understood nobody is named: who is
missing could do anything. Nor is anybody for what the VFS itself calls through its own tables, as
`s_op->evict_inode`: those are of all filesystems, and whose it is the caller does not say.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final

from gmemviz.extract.body import BodyReader
from gmemviz.extract.code import Tokens, aliases, body_end
from gmemviz.extract.deeds.places import Code
from gmemviz.extract.names import HOOK_STRUCTS
from gmemviz.extract.ops import chain, initialiser
from gmemviz.extract.tree import is_second_choice

MOST_TARGETS: Final = 40
"""Functions behind one member that are read; of more it is said that they are not."""

NULLS: Final = (b"NULL", b"0")
TABLE: Final = re.compile(
    rb"\n(?:static |const |extern )*struct (\w+)[ \t]+(?:const[ \t]+|__\w+[ \t]+)*\w+"
    rb"[ \t]*(?:\[[^\]\n]*\])?[\w \t\n]*=[ \t\n]*(\{?)"
)
"""The start of a struct's value: `static const struct toy_operations plain_ops = {`."""

POINTER: Final = re.compile(rb"\(\s*\*\s*(?:const\s+)?(\w+)\s*\)\s*\(")
"""A member that points to a function: `void (*forget)(struct toy *toy);`."""


class Targets:
    """Answer who may be called through a member; each question is looked up once."""

    def __init__(self, reader: BodyReader) -> None:
        self.reader = reader
        self.index = reader.index
        self.tree = reader.tree
        self.known: dict[tuple[str, str, str], list[Code] | None] = {}
        self.named: dict[tuple[str, str, str], set[str]] = {}
        self.asked = reader.receivers.asked
        self.structs: dict[str, Mapping[str, set[str]]] = {}

    def called(
        self, tokens: Tokens, paren: int, types: dict[str, str], path: str
    ) -> list[Code] | None:
        """Return whom the call whose arguments open at `paren` may come to; None if unknown.

        It may be written `toy->done(x)`, `(*toy->done)(x)`, or `done(x)` where done was set before.
        """
        words = tokens.words
        index = paren - 2 if words[paren - 1] == ")" else paren - 1
        if index > 0 and words[index - 1] in ("->", "."):
            return self.of(chain(tokens, index), words[index], types, path)
        found: list[Code] = []
        values = aliases(tokens, {words[index]}).get(words[index], [])
        for names in values:
            targets = self.of(names[:-1], names[-1], types, path) if names[1:] else None
            if targets is None:
                return None
            found += targets
        return list(dict.fromkeys(found)) if values else None

    def of(
        self, names: list[str], member: str, types: dict[str, str], path: str
    ) -> list[Code] | None:
        """Return whom a member may name; `names` are the chain before it, as `toy`, `ops`."""
        self.asked.update(names, [member])
        struct = self.reader.receivers.owner(names, member, types, path)
        if not struct or member not in self.reader.receivers.members(struct, path):
            struct = self.only_struct(member, path)
        home = folder_of(path)
        place = self.index.struct(struct, path) if struct else None
        if place is None or (struct in HOOK_STRUCTS and is_shared(home)):
            return None
        # A filesystem calls the VFS's tables for its own inodes, and has the tables of its own
        # structs beside it; what include/ declares anybody may have.
        is_near = struct in HOOK_STRUCTS or place.path.startswith(home)
        key = (struct, member, home if is_near else "")
        if key not in self.known:
            self.named[key] = set()
            self.known[key] = self.searched(*key)
        self.asked |= {struct, key[2]} | self.named[key]
        return self.known[key]

    def searched(self, struct: str, member: str, below: str) -> list[Code] | None:
        """Return whom the tables of a struct name; None if there is one that is not understood."""
        found: dict[Code, None] = {}
        is_any = False
        sets = re.compile(rb"\.\s*" + member.encode() + rb"\s*=\s*&?\s*(\w+)\s*[,}]")
        stores = re.compile(rb"->\s*" + member.encode() + rb"\s*=\s*&?\s*(\w+)\s*;")
        for path, brace in self.tables.get(struct, ()):
            if not path.startswith(below) or is_second_choice(path):
                continue
            text = self.tree.read(path)
            body = initialiser(text, brace).encode("latin-1") if brace >= 0 else b""
            if b"." not in body:
                return None
            is_any = True
            here = [*sets.finditer(body), *stores.finditer(text)]
            self.named[struct, member, below].update(match[1].decode() for match in here)
            found.update(self.functions(here, path))
        return list(found) if is_any and len(found) <= MOST_TARGETS else None

    @cached_property
    def tables(self) -> Mapping[str, list[tuple[str, int]]]:
        """Map structs to their tables: the file, and where the brace stands, -1 where none does."""
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for path in sorted(self.index.paths):
            text = self.tree.read(path)
            for match in TABLE.finditer(text):
                brace = match.end() - 1 if match[2] else -1
                found[match[1].decode()].append((path, brace))
        return found

    def functions(self, matches: "Iterable[re.Match[bytes]]", path: str) -> dict[Code, None]:
        """Return what was set, where it is a function as a file at `path` means it."""
        names = [match[1] for match in matches if match[1] not in NULLS]
        return {
            Code(name.decode(), path): None
            for name in names
            if self.index.place(name.decode(), path)
        }

    def only_struct(self, member: str, path: str) -> str:
        """Return the one struct near `path` that has a pointer to a function of this name.

        What a call or a macro gives has no type here: `TOY_OPS(inode)->forget(inode)`.
        """
        for where in (folder_of(path), "include/linux/"):
            found = self.pointers(where).get(member)
            if found:
                return min(found) if len(found) == 1 else ""
        return ""

    def pointers(self, where: str) -> Mapping[str, set[str]]:
        """Map the pointers to functions below a folder to the structs that have them."""
        if where not in self.structs:
            found: dict[str, set[str]] = defaultdict(set)
            for path in self.index.below(where):
                text = self.tree.read(path)
                for place in self.index.structs_of(path):
                    for match in POINTER.finditer(text, place.body, body_end(text, place.body)):
                        found[match[1].decode()].add(place.name)
            self.structs[where] = found
        return self.structs[where]


def folder_of(path: str) -> str:
    """Return the folder that is one part of the kernel: fs/xfs/ for fs/xfs/libxfs/xfs_btree.c.

    A file of a shared folder is one by itself: mm/shmem.c.
    """
    parts = path.split("/")
    return "/".join(parts[:2]) + ("/" if len(parts) > 2 else "")


def is_shared(home: str) -> bool:
    """Tell whether a part is a file of a folder that is everybody's, as fs/inode.c."""
    return not home.endswith("/")
