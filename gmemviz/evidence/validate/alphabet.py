"""Tell which steps of the model a recording can show, and which of its events are such steps."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product
from typing import Final

from gmemviz.evidence.validate.builds import called_in_build
from gmemviz.evidence.validate.entries import Entries, ProgramEntry, Start, Where
from gmemviz.facts import Event, Facts, Trace, callees
from gmemviz.model import HOOKS
from gmemviz.record.inode import FREES, NOBODY, Calls
from gmemviz.shown import Group

CALLBACKS = ("i_callback", "your_callback")
"""What RCU calls to free an inode: the VFS's (fs/inode.c:i_callback@v6.12), and a module's own."""

MILESTONES: Final = frozenset({"clear_inode", "destroy_inode", "call_rcu", "i_callback"})
"""What the VFS does at an inode's end, one after the other (fs/inode.c:evict, destroy_inode@v6.12):
whether these and the Design's hooks happened is what a recording is asked for."""

OF_DENTRIES: Final = frozenset({"dentry_kill", "__dentry_kill", "dentry_unlink_inode"})
"""What ends one dentry; beside the inode's road it is another's (fs/dcache.c:__dentry_kill@v6.12).
Whoever unmounts kills them all."""

LOOPED: Final = {
    "evict_inodes": OF_DENTRIES | {"dispose_list", "evict"},
    "dispose_list": OF_DENTRIES | {"evict"},
}
"""What ends one inode of a list after the other, by who does so (fs/inode.c:dispose_list@v6.12)."""

KILLS: Final = frozenset({"kill_anon_super", "kill_litter_super"})
"""What stands for the kill_sb of a Design that names none; a filesystem with a device has another
(fs/super.c:kill_block_super@v6.12)."""

_TOLD: Final = frozenset(HOOKS) - {"kill_sb", "put_super"}
"""Hooks that a Design leaves out on purpose: those of inodes. A kill_sb each filesystem has;
where a Design names none, any may call kill_anon_super (fs/super.c:kill_litter_super@v6.12)."""


def edges_seen(recording: Trace) -> frozenset[tuple[str, str]]:
    """Return who called whom in a recording: pairs of functions, to hold against the facts.

    Functions outside the tracer's filter are left out: their callees are their callers'.
    """
    calls = Calls(recording.events)
    pairs = [(caller, index) for index, caller in enumerate(calls.caller) if caller != NOBODY]
    return Group((calls.names[caller], calls.names[index]) for caller, index in pairs)


@dataclass(frozen=True)
class Seen:
    """Say what a recording shows: functions, and who called whom.

    `model` are the functions that the model knows; others may stand between two of them.
    """

    trace: Trace
    facts: Facts
    model: frozenset[str]

    @cached_property
    def calls(self) -> Calls:
        """Return who called whom among the recording's events."""
        return Calls(self.trace.events)

    @cached_property
    def names(self) -> frozenset[str]:
        """Return the functions that it would show: those that it does, and what its head names."""
        watched = self.trace.watched.functions if self.trace.watched else ()
        return frozenset(self.calls.names).union(watched)

    @cached_property
    def edges(self) -> frozenset[tuple[str, str]]:
        """Return the pairs that it shows: a function and the nearest above that is the model's."""
        edges = set()
        for index, name in enumerate(self.calls.names):
            above = (self.calls.names[caller] for caller in self.calls.above(index))
            caller = next(filter(self.model.__contains__, above), None)
            if name in self.model and caller is not None:
                edges.add((caller, name))
        return frozenset(edges)

    def shows(self, entry: ProgramEntry, caller: ProgramEntry | None) -> bool:
        """Say whether the recording would show `entry`, called from the entry `caller`.

        A function that it shows anywhere was in the tracer's filter, so it would show here as
        well; and so was what its head says. But within one source file the compiler may inline
        one call and not another, and what a hook's source calls its build may lack, as tmpfs
        without quota (mm/shmem.c:shmem_evict_inode@v6.12): there a recording of this build must
        show this call. Nothing can show a function that the kernel does not have; as a hook it
        stands for whatever function that hook might be, and what is done below it may be done by
        another function than the Design names, so a head demands none there.
        """
        if is_any(entry, self):
            return True
        is_below_any = caller is not None and is_any(caller, self)
        is_assumed = is_below_any or (entry.function in KILLS and not entry.hook)
        if entry.function not in (self.calls.names if is_assumed else self.names):
            return False
        if entry.hook or caller is None or is_below_any:
            return True
        if not self._may_be_left_out(entry, caller) and not self._may_share_a_file(entry, caller):
            return True
        pair = (caller.function, entry.function)
        return pair in self.edges or called_in_build(self.trace.kernel, *pair)

    def why_not(self, entry: ProgramEntry) -> str:
        """Say why the recording does not show an entry."""
        known = self.facts.functions.get(entry.function, ())
        if not known:
            return f"no function of {self.facts.kernel}"
        if all(function.inline for function in known):
            return "inline"
        if self.trace.watched and entry.function in self.trace.watched.lacking:
            return "its kernel has no such function to trace"
        if entry.function in self.names:
            return "not shown as called from there"
        return "the recording shows it nowhere"

    # What the source of a hook calls its build may lack; what it never calls is the Design's word.
    def _may_be_left_out(self, entry: ProgramEntry, caller: ProgramEntry) -> bool:
        if not caller.hook or entry.function in MILESTONES:
            return False
        return entry.function in _called_from(self.facts, caller.function)

    # Of what the facts do not know nobody can tell where it stands.
    def _may_share_a_file(self, entry: ProgramEntry, other: ProgramEntry) -> bool:
        paths = self._paths(entry), self._paths(other)
        return not all(paths) or not paths[0].isdisjoint(paths[1])

    def _paths(self, entry: ProgramEntry) -> set[str]:
        return {known.path for known in self.facts.functions.get(entry.function, ())}


