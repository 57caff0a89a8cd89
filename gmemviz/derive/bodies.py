"""Turn a hook's deeds into lines of the language, each with the places that it comes from.

given back container.target          free target via kfree
given back container                 free struct via kmem_cache_free
truncates i_data                     truncate via truncate_inode_pages_final
given back inode, in toy_free_rcu    call_rcu toy_free_rcu, whose body has "free struct"
given back container.body, in a callback whose rcu_head lies in body
                                     free body after a grace period
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from gmemviz.derive.conditions import Answers, conditions, is_counted, present, spelled
from gmemviz.derive.metadata import (
    CONTAINER,
    LEAVES,
    MEMORY,
    Owned,
    leaves_empty,
    named,
    zeroes,
)
from gmemviz.facts import Deed, Source

INODE: Final = "inode"
NONRCU: Final = "free_inode_nonrcu"
"""Gives an inode back to inode_cachep at once; it may be a hook itself, as pipefs has it.
(fs/inode.c:free_inode_nonrcu@v6.12)"""

FREED_BY_VFS: Final = "free to inode_cachep"
NO_SLEEP: Final = ("drop_inode", "free_inode")
"""Hooks that must not sleep; in the others a sleep says nothing."""

DEFERRED: Final = "deferred"
QUEUED: Final = "queued"
BEGINS: Final = (DEFERRED, QUEUED)
"""By what a callback begins; what it does then are deeds of their own."""

SYNCHRONIZE: Final = "synchronize_rcu"
WAITS: Final = "waits for RCU"
BARRIER: Final = "rcu_barrier"
"""Waits for callbacks, and for readers only as these do; all else that waits, waits for readers."""

USES: Final = ("read", "put on a list", "taken off a list")
"""What is done through a pointer, to whatever it leads to."""

I_LOCK: Final = "i_lock"
LOCKED: Final[Mapping[str, str]] = {"locked": "take i_lock", "unlocked": "drop i_lock"}
"""What drop_inode may do with the lock that it is called under (fs/inode.c:iput_final@v6.12)."""

TRUNCATED: Final = ("i_data", "i_mapping", INODE)


class Line(NamedTuple):
    """Be one action, and the chain of statements that it was read from."""

    text: str
    at: tuple[Source, ...]


class Context(NamedTuple):
    """Say whose deeds are being written: of which hook, and what the inode owns.

    What is `absent` is owned on other ways: here the pointer to it is NULL, or where it is
    `borrowed` leads to what somebody else owns.
    """

    hook: str
    kinds: Sequence[Owned]
    answers: Answers
    is_new: bool = False
    is_callback: bool = False
    absent: frozenset[str] = frozenset()
    borrowed: frozenset[str] = frozenset()

    @property
    def must_not_sleep(self) -> bool:
        """Return whether a sleep would be a defect here."""
        return self.hook in NO_SLEEP or self.is_callback


def body(deeds: Sequence[Deed], context: Context) -> tuple[Line, ...]:
    """Return the lines of a hook or callback, in the order of the source.

    What is done later is the callback's; here is only that it is queued.
    """
    lines: list[Line] = []
    gone: set[str] = set()
    queued: set[str] = set()
    works = in_workers(deeds)
    own = with_own_head(deeds, context.kinds)
    for deed in deeds:
        if deed.later in own:
            lines += own_callback(deed, context)
        elif deed.later and deed.later != context.hook:
            if deed.later not in queued and deed.kind not in BEGINS:
                queued.add(deed.later)
                word = "queue" if deed.later in works else "call_rcu"
                lines.append(Line(f"{word} {deed.later}", deed.chain[:1]))
        else:
            inside = whole(deed, context)
            lines += lines_of(deed, context, gone) if zeroes(deed) or not inside else ()
            lines += inside
            if deed.kind in LEAVES and not is_counted(deed):
                gone.add(deed.path)
    if context.is_new:
        lines.sort(key=lambda line: not line.text.startswith("alloc "))
    return freed_before_cleared(once(lines), context.kinds)


def with_own_head(deeds: Iterable[Deed], kinds: Sequence[Owned]) -> frozenset[str]:
    """Return the callbacks whose rcu_head lies in metadata: they hold nothing of the inode."""
    deferred = [deed for deed in deeds if deed.kind == DEFERRED and named(kinds, deed.path)]
    return frozenset(deed.later for deed in deferred)


def in_workers(deeds: Iterable[Deed]) -> frozenset[str]:
    """Return the functions of works that are queued: they run in a worker, where they may sleep."""
    return frozenset(deed.later for deed in deeds if deed.kind == QUEUED and deed.later)


def own_callback(deed: Deed, context: Context) -> list[Line]:
    """Return the lines of call_rcu(&kn->rcu, kernfs_free_rcu): kn is freed after a grace period.

    What the callback reads is its own memory. (fs/kernfs/dir.c:kernfs_put@v6.12)
    """
    if deed.kind not in LEAVES:
        return []
    late = Deed("given back later", deed.path, deed.chain, deed.via, deed.member, deed.ways)
    return lines_of(late, context, set())


def whole(deed: Deed, context: Context) -> list[Line]:
    """Return the lines of a memset over a struct, or of zeroed memory: all members are NULL."""
    if not context.is_new or not (zeroes(deed) or deed.kind in ("initialised", "emptied")):
        return []
    inside = [
        kind
        for kind in context.kinds
        if kind.path.startswith(f"{deed.path}.")
        and kind.name not in context.absent | context.borrowed
    ]
    return [Line(f"init {kind.name}", deed.chain) for kind in inside]


def lines_of(deed: Deed, context: Context, gone: set[str]) -> list[Line]:
    """Return a deed's lines: one for each of its conditions."""
    words = action(deed, context, gone)
    if not words:
        return []
    found = []
    kind = named(context.kinds, deed.path)
    if kind is not None and kind.name in context.absent | context.borrowed:
        return []
    own = f"{kind.name} set" if kind and words.startswith("free ") else ""
    for held in conditions(deed, context.kinds, context.answers):
        asked = present(held, context.absent, context.borrowed)
        if asked is not None:
            # Whoever frees tests the pointer: `free M` of one that is NULL frees nothing.
            asked = tuple(word for word in asked if word != (own, True))
            found.append(Line(spelled(asked) + words, deed.chain))
    return found


