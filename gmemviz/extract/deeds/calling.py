"""Find what a call does: by a row of the API, or by what the called function does.

kfree(toy->body);                          a row: body is given back
toy_clean(inode);                          read: all that toy_clean does to argument 0
call_rcu(&inode->i_rcu, toy_free_rcu);     later: all that toy_free_rcu does
op->forget(inode);                         unread: who that is, the text does not say
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple, cast

from gmemviz.extract.code import SCOPE_MACROS, is_name
from gmemviz.extract.deeds.api import ApiRow
from gmemviz.extract.deeds.formulas import (
    FALSE,
    MOST,
    MOST_OF_HOOK,
    TRUE,
    Atom,
    Formula,
    atom,
    both,
    bounded,
    either,
    negated,
    replaced,
)
from gmemviz.extract.deeds.places import (
    MOST_VALUES,
    NOBODY,
    NOTHING,
    NULL,
    Address,
    Code,
    Null,
    OneOf,
    Simple,
    Truth,
    Unknown,
    Value,
    choices,
    mapped,
    near,
    one_of,
    pointed,
)
from gmemviz.extract.deeds.questions import Answer, Questions
from gmemviz.extract.deeds.spots import NEW, POINTED, TRANSPARENT, MemorySpot
from gmemviz.extract.deeds.state import is_reachable
from gmemviz.extract.deeds.summaries import (
    DEPTH,
    MOST_DEEDS,
    Codes,
    FunctionText,
    Library,
    RawDeed,
    Summary,
)
from gmemviz.extract.deeds.values import Term
from gmemviz.extract.names import NOT_CALLS
from gmemviz.facts import DeedKind, Source, Unread

POINTERS: Final = 2
"""How many pointers away a callee's deeds are kept: one may be a struct's of its caller's own."""

NEAR: Final = 3
"""How many calls deep a work is followed."""

FS_INFO: Final = "s_fs_info"
MEMSET: Final = "memset"
PLAIN: Final = frozenset({"locked", "unlocked", "sleeps"})
"""What says nothing of the memory that it is done to."""

LOCKS: Final = frozenset({"locked", "unlocked"})
NOWHERE: Final = "it is neither in the tree nor in api.toml"
SEEN_FROM_AFAR: Final = frozenset({"deferred", "put on a list", "taken off a list"})
"""What is said of the whole where it is done to a member: list_del(&toy->link), call_rcu."""
ENDS: Final = frozenset({"given back", "given back later", "struct given back", "clears"})
TOO_DEEP: Final = f"it is more than {DEPTH} calls deep"
LEAVES: Final = frozenset({"given back", "given back later"})


class RowCall(NamedTuple):
    """Be a call of a function that has a row: where it stands, and the tokens of its arguments."""

    row: ApiRow
    name: str
    at: int
    parts: list[tuple[int, int]]