def steps_of(entries: Entries, start: Start, seen: Seen) -> dict[Where, Where | None]:
    """Return the entries that the recording would show, each with the nearest one above it."""
    found: dict[Where, Where | None] = {}
    for where in entries.shown(start):
        above = None if where == start else entries.caller(where)
        while above is not None and above not in found:
            above = entries.caller(above)
        caller = entries.entry(above) if above else None
        if where == start or seen.shows(entries.entry(where), caller):
            found[where] = above
    return found


def is_any(entry: ProgramEntry, seen: Seen) -> bool:
    """Say whether an entry is a hook's function that the kernel does not have.

    Of a Design that was made a module the recording has it: then it is that one, and no other's.
    """
    known = seen.facts.has_function(entry.function) or entry.function in seen.names
    return bool(entry.hook) and not (known or entry.function in _functions_of_slots(seen.facts))


def names_of(entry: ProgramEntry, seen: Seen) -> tuple[str, ...]:
    """Return what an event may be called to be this entry: one of these is enough."""
    hook = (f"the {entry.hook} hook",) if is_any(entry, seen) else ()
    return (entry.function, *hook)


def called(event: Event, name: str) -> tuple[str, ...]:
    """Return what an event is called."""
    return (name, f"the {event.hook} hook") if event.hook else (name,)


def fits(entry: ProgramEntry, event: Event, name: str, seen: Seen) -> bool:
    """Say whether an event is this entry, whatever the context."""
    return not set(names_of(entry, seen)).isdisjoint(called(event, name))


