"""Turn what was read of a function into records: paths of identifiers, places, conditions."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from gmemviz.extract.deeds.api import ApiRow
from gmemviz.extract.deeds.calling import NOWHERE, TOO_DEEP, as_seen
from gmemviz.extract.deeds.formulas import Atom, Formula, Literal, atom, both, said_by
from gmemviz.extract.deeds.places import NOBODY, Address, Null, Value, choices
from gmemviz.extract.deeds.spots import NEW, POINTED, UP, MemorySpot
from gmemviz.extract.deeds.state import is_reachable
from gmemviz.extract.deeds.summaries import FunctionText, RawDeed, Summary
from gmemviz.facts import Deed, FunctionDeeds, Source, Tested, Unread

INODE: Final = "inode"
CONTAINER: Final = "container"


def function_deeds(
    text: FunctionText, line: int, found: Summary, argument: int = 0
) -> FunctionDeeds:
    """Return the records of one function, of which `argument` is the inode."""
    names = SpotNames(argument, found)
    unread = list(dict.fromkeys(
        entry for entry, places in zip(found.unread, found.near, strict=True)
        if any(place.lies_within(1) for place in places)
    ))  # fmt: skip
    return FunctionDeeds(
        text.name,
        text.place.path,
        line,
        # Callees keep what is two pointers away: one may be a member of their caller's own.
        tuple(names.deed(seen) for deed in found.deeds if (seen := as_seen(deed, 1))),
        tuple(entry for entry in unread if entry.why != TOO_DEEP),
        tuple(entry for entry in unread if entry.why == TOO_DEEP),
        tuple(sorted(names.values(found.returns))),
    )


def with_returned_read(text: FunctionText, source: Source, found: Summary) -> Summary:
    """Return a summary in which what the function returns is read: its caller does so.

    fs/namei.c:pick_link walks the text that get_link returns, if it is not NULL, and still under
    RCU where get_link was called so. The place is the function's own.
    """
    reads = [
        RawDeed("read", simple.place, both(formula, atom(Atom("set", simple.place.pointer))[0]),
                (source,), text.name)
        for formula, simple in choices(found.returns)
        if isinstance(simple, Address) and simple.place.pointer and is_reachable(simple.place)
    ]  # fmt: skip
    return replace(found, deeds=(*found.deeds, *reads))


def with_own_unread(text: FunctionText, found: Summary) -> Summary:
    """Return a summary whose unread statements are those that may read through a member.

    permission() may hand inode->key to a function that is nowhere. What it calls deeper down has
    a reference as a rule, and is too much to be listed.
    """
    unread, near = [], []
    for entry, places in zip(found.unread, found.near, strict=True):
        is_own = entry.at.function == text.name and entry.why == NOWHERE
        if is_own and any(place.steps[-1:] == (POINTED,) for place in places):
            unread.append(entry)
            near.append(places)
    return replace(found, unread=tuple(unread), near=tuple(near))


class SpotNames:
    """Say spots in identifiers, for one function, and keys in numbers.

    New memory that is returned is the container, if a member of it is; else it is the inode.
    """

    def __init__(self, argument: int, found: Summary) -> None:
        self.argument = str(argument)
        self.keys = numbers_of(found.deeds)
        self.new: dict[str, str] = {}
        for _, simple in choices(found.returns):
            if isinstance(simple, Address) and simple.place.root.startswith(NEW):
                self.new[simple.place.root] = CONTAINER if simple.place.steps else INODE

    def path(self, spot: MemorySpot) -> str:
        """Return a spot's path: container.target, i_link, inode, argument 2.d_fsdata."""
        if spot == NOBODY:
            return ""
        steps = [step for step in spot.steps if step != POINTED]
        ups = [index for index, step in enumerate(steps) if step.startswith(UP)]
        start = self.start(spot.root)
        if ups:
            start, steps = CONTAINER, steps[ups[-1] + 1 :]
        if start == INODE and steps:
            return ".".join(steps)
        return ".".join((start, *steps))

    def start(self, root: str) -> str:
        """Return what a way begins with."""
        if root == self.argument:
            return INODE
        if root.startswith(NEW):
            return self.new.get(root, "new memory")
        return f"argument {root}"

    def deed(self, deed: RawDeed) -> Deed:
        """Return the record of one deed."""
        is_member = bool(deed.spot.steps) and deed.spot.pointer is None
        return Deed(
            deed.kind,
            self.path(deed.spot),
            deed.chain,
            deed.via,
            is_member and not deed.spot.steps[-1].startswith(UP),
            self.ways(deed.reach),
            deed.later,
        )

    def ways(self, reach: Formula) -> tuple[tuple[Tested, ...], ...]:
        """Return a formula's ways, in an order that is the same in each run."""
        return tuple(sorted(tuple(sorted(map(self.tested, way))) for way in reach))

    def tested(self, literal: Literal) -> Tested:
        """Return the record of one test with its answer."""
        test, answer = said_by(literal)
        about = self.path(test.about) if test.about is not None else ""
        return Tested(test.kind, about, not answer, test.at, self.keys[test.key])

    def values(self, returns: Value) -> Iterable[str]:
        """Yield what may be returned, as far as it is known."""
        for _, simple in choices(returns):
            if isinstance(simple, Null):
                yield "0"
            elif isinstance(simple, Address):
                yield self.path(simple.place)


def numbers_of(deeds: Iterable[RawDeed]) -> dict[str, str]:
    """Return a number for each key of a function's tests; no key stays none.

    Keys are made of the kernel's text, which no record may have: `mask & MAY_EXEC`. Numbers sort
    as the keys do.
    """
    literals: set[Literal] = set()
    for deed in deeds:
        literals.update(*deed.reach)
    keys = {said_by(number)[0].key for number in literals}
    ordered = sorted(keys - {""})
    width = len(str(len(ordered)))
    return {"": "", **{key: f"{number:0{width}}" for number, key in enumerate(ordered, 1)}}


def known_by_row(name: str, path: str, tag: str, row: ApiRow | None) -> FunctionDeeds:
    """Return the record of a function that the tree does not define.

    A few files of a filesystem name the kernel's own as hooks: `.kill_sb = kill_anon_super`. What a
    row says of one it does to its first argument; of another it could do anything.
    """
    source = Source(path, 0, name, tag)
    if row is None:
        could = Unread(source, f"{name}() could do anything", "it is not in the tree")
        return FunctionDeeds(name, path, 0, unread=(could,))
    deeds = []
    if row.deed is not None:
        deeds.append(Deed(row.deed, INODE, (source,), name))
    if row.sleeps:
        deeds.append(Deed("sleeps", "", (source,), name))
    return FunctionDeeds(name, path, 0, tuple(deeds))