class CallRun(Questions):
    """Gather deeds as calls are come by."""

    def __init__(self, library: Library, text: FunctionText, depth: int) -> None:
        super().__init__(text.tokens, MOST if depth < DEPTH else MOST_OF_HOOK)
        self.library = library
        self.text_of = text
        self.path = text.path
        self.depth = depth
        self.pointers = 1 if depth == DEPTH else POINTERS
        self.deeds: list[RawDeed] = []
        self.is_cut = False
        self.unread: dict[tuple[Unread, frozenset[MemorySpot]], None] = {}
        self.latest: dict[MemorySpot, int] = {}

    # --- places in the text ---

    def source(self, index: int) -> Source:
        """Return where a token stands."""
        offsets = self.tokens.offsets
        offset = self.text_of.base + (offsets[index] if index < len(offsets) else 0)
        line = self.library.tree.line(self.path, offset)
        return Source(self.path, line, self.text_of.name, f"v{self.library.tree.release}")

    def place_of(self, index: int) -> str:
        """Return path:line of a token."""
        source = self.source(index)
        return f"{source.path}:{source.line}"

    def is_number(self, spot: MemorySpot) -> bool:
        """Tell whether a spot is a member that is known to be no pointer."""
        if not spot.root.isdigit():
            return False
        struct = self.text_of.structs[int(spot.root)]
        return self.library.is_number(struct, spot.steps, self.path)

    # --- deeds ---

    def note(self, deed: RawDeed) -> None:
        """Keep a deed, if anybody comes by and the caller can tell."""
        known = self.as_known(deed)
        if known is None or known.reach == FALSE:
            return
        if known.kind in LEAVES and known.spot.pointer is not None:
            # `put(p->m); p->m = NULL;` twice: the second store must not be said before this.
            self.latest.pop(known.spot.pointer, None)
        if self.merged(known):
            return
        # What ends something is never left out: btrfs reads hundreds of members before clear_inode.
        if len(self.deeds) < MOST_DEEDS or known.kind in (*ENDS, "truncates"):
            self.latest[known.spot] = len(self.deeds)
            self.deeds.append(known)
        else:
            self.puzzle(self.at, "it does more", f"only {MOST_DEEDS} deeds are kept", [known.spot])

    def as_known(self, deed: RawDeed) -> RawDeed | None:
        """Return a deed as the caller sees it: what is done to a pointer's memory is a reading.

        What is done two pointers away is nobody's here: who went there has read the first pointer,
        at its own place, and what it leads to may go meanwhile.
        """
        # Readings are most of all deeds, and say less: of them the nearer half is kept.
        return as_seen(deed, 1 if deed.kind == "read" else self.pointers)

    def merged(self, deed: RawDeed) -> bool:
        """Join a deed with the one before it to the same spot, if both do the same.

        Two readings one after the other are one; two that give back are two.
        """
        before = self.latest.get(deed.spot)
        if before is None or deed.kind in ENDS or deed.kind in LOCKS:
            return False
        earlier = self.deeds[before]
        if (earlier.kind, earlier.value, earlier.later) != (deed.kind, deed.value, deed.later):
            return False
        reach = bounded(either(earlier.reach, deed.reach), self.most)
        self.deeds[before] = earlier._replace(reach=reach)
        return True

    def do(
        self, kind: DeedKind, spot: MemorySpot, index: int, via: str = "", formula: Formula = TRUE
    ) -> None:
        """Note what this body itself does."""
        self.note(RawDeed(kind, spot, both(self.reach, formula), (self.source(index),), via))

    def stored(self, spot: MemorySpot, value: Value) -> None:
        """Note a store: NULL empties, a pointer is attached, any other value initialises."""
        if not is_reachable(spot):
            return
        kind: DeedKind = "emptied" if isinstance(value, Null) else "initialised"
        if any(is_new_pointer(simple) for _, simple in choices(value)):
            kind = "attached"
        elif not spot.root.startswith(NEW) and value != NULL:
            return
        if self.is_number(spot):
            return
        deed = RawDeed(kind, spot, self.reach, (self.source(self.at),), "", value)
        self.note(deed)

    at = 0
    """The token that the statement being read begins with."""

    def followed(self, spot: MemorySpot) -> None:
        """Note that a pointer was followed."""
        if spot.pointer is not None and is_reachable(spot):
            self.do("read", spot, self.at)

    def element(self, term: Term) -> Term:
        """Return an element of an array, and note that a pointer was followed if it is one.

        An array is a member that neither is a pointer nor a struct. Of `&toy->slots[2]` the text
        does not say so: what slots points to counts as read.
        """
        found = super().element(term)
        if isinstance(found, MemorySpot) and found.pointer and not self.is_number(found.pointer):
            self.followed(found)
        return found

    def puzzle(self, index: int, could: str, why: str, places: Iterable[MemorySpot]) -> None:
        """List what was not understood, where it can reach what the caller has."""
        reached = frozenset(place for place in places if self.is_at_stake(place))
        if reached and self.reach != FALSE:
            self.not_read(Unread(self.source(index), could, why), reached)

    def not_read(self, unread: Unread, reached: frozenset[MemorySpot]) -> None:
        """List a statement, once for the same spots: ten ways to come by it are one.

        Else a caller's list is as long as there are ways through its callees, which is thousands.
        """
        self.unread[unread, reached] = None

    def is_at_stake(self, spot: MemorySpot) -> bool:
        """Tell whether an inode's own is at stake: what is two pointers away is not its own.

        Nor is the superblock, or a number.
        """
        if not is_reachable(spot) or spot.steps[: len(TRANSPARENT)] == TRANSPARENT:
            return False
        return spot.lies_within(self.pointers) and not self.is_number(spot)

    # --- calls ---

    def arguments(self, paren: int) -> list[tuple[int, int]]:
        """Return the tokens of each argument."""
        close = self.tokens.matching(paren)
        if close <= paren + 1:
            return []
        return self.tokens.split(paren + 1, min(close, len(self.words)), ",")

    def function_called(self, name: str) -> bool:
        """Tell whether a name is a function of the tree."""
        self.library.rests.names.add(name)
        return name in self.library.index.functions or name in self.library.api.rows

    def call(self, name: str, paren: int) -> Value:
        """Return the value of a call by name, and note what it does."""
        index = paren - 1
        parts = self.arguments(paren)
        if name == "_Generic":
            return self.generic(parts)
        row = self.library.api.row(name)
        if name in SCOPE_MACROS or (name in NOT_CALLS and row is None):
            return NOTHING
        is_other = row is not None and self.is_own(name) and self.path != row.at.partition(":")[0]
        place = self.library.find(name, self.path) if is_other or row is None else None
        if row is not None and place is None:
            return SECTIONS.get(row.section, CallRun.doing)(self, RowCall(row, name, index, parts))
        values = [self.value(*part) for part in parts]
        if place is None:
            reached = self.reached(values)
            self.puzzle(index, f"{name}() could give back what it is given",
                        NOWHERE, reached)  # fmt: skip
            return Unknown(self.place_of(index), frozenset(reached))
        text = self.library.text(name, place)
        if text.is_macro and "##" in text.said:
            words = ["".join(self.words[slice(*part)]) for part in parts]
            text = self.library.pasted(text, words)
        return self.into(text, values, index)

    def is_own(self, name: str) -> bool:
        """Tell whether the file has a function of the name, which comes before the kernel's."""
        self.library.rests.names.add(name)
        places = self.library.index.functions.get(name, ())
        return any(place.path == self.path for place in places)

    def generic(self, parts: list[tuple[int, int]]) -> Value:
        """Return what `_Generic(x, type: value, ...)` chooses: all its values are one."""
        for first, last in parts[1:]:
            sides = self.tokens.split(first, last, ":")
            if len(sides) > 1:
                return self.value(*sides[1])
        return NOTHING

    def indirect(self, callee: Value, name: str, paren: int) -> Value:
        """Return the value of a call through a pointer; a function that was handed in is known."""
        parts = self.arguments(paren)
        values = [self.value(*part) for part in parts]
        targets = [simple for _, simple in choices(callee) if isinstance(simple, Code)]
        reached = self.reached(values)
        if not targets and any(map(self.is_at_stake, reached)):
            found = self.library.targets_of(self.tokens, paren, self.text_of)
            if found == []:
                return NOTHING  # no table has anybody for it: it is tested, and never called
            targets = found or []
        if targets:
            return self.any_of(targets, values, paren)
        self.puzzle(paren, f"{name}() could give back what it is given",
                    "it is called through a pointer", reached)  # fmt: skip
        return Unknown(self.place_of(paren), frozenset(reached))

    def any_of(self, targets: list[Code], values: list[Value], paren: int) -> Value:
        """Do what each of several functions does, where it is the one that is called."""
        before = self.reach
        returned: list[tuple[Formula, Value]] = []
        for target in targets:
            path = target.path or self.path
            row, place = self.library.api.row(target.name), self.library.find(target.name, path)
            is_which = f"{self.place_of(paren)} calls {target.name}"
            asked = Atom("case", None, is_which, self.place_of(paren))
            holds = atom(asked)[0] if len(targets) > 1 else TRUE
            self.reach = bounded(both(before, holds), self.most)
            if row is not None:  # kfree, handed over to be called
                parts = self.arguments(paren)
                call = RowCall(row, target.name, paren, parts)
                returned.append((holds, SECTIONS.get(row.section, CallRun.doing)(self, call)))
            elif place is not None:
                text = self.library.text(target.name, place)
                returned.append((holds, self.into(text, values, paren)))
        self.reach = before
        return one_of(returned) if returned else NOTHING

    def reached(self, values: Iterable[Value]) -> set[MemorySpot]:
        """Return where values lead; of a struct of our own, also where its members lead.

        `struct toy_walk walk = { .inode = inode }; toy_walk(&walk);` hands the inode over.
        """
        todo = set().union(*map(near, values))
        found: set[MemorySpot] = set()
        while todo:
            found |= todo
            own = {spot.root for spot in todo} & self.variables
            held = [value for spot, value in self.known.items() if spot.root in own]
            todo = set().union(*map(near, held)) - found
        return found

    # --- rows of the API ---

    def doing(self, call: RowCall) -> Value:
        """Do what a row says to the argument that it names."""
        values = [self.value(*part) for part in call.parts]
        given = values[call.row.of] if 0 <= call.row.of < len(values) else None
        if call.name == MEMSET and given is not None:
            given = self.rest_of(call.parts, given)
        also = values[call.row.also] if 0 <= call.row.also < len(values) else None
        if also is not None:
            self.to_all(call, also)
        if given is not None and call.row.section == "queued":
            self.queueing(call, given)
        elif given is not None:
            runs = values[call.row.runs] if 0 <= call.row.runs < len(values) else None
            later = runs.name if call.row.section == "deferred" and isinstance(runs, Code) else ""
            self.to_all(call, given, later)
        elif call.row.of < 0:
            self.do(cast(DeedKind, call.row.section), NOBODY, call.at, call.name)
        if call.row.runs >= 0 and given is not None and call.row.runs < len(values):
            self.handing(call.row, call.at, given, values[call.row.runs])
        if call.row.sleeps:
            self.do("sleeps", NOBODY, call.at, call.name)
        returned = values[call.row.returns] if 0 <= call.row.returns < len(values) else None
        return returned if returned is not None else Unknown(self.place_of(call.at))

    def queueing(self, call: RowCall, work: Value) -> None:
        """Note that a work is queued, and later what its function does, which takes the work.

        That of a work which lies in what an argument is, near the hook: the superblock's own works,
        which an inode's error queues, are none of the inode's.
        """
        steps = work.place.steps if isinstance(work, Address) else ()
        is_own = bool(steps) and POINTED not in steps and self.depth > DEPTH - NEAR
        name = self.library.worker(steps[-1], self.path) if is_own else ""
        place = self.library.find(name, self.path) if name else None
        self.to_all(call, work, name if place else "")
        if place is not None:
            self.into(self.library.text(name, place), [work], call.at, later=name)

    def rest_of(self, parts: list[tuple[int, int]], given: Value) -> Value:
        """Return what `memset((void *)p + n, 0, sizeof(*p) - n)` sets: the rest of what p is.

        All of it is taken to be set: what lies before n is the inode itself, as a rule.
        (fs/ubifs/super.c:ubifs_alloc_inode@v6.12)
        """
        size = self.words[slice(*parts[2])] if len(parts) > 2 else []
        if size[:2] == ["offsetof", "("] and isinstance(given, Address):
            self.first_members(given.place, size, parts[2][0])
            return NOTHING
        if not isinstance(given, Unknown) or len(given.near) != 1 or len(parts) < 3:
            return given
        address, size = (self.words[slice(*part)] for part in (parts[0], parts[2]))
        if "+" not in address or "-" not in size:
            return given
        added = address[address.index("+") + 1 :]
        return Address(*given.near) if added == size[size.index("-") + 1 :] else given

    def first_members(self, place: MemorySpot, size: list[str], index: int) -> None:
        """Set what memset(toy, 0, offsetof(struct toy, vfs_inode)) sets: the members before that.

        (fs/erofs/super.c:erofs_alloc_inode@v6.12)
        """
        names = [word for word in size[2:] if is_name(word) and word != "struct"]
        members = self.library.reader.receivers.members(names[0], self.path) if names else {}
        last = members.get(names[1]) if len(names) > 1 else None
        if last is None:
            self.puzzle(index, f"{MEMSET}() sets something",
                        "which members was not followed", [place])  # fmt: skip
            return
        for name, member in members.items():
            if member.offset < last.offset:
                self.do("initialised", place.to(name), index, MEMSET)
                self.put(place.to(name), NULL)

    def to_all(self, call: RowCall, given: Value, later: str = "") -> None:
        """Note a row's deed for each thing that its argument may be; `later` is who does it."""
        row, name, index = call.row, call.name, call.at
        kind = cast(DeedKind, row.section)
        for formula, simple in choices(given):
            if kind == "read" and isinstance(simple, Address):
                before = self.under(formula)
                self.followed(simple.place)
                self.reach = before
            elif isinstance(simple, Address):
                spot = simple.place.to(row.reaches, POINTED) if row.reaches else simple.place
                reach, chain = both(self.reach, formula), (self.source(index),)
                self.note(RawDeed(kind, spot, reach, chain, name, None, later))
                if row.empties and spot.pointer:
                    self.put(spot.pointer, NULL)
                    self.do("emptied", spot.pointer, index, name, formula)
            elif kind == "cache destroyed":  # the cache is nobody's argument
                self.do(kind, NOBODY, index, name)
            elif isinstance(simple, Unknown) and kind in LEAVES:
                self.puzzle(index, f"{name}() gives something back",
                            "what it is was not followed", simple.near)  # fmt: skip
            elif isinstance(simple, Unknown) and name == MEMSET:
                # memset(toy->text + n, 0, size) sets what text leads to, and no member of toy.
                own = [spot for spot in simple.near if spot.pointer is None]
                self.puzzle(index, f"{name}() sets something",
                            "what it is was not followed", own)  # fmt: skip

    def handing(self, row: ApiRow, index: int, given: Value, function: Value) -> None:
        """Run what a row hands over: after a grace period, or at the last reference."""
        if not isinstance(function, Code):
            self.puzzle(index, "a callback could give back what it is given",
                        "which function it is was not followed", near(given))  # fmt: skip
            return
        place = self.library.find(function.name, function.path or self.path)
        if place is None:
            self.puzzle(index, f"{function.name}() could give back what it is given",
                        "it is not in the tree", near(given))  # fmt: skip
            return
        text = self.library.text(function.name, place)
        if row.section == "deferred":
            self.into(text, [given], index, later=function.name)
            return
        before = self.under(
            atom(Atom("last reference", pointed(given), at=self.place_of(index)))[0]
        )
        self.into(text, [given], index)
        self.reach = before

    def allocating(self, call: RowCall) -> Value:
        """Return new memory; its call.name is where it was asked for."""
        values = [self.value(*part) for part in call.parts]
        if 0 <= call.row.of < len(values):  # kstrdup(toy->text, GFP_KERNEL)
            self.behind(values[call.row.of])
        spot = MemorySpot(f"{NEW}{self.place_of(call.at)}")
        if call.row.zeroed:
            self.zeroed.add(spot.root)
        self.do("allocated", spot, call.at, call.name)
        function = values[call.row.runs] if 0 <= call.row.runs < len(values) else None
        place = self.library.find(function.name, self.path) if isinstance(function, Code) else None
        if place is not None:  # iget5_locked(sb, number, toy_test, toy_set, data)
            given = [Address(spot), *values[call.row.runs + 1 :]]
            self.into(self.library.text(place.name, place), given, call.at)
        return Address(spot)

    def passing(self, call: RowCall) -> Value:
        """Return the argument itself; no_free_ptr(toy) leaves NULL in toy."""
        if call.row.of >= len(call.parts):
            return NOTHING
        term = self.term(*call.parts[call.row.of])
        value = self.worth(term)
        if call.row.empties and isinstance(term, MemorySpot):
            self.put(term, NULL)
        return value

    def assigning(self, call: RowCall) -> Value:
        """Store one argument in another, and return what was there."""
        if len(call.parts) <= max(call.row.of, call.row.value):
            return NOTHING
        value = self.value(*call.parts[call.row.value])
        term = self.term(*call.parts[call.row.of])
        if call.row.by_address:
            term = self.behind(self.worth(term))
        before = self.worth(term)
        self.store(term, value)
        return before

    def containing(self, call: RowCall) -> Value:
        """Return the struct around a member: container_of(inode, struct toy, vfs_inode)."""
        if len(call.parts) < 3:
            return NOTHING
        value = self.value(*call.parts[0])
        struct = [word for word in self.words[slice(*call.parts[1])] if is_name(word)][-1:]
        member = "".join(self.words[slice(*call.parts[2])])

        def around(simple: Simple) -> Value:
            if not isinstance(simple, Address):
                return simple
            return Address(simple.place.up("".join(struct), member))

        return mapped(value, around)

    def asking(self, call: RowCall) -> Value:
        """Return the answer of a question."""
        if call.row.of >= len(call.parts):
            return NOTHING
        return Truth(*self.of_row(call.row, self.value(*call.parts[call.row.of]), call.at))

    def idle(self, call: RowCall) -> Value:
        """Do nothing but what the arguments do."""
        for part in call.parts:
            self.value(*part)
        if call.row.sleeps:
            self.do("sleeps", NOBODY, call.at, call.name)
        return Unknown(self.place_of(call.at))

    # --- functions of the tree ---

    def summary(self, text: FunctionText, depth: int, codes: Codes = ()) -> Summary | None:
        """Return what a function does, or None where that is too deep or runs already."""
        raise NotImplementedError

    def into(self, text: FunctionText, values: list[Value], index: int, later: str = "") -> Value:
        """Take over what a called function does, with our values for its arguments."""
        reached = self.reached(values)
        # Who takes nothing may call who takes nothing: a module's exit its helpers.
        codes = tuple(
            (number, value) for number, value in enumerate(values) if isinstance(value, Code)
        )
        is_known = bool(codes) or not (values or self.text_of.arguments)
        if not (is_known or any(map(is_reachable, reached))) and not text.is_macro:
            return Unknown(self.place_of(index))
        summary = self.summary(text, self.depth - 1, codes)
        if summary is None:
            self.puzzle(index, f"{text.name}() could give back what it is given", TOO_DEEP, reached)
            self.is_cut = True
            return Unknown(self.place_of(index), frozenset(reached))
        return Binding(self, summary, values, index, later).bind()