class Alphabet:
    """Say which events of a followed inode are steps that the model names.

    They are hooks, and calls that the model has between these two functions: in this Design, or
    in the same one with every hook NULL; what a hook's default calls counts below the hook too.
    Below another call of a function of the road nothing counts: that is another object's.
    """

    def __init__(
        self, worlds: Iterable[tuple[Entries, Start]], seen: Seen, hooks: Mapping[str, str]
    ) -> None:
        self._facts = seen.facts
        self._own = set(hooks.values())
        self._pairs: set[tuple[str, str]] = set()
        self._names: set[str] = set()
        self._defaults: set[tuple[str, str]] = set()
        self._at_exit: set[str] = set()
        for entries, start in worlds:
            below = [entries.entry(where) for where in entries.shown(start)]
            self._defaults |= {(entry.default, entry.function) for entry in below if entry.default}
            for where, above in steps_of(entries, start, seen).items():
                entry = entries.entry(where)
                self._names.add(entry.function)
                if entry.hook and not is_any(entry, seen):  # of a module no Design names it
                    self._own.add(entry.function)
                if above is None and where.actor == start.actor and where != start:
                    self._at_exit.add(entry.function)
                if above:
                    callers = names_of(entries.entry(above), seen)
                    self._pairs.update(product(callers, names_of(entry, seen)))

    def callers(
        self,
        events: Sequence[Event],
        calls: Calls,
        road: Sequence[int],
        sights: Collection[int],
        ends: Collection[int],
    ) -> dict[int, int]:
        """Return the events that count, each with the nearest one above it that does.

        `road` leads from the first that counts down to evict. What is on it is of this inode, so
        there the model's functions count wherever they stand, and others may be between them.
        `sights` lead to what has the inode's address before.
        `ends` are of this inode by their arguments: they count whoever called them, but for the
        one by which the last hook, or what stands for it, gives the memory back.
        """
        found: dict[int, int] = {}
        has_freed = False
        aside = _of_others(calls, {*road, *sights})
        for index, name in enumerate(calls.names):
            above = list(calls.above(index))
            own = [caller for caller in above if caller in found]
            if index == road[0] or (not above and name in CALLBACKS and index > road[0]):
                found[index] = NOBODY
            elif own and index not in aside and self._counts(index, own[0], events, calls, road):
                found[index] = own[0]
            elif self._is_at_exit(index, calls, road[0]):
                found[index] = NOBODY
            elif index in ends:
                is_due = not has_freed and self._may_free(own, events, calls)
                if not (is_due and name.startswith(FREES)):
                    found[index] = own[0] if own else NOBODY
            has_freed |= index in ends and name.startswith(FREES)
        return found

    def _counts(
        self, index: int, own: int, events: Sequence[Event], calls: Calls, road: Sequence[int]
    ) -> bool:
        name, above = calls.names[index], list(calls.above(index))
        between = above[: above.index(own)]
        if any(calls.names[caller] in self._names for caller in between):
            return False
        # A hook may have a helper do that (fs/ext4/super.c:ext4_clear_inode@v6.12).
        is_near = not between or (bool(events[own].hook) and name in MILESTONES)
        return (
            (index in road and name in self._names)
            or self._is_hook(events[index], name)
            or (is_near and self._is_call(events[own], calls.names[own], events[index], name))
        )

    # A module's exit has no name here, but who called the road, if anybody is shown, called this.
    def _is_at_exit(self, index: int, calls: Calls, start: int) -> bool:
        is_beside = calls.caller[index] == calls.caller[start] and index > start
        return is_beside and calls.names[index] in self._at_exit

    # A callback frees; so does destroy_inode's hook where nothing is handed to RCU.
    def _may_free(self, own: Sequence[int], events: Sequence[Event], calls: Calls) -> bool:
        names = {calls.names[above] for above in own}
        has_callback = not set(CALLBACKS).isdisjoint(calls.names)
        by_hook = any(events[above].hook == "destroy_inode" for above in own)
        return not names.isdisjoint(CALLBACKS) or (by_hook and not has_callback)

    def _is_hook(self, event: Event, name: str) -> bool:
        return event.hook in _TOLD or name in self._own

    def _is_call(self, above: Event, caller: str, event: Event, name: str) -> bool:
        if (above.hook, name) in self._defaults:
            return True
        pairs = product(called(above, caller), called(event, name))
        # What the VFS itself calls and a table has as a hook is one, wherever it stands.
        is_hook = not above.hook and name in _functions_of_slots(self._facts)
        return is_hook or any(pair in self._pairs for pair in pairs)


# Beside the road, and where no address says that it leads to this inode.
def _of_others(calls: Calls, own: Collection[int]) -> set[int]:
    found: set[int] = set()
    for index, above in enumerate(calls.caller):
        looped = LOOPED.get(calls.names[above], OF_DENTRIES) if above != NOBODY else OF_DENTRIES
        if calls.names[index] in looped:
            found.add(index)
    return found.difference(own)


# A hook may have a helper do it; what is further down is another function's business. A module's
# own calls what its Design says, all of it.
@cache
def _called_from(facts: Facts, function: str) -> frozenset[str]:
    if not facts.has_function(function):
        return frozenset()
    return frozenset(edge.callee for edge in callees(facts, function, depth=2))


@cache
def _functions_of_slots(facts: Facts) -> frozenset[str]:
    functions: set[str] = set()
    for table in facts.tables:
        functions |= {function for hook, function in table.slots if hook in _TOLD}
    return frozenset(functions)
