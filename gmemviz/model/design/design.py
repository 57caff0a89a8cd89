"""Hold one Design: kernel, mount, what each hook does, where metadata lives."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import chain
from typing import Any, Final, NamedTuple

from gmemviz.errors import DesignError, WordError
from gmemviz.facts import HookName, snapshots
from gmemviz.model.design import limits, toml
from gmemviz.model.design.actions import (
    ATTACHING,
    COUNTING,
    FREEING,
    GRACE,
    OWN,
    TAKES,
    WORKER,
    Action,
    Condition,
    Hooks,
    InodeKind,
    Verb,
    Where,
    hooks_of,
    refuse_body,
)
from gmemviz.model.design.actors import (
    Callback,
    DeclaredActor,
    Lock,
    refuse_callback,
    refuse_locks,
    refuse_of_another,
    refuse_unlock,
    refuse_unused,
    refuse_where,
)
from gmemviz.model.design.choices import (
    GALLERY_PLACEMENTS,
    MOUNTS,
    Holder,
    Metadata,
    Mount,
    Placement,
    PlacementName,
)
from gmemviz.model.design.faults import with_all
from gmemviz.model.design.members import MEMBERS, SHARED_WORD, is_set_once
from gmemviz.model.design.memslots import UNBINDS, Unbinds
from gmemviz.model.design.places import Chain, places_of
from gmemviz.shown import Several, Table, shows_itself
from gmemviz.text import one_line


@shows_itself
class Kept(NamedTuple):
    """Say that a kind of metadata lives in a placement."""

    kind: Metadata
    placement: Placement


@shows_itself
@dataclass(frozen=True)
class Design:
    """Hold everything that the model needs to know of a proposal.

    `hooks` are in the order of HOOKS; an absent hook is NULL, an empty body is
    a hook that does nothing the model looks at. `functions` name the kernel's
    functions in the hooks (none for a pattern), `creator` the function that makes
    the inode by `allocator`, `adds_folio` the one that fills its page cache, and
    `cleanup` the pattern ("" for a Design written out). `mappable`: user space can map
    its pages. `huge_folios`: they are hugetlb's. `attaches_late`: the creator attaches when
    there is a file already. `named`: the inode has a name, by which path walk finds it, with a
    reference or without, and by which it is unlinked. `persistent`: the name holds its dentry until
    then, as tmpfs's do; else the inode is on the hash as well, and memory may be taken from both.
    `filled`: its page cache is ever used. `unwinds`: metadata that the creator's error path frees
    itself before it calls iput.
    `root_sets`: metadata that whoever makes the root inode sets to NULL. `owner`: the
    filesystem holds its module for as long as it is mounted. `unbinds_dying`: a memslot is
    unbound from a file whose last reference is gone already. `barrier`: the module's exit waits
    for its RCU callbacks, and `init_barrier` that its init does where it gives up. `fails_early`:
    creation may fail between alloc_inode and the attaching. `module`: the filesystem is in a
    module that may go. `kinds`: which kinds of inode the creator makes. `actors`, `callbacks`,
    `locks`, `lists`: who else touches what the inode owns (design/actors). `error_path`: what the
    creator does when it gives up, before its iput. `constructor`: members of the container that
    the slab's constructor sets, which runs once a slab object's life. `unbinds`: on which ways KVM
    takes a memslot's binding away (None: nothing is said of it). `origin`: where the Design comes
    from, one of ORIGINS. `places`: the statements of a source that actions come from,
    by the words of their steps; they tell a reader where to look, and change nothing.
    """

    kernel: str
    mount: Mount
    hooks: Hooks
    keeps: tuple[Kept, ...]
    name: str = ""
    cleanup: str = ""
    functions: tuple[tuple[HookName, str], ...] = ()
    creator: str = "create"
    allocator: str = "alloc_anon_inode"
    adds_folio: str = "filemap_add_folio"
    mappable: bool = True
    huge_folios: bool = False
    attaches_late: bool = False
    named: bool = False
    persistent: bool = False
    filled: bool = True
    unwinds: tuple[str, ...] = ()
    root_sets: tuple[str, ...] = ()
    owner: bool = False
    unbinds_dying: bool = True
    barrier: bool = True
    init_barrier: bool = True
    fails_early: bool = True
    module: bool = False
    kinds: tuple[InodeKind, ...] = ("regular",)
    actors: tuple[DeclaredActor, ...] = ()
    callbacks: tuple[Callback, ...] = ()
    locks: tuple[Lock, ...] = ()
    lists: tuple[str, ...] = ()
    error_path: tuple[Action, ...] = ()
    constructor: tuple[Action, ...] = ()
    unbinds: tuple[Unbinds, ...] | None = None
    origin: str = field(default="", compare=False)
    says: str = field(default="", compare=False)
    source: str = field(default="", compare=False)
    places: tuple[tuple[str, Chain], ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        """Raise DesignError for a name that C cannot have, and for what is beyond `limits`."""
        limits.refuse_long("the name", self.name, 2 * limits.SAID)  # of many choices, a long one
        for what, text in (("says", self.says), ("source", self.source)):
            limits.refuse_long(what, text, limits.SAID)
        limits.refuse_identifier("creator", self.creator)
        for hook, function in self.functions:
            limits.refuse_identifier(f"the function of {hook}", function)
        limits.refuse_many("kinds of metadata", self.keeps, limits.KINDS)
        for kept in self.keeps:
            limits.refuse_name(kept.kind.name)
        for hook, body in self.hooks:
            limits.refuse_many(f"actions of {hook}", body, limits.ACTIONS)

    @classmethod
    def from_text(cls, text: str, *, name: str = "") -> "Design":
        """Return the Design that TOML text says; `name` is for text that gives none.

        UnknownNameError for a word not known, DesignError for what cannot be meant; both say the
        line, where the word is found, and the key. FaultsError has all, where there are several.

        >>> design = Design.from_text('''
        ... name = "tree-in-evict"
        ... kernel = "7.3"
        ... mount = "own"
        ... metadata.tree = { placement = "i_private", release = "sleeping lock" }
        ... hooks.evict_inode = ["truncate", "clear_inode", "free tree"]
        ... ''')
        >>> print(design.title, "frees in", dict(design.hooks)["evict_inode"][-1])
        tree-in-evict frees in free tree
        """
        table = toml.table_of_text(text)
        title = toml.text(table, "name", name or "your Design")
        limits.refuse_long("the name", title, limits.TITLE)
        try:
            return cls.from_table(title, table)
        except WordError as refused:
            read = partial(cls.from_table, title)
            raise with_all(refused, table, text, read=read) from None

    @classmethod
    def from_table(cls, name: str, table: Mapping[str, Any]) -> "Design":
        """Return the Design that one table of a TOML file says; errors as in `from_text`."""
        toml.within(table, KEYS, f"the Design {name}")
        kept = toml.kinds(table)
        does, functions = toml.bodies(table)
        kinds = {kind.name: kind for kind, _ in kept.values()}
        locks = toml.locks(table)
        lists = toml.names_of_own(table, "lists")
        named = {
            "LOCK": tuple(lock.name for lock in locks),
            "LIST": lists,
            "ACTOR": tuple(toml.named_tables(table, "actors")),
            "CALLBACK": tuple(toml.named_tables(table, "callbacks")),
        }
        fields: dict[str, Any] = {key: toml.text(table, key) for key in WORDS if key in table}
        fields |= {key: toml.flag(table, key, default=True) for key in FLAGS if key in table}
        hooks = hooks_of(does, kinds, names=named)
        design = cls(
            kernel=toml.one_of(table, "kernel", snapshots()),
            mount=MOUNTS[toml.one_of(table, "mount", MOUNTS)],
            hooks=hooks,
            keeps=tuple(_born(kept.values(), dict(hooks).get("alloc_inode", ()))),
            name=name,
            functions=tuple(sorted(functions.items())),
            allocator=toml.one_of(table, "allocator", ALLOCATORS, cls.allocator),
            origin=toml.one_of(table, "origin", ORIGINS, "yours"),
            adds_folio=toml.one_of(table, "adds_folio", ADDERS, cls.adds_folio),
            root_sets=toml.names(table, "root_sets", kinds),
            unwinds=toml.names(table, "unwinds", kinds),
            kinds=toml.inode_kinds(table),
            actors=tuple(toml.actors(table, kinds, named)),
            callbacks=tuple(toml.callbacks(table, kinds, named)),
            locks=locks,
            lists=lists,
            error_path=toml.statements(table, "error_path", kinds, named),
            constructor=toml.statements(table, "constructor", kinds, named),
            unbinds=_unbinds(table),
            **fields,
        )
        places = places_of(table, {**design.bodies, "constructor": design.constructor})
        return _refuse_nonsense(replace(design, places=places))

    def body(self, hook: HookName) -> tuple[Action, ...] | None:
        """Return what `hook` does, or None where it is NULL."""
        return dict(self.hooks).get(hook)

    def chain(self, word: str) -> Chain:
        """Return the statements behind a step, by its word, such as "evict_inode: truncate"."""
        return dict(self.places).get(word, ())

    @property
    def bodies(self) -> dict[str, tuple[Action, ...]]:
        """Return every body by its title: hooks, actors, callbacks and the error path."""
        found = Table[str, tuple[Action, ...]]((str(hook), body) for hook, body in self.hooks)
        found |= {f"actor {actor.name}": actor.does for actor in self.actors}
        found |= {f"callback {callback.name}": callback.does for callback in self.callbacks}
        if self.error_path:
            found["error path"] = self.error_path
        return found

    def only(self, kept: Kept) -> "Design":
        """Return the Design without its other kinds of metadata, in no body of which they are.

        What is asked before something is done stays: of a body that says `if A set: free B`, or
        `if A set: clear_inode`, no run without an A is one of this Design's.
        """
        stay = self._asked_with(kept.kind.name)
        others = {other.kind.name for other in self.keeps} - stay

        def rest(body: tuple[Action, ...]) -> tuple[Action, ...]:
            return tuple(action for action in body if not action.names & others)

        return replace(
            self,
            name=f"{self.title}, {' and '.join(sorted(stay))} alone",
            keeps=tuple(kept for kept in self.keeps if kept.kind.name in stay),
            hooks=tuple((hook, rest(body)) for hook, body in self.hooks),
            actors=tuple(replace(actor, does=rest(actor.does)) for actor in self.actors),
            callbacks=tuple(
                replace(call, does=rest(call.does), lies_in=self.lies_in(call))
                for call in self.callbacks
            ),
            error_path=rest(self.error_path),
            constructor=rest(self.constructor),
            unwinds=tuple(name for name in self.unwinds if name not in others),
            root_sets=tuple(name for name in self.root_sets if name not in others),
        )

    # A kind of metadata, and those on which what is done to it depends, or to no metadata at all.
    def _asked_with(self, name: str) -> set[str]:
        actions = [*chain.from_iterable(self.bodies.values()), *self.constructor]
        found, before = {name}, set[str]()
        while found != before:
            before = set(found)
            for action in actions:
                if action.metadata in {"", *found}:
                    found |= {asked.subject for asked in action.only_if if asked.subject}
        return found

    def lies_in(self, callback: Callback) -> tuple[Holder, ...]:
        """Return who holds what a callback is about, and so its rcu_head or its work, sorted.

        A callback that frees what a dentry keeps and reads what the superblock does is queued once
        for each dentry: it lies in what it frees, and there are as many.
        """
        names = {action.metadata for action in callback.does}
        holders = {kept.placement.holder for kept in self.keeps if kept.kind.name in names}
        return tuple(sorted({*callback.lies_in, *holders}))

    @property
    def unset_at_birth(self) -> tuple[Kept, ...]:
        """Return the members of the container that alloc_inode leaves as an earlier life left them.

        What is left empty when it is released is empty then. Memory of a slab is not cleared when
        it is handed out: see the constructor's contract in mm/slub.c:setup_object@v6.12.
        """
        set_here = self._set_at_birth | {action.metadata for action in self.constructor}
        unset: list[Kept] = []
        for kept in self.keeps:
            is_member = kept.placement.holder == "container" and not kept.kind.left_empty
            if is_member and kept.kind.name not in set_here:
                unset.append(kept)
        return Several(unset)

    @property
    def folios(self) -> int:
        """Return how many folios a run has at most: 2 where two are not as good as one, else 1.

        Truncation takes all of them out at once and reads what the inode owns, so that it finds the
        same, be there one or two. What happens once for each folio is another matter: free_folio,
        where it does something, what each folio keeps of its own, and a page that somebody adds
        beside those that are there. Only there 0, 1 and 2 are told apart.
        (mm/filemap.c:delete_from_page_cache_batch@v6.12)
        """
        is_each_its_own = any(kept.placement.holder == "folio" for kept in self.keeps)
        is_used = self.filled or "add page" in self.said
        differs = self.body("free_folio") or is_each_its_own or "add page" in self.said
        return 2 if is_used and differs else 1

    @cached_property
    def frees(self) -> frozenset[str]:
        """Return the kinds of metadata that some body frees, at once or later."""
        actions = chain.from_iterable(self.bodies.values())
        return frozenset(action.metadata for action in actions if action.verb in FREEING)

    @cached_property
    def deferred(self) -> frozenset[tuple[str, str]]:
        """Return the kinds of metadata that some body frees later, each with how it does."""
        actions = chain.from_iterable(self.bodies.values())
        later = ((action.metadata, action.verb.partition(" ")[2]) for action in actions)
        return frozenset(each for each in later if each[0] and each[1] in (GRACE, WORKER))

    @cached_property
    def attached_later(self) -> frozenset[str]:
        """Return the kinds of metadata that some body attaches, so that the creator does not.

        What alloc_inode attaches is there with the inode, and never a second time.
        """
        bodies = [body for title, body in self.bodies.items() if title != "alloc_inode"]
        actions = chain.from_iterable(bodies)
        return frozenset(action.metadata for action in actions if action.verb in ATTACHING)

    @cached_property
    def carried(self) -> Mapping[str, frozenset[str]]:
        """Return for each callback the kinds of metadata that it is queued with, by its name.

        A callback that frees an object lies in it, as with kfree_rcu: who queues it hands it the
        object by its address, and may set the pointer to NULL behind that. One that takes a lock,
        asks whether the pointer is set, sets it, or goes by the inode looks the object up itself.
        (include/linux/rcupdate.h:kvfree_rcu_arg_2@v6.12)
        """
        found = {callback.name: _carried_by(callback.does) for callback in self.callbacks}
        objects = {kept.kind.name for kept in self.keeps if _is_carried(kept)}
        return {name: kinds & objects for name, kinds in found.items() if kinds & objects}

    def needed_by(self, action: Action) -> frozenset[str]:
        """Return what an action needs the pointers to: of what it names, and its callback frees."""
        return action.names | self.carried.get(action.name, frozenset())

    @cached_property
    def counted(self) -> frozenset[str]:
        """Return the kinds of metadata whose references some body counts."""
        actions = chain.from_iterable(self.bodies.values())
        return frozenset(action.metadata for action in actions if action.verb in COUNTING)

    @property
    def set_once(self) -> tuple[Kept, ...]:
        """Return what is set once a slab object's life: by its constructor, and by nobody after it.

        An inode in memory that was used before finds there what the last owner left, such as a
        pointer that was freed and not cleared; in fresh memory it is NULL.
        """
        built = {action.metadata for action in self.constructor}
        built |= {kept.kind.name for kept in self.keeps if is_set_once(kept.placement)}
        names = built - self._set_at_birth
        return Several(kept for kept in self.keeps if kept.kind.name in names)

    @property
    def _set_at_birth(self) -> set[str]:
        return {action.metadata for action in self.body("alloc_inode") or ()}

    @cached_property
    def cell_of_union(self) -> str:
        """Return the cell of i_pipe, i_cdev and i_link, which are one word of struct inode.

        So a hook that frees a body without asking for a symlink frees the pipe or the device of
        another kind of inode.
        """
        cells = (kept.kind.cell for kept in self.keeps if kept.placement.name in SHARED_WORD)
        return next(cells, "")

    @cached_property
    def said(self) -> tuple[str, ...]:
        """Return the words that some body has, sorted."""
        return Several(sorted({action.verb for body in self.bodies.values() for action in body}))

    @cached_property
    def tests(self) -> tuple[str, ...]:
        """Return what some body asks of the inode, sorted: its kind, its links, what failed."""
        conditions = (
            condition
            for body in self.bodies.values()
            for action in body
            for condition in action.only_if
        )
        return Several(sorted({condition.test for condition in conditions if condition.test}))

    @cached_property
    def readers(self) -> frozenset[HookName]:
        """Return the hooks that cannot be preempted while they read: RCU waits for those.

        They are free_inode, in softirq, and drop_inode, under i_lock. It matters to a Design that
        frees behind a grace period what such a hook may still read, and to no other.
        (fs/inode.c:i_callback, iput_final@v6.12)
        """
        if not self.callbacks and not any(how == GRACE for _, how in self.deferred):
            return frozenset()
        hooks: tuple[HookName, ...] = ("drop_inode", "free_inode")
        return frozenset(hook for hook in hooks if _loads(self.body(hook) or ()))

    @property
    def has_container(self) -> bool:
        """Return whether the inode sits in a struct of the Design's own."""
        return any(action.verb == "alloc container" for action in self.body("alloc_inode") or ())

    @property
    def title(self) -> str:
        """Return the name, or the five choices, as one line."""
        if self.name:
            return self.name
        kept = ", ".join(f"{kind.name} in {place.name}" for kind, place in self.keeps)
        return f"{self.kernel}, {self.mount.name} mount, {kept}, {self.cleanup}"

    def __repr__(self) -> str:
        hooks = ", ".join(hook for hook, _ in self.hooks) or "every hook NULL"
        return f"<Design {one_line(self.title)}: {hooks}>"


