"""Hold what a kernel says, one frozen record an entry, each with its place.

Nothing here is kernel text: names, paths, lines, and classes of edges only.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from gmemviz.facts.vocabulary import Context, InHook
from gmemviz.shown import shows_itself
from gmemviz.text import one_line

CallKind = Literal["direct", "inline", "ops", "deferred", "default"]
"""How a call gets to its callee; `default` runs where a hook is NULL."""

Guard = Literal["", "hook-set", "hook-unset", "if", "else", "loop", "case", "early-exit"]
"""Class of the condition that a call stands under; the text of it stays at home."""

Origin = Literal["simulated", "extracted", "probed", "recorded"]


@shows_itself
class Source(NamedTuple):
    """Point at a place in one kernel's source.

    A place that somebody wrote into a Design has neither function nor tag: toy.c:52.
    """

    path: str
    line: int
    function: str
    tag: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}"
        return f"{place} {self.function}@{self.tag}" if self.function else place


@shows_itself
class Call(NamedTuple):
    """Say that a function calls another, at `line` of the caller's file.

    For kind `ops` the callee is the hook's name (``evict_inode``), and its
    targets are found in the tables; for `deferred` it is the callback. For
    `ops`, `struct` is the struct that holds the hook, or "" where unknown. For
    `default`, `hook` is the hook whose being NULL leads here.
    """

    callee: str
    kind: CallKind
    line: int
    guard: Guard = ""
    struct: str = ""
    hook: str = ""


@shows_itself
@dataclass(frozen=True, slots=True)
class Function:
    """Give a function's definition and its calls in the order of the source."""

    name: str
    path: str
    line: int
    static: bool
    inline: bool
    calls: tuple[Call, ...] = ()

    def __repr__(self) -> str:
        return f"<Function {self.name} {self.path}:{self.line}: {len(self.calls)} calls>"


@shows_itself
@dataclass(frozen=True, slots=True)
class OpsTable:
    """Give one initialised table of hooks; a member that is NULL is left out.

    `slots` is sorted by member; `filesystem` is "" where no wiring was found.
    `lines` runs parallel to `slots`; `conditions` are (member, the #if that it
    stands under), for those that have one. `carriers` names every file_system_type
    whose superblocks have a super_operations as their s_op, as far as the source says.
    """

    name: str
    struct: str
    path: str
    line: int
    slots: tuple[tuple[str, str], ...]
    filesystem: str = ""
    lines: tuple[int, ...] = ()
    conditions: tuple[tuple[str, str], ...] = ()
    carriers: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<OpsTable {self.name} {self.path}:{self.line}: {len(self.slots)} hooks>"


@shows_itself
class Field(NamedTuple):
    """Say that a struct has a member, where it is declared, and under which #if."""

    struct: str
    name: str
    path: str
    line: int
    condition: str = ""


@shows_itself
class Effect(NamedTuple):
    """Say what one step did to one object, as ("M", "freed")."""

    object: str
    change: str


@shows_itself
@dataclass(frozen=True, slots=True)
class Event:
    """Give one step of a teardown, simulated or recorded.

    `function` is named as the kernel of the trace names it. `depth` counts from
    the actor's entry point. `time` is in seconds and only a recording has it;
    `arguments` are (name, value) as its text has them, if it has any.
    """

    function: str
    actor: str
    context: Context
    depth: int
    hook: InHook = ""
    effects: tuple[Effect, ...] = ()
    sentence: str = ""
    source: Source | None = None
    time: float | None = None
    arguments: tuple[tuple[str, str], ...] = ()


@shows_itself
class Watched(NamedTuple):
    """Say which functions a tracer watched, and which it was told to and the kernel lacks.

    What is in neither may have run unseen; what is lacking has no entry that could be traced,
    as where the compiler put it into its caller.
    """

    functions: frozenset[str]
    lacking: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"<Watched {len(self.functions)} functions, {len(self.lacking)} lacking>"


@shows_itself
@dataclass(frozen=True, slots=True)
class Trace:
    """Give events in the order in which they happened.

    `marks` are (index of the event that follows, text). `missing` says in
    words what a recording should hold and does not. `watched` is what its head says
    that the tracer watched, None where it has no such head.
    """

    title: str
    kernel: str
    origin: Origin
    events: tuple[Event, ...]
    marks: tuple[tuple[int, str], ...] = ()
    missing: tuple[str, ...] = ()
    watched: Watched | None = None

    def __repr__(self) -> str:
        holes = f", {len(self.missing)} things missing" if self.missing else ""
        where = f"{self.origin} on {self.kernel}: {len(self.events)} events{holes}"
        return f"<Trace {one_line(self.title)}, {where}>"
