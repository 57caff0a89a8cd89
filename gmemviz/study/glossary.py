"""Explain every word: what it means, which function of the kernel is behind it, what shows it.

The words and their meanings are the tables of the model, so that nothing is explained that it does
not know, and nothing it knows is left out. `gmemviz explain` prints what is here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, Final, NamedTuple

from gmemviz.errors import choice, of_kind
from gmemviz.facts import CONTEXTS, HOOKS, filesystem_names, kernels, load
from gmemviz.model import CLEANUPS, METADATA, MOUNTS, PLACEMENTS, SCENARIOS
from gmemviz.model.design import (
    DEFECTS,
    FROM,
    GALLERY_PLACEMENTS,
    HOLDS,
    INODE_KINDS,
    LOCKS,
    MEMBERS,
    READERS,
    RELEASES,
    RUNS,
    TESTS,
    UNBINDS,
    UNTIL,
    VERBS,
    DefectCode,
)
from gmemviz.shown import Several, Table, shows_itself
from gmemviz.study.gallery import designs, gallery


@shows_itself
class Explained(NamedTuple):
    """Give a word, the list that it stands in, and what it means.

    `source` is the kernel function behind it, `path:function`, or what a Design rests on; `state`
    what `gmemviz check --state` takes to show it. Both are "" where there is none.
    """

    word: str
    of: str
    says: str
    source: str = ""
    state: str = ""

    def __repr__(self) -> str:
        return f"<Explained {self.word}, {self.of}: {self.says}>"


OLDEST, NEWEST = kernels()[0], kernels()[-1]

_INSIDE: Final = f"{NEWEST}/own/containing-struct/destroy+free"
SHOWN_BY: Final[Mapping[DefectCode, str]] = {
    "assertion": f"{NEWEST}/own/i_private/evict-without-clear/shared_policy",
    "crash": f"{NEWEST}/static-superblock/i_private/none/shared_policy",
    "deadlock": f"{NEWEST}/own/global-xarray/free-all/shared_policy",
    "inode-leak": f"{NEWEST}/own/i_private/free-metadata-only/rcu-blob",
    "late-release": f"{NEWEST}/own/i_private/free-all/resv_map",
    "leak": f"{NEWEST}/own/i_private/none/shared_policy",
    "lock-context": f"{NEWEST}/own/i_private/free-all/shared_policy",
    "no-such-field": f"{NEWEST}/own/i_private_data/none/shared_policy",
    "objects-remain": "guest_memfd-no-barrier",
    "out-of-reach": f"{NEWEST}/own/file-private_data/none/flags",
    "per-file": f"{NEWEST}/own/file-private_data/release/shared_policy",
    "sleep-in-atomic": f"{NEWEST}/own/i_private/drop-returns-1/attributes-tree",
    "sleep-in-softirq": f"{NEWEST}/own/i_private/free-all/attributes-tree",
    "stale-alias": f"{NEWEST}/own/global-xarray/none/rcu-blob",
    "unreachable-hook": f"{NEWEST}/anon-inode/i_private/free-all/shared_policy",
    "use-after-free": f"{NEWEST}/own/i_private/evict-before-truncate/resv_map",
    "wrong-branch": f"{NEWEST}/own/i_private-flags/evict-before-truncate/flags",
    "wrong-cache": f"{NEWEST}/own/containing-struct/none/shared_policy",
}
"""A cell or a Design of the gallery whose answer has the code. Some codes only a Design of one's
own can show, since no choice declares an actor that waits or holds."""


def lists() -> Mapping[str, tuple[Explained, ...]]:
    """Return every list of words by its name, in the order in which a reader meets them."""
    return Table({name: Several(make(name)) for name, make in _LISTS.items()})


def explain(word: str) -> tuple[Explained, ...]:
    """Return what a word means, once for each list that it stands in.

    A line of a body may be given by its beginning, such as `free`. UnknownNameError names the
    nearest words.

    >>> [(found.of, found.source.partition(" @")[0]) for found in explain("evict_inode")]
    [('hook', 'called by fs/inode.c:evict')]
    """
    of_kind("word", word, str)
    # Hooks, kernels and filesystems are told from the facts, which take a while to read.
    without_facts = [name for name in _LISTS if name not in OF_FACTS]
    if word not in HOOKS and (found := _found(word, _words(without_facts))):
        return Several(found)
    words = _words(_LISTS)
    if not (found := _found(word, words)):
        choice("word", word, sorted({found.word for found in words}))
    return Several(found)


def _words(names: Iterable[str]) -> list[Explained]:
    return list(chain.from_iterable(_LISTS[name](name) for name in names))


def _found(word: str, words: list[Explained]) -> list[Explained]:
    exact = [found for found in words if found.word == word]
    begin = [found for found in words if found.of == _LINE and _begins(found.word, word)]
    return [*exact, *(found for found in begin if found not in exact)]


def _begins(form: str, typed: str) -> bool:
    return form.startswith(f"{typed} ")


# --- the lists ---------------------------------------------------------------------------

_LINE: Final = "line of a body"


def _codes(of: str) -> Iterator[Explained]:
    for code, row in DEFECTS.items():
        state = SHOWN_BY.get(code, "")
        yield Explained(code, of, row.says, state=f"{state}/to-{code}" if state else "")


# Who calls a hook the facts say: each call through the struct that holds it.
def _hooks(of: str) -> Iterator[Explained]:
    facts = load(NEWEST)
    callers: dict[tuple[str, str], list[str]] = {}
    for function in chain.from_iterable(facts.functions.values()):
        for struct, hook in {(call.struct, call.callee) for call in function.calls}:
            callers.setdefault((struct, hook), []).append(f"{function.path}:{function.name}")
    for hook, row in HOOKS.items():
        # The facts have the road of an inode's end: who calls unlink(2)'s hook is not on it.
        places = sorted(callers.get((row.struct, hook), ()))
        source = f"called by {', '.join(places)} @{facts.tag}" if places else ""
        yield Explained(hook, of, f"{row.says} (in {row.struct})", source)


def _contexts(of: str) -> Iterator[Explained]:
    for letter, row in CONTEXTS.items():
        yield Explained(letter, of, f"{row.word}: {row.simulated}")


def _verbs(of: str) -> Iterator[Explained]:
    for row in VERBS.values():
        yield Explained(row.form, of, row.says, row.source)


# Of the five choices each word is shown by a cell that has it.
def _placements(of: str) -> Iterator[Explained]:
    for name, place in GALLERY_PLACEMENTS.items():
        member = f"{place.struct}->{place.field}" if place.struct else ""
        has_cell = name in PLACEMENTS and not place.word_only
        state = f"{OLDEST}/own/{name}/destroy+free/shared_policy" if has_cell else ""
        yield Explained(name, of, place.says, member, state)


def _cleanups(of: str) -> Iterator[Explained]:
    for name, hooks in CLEANUPS.items():
        bodies = [f"{hook}: {'; '.join(lines)}" for hook, lines in hooks.items()]
        says = ", ".join(bodies) or "no hook gives anything back"
        yield Explained(
            name, of, says, state=f"{NEWEST}/own/containing-struct/{name}/shared_policy"
        )


def _metadata(of: str) -> Iterator[Explained]:
    for name, kind in METADATA.items():
        yield Explained(name, of, kind.says, state=f"{_INSIDE}/{name}")


def _mounts(of: str) -> Iterator[Explained]:
    for name, mount in MOUNTS.items():
        yield Explained(name, of, mount.says, state=f"{NEWEST}/{name}/i_private-flags/none/flags")


def _scenarios(of: str) -> Iterator[Explained]:
    for name, scenario in SCENARIOS.items():
        yield Explained(name, of, scenario.says)


def _designs(of: str) -> Iterator[Explained]:
    for name in designs():
        design = gallery(name)
        yield Explained(name, f"{of}, {design.origin}", design.says, design.source, name)


def _kernels(of: str) -> Iterator[Explained]:
    for name in kernels():
        yield Explained(name, of, f"the facts of {load(name).release}, and Designs for it")


# Where a kernel's own source has a filesystem, and what it sets.
def _filesystems(of: str) -> Iterator[Explained]:
    facts = load(NEWEST)
    for name in filesystem_names(facts):
        for table in facts.tables_of(name, "super_operations"):
            hooks = [hook for hook, _ in table.slots if hook in HOOKS]
            says = f"{table.name} sets {', '.join(hooks) or 'no hook of an inode'}"
            yield Explained(name, of, says, f"{table.path}:{table.line}@{facts.tag}")


def _of_table(table: Mapping[Any, str]) -> Callable[[str], Iterator[Explained]]:
    def words(of: str) -> Iterator[Explained]:
        yield from (Explained(word, of, says) for word, says in table.items() if word)

    return words


_LISTS: Final[Mapping[str, Callable[[str], Iterator[Explained]]]] = {
    "defect code": _codes,
    "hook": _hooks,
    "context": _contexts,
    "placement": _placements,
    "cleanup": _cleanups,
    "metadata": _metadata,
    "mount": _mounts,
    _LINE: _verbs,
    "condition": _of_table(TESTS),
    "kind of inode": _of_table(INODE_KINDS),
    "what an actor holds": _of_table(HOLDS),
    "when an actor begins": _of_table(FROM),
    "who waits for an actor": _of_table(UNTIL),
    "where a callback runs": _of_table(RUNS),
    "lock": _of_table(LOCKS),
    "how a memslot is unbound": _of_table(UNBINDS),
    "release": _of_table(RELEASES),
    "reader": _of_table(READERS),
    "member of struct inode": _of_table({name: row.says for name, row in MEMBERS.items()}),
    "scenario": _scenarios,
    "Design": _designs,
    "kernel": _kernels,
    "filesystem": _filesystems,
}
"""What makes each list, by its name; a name is in the singular, as an answer says it."""

OF_FACTS: Final = ("hook", "kernel", "filesystem")
"""The lists that facts are read for; a kernel or filesystem is called as no other word is."""