Way = tuple[Formula, MemorySpot]


class Binding:
    """Put a caller's values in the place of a summary's arguments.

    A summary says "0, body, * is given back if 0, body is set"; where argument 0 is our container,
    it is container.body, and if we have stored NULL in it the deed is not done. What a callee
    asked that has no class is another question at each place that calls it.

    All that a summary names is as it was when the callee began: what that stores on its way is
    known for the caller behind the call, and not for a deed that follows the store.
    """

    def __init__(
        self, caller: CallRun, summary: Summary, values: list[Value], index: int, later: str
    ) -> None:
        self.caller = caller
        self.summary = summary
        self.values = values
        self.index = index
        self.lost: set[MemorySpot] = set()
        self.source = caller.source(index)
        self.site = f"{self.source.line}.{index}"
        self.later = later
        # What the caller knew as the callee began: copied once that stores, as few do.
        self.entry, self.stored_in, self.changes = caller.known, caller.stored_in, caller.changes
        self.formulas: dict[Formula, Formula] = {}
        self.found: dict[MemorySpot, tuple[list[Way], frozenset[MemorySpot]]] = {}
        self.stakes: dict[frozenset[MemorySpot], frozenset[MemorySpot]] = {}

    def bind(self) -> Value:
        """Do the deeds in their order, and return the value."""
        caller = self.caller
        before = caller.reach
        for deed in self.summary.deeds:
            if deed.kind in PLAIN and deed.kind != "sleeps" and deed.reach != TRUE:
                continue
            reach = bounded(both(before, self.formula(deed.reach)), caller.most)
            if reach != FALSE:
                caller.reach = reach
                self.deed(deed)
        caller.reach = before
        caller.is_cut = caller.is_cut or self.summary.is_cut
        for unread, places in zip(self.summary.unread, self.summary.near, strict=True):
            if found := self.at_stake(places):
                caller.not_read(unread, found)
        return self.value(self.summary.returns)

    def at_stake(self, places: frozenset[MemorySpot]) -> frozenset[MemorySpot]:
        """Return what of the caller's own some spots of the summary are; most lists are alike."""
        if places not in self.stakes:
            reached = {spot for place in places for _, spot in self.spots(place)}
            self.stakes[places] = frozenset(filter(self.caller.is_at_stake, reached))
        return self.stakes[places]

    def deed(self, deed: RawDeed) -> None:
        """Do one deed to what the argument is here; a store is known from here on."""
        caller = self.caller
        self.lost = set()
        spots = self.spots(deed.spot)
        if self.lost and deed.kind in LEAVES:
            caller.puzzle(self.index, f"{deed.via}() gives something back",
                          "what it is was not followed", self.lost)  # fmt: skip
        for formula, spot in spots:
            value = None if deed.value is None else self.value(deed.value)
            reach = both(caller.reach, formula)
            later = deed.later or self.later
            chain = (self.source, *deed.chain)
            kind = deed.kind
            if kind == "attached" and value == NULL:  # the caller gave NULL to be stored
                kind = "emptied"
            caller.note(RawDeed(kind, spot, reach, chain, deed.via, value, later))
            if value is not None and not later:
                self.store(spot, value, reach)
            if deed.kind == "allocated" and deed.spot.root in caller.zeroed:
                caller.zeroed.add(spot.root)

    def store(self, spot: MemorySpot, value: Value, reach: Formula) -> None:
        """Let a spot have what the callee stored in it.

        Where it only may have stored a pointer, the spot leads to whatever it leads to.
        """
        caller = self.caller
        if self.entry is caller.known:
            self.entry = dict(caller.known)
            self.stored_in, self.changes = set(caller.stored_in), dict(caller.changes)
        if reach == caller.reach == TRUE:
            caller.put(spot, value)
        elif value == NULL:
            caller.put(spot, one_of([(reach, value), (negated(reach), caller.load(spot))]))
        else:
            caller.known.pop(spot, None)

    def spots(self, spot: MemorySpot) -> list[Way]:
        """Return what a spot of the summary is here, each with its formula."""
        if spot == NOBODY:
            return [(TRUE, spot)]
        if not spot.root.isdigit():
            return [(TRUE, MemorySpot(f"{spot.root}<{self.site}", spot.steps))]
        if spot not in self.found:
            outer, self.lost = self.lost, set()
            self.found[spot] = self.searched(spot), frozenset(self.lost)
            self.lost = outer
        found, lost = self.found[spot]
        self.lost |= lost
        return found

    def searched(self, spot: MemorySpot) -> list[Way]:
        """Return what a spot of an argument is, by what the caller has given for that."""
        number = int(spot.root)
        value = self.values[number] if number < len(self.values) else NOTHING
        found: list[Way] = []
        for formula, simple in choices(value):
            if isinstance(simple, Address):
                found += self.along((formula, simple.place), spot.steps)
            elif isinstance(simple, Unknown):
                self.lost |= simple.near
        return found

    def along(self, start: Way, steps: tuple[str, ...]) -> list[Way]:
        """Go steps on from a place, by what the caller has stored on the way.

        Where that is not known, `lost` has what it came of.
        """
        if start[1].root not in self.stored_in:
            return [(start[0], start[1].to(*steps))]
        ways = [start]
        for step in steps:
            found: list[Way] = []
            for formula, place in ways:
                stored = self.entry.get(place) if step == POINTED else None
                for inner, simple in choices(Address(place.to(step)) if stored is None else stored):
                    if isinstance(simple, Address):
                        found.append((both(formula, inner), simple.place))
                    elif isinstance(simple, Unknown):
                        self.lost |= simple.near
            ways = found[:MOST_VALUES]
        return ways

    def formula(self, formula: Formula) -> Formula:
        """Return a formula of the summary in the caller's terms; deeds of one way share it."""
        if formula in (TRUE, FALSE):
            return formula
        if formula not in self.formulas:
            self.formulas[formula] = replaced(formula, self.answer)
        return self.formulas[formula]

    def answer(self, test: Atom) -> Answer:
        """Ask a question of the summary here, where the caller may know the answer."""
        about = test.about
        if about is None:
            return atom(test._replace(key=f"{self.site}>{test.key}"))
        if test.kind == "set" and about.root.isdigit() and not about.steps:
            number = int(about.root)
            value = self.values[number] if number < len(self.values) else NOTHING
            return self.caller.of_value(value, 0, 0)
        holds, fails = FALSE, FALSE
        for formula, spot in self.spots(about):
            yes, no = self.of_spot(test, spot)
            holds, fails = either(holds, both(formula, yes)), either(fails, both(formula, no))
        if holds == fails == FALSE:
            return atom(Atom("if", None, f"{self.site}>{test.key}", test.at))
        return holds, fails

    def of_spot(self, test: Atom, spot: MemorySpot) -> Answer:
        """Ask a question about one spot of the caller."""
        stored = self.entry.get(spot)
        if test.kind == "set":
            if stored is not None:
                return self.caller.of_value(stored, 0, 0)
            if not spot.steps:
                return atom(Atom("set", spot))
            if spot.root in self.caller.zeroed:
                return FALSE, TRUE
            count = self.changes.get(spot, 0)
            return atom(Atom("set", spot, str(count) if count else ""))
        key = ""
        if test.kind in ("member", "if"):
            key = f"{self.asked_of(spot) if test.kind == 'member' else self.site}>{test.key}"
        return atom(Atom(test.kind, spot, key, test.at))

    def asked_of(self, spot: MemorySpot) -> str:
        """Return by what a question about a member is told from others.

        Two calls with the same pointers ask the same, as long as nothing is stored meanwhile: where
        nilfs_clear_inode is called on three ways, i_ino is one number. With other values it may be
        another question. (fs/nilfs2/inode.c:nilfs_evict_inode@v6.12)
        """
        if not all(isinstance(value, Address | Null) for value in self.values):
            return self.site
        steps = spot.steps
        changed = sum(
            count
            for other, count in self.changes.items()
            if other.root == spot.root and steps[: len(other.steps)] == other.steps
        )
        given = " ".join(map(str, self.values))
        return f"{given} {changed}"

    def value(self, value: Value) -> Value:
        """Return a value of the summary in the caller's terms."""
        if isinstance(value, OneOf):
            return one_of(
                [(self.formula(formula), self.value(inner)) for formula, inner in value.values]
            )
        if isinstance(value, Address):
            if value.place.root.isdigit() and not value.place.steps:
                number = int(value.place.root)
                return self.values[number] if number < len(self.values) else NOTHING
            spots = self.spots(value.place)
            return one_of((formula, Address(spot)) for formula, spot in spots) if spots else NULL
        if isinstance(value, Truth):
            return Truth(self.formula(value.holds), self.formula(value.fails))
        if isinstance(value, Unknown):
            origin = f"{self.site}>{value.origin}" if value.origin else ""
            reached: set[MemorySpot] = set()
            for place in value.near:
                reached |= {spot for _, spot in self.spots(place)}
            return Unknown(origin, frozenset(reached))
        return value