ALLOCATORS: Final = (
    "alloc_anon_inode", "anon_inode_make_secure_inode", "new_inode", "new_inode_pseudo",
)  # fmt: skip
ADDERS: Final = ("filemap_add_folio", "shmem_add_to_page_cache", "hugetlb_add_to_page_cache")
ORIGINS: Final = ("kernel", "proposal", "known bug", "mutation", "yours")
WORDS: Final = ("creator", "says", "source")
FLAGS: Final = (
    "mappable", "huge_folios", "attaches_late", "named", "persistent", "filled", "owner",
    "unbinds_dying", "barrier", "init_barrier", "fails_early", "module",
)  # fmt: skip
KEYS: Final = (
    "name", "kernel", "mount", "metadata", "hooks", "root_sets", "unwinds", "allocator", "origin",
    "adds_folio", "kinds", "actors", "callbacks", "locks", "lists", "error_path", "constructor",
    "unbinds", "at", *WORDS, *FLAGS,
)  # fmt: skip


# What alloc_inode attaches is there before the creator could: `born_in_alloc` says it once more.
def _born(
    kinds: Iterable[tuple[Metadata, PlacementName]], birth: tuple[Action, ...]
) -> Iterator[Kept]:
    attached = {action.metadata for action in birth if action.verb in ATTACHING}
    for kind, place in kinds:
        is_born = kind.born_in_alloc or kind.name in attached
        yield Kept(replace(kind, born_in_alloc=is_born), GALLERY_PLACEMENTS[place])


