"""Read a long recording for one inode, in memory that does not grow with what the others do.

It is read twice. The first time tells at which addresses the inode may lie, and the second keeps
the calls that speak of these, or of what lies near by, and one of each kind that nothing else
shows. That is a Trace as any other, in which `follow` finds what it finds in the whole. Where no
addresses tell whose callback is whose, only the order of all others does (`callback.py`): then the
recording is read whole.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Final, NamedTuple

from gmemviz.facts import Event, Trace
from gmemviz.record.inode.calls import base
from gmemviz.record.inode.lives import BIRTH, CONTAINER_BYTES, INODE_BYTES, address_of
from gmemviz.record.inode.road import EXIT_CALLS, IDENTITY, MARKS, way_of
from gmemviz.record.text import CONSOLE, Survey, lines_of, read, telling

LONGEST_TREE: Final = 50_000
"""Calls below one call after which what it has called so far is judged: a thread may never return
from the function that it begins with."""

NEAR: Final = INODE_BYTES + CONTAINER_BYTES


TASKS: Final = 256
"""Tasks that are remembered, the ones that began last: the others will hardly return."""


class Numbered(NamedTuple):
    """Give an event with its number in the recording."""

    number: int
    event: Event


class Span(NamedTuple):
    """Give an address, and the numbers between which it is one inode's: it may be still (None).

    `way` is which of its mark's ways to evict the inode goes, the first choice first.
    """

    address: int
    begin: int
    end: int | None = None
    way: int = 0


class Mark(NamedTuple):
    """Give a mark: the number of the event behind it, how many came before, and its text."""

    number: int
    before: int
    text: str


@dataclass
class Callers:
    """Say who called each event, as far as the depths of its task tell it."""

    _stacks: dict[str, dict[int, str]] = field(default_factory=dict)

    def of(self, event: Event) -> str:
        """Return the function that called an event, or "", and remember the event."""
        if event.actor not in self._stacks and len(self._stacks) >= TASKS:
            del self._stacks[next(iter(self._stacks))]
        stack = self._stacks.setdefault(event.actor, {})
        for depth in [depth for depth in stack if depth >= event.depth]:
            del stack[depth]
        stack[event.depth] = base(event.function)
        return stack.get(event.depth - 1, "")

    def above(self, event: Event) -> list[str]:
        """Return the functions that lead to the last event of its task, the outermost first."""
        names = [name for _, name in sorted(self._stacks[event.actor].items())]
        # What the compiler has cut in parts calls itself: dput.part.0 is below dput.
        return [name for name, last in zip(names, ["", *names], strict=False) if name != last]


@dataclass
class Sought:
    """Learn from a recording where the inode lies that `follow` will follow.

    `inode` is its name, or "" for the last mark's. `lives` are those that it may have, of which
    `follow` knows the right one; `mark` is the number of the last mark that an inode dies after.
    """

    inode: str
    lives: list[Span] = field(default_factory=list)
    mark: int = 0
    has_heads: bool = True
    _text: str = ""
    _identity: tuple[str, str] | None = None
    _is_past: bool = False  # behind a mark that ends what belongs to the last one
    _callers: Callers = field(default_factory=Callers)
    _born: dict[int, int] = field(default_factory=dict)  # when an address became an inode's
    _shows_births: bool = False

    def take_mark(self, number: int, text: str) -> None:
        """Take the next mark."""
        if found := IDENTITY.match(text):
            self._identity = (found[1], found[2])
        self._is_past = not text.startswith(CONSOLE)
        if text.startswith(MARKS):
            self.mark, self._text, self._is_past = number, text, False
            if not self.inode:
                self.lives.clear()

    def take(self, number: int, event: Event) -> None:
        """Take the next event."""
        name, caller = base(event.function), self._callers.of(event)
        arguments = dict(event.arguments)
        if name == "i_callback" and caller != "alloc_inode":
            self.has_heads &= "head" in arguments
        address = address_of(arguments.get("inode", ""))
        if not address:
            return
        if name.startswith(BIRTH):
            self._begin(address, number)
        elif name == "evict":
            self._evict(address, number, event)
        elif ino := arguments.get("ino"):
            self._identify(address, (arguments.get("dev", ""), ino))

    def _begin(self, address: int, number: int) -> None:
        self._shows_births = True
        self._born[address] = number
        self.lives = [
            life._replace(end=number) if life.address == address and life.end is None else life
            for life in self.lives
        ]

    # By its address it is known where it dies, by its number wherever that is told.
    def _evict(self, address: int, number: int, event: Event) -> None:
        way = way_of(self._text, self._callers.above(event)) if self._text else None
        life = Span(address, self._born.get(address, 0), way=way or 0)
        is_first = all(life[:2] != known[:2] and life.way < known.way for known in self.lives)
        if self.inode:
            if self.inode == f"{address:#x}":
                self.lives = [life]
        elif way is not None and not self._is_past and (self._identity or is_first):
            self.lives = [*(self.lives if self._identity else ()), life]
        # Where no birth is shown, an inode's end begins the next one's life.
        if not self._shows_births:
            self._born[address] = number + 1

    def _identify(self, address: int, identity: tuple[str, str]) -> None:
        life = Span(address, self._born.get(address, 0))
        if self.inode and self.inode in (identity[1], ":".join(identity)):
            self.lives = [life]
        elif not self.inode and self._identity not in (None, identity):
            self.lives = [known for known in self.lives if known[:2] != life[:2]]

    @property
    def is_told(self) -> bool:
        """Return whether addresses tell all that is asked, of callbacks, too."""
        return bool(self.lives) and self.has_heads

    def is_near(self, number: int, event: Event) -> bool:
        """Say whether an argument points to the inode, around it or beside it, while it lives."""
        values = [value for _, text in event.arguments if (value := address_of(text))]
        return any(
            abs(value - life.address) < NEAR
            and life.begin <= number
            and (life.end is None or number < life.end)
            for value in values
            for life in self.lives
        )


@dataclass
class CallTree:
    """Hold what a task does from one call of its outermost level to the next.

    `is_last` where the one before is kept: what a task does next says that its last call returned.
    """

    is_last: bool = False
    is_kept: bool = False
    events: list[Numbered] = field(default_factory=list)


@dataclass
class KeptTrees:
    """Keep what a Trace of one inode needs, a tree at a time."""

    sought: Sought
    events: list[Numbered] = field(default_factory=list)
    _count: int = 0  # of marks
    _marks: dict[str, Mark] = field(default_factory=dict)  # the last one of each text
    _held: set[Mark] = field(default_factory=set)  # around what speaks of the inode
    _last: Mark | None = None
    _holds_next: bool = False
    _trees: dict[str, CallTree] = field(default_factory=dict)
    _callers: Callers = field(default_factory=Callers)
    _known: set[tuple[str, str, bool]] = field(default_factory=set)

    def take_mark(self, number: int, text: str) -> None:
        """Take the next mark: a text that comes again and again is kept once.

        But those between which an inode dies say after what it did, so these are kept.
        """
        self._count += 1
        self._last = self._marks[text] = Mark(number, self._count, text)
        if self._holds_next:
            self._held.add(self._last)
        self._holds_next = False

    def take(self, number: int, event: Event) -> None:
        """Take the next event."""
        tree = self._trees.get(event.actor)
        if tree is None:
            if len(self._trees) >= TASKS:
                self._end(next(iter(self._trees)))
            tree = self._trees[event.actor] = CallTree()
        elif event.depth <= tree.events[0].event.depth or len(tree.events) >= LONGEST_TREE:
            self._end(event.actor)
            tree = self._trees[event.actor] = CallTree(is_last=tree.is_kept)
        tree.events.append(Numbered(number, event))
        tree.is_kept = self._is_wanted(number, event) or tree.is_kept

    # Pairs of functions are few, and what a recording shows at all is asked of it, too.
    def _is_wanted(self, number: int, event: Event) -> bool:
        caller = self._callers.of(event)
        kind = (caller, event.function, event.context == "B")
        is_new = kind not in self._known
        self._known.add(kind)
        is_exit = number >= self.sought.mark and not caller and event.function in EXIT_CALLS
        is_near = self.sought.is_near(number, event)
        if is_near and self._last:
            self._held.add(self._last)
        self._holds_next |= is_near
        return is_new or is_exit or is_near

    def _end(self, actor: str) -> None:
        tree = self._trees.pop(actor)
        if tree.is_kept or tree.is_last:
            self.events += tree.events

    def finish(self) -> None:
        """Learn that nothing is left, and put in order what was kept."""
        for actor in list(self._trees):
            self._end(actor)
        self.events.sort(key=attrgetter("number"))

    def marks(self) -> Iterator[tuple[int, str]]:
        """Give the marks, each with the place of the kept event behind it."""
        numbers = [shown.number for shown in self.events]
        for mark in sorted(self._held.union(self._marks.values())):
            yield bisect_left(numbers, mark.number), mark.text


def read_inode(path: str | Path, *, inode: str = "") -> Trace:
    """Read a recording of any length for one inode, as `read` reads a whole one.

    `inode` is what `follow` shall be asked for. What is not there or not a recording is a
    RecordingError.
    """
    path = Path(path)
    with telling(path):
        survey = Survey(partial(lines_of, path))
        sought = Sought(inode)
        _tell(sought, survey.first())
        if not sought.is_told:
            return read(path)
        kept = KeptTrees(sought)
        _tell(kept, survey.again())
        kept.finish()
        return survey.trace(path.name, (shown.event for shown in kept.events), kept.marks())


# Marks lie among the events, as whoever wrote them did something in between.
def _tell(reader: Sought | KeptTrees, surveyed: Iterable[tuple[int, Event | str]]) -> None:
    for number, said in surveyed:
        if isinstance(said, str):
            reader.take_mark(number, said)
        else:
            reader.take(number, said)
