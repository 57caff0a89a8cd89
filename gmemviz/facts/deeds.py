"""Hold what a function does to what its arguments reach, one frozen record a deed.

    static void toy_free(struct inode *inode)
    {
            if (S_ISLNK(inode->i_mode))
                    kfree(inode->i_link);        given back i_link, if symlink
            kmem_cache_free(cache, TOY_I(inode));   given back container
    }

A path is made of identifiers: `inode` is the argument, `container` the struct around it. As in the
other records there is no kernel text: names, paths, lines, and classes of conditions only.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from gmemviz.facts.records import Source
from gmemviz.shown import shows_itself

DeedKind = Literal[
    "allocated", "initialised", "attached", "emptied", "read", "given back",
    "given back later", "struct given back", "put on a list", "taken off a list", "handed over",
    "counted", "truncates", "clears", "made bad", "ends the superblock", "deferred", "queued",
    "drained", "waits for RCU", "cache destroyed", "handed to a callback", "locked", "unlocked",
    "sleeps",
]  # fmt: skip
"""`deferred` has, as `later`, the callback that call_rcu was given, and as path where the rcu_head
lies; what the callback does follows as its own deeds."""

TestKind = Literal[
    "set", "empty", "symlink", "directory", "regular", "special", "bad", "nlink 0", "failed",
    "member", "loop", "case", "if", "branch", "last reference",
    "rcu walk",
]  # fmt: skip
"""The class of a condition: `member` asks for one that is named, `if` for anything else; `branch`
is which way was taken, where the formulas of both sides would no longer tell."""


@shows_itself
class Tested(NamedTuple):
    """Say which question must be answered so, and of what; `at` is where it is asked.

    `key` is the same where two deeds of one function ask the same question; it says nothing else.
    """

    kind: TestKind
    about: str = ""
    negated: bool = False
    at: str = ""
    key: str = ""

    def __str__(self) -> str:
        words = " ".join(filter(None, (self.about, self.kind)))
        return f"not {words}" if self.negated else words


@shows_itself
@dataclass(frozen=True, slots=True)
class Deed:
    """Say that something is done to what `path` names, and where.

    `member`: it is done to the member itself, and not to what it points to. `chain` leads from the
    function's own statement down to the one that does it, `via` is the kernel's function there.
    `ways` are the conditions: all tests of any of them hold; of none, the deed is always done.
    `later` names the callback that it is done in, after a grace period.
    """

    kind: DeedKind
    path: str
    chain: tuple[Source, ...]
    via: str = ""
    member: bool = False
    ways: tuple[tuple[Tested, ...], ...] = ((),)
    later: str = ""

    @property
    def at(self) -> Source:
        """Return the statement that does it."""
        return self.chain[-1]

    def __repr__(self) -> str:
        return f"<Deed {self.kind} {self.path} at {self.at.path}:{self.at.line}>"


@shows_itself
class Unread(NamedTuple):
    """Name a statement that was not understood: what it could do, and why it was not read."""

    at: Source
    could: str
    why: str

    def __str__(self) -> str:
        return f"{self.at.path}:{self.at.line}: {self.could}: {self.why}"


@shows_itself
@dataclass(frozen=True, slots=True)
class FunctionDeeds:
    """Give the deeds of one function, called with an inode, in the order of the source.

    `deeper` are the calls that are too deep to follow: a bound, like those of a search. `returns`
    are the values that are known: "0", "1", or a path.
    """

    function: str
    path: str
    line: int
    deeds: tuple[Deed, ...] = ()
    unread: tuple[Unread, ...] = ()
    deeper: tuple[Unread, ...] = ()
    returns: tuple[str, ...] = ()

    def __repr__(self) -> str:
        counts = f"{len(self.deeds)} deeds, {len(self.unread)} unread"
        return f"<FunctionDeeds {self.function} {self.path}:{self.line}: {counts}>"