# A special inode's i_mapping is followed at the time, and what is scarce is counted by its holder.
def _is_carried(kept: Kept) -> bool:
    return kept.kind.owns_object and not kept.kind.by_i_mapping and not kept.kind.scarce


_BY_INODE: Final[tuple[Verb, ...]] = (
    "free struct", "free to inode_cachep", "igrab", "iput", "truncate", "add page",
    "make_bad_inode", *TAKES,
)  # fmt: skip
"""Words of a callback that finds what it works on by itself: by the inode, or under a lock."""


def _carried_by(body: tuple[Action, ...]) -> frozenset[str]:
    looked_up: set[str] = set()
    for action in body:
        if action.verb in _BY_INODE or any(asked.test != OWN for asked in _of_inode(action)):
            return frozenset()
        if action.verb in ("clear", "detach", "hand over", *ATTACHING):
            looked_up.add(action.metadata)
        looked_up |= {asked.subject for asked in action.only_if}
    freed = {action.metadata for action in body if action.verb in FREEING}
    return frozenset(freed - looked_up)


def _of_inode(action: Action) -> tuple[Condition, ...]:
    return tuple(asked for asked in action.only_if if not asked.subject)


_GIVES_BACK: Final = ("free", "free struct", "free to inode_cachep", "return 0", "return 1")


