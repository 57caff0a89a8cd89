"""Say what changed between two kernels: functions, hooks, struct members, and renames."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from gmemviz.errors import of_kind
from gmemviz.facts.noise import is_noise
from gmemviz.facts.query import Slot, predecessors, slots
from gmemviz.facts.records import Field
from gmemviz.facts.snapshot import Facts
from gmemviz.shown import shows_itself

MANY = 3
ALIKE = 0.55
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
    gone = sorted(set(old.functions) - set(new.functions))
    added = sorted(set(new.functions) - set(old.functions))
    renamed = renames(old, new, gone, added)
    names = set(renamed.values())
    return Diff(
        old.kernel,
        new.kernel,
        tuple(name for name in added if name not in names),
        tuple(name for name in gone if name not in renamed),
        renamed,
        _changed_calls(old, new, renamed),
        only(new, old, {}),
        only(old, new, renamed),
        tuple(field for key, field in new.fields.items() if key not in old.fields),
        tuple(field for key, field in old.fields.items() if key not in new.fields),
    )


def renames(old: Facts, new: Facts, gone: list[str], added: list[str]) -> dict[str, str]:
    """Pair what is gone with what was added where users, words and callees agree.

    A second round sees the users that the first found to be renamed themselves.
    """
    found: dict[str, str] = {}
    for _ in range(2):
        scores = sorted(_scored(old, new, gone, added, found))
        found = {}
        for _, name, other in scores:
            if name not in found and other not in found.values():
                found[name] = other
    return dict(sorted(found.items()))


def _scored(
    old: Facts, new: Facts, gone: list[str], added: list[str], renamed: Mapping[str, str]
) -> Iterator[tuple[float, str, str]]:
    profiles = {name: _profile(new, name, {}) for name in added}
    used_by: dict[str, list[str]] = {}
    for name, after in profiles.items():
        for user in after.users:
            used_by.setdefault(user, []).append(name)
    for name in gone:
        before = _profile(old, name, renamed)
        for other in {other for user in before.users for other in used_by.get(user, ())}:
            score = likeness(before, profiles[other])
            if score >= ALIKE:
                yield -score, name, other


class Profile(NamedTuple):
    """Hold what a function is known by: the words of its name, its users, its callees."""

    words: frozenset[str]
    users: frozenset[str]
    callees: frozenset[str]


def _profile(facts: Facts, name: str, renamed: Mapping[str, str]) -> Profile:
    return Profile(
        frozenset(name.strip("_").split("_")),
        frozenset(renamed.get(user, user) for user in users(facts, name)),
        frozenset(renamed.get(callee, callee) for callee in callee_names(facts, name)),
    )


def likeness(one: Profile, two: Profile) -> float:
    """Return how alike two functions are, from 0 to 1; many common users count twice."""
    parts = [_jaccard(one.words, two.words), _jaccard(one.users, two.users)]
    if len(one.users & two.users) >= MANY:
        parts.append(parts[-1])
    if one.callees or two.callees:
        parts.append(_jaccard(one.callees, two.callees))
    return sum(parts) / len(parts)


def _jaccard(one: frozenset[str], two: frozenset[str]) -> float:
    return len(one & two) / len(one | two) if one | two else 1.0


@cache
def callee_names(facts: Facts, name: str) -> frozenset[str]:
    """Return what the definitions of a name call, noise left out."""
    return frozenset(
        call.callee
        for function in facts.functions.get(name, ())
        for call in function.calls
        if not is_noise(call.callee)
    )


@cache
def users(facts: Facts, name: str) -> frozenset[str]:
    """Return who calls a function, and the tables that hold it."""
    callers = {edge.caller for edge in predecessors(facts).get(name, ()) if edge.kind != "ops"}
    return frozenset(callers | _holders(facts).get(name, set()))


@cache
def _holders(facts: Facts) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for group in slots(facts).values():
        for slot in group:
            found.setdefault(slot.function, set()).add(f"{slot.path} {slot.table} {slot.hook}")
    return found


def _changed_calls(
    old: Facts, new: Facts, renamed: Mapping[str, str]
) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    changes = {}
    for name in sorted(set(old.functions) & (set(new.functions) | set(renamed))):
        before = {renamed.get(callee, callee) for callee in callee_names(old, name)}
        after = callee_names(new, renamed.get(name, name))
        if before != after:
            changes[name] = (tuple(sorted(before - after)), tuple(sorted(after - before)))
    return changes


def only(here: Facts, there: Facts, renamed: Mapping[str, str]) -> tuple[Slot, ...]:
    """Return the slots that one kernel has and the other has not, whatever the line."""
    other = {_key(slot, {}) for group in slots(there).values() for slot in group}
    found = (slot for group in slots(here).values() for slot in group)
    return tuple(sorted(slot for slot in found if _key(slot, renamed) not in other))


def _key(slot: Slot, renamed: Mapping[str, str]) -> tuple[str, str, str, str]:
    return slot.struct, slot.hook, slot.table, renamed.get(slot.function, slot.function)