def as_seen(deed: RawDeed, pointers: int) -> RawDeed | None:
    """Return a deed as somebody sees it who looks so many pointers far, or None.

    What is done to a pointer's memory is a reading of the pointer, but what is given back later.
    """
    spot = deed.spot.within(pointers)
    if not is_reachable(spot):
        return None
    if spot.steps[: len(TRANSPARENT)] == TRANSPARENT and deed.kind not in LEAVES:
        is_info = FS_INFO in spot.steps
        return deed._replace(kind="read", spot=spot, value=None) if is_info else None
    if spot == deed.spot:
        return deed
    if not deed.spot.lies_within(pointers) or deed.kind in PLAIN:
        return None
    kind: DeedKind = deed.kind if deed.kind in SEEN_FROM_AFAR else "read"
    return deed._replace(kind=kind, spot=spot, value=None)


def is_new_pointer(value: Simple) -> bool:
    """Tell whether a stored value is a pointer, and not a copy of what may be a number."""
    if isinstance(value, Code):
        return True
    return isinstance(value, Address) and value.place.steps[-1:] != (POINTED,)


Doing = Callable[[CallRun, RowCall], Value]

SECTIONS: Final[Mapping[str, Doing]] = {
    "passes": CallRun.passing,
    "assigns": CallRun.assigning,
    "contains": CallRun.containing,
    "asks": CallRun.asking,
    "inert": CallRun.idle,
    "prefix": CallRun.idle,
    "allocated": CallRun.allocating,
}
