"""Say what changed between two kernels: functions, hooks, struct members, and renames."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Final, NamedTuple

from gmemviz.errors import of_kind
from gmemviz.facts.noise import is_noise
from gmemviz.facts.query import Slot, predecessors, slots
from gmemviz.facts.records import Field
from gmemviz.facts.snapshot import Facts
from gmemviz.shown import shows_itself

MANY: Final = 3
"""From how many common users on these count twice."""

ALIKE: Final = 0.55
"""How much two functions must have in common for one to be the other renamed."""


@shows_itself
@dataclass(frozen=True, slots=True)
class Diff:
    """Give what a new kernel has and an old one has not, and the other way round.

    `renamed` maps old names to new ones. `calls` holds, for each function that
    both have, the callees gone and the callees added, renames not counted.
    """

    old: str
    new: str
    added: tuple[str, ...]
    gone: tuple[str, ...]
    renamed: dict[str, str]
    calls: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
    slots_added: tuple[Slot, ...]
    slots_gone: tuple[Slot, ...]
    fields_added: tuple[Field, ...]
    fields_gone: tuple[Field, ...]

    def __repr__(self) -> str:
        functions = f"{len(self.added)} functions added, {len(self.gone)} gone"
        return f"<Diff {self.old} to {self.new}: {functions}, {len(self.renamed)} renamed>"


def diff(old: Facts, new: Facts) -> Diff:
    """Compare two kernels' facts; what both have in the same words is left out."""
    of_kind("old", old, Facts)
    of_kind("new", new, Facts)
    gone = old.functions.keys() - new.functions.keys()
    added = new.functions.keys() - old.functions.keys()
    renamed = _renames(old, new, gone, added)
    return Diff(
        old.kernel,
        new.kernel,
        tuple(sorted(added - set(renamed.values()))),
        tuple(sorted(gone - renamed.keys())),
        renamed,
        _changed_calls(old, new, renamed),
        _slots_of_one(new, old, {}),
        _slots_of_one(old, new, renamed),
        tuple(field for key, field in new.fields.items() if key not in old.fields),
        tuple(field for key, field in old.fields.items() if key not in new.fields),
    )


# --- renames ------------------------------------------------------------------------------


# What is gone, with what was added, where users, words and callees agree. A second round sees
# the users that the first found to be renamed themselves.
def _renames(old: Facts, new: Facts, gone: set[str], added: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for _ in range(2):
        scores = sorted(_scored(old, new, gone, added, found))
        found = {}
        for _, name, other in scores:
            if name not in found and other not in found.values():
                found[name] = other
    return dict(sorted(found.items()))


# Only what has a user in common is compared: else each of thousands would be with each.
def _scored(
    old: Facts, new: Facts, gone: set[str], added: set[str], renamed: Mapping[str, str]
) -> Iterator[tuple[float, str, str]]:
    profiles = {name: _profile(new, name, {}) for name in added}
    used_by: dict[str, set[str]] = defaultdict(set)
    for name, profile in profiles.items():
        for user in profile.users:
            used_by[user].add(name)
    for name in gone:
        before = _profile(old, name, renamed)
        for other in set().union(*(used_by.get(user, ()) for user in before.users)):
            score = _likeness(before, profiles[other])
            if score >= ALIKE:
                yield -score, name, other


class Profile(NamedTuple):
    """Hold what a function is known by: the words of its name, its users, its callees."""

    words: set[str]
    users: set[str]
    callees: set[str]


def _profile(facts: Facts, name: str, renamed: Mapping[str, str]) -> Profile:
    return Profile(
        set(name.strip("_").split("_")),
        {renamed.get(user, user) for user in _users(facts, name)},
        {renamed.get(callee, callee) for callee in _callees(facts, name)},
    )


# From 0 to 1; many common users count twice.
def _likeness(before: Profile, after: Profile) -> float:
    common_users = _overlap(before.users, after.users)
    parts = [_overlap(before.words, after.words), common_users]
    if len(before.users & after.users) >= MANY:
        parts.append(common_users)
    if before.callees or after.callees:
        parts.append(_overlap(before.callees, after.callees))
    return sum(parts) / len(parts)


# The index of Jaccard.
def _overlap(some: set[str], others: set[str]) -> float:
    return len(some & others) / len(some | others) if some or others else 1.0


# What the definitions of a name call, noise left out.
@cache
def _callees(facts: Facts, name: str) -> frozenset[str]:
    calls = chain.from_iterable(function.calls for function in facts.functions.get(name, ()))
    return frozenset(call.callee for call in calls if not is_noise(call.callee))


# Who calls a function, and the tables that hold it.
@cache
def _users(facts: Facts, name: str) -> frozenset[str]:
    callers = {edge.caller for edge in predecessors(facts).get(name, ()) if edge.kind != "ops"}
    return frozenset(callers | _holders(facts).get(name, set()))


@cache
def _holders(facts: Facts) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for slot in _every_slot(facts):
        found[slot.function].add(f"{slot.path} {slot.table} {slot.hook}")
    return found


# --- what both have, changed --------------------------------------------------------------


def _changed_calls(
    old: Facts, new: Facts, renamed: Mapping[str, str]
) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    changes = {}
    for name in sorted(old.functions.keys() & (new.functions.keys() | renamed.keys())):
        before = {renamed.get(callee, callee) for callee in _callees(old, name)}
        after = _callees(new, renamed.get(name, name))
        if before != after:
            changes[name] = (tuple(sorted(before - after)), tuple(sorted(after - before)))
    return changes


# The slots that one kernel has and the other has not, whatever the line.
def _slots_of_one(here: Facts, there: Facts, renamed: Mapping[str, str]) -> tuple[Slot, ...]:
    others = {_key(slot, {}) for slot in _every_slot(there)}
    return tuple(sorted(slot for slot in _every_slot(here) if _key(slot, renamed) not in others))


def _key(slot: Slot, renamed: Mapping[str, str]) -> tuple[str, str, str, str]:
    return slot.struct, slot.hook, slot.table, renamed.get(slot.function, slot.function)


def _every_slot(facts: Facts) -> Iterator[Slot]:
    return chain.from_iterable(slots(facts).values())