def action(deed: Deed, context: Context, gone: set[str]) -> str:
    """Return what a deed is in the language, or "" for what the model does not look at."""
    if deed.kind in LEAVES and deed.path in MEMORY and not deed.member:
        is_vfs = deed.at.function == NONRCU
        return FREED_BY_VFS if is_vfs else f"free struct{via(deed)}"
    if deed.path in (*TRUNCATED, I_LOCK, ""):
        return of_inode(deed, context)
    kind = named(context.kinds, deed.path)
    if kind is None:
        return "alloc container" + via(deed) if is_container(deed) else ""
    return of_metadata(deed, kind, context, gone)


def is_container(deed: Deed) -> bool:
    """Tell whether a deed allocates the struct around the inode."""
    return deed.kind == "allocated" and deed.path == CONTAINER


def of_inode(deed: Deed, context: Context) -> str:
    """Return what is done to the inode and its pages."""
    if deed.kind == "truncates":
        return f"truncate{via(deed)}"
    if deed.kind == "sleeps" and context.must_not_sleep:
        return f"sleep{via(deed)}"
    if deed.kind == WAITS:
        return waiting(deed)
    if deed.kind == "allocated":
        return "alloc struct"
    if deed.kind == "struct given back":
        return FREED_BY_VFS
    words: Mapping[str, str] = {}
    if deed.path == INODE:
        words = {"clears": "clear_inode", "made bad": "make_bad_inode"}
    elif deed.path == I_LOCK and context.hook == "drop_inode":
        words = LOCKED
    return words.get(deed.kind, "")


def waiting(deed: Deed) -> str:
    """Return the word for a wait: what is freed behind synchronize_rcu is freed at once."""
    if deed.via == BARRIER:
        return BARRIER
    return SYNCHRONIZE if deed.via == SYNCHRONIZE else f"{SYNCHRONIZE}{via(deed)}"


