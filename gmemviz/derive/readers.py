"""Find who reads an inode's metadata without a reference: hooks that path walk calls under RCU.

    const char *toy_get_link(struct dentry *dentry, struct inode *inode, ...)
    {
            if (!dentry)
                    return ERR_PTR(-ECHILD);      in RCU walk it ends here
            return toy_body(inode)->text;         so this is read with a reference

Under RCU get_link is called without a dentry, permission with MAY_NOT_BLOCK in its mask, and
get_inode_acl with its `rcu` true (fs/namei.c, fs/posix_acl.c:get_cached_acl_rcu). A symlink's
i_link is read by path walk itself, with no hook in between. What the hook of an open file reads is
read with a reference, and is not looked for here.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from gmemviz.derive.bodies import Line
from gmemviz.derive.conditions import conditions, present, sorted_out, spelled
from gmemviz.derive.metadata import Owned, named
from gmemviz.facts import Deed, FunctionDeeds, Tested

RCU_HOOKS: Final[Mapping[str, int]] = {"get_link": 1, "permission": 1, "get_inode_acl": 0}
"""Members of inode_operations that path walk calls under RCU, and which argument the inode is."""

WALK: Final = "path_walk"
FEWEST: Final = 1
MOST_READERS: Final = 6  # actors of one Design; the language has room for eight


class ReadBy(NamedTuple):
    """Be an actor: its name, and what it reads."""

    name: str
    lines: tuple[Line, ...]


def readers(
    functions: Mapping[str, tuple[str, FunctionDeeds]],
    kinds: Sequence[Owned],
    absent: frozenset[str] = frozenset(),
) -> tuple[ReadBy, ...]:
    """Return the actors that hooks called under RCU are; `functions` are (member, deeds)."""
    found: list[ReadBy] = []
    links = [kind.name for kind in kinds if kind.placement == "i_link" and kind.name not in absent]
    # simple_get_link returns i_link, which path walk has read by itself.
    seen: set[tuple[str, ...]] = {(f"if symlink: read {name}",) for name in links}
    for name, (member, deeds) in sorted(functions.items()):
        lines = tuple(_read(deeds.deeds, member, kinds, absent))
        texts = tuple(line.text for line in lines)
        if lines and texts not in seen:  # who reads the same in the same way shows the same
            seen.add(texts)
            found.append(ReadBy(name, lines))
    found += [ReadBy(WALK, (Line(f"if symlink: read {name}", ()),)) for name in links]
    return tuple(found[:MOST_READERS])


def _read(
    deeds: Iterable[Deed], member: str, kinds: Sequence[Owned], absent: frozenset[str]
) -> Iterable[Line]:
    seen = set(absent)
    for deed in deeds:
        kind = named(kinds, deed.path)
        if deed.kind != "read" or kind is None or kind.embedded:
            continue
        ways = tuple(way for way in deed.ways if not any(map(_needs_reference, way)))
        if not ways or kind.name in seen:
            continue
        seen.add(kind.name)
        # list_for_each_entry_rcu(rule, &p->rules, link) goes to an element where there is one.
        in_loop = all(any(test.kind == "loop" for test in way) for way in ways)
        of_link = (("symlink", True),) if member == "get_link" else ()
        own = (f"{kind.name} set", True)
        # What else is asked may be answered so: that it is read then is enough.
        worded = tuple(_with_words(way, kinds) for way in ways)
        for held in conditions(_under(deed, worded), kinds, {})[:FEWEST]:
            there = present(held, absent)
            if there is None:
                continue
            untested = "" if own in there or in_loop else " untested"
            asked = tuple(word for word in (*of_link, *there) if word != own)
            yield Line(f"{spelled(asked)}read {kind.name}{untested}", deed.chain)


def _with_words(way: tuple[Tested, ...], kinds: Sequence[Owned]) -> tuple[Tested, ...]:
    return tuple(test for test in way if sorted_out((test,), kinds).words)


def without_reference(deed: Deed) -> bool:
    """Tell whether a hook of path walk comes to a deed under RCU, where nobody holds the inode."""
    return any(not any(map(_needs_reference, way)) for way in deed.ways)


def _under(deed: Deed, ways: tuple[tuple[Tested, ...], ...]) -> Deed:
    return Deed(deed.kind, deed.path, deed.chain, deed.via, deed.member, ways, deed.later)


# `if (!dentry) return`, `if (mask & MAY_NOT_BLOCK) return`: what follows has a reference.
def _needs_reference(test: Tested) -> bool:
    if test.kind == "rcu walk":
        return test.negated
    if test.kind != "set":
        return False
    # get_link has a dentry then; of get_inode_acl the third argument says the other thing.
    if test.about == "argument 2":
        return test.negated
    return test.about == "argument 0" and not test.negated