# Who only gives back, or answers, loads no pointer to go on with.
def _loads(body: tuple[Action, ...]) -> bool:
    return any(action.verb not in _GIVES_BACK for action in body)


# Who names no way is asked about them all; who does not name the key has no memslots to ask about.
def _unbinds(table: Mapping[str, Any]) -> tuple[Unbinds, ...] | None:
    if "unbinds" not in table:
        return None
    said = toml.names(table, "unbinds", UNBINDS)
    return tuple(way for way in UNBINDS if way in said)


_WHERE: Final[Mapping[str, Where]] = {
    "hook": "hook", "actor": "actor", "callback": "callback", "error": "actor",
}  # fmt: skip


# What a folio keeps comes with it (mm/filemap.c:filemap_add_folio) and goes with it: nobody gives
# it to one, and the count of references is the folio's own.
def _refuse_for_folio(kept: Kept, design: Design) -> None:
    said = kept.kind.name in design.attached_later | design.counted
    if said and kept.placement.holder == "folio":
        raise DesignError(
            f"{kept.kind.name} comes and goes with its folio: nobody attaches, gets or puts it"
        )


def _refuse_per_file(kept: Kept) -> None:
    name, place = kept.kind.name, kept.placement
    if kept.kind.per_file and place.holder != "file":
        raise DesignError(
            f"{name} is per_file, and {place.name} is the same for all files of an inode: "
            f"per_file needs file-private_data"
        )