def of_metadata(deed: Deed, kind: Owned, context: Context, gone: set[str]) -> str:
    """Return what is done to one kind of metadata; a reading counts once it may be gone."""
    if deed.kind in USES and deed.path in gone:
        return f"read {kind.name}"
    if deed.path.removeprefix(f"{CONTAINER}.") != kind.path.removeprefix(f"{CONTAINER}."):
        return ""
    if deed.kind in LEAVES:
        late = " after a grace period" if deed.kind == "given back later" else ""
        return f"free {kind.name}{late}{via(deed)}"
    return of_pointer(deed, kind, is_new=context.is_new)


def of_pointer(deed: Deed, kind: Owned, *, is_new: bool) -> str:
    """Return what becomes of the pointer itself: it is set, forgotten, or leads to new memory."""
    if is_new:
        words = {"emptied": "init", "initialised": "init", "attached": "attach"}
        return f"{words[deed.kind]} {kind.name}" if deed.kind in words else ""
    if deed.at in kind.handed and deed.kind == "emptied":
        return f"hand over {kind.name}"
    return f"clear {kind.name}" if leaves_empty(deed) and not kind.embedded else ""


def via(deed: Deed) -> str:
    """Return the function that it is done through, as the language has it."""
    return f" via {deed.via}" if deed.via else ""


def once(lines: Sequence[Line]) -> list[Line]:
    """Drop what says again what the line before it said.

    Not what frees: two statements after one another free twice.
    """
    found: list[Line] = []
    for line in lines:
        is_init = line.text.startswith("init ") and any(line.text == old.text for old in found)
        is_again = bool(found) and found[-1].text == line.text
        frees = _words(line)[0] == "free" and is_again and found[-1].at != line.at
        if not is_init and (frees or not is_again):
            found.append(line)
    return found


def freed_before_cleared(lines: Sequence[Line], kinds: Sequence[Owned]) -> tuple[Line, ...]:
    """Say `clear M` behind the `free M` that leaves it empty, and not where it is written.

    x = p->m; p->m = NULL; put(x) frees what p->m had, whichever of the two comes first. Where all
    who free M leave it empty, the metadata says so.
    """
    emptied = {(kind.name, at) for kind in kinds for at in kind.emptied}
    freed = {_words(line)[1] for line in lines if _words(line)[0] == "free"}
    kept: list[Line] = []
    for line in lines:
        verb, name, *_ = _words(line)
        if verb != "clear" or name not in freed:
            kept.append(line)
        if verb == "free" and (name, line.at) in emptied:
            asked, colon, _ = line.text.rpartition(": ")
            kept.append(Line(f"{asked}{colon}clear {name}", line.at))
    return tuple(kept)


def _words(line: Line) -> list[str]:
    return [*line.text.rpartition(": ")[2].split(" "), ""]


def of_others(deeds: Sequence[Deed], kinds: Sequence[Owned]) -> frozenset[str]:
    """Return the callbacks that do nothing to the inode or to what it owns.

    A work of the superblock, that an inode's error queues, sleeps where it may.
    """
    begun = {deed.later for deed in deeds if deed.kind in BEGINS}
    of_it = {
        deed.later
        for deed in deeds
        if deed.kind == DEFERRED
        or named(kinds, deed.path)
        or (deed.path in MEMORY and deed.kind in (*LEAVES, "struct given back"))
    }
    return frozenset(deed.later for deed in deeds) - (of_it & begun) - {""}


def callbacks(deeds: Sequence[Deed], kinds: Sequence[Owned] = ()) -> Mapping[str, tuple[Deed, ...]]:
    """Return the deeds that are done in callbacks, by the callback's name."""
    found: dict[str, list[Deed]] = {}
    own = with_own_head(deeds, kinds)
    for deed in deeds:
        if deed.later and deed.kind not in BEGINS and deed.later not in own:
            found.setdefault(deed.later, []).append(deed)
    return {name: tuple(group) for name, group in found.items()}
