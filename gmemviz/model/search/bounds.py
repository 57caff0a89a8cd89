"""Count what a search had of everything: the bounds within which its verdict holds.

A kernel has as many inodes, files and processors as there are; a search has a few. All is counted
in the World that was searched, so that no scenario can have more than is said.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from gmemviz.model.search.reasons import tasks_of
from gmemviz.model.search.world import World
from gmemviz.shown import shows_itself


@shows_itself
class Bounds(NamedTuple):
    """Give the most of each thing that any search had, at once or one after the other.

    `folios` and `files` are those of one inode. `lives`: how many inodes have the same slab object,
    one after the other. `processors`: each actor has one of its own, so whoever can go on may be
    next. `actors`: how many of each actor of the Design are at work at once, and `together`: how
    many of them all are where the inode has a name, if there are several.
    """

    inodes: int = 0
    folios: int = 0
    files: int = 0
    lives: int = 0
    processors: int = 0
    actors: tuple[tuple[str, int], ...] = ()
    together: int = 0

    def answer(self) -> dict[str, Any]:
        """Return them as JSON-plain data, by name."""
        return {**self._asdict(), "actors": dict(self.actors)}

    def __str__(self) -> str:
        counted = (
            (self.inodes, "inode"), (self.folios, "folio"), (self.files, "file"),
            (self.lives, "life of a slab object"), (self.processors, "processor"),
        )  # fmt: skip
        words = [_many(number, noun) for number, noun in counted]
        words += (f"{title} {_TIMES.get(number, number)}" for title, number in self.actors)
        words += [f"{self.together} actors at once on an inode with a name"] * bool(self.together)
        return ", ".join(words)

    def __repr__(self) -> str:
        return f"<Bounds at most {self}>"


_TIMES: Final = {1: "once", 2: "twice"}


def _many(number: int, noun: str) -> str:
    plural = noun.replace("life", "lives", 1) if noun.startswith("life") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def bounds_of(worlds: Iterable[World]) -> Bounds:
    """Return the most that any of these Worlds has."""
    return most(map(_of_world, worlds))


def bounds_from(said: Mapping[str, Any]) -> Bounds:
    """Return the Bounds that `answer` gave as data.

    >>> bounds_from(Bounds(inodes=2).answer()).inodes
    2
    """
    return Bounds(**{**said, "actors": tuple(said["actors"].items())})


def most(of: Iterable[Bounds]) -> Bounds:
    """Return the most of each thing: what is said of several answers in one line."""
    each = tuple(of)
    times = Counter[str]()
    for bounds in each:
        times |= Counter(dict(bounds.actors))  # of a Counter: the larger of both
    counted = (name for name in Bounds._fields if name != "actors")
    counts = {name: max((getattr(b, name) for b in each), default=0) for name in counted}
    return Bounds(**counts, actors=tuple(sorted(times.items())))


def _of_world(world: World) -> Bounds:
    return Bounds(
        len(world.inodes), _folios(world), _files(world), _lives(world), len(world.programs),
        tuple(_times(world).items()), _together(world),
    )  # fmt: skip


# A pair of actors is asked about on fewer roads where names make more states.
def _together(world: World) -> int:
    is_named = any("named" in program.target.traits for program in world.programs)
    has_several = len(world.design.actors) > 1
    return sum(_times(world).values()) if is_named and has_several else 0


# A folio that no Design and no scenario ever adds is a cell all the same.
def _folios(world: World) -> int:
    if not world.design.filled and "add page" not in world.design.said:
        return 0
    names = set(world.names)
    folios = [name for name in names if name.startswith("folio") and f"{name}.mapping" in names]
    others = tuple(f" of {inode}" for inode in world.inodes)
    return sum(not name.endswith(others) for name in folios)


# An O_PATH file is another one than that whose name it has here.
def _files(world: World) -> int:
    targets = [program.target for program in world.programs]
    opened = {(each.inode, each.file, "O_PATH" in each.traits) for each in targets}
    return _most(inode for inode, *_ in opened)


def _lives(world: World) -> int:
    targets = [program.target for program in world.programs]
    return _most(address for _, address in {(each.inode, each.address) for each in targets})


def _most(names: Iterable[str]) -> int:
    return max(Counter(names).values(), default=0)


# Only the Design's own: whoever else is there stands in the scenario's name.
def _times(world: World) -> Counter[str]:
    titles = tasks_of(world.design)
    own = (titles.get(program.shown, "") for program in world.programs)
    return Counter(title for title in own if title.startswith("actor "))