# Who gets at what a superblock or a folio keeps is found nowhere on the inode's road.
def _refuse_reader(kept: Kept) -> None:
    name, holder = kept.kind.name, kept.placement.holder
    is_lockless = holder == "folio" and kept.kind.read_without_reference
    if is_lockless or (holder == "superblock" and kept.kind.read_by):
        raise DesignError(
            f"{name} is the {holder}'s: who reads it is an actor (actors.NAME), not read_by"
        )


def _refuse_nonsense(design: Design) -> Design:
    for hook, body in design.hooks:
        refuse_body(hook, body)
    for title, body in design.bodies.items():
        where = "hook" if title in dict(design.hooks) else title.partition(" ")[0]
        refuse_where(_WHERE[where], title, body)
        refuse_locks(title, body)
    refuse_of_another(design.locks, design.bodies)
    for actor in design.actors:
        refuse_unlock(actor)
    for callback in design.callbacks:
        refuse_callback(callback, design.bodies)
    refuse_unused(design.locks, design.lists, design.actors, design.bodies)
    if design.persistent and not design.named:
        raise DesignError("persistent is said of names: it needs named = true")
    for kept in design.keeps:
        _refuse_reader(kept)
        _refuse_per_file(kept)
        _refuse_for_folio(kept, design)
    words = [kept for kept in design.keeps if kept.placement.field == "i_private"]
    if len({kept.placement.name for kept in words}) > 1:
        names = " and ".join(sorted(kept.kind.name for kept in words))
        raise DesignError(f"{names} cannot share i_private: one wants its bits, one a pointer")
    _refuse_members(design)
    _refuse_mixed_union(design)
    _refuse_constructor(design)
    return design


