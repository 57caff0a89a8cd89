"""Tell which struct a member call goes through: `op->evict_inode` is super_operations.

A chain is followed from the variable that the body declares, member by member, as in
`inode->i_sb->s_op->drop_inode`: inode is a `struct inode *`, whose i_sb is a
`struct super_block *`, whose s_op points to super_operations.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property

from gmemviz.extract.code import Member, Tokens, body_end, members
from gmemviz.extract.index import Index
from gmemviz.extract.names import HOOK_STRUCTS

DECLARATION = re.compile(r"\bstruct\s+(\w+)\s*\**\s*(?:(?:const|__\w+)\s+)*\**(\w+)")


def declared(text: str) -> dict[str, str]:
    """Return the struct of each variable and parameter that `text` declares.

    `struct inode *inode, const struct toy __rcu *toy` makes {"inode": "inode", "toy": "toy"}.
    """
    return {match[2]: match[1] for match in DECLARATION.finditer(text)}


def chain(tokens: Tokens, index: int) -> list[str]:
    """Return the names before the member at `index`: file, f_op for file->f_op->release.

    What is called or computed has no name: toy_of(inode)->ops->release begins with "".
    """
    words = tokens.words
    names: list[str] = []
    index -= 2
    while index >= 0:
        while index >= 0 and words[index] == "]":
            index = tokens.opening(index) - 1
        if index < 0 or words[index] == ")":
            return ["", *names]
        names.insert(0, words[index])
        if index < 1 or words[index - 1] not in ("->", "."):
            return names
        index -= 2
    return names


class Receivers:
    """Look up the members of structs, each struct read once."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.known: dict[tuple[str, str], dict[str, Member]] = {}
        self.asked: set[str] = set()  # the structs and members that anybody asked about

    def members(self, struct: str, path: str) -> Mapping[str, Member]:
        """Return the members of `struct` as a file at `path` sees it, by name."""
        self.asked.add(struct)
        place = self.index.struct(struct, path)
        if not place:
            return {}
        key = (place.path, struct)
        if key not in self.known:
            text = self.index.tree.read(place.path)
            body = text[place.body : body_end(text, place.body)].decode("latin-1")
            self.known[key] = {member.name: member for member in members(body)}
        return self.known[key]

    def owner(self, names: list[str], hook: str, types: Mapping[str, str], path: str) -> str:
        """Return the struct that holds `hook`, or "" where the text does not say.

        `names` are the chain before it, `types` the structs of the body's variables.
        """
        struct = types.get(names[0], "") if names else ""
        for name in names[1:]:
            member = self.members(struct, path).get(name) if struct else None
            struct = member.struct if member else self.index.ops_pointers.get(name, "")
        if not struct or (struct not in HOOK_STRUCTS and self.is_copied(hook, path)):
            struct = self.only_owner(hook) or struct
        return struct

    def only_owner(self, hook: str) -> str:
        """Return the one struct of hooks that has this member, if no other does."""
        owners = self.owners.get(hook, set())
        return next(iter(owners)) if len(owners) == 1 else ""

    @cached_property
    def owners(self) -> dict[str, set[str]]:
        """Map each hook to the structs of hooks that have a member of its name."""
        owners: dict[str, set[str]] = defaultdict(set)
        for struct in HOOK_STRUCTS:
            for member in self.members(struct, "").values():
                if member.hook:
                    owners[member.name].add(struct)
        return owners

    def is_copied(self, hook: str, path: str) -> bool:
        """Tell whether the file copies the hook out, as `inode->free_inode = ops->free_inode`."""
        name = re.escape(hook.encode())
        pattern = rb"->" + name + rb"\s*=\s*[\w>.-]+->" + name + rb"\s*;"
        return re.search(pattern, self.index.tree.read(path)) is not None