# What the VFS gives back is an object of its own. Of a union one inode has one member only, so two
# of them need kinds of inode that differ.
def _refuse_members(design: Design) -> None:
    of: dict[str, tuple[str, str]] = {}
    for kind, place in design.keeps:
        member = MEMBERS.get(place.name)
        if member and member.put_by and not kind.owns_object:
            raise DesignError(f"{kind.name} is in {place.name}, a pointer: it must own an object")
        for each in kind.of or design.kinds if place.name in SHARED_WORD else ():
            name, where = of.setdefault(each, (kind.name, place.name))
            if where != place.name:
                raise DesignError(
                    f"{name} in {where} and {kind.name} in {place.name} share a word of struct "
                    f"inode: say by `of` which kinds of inode have the one and the other"
                )


# Who reads the union as a pointer follows it, whichever member was set.
# (include/linux/fs.h:struct inode)
def _refuse_mixed_union(design: Design) -> None:
    shared = [kept for kept in design.keeps if kept.placement.name in SHARED_WORD]
    objects = [kept for kept in shared if kept.kind.owns_object]
    words = [kept for kept in shared if not kept.kind.owns_object]
    if objects and words:
        (name, place), (word, of_word) = objects[0], words[0]
        raise DesignError(
            f"{word.name} in {of_word.name} is a word, and {name.name} in {place.name} a pointer: "
            f"both are one word of struct inode"
        )


def _refuse_constructor(design: Design) -> None:
    members = {kept.kind.name for kept in design.keeps if kept.placement.holder == "container"}
    for action in design.constructor:
        if action.verb != "init" or action.only_if or action.metadata not in members:
            raise DesignError(
                f"constructor cannot {action}: it can init a member of the container, one of "
                f"{', '.join(sorted(members)) or 'none that there is'}"
            )
