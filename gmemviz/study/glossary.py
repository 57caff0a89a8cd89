"""Explain every word: what it means, which function of the kernel is behind it, what shows it.

The words and their meanings are the tables of the model, so that nothing is explained that it does
not know, and nothing it knows is left out. `gmemviz explain` prints what is here.
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from importlib.resources import files
from itertools import chain, product
from typing import Any, Final, NamedTuple

from gmemviz.errors import UnknownNameError, choices, nearest, of_kind, shown
from gmemviz.facts import (
    CONTEXTS,
    HOOKS,
    Context,
    HookName,
    filesystem_names,
    kernels,
    load,
    snapshots,
    super_names,
    super_tables,
)
from gmemviz.model import CLEANUPS, METADATA, MOUNTS, PLACEMENTS, SCENARIOS, Design, Verdict
from gmemviz.model.design import (
    DEFECTS,
    EXAMPLES,
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
    Verb,
    Weight,
    verb_of,
)
from gmemviz.shown import Several, Table, shows_itself
from gmemviz.study.gallery import design_of_cell, designs, gallery


@shows_itself
class Explained(NamedTuple):
    """Give a word, the list that it stands in, and what it means.

    `source` is the kernel function behind it, `path:function`, or what a Design rests on; `state`
    what `gmemviz check --state` takes to show it; `example` how it is written, in TOML or as a
    command. Each is "" where there is none.
    """

    word: str
    of: str
    says: str
    source: str = ""
    state: str = ""
    example: str = ""

    def __repr__(self) -> str:
        return f"<Explained {self.word}, {self.of}: {self.says}>"


OLDEST, NEWEST = kernels()[0], kernels()[-1]
FLAGSHIP: Final = f"guest_memfd-{NEWEST}"
"""The Design that shows a word before all others, where it has it."""

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

RUNS_IN: Final[Mapping[Context, str]] = {
    "P": f"{FLAGSHIP}/last-close",
    "L": f"{NEWEST}/own/i_private/drop-returns-1/attributes-tree/to-sleep-in-atomic",
    "A": f"{FLAGSHIP}/gup-fast",
    "B": f"{FLAGSHIP}/last-close",
}
"""A run with a step in each context, but for "?", in which nobody runs."""

VERDICTS: Final[Mapping[Verdict, str]] = {
    "correct": "no run does wrong, and every actor and word of the Design was come to in some run",
    "defects": "some run does wrong: the answer has the codes, and the shortest run to each",
    "not-asked": "no run does wrong, and something was never come to: the answer says what",
    "undecided": "a search hit its limit, or what was read of a source leaves the answer open",
    "not-applicable": "the choices make no Design, such as a pointer in a flag word",
}
"""What `Report.verdict` says of a Design."""

SAID_OF: Final[Mapping[Verdict, str]] = {
    "correct": FLAGSHIP,
    "defects": SHOWN_BY["leak"],
    "not-applicable": f"{NEWEST}/own/i_private-flags/none/resv_map",
}
"""A Design of which each is said; the other two depend on what is asked, and for how long."""


DECORATION: Final = "`'\"*() "
"""What prose puts around a word; C puts `.` or `->` before a member."""

ALIKE: Final = 0.8
"""From which share of equal letters on a word may have been meant for another."""


CALLED: Final = 6
"""Of what a function calls as many are named: `gmemviz calls` has them all."""


def lists(names: Iterable[str] = ()) -> Mapping[str, tuple[Explained, ...]]:
    """Return lists of words by their names, all where none is named, as a reader meets them."""
    wanted = choices("list", names, _LISTS) or tuple(_LISTS)
    return Table({name: Several(_LISTS[name](name)) for name in wanted})


def explain(word: str) -> tuple[Explained, ...]:
    """Return what a word means, once for each list that it stands in.

    A line of a body may be given by its beginning, such as `free`; a word in any case, in the
    plural, and as code has it, such as `->evict_inode()`. UnknownNameError names the nearest words,
    or the lists where none is near.

    >>> [(found.of, found.source.partition(" @")[0]) for found in explain("evict_inode")]
    [('hook', 'called by fs/inode.c:evict')]
    """
    of_kind("word", word, str)
    word = word.strip(DECORATION).removeprefix("->").removeprefix(".")
    # Hooks, kernels and filesystems are told from the facts, which take a while to read.
    without_facts = [name for name in _LISTS if name not in OF_FACTS]
    found = _found(word, _words(without_facts))
    if word in HOOKS or all(each.of in OF_WORDS for each in found):
        found = _found(word, words := _words(_LISTS))
        if not (found := found or list(_functions(word))):
            raise _unknown(word, sorted({each.word for each in words}))
    return Several(map(_tagged, found))


# A function is in no list, as the facts have thousands; the newest kernel that has it says where.
def _functions(word: str) -> Iterator[Explained]:
    for facts in map(load, reversed(kernels())):
        for function in facts.functions.get(word, ()):
            called = ", ".join(sorted({call.callee for call in function.calls})[:CALLED])
            says = f"a function of {facts.tag}" + (f"; it calls {called}" if called else "")
            where = f"{function.path}:{function.line}@{facts.tag}"
            example = f"gmemviz calls {word} --kernel {facts.kernel}"
            yield Explained(word, "function of the kernel", says, where, example=example)
        if word in facts.functions:
            return


# A word that shares some letters with another was not meant for it: KVM is no v9fs.
def _unknown(word: str, words: Iterable[str]) -> UnknownNameError:
    near = [each for each in nearest(word, words) if _is_near(word.casefold(), each.casefold())]
    hint = f"did you mean {', '.join(near)}?" if near else "no word is near"
    where = "" if near else f"; the lists are: {', '.join(_LISTS)} (gmemviz explain prints them)"
    return UnknownNameError(f"unknown word: {shown(word)}; {hint}{where}", word)


def _is_near(word: str, other: str) -> bool:
    from difflib import SequenceMatcher  # only who misspells pays for it

    alike = SequenceMatcher(a=word, b=other).ratio() >= ALIKE
    return other.startswith(word) or (alike and word[:1] == other[:1])


def _tagged(found: Explained) -> Explained:
    """Say of which kernel the function is: the newest whose facts have it in that file.

    Some are of no road that the facts have, and stay as the table has them; a test looks each up
    in a tree (tests/citations_beyond_the_facts.txt).
    """
    path, _, function = found.source.partition(":")
    if not function.isidentifier():
        return found
    for kernel in reversed(kernels()):
        facts = load(kernel)
        if facts.has_function(function) and facts.source(function).path == path:
            return found._replace(source=f"{found.source}@{facts.tag}")
    return found


def _words(names: Iterable[str]) -> list[Explained]:
    return list(chain.from_iterable(_LISTS[name](name) for name in names))


# The word itself; the line of a body that it is, as `free tree` is `free M`; and its beginning.
# Prose has a word in the plural and with a capital: these are looked for where it is none as typed.
def _found(word: str, words: list[Explained]) -> list[Explained]:
    verb = verb_of(word)
    form = VERBS[verb].form if verb else word
    exact = [found for found in words if found.word in (word, form)]
    plain = (word.casefold(), word.casefold().removesuffix("s"))
    exact = exact or [found for found in words if found.word.casefold() in plain]
    begin = [found for found in words if found.of == _LINE and found.word.startswith(f"{word} ")]
    return [*exact, *(found for found in begin if found not in exact)]


# --- the lists ---------------------------------------------------------------------------

_LINE: Final = "line of a body"


# Of what no table says where it is seen, the first Design shows it that has it: of the gallery,
# else of the cells whose hooks are all NULL.
def _shown_by(has: Callable[[Design], bool], *, or_a_cell: bool = False) -> str:
    for name in sorted(designs(), key=lambda name: name != FLAGSHIP):
        if has(gallery(name)):
            return name
    for place, kind in product(PLACEMENTS, METADATA) if or_a_cell else ():
        cell = (NEWEST, "own", place, "none", kind)
        if has(design_of_cell(cell)):
            return "/".join(cell)
    return ""


def _verdicts(of: str) -> Iterator[Explained]:
    for word, says in VERDICTS.items():
        yield Explained(word, of, says, state=SAID_OF.get(word, ""))


def _codes(of: str) -> Iterator[Explained]:
    for code, row in DEFECTS.items():
        state = SHOWN_BY.get(code, "")
        says = f"{row.says} ({WEIGHTS[row.weight]})"
        yield Explained(code, of, says, row.source, f"{state}/to-{code}" if state else "")


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
        state = _shown_by(partial(_has_hook, hook))
        written = [line for line in EXAMPLES.values() if line.startswith(f"hooks.{hook} ")]
        says, example = f"{row.says} (in {row.struct})", next(iter(written), "")
        yield Explained(hook, of, says, source, state, example)


def _has_hook(hook: HookName, design: Design) -> bool:
    return design.body(hook) is not None


def _contexts(of: str) -> Iterator[Explained]:
    for letter, row in CONTEXTS.items():
        says = f"{row.word}: {row.simulated}"
        yield Explained(letter, of, says, state=RUNS_IN.get(letter, ""))


def _verbs(of: str) -> Iterator[Explained]:
    for verb, row in VERBS.items():
        state = _shown_by(partial(_says_verb, verb))
        yield Explained(row.form, of, row.says, row.source, state, EXAMPLES[verb])


def _says_verb(verb: Verb, design: Design) -> bool:
    bodies = chain.from_iterable(design.bodies.values())
    return any(action.verb == verb for action in bodies)


# Of the five choices each word is shown by a cell that has it.
def _placements(of: str) -> Iterator[Explained]:
    for name, place in GALLERY_PLACEMENTS.items():
        member = f"{place.struct}->{place.field}" if place.struct else ""
        has_cell = name in PLACEMENTS and not place.word_only
        cell = f"{OLDEST}/own/{name}/destroy+free/shared_policy"
        state = cell if has_cell else _shown_by(partial(_keeps_in, name))
        example = f'metadata.M = {{ placement = "{name}" }}'
        yield Explained(name, of, place.says, member, state, example)


def _keeps_in(place: str, design: Design) -> bool:
    return any(kept.placement.name == place for kept in design.keeps)


def _cleanups(of: str) -> Iterator[Explained]:
    for name, hooks in CLEANUPS.items():
        bodies = [f"{hook}: {'; '.join(lines)}" for hook, lines in hooks.items()]
        says = ", ".join(bodies) or "no hook gives anything back"
        yield Explained(
            name, of, says, state=f"{NEWEST}/own/containing-struct/{name}/shared_policy"
        )


def _metadata(of: str) -> Iterator[Explained]:
    for name, kind in METADATA.items():
        example = f'metadata.{name} = "i_private"'
        yield Explained(name, of, kind.says, state=f"{_INSIDE}/{name}", example=example)


def _mounts(of: str) -> Iterator[Explained]:
    for name, mount in MOUNTS.items():
        state = f"{NEWEST}/{name}/i_private-flags/none/flags"
        yield Explained(name, of, mount.says, state=state, example=f'mount = "{name}"')


# No creator makes a bad inode: make_bad_inode does, once something has failed.
def _kinds(of: str) -> Iterator[Explained]:
    for kind, says in INODE_KINDS.items():
        example = EXAMPLES["make_bad_inode"] if kind == "bad" else f'kinds = ["{kind}"]'
        yield Explained(kind, of, says, example=example)


# A scenario is about some Designs only: the state has one of these, and names the scenario's run.
def _scenarios(of: str) -> Iterator[Explained]:
    for name, scenario in SCENARIOS.items():
        design = _shown_by(scenario.asks, or_a_cell=True)
        state = f"{design}/{name}" if design else ""
        yield Explained(name, of, scenario.says, state=state)


def _designs(of: str) -> Iterator[Explained]:
    for name in designs():
        design = gallery(name)
        yield Explained(name, f"{of}, {design.origin}", design.says, design.source, name)


def _kernels(of: str) -> Iterator[Explained]:
    for name in snapshots():
        says = f"the facts of {load(name).release}"
        says += ", and Designs for it" if name in kernels() else ", whose filesystems were read"
        yield Explained(name, of, says, example=f"gmemviz census {name}")


# Where a kernel's own source has a filesystem, and what it sets.
def _filesystems(of: str) -> Iterator[Explained]:
    facts = load(NEWEST)
    for name in filesystem_names(facts):
        tables = super_tables(facts, name) if name in super_names(facts) else ()
        for table in tables:
            hooks = [hook for hook, _ in table.slots if hook in HOOKS]
            says = f"{table.name} sets {', '.join(hooks) or 'no hook of an inode'}"
            source = f"{table.path}:{table.line}@{facts.tag}"
            yield Explained(name, of, says, source, example=f"gmemviz check {name}")


def _recordings(of: str) -> Iterator[Explained]:
    # Who boots kernels and reads traces: few ask.
    from gmemviz.record import recordings
    from gmemviz.record.boot import SCENARIOS as RECORDED

    for name in recordings():
        kernel, _, scenario = name.partition("-")
        # What is no scenario of `gmemviz record` is the run of a Design that a kernel judged.
        said = RECORDED[scenario].driver if scenario in RECORDED else f"a module, {scenario}"
        says = f"on {kernel}: {said}"
        yield Explained(name, of, says, example=f"gmemviz validate {name}")


# What is no table of the model: what we call things, and the kernel's words that our prose uses.
@cache
def _own_words() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((files("gmemviz.study") / "words.toml").read_text(encoding="utf-8"))


def _of_words(part: str, of: str) -> Iterator[Explained]:
    for word, says in _own_words()[part].items():
        yield Explained(word, of, says)


def _of_kernel(of: str) -> Iterator[Explained]:
    for word, row in _own_words()["kernel"].items():
        yield Explained(word, of, row["says"], row.get("source", ""))


# A table of words and meanings; `example` has a word's own form, with W for the word.
def _of_table(table: Mapping[Any, str], example: str = "") -> Callable[[str], Iterator[Explained]]:
    def words(of: str) -> Iterator[Explained]:
        for word, says in table.items():
            if word:
                yield Explained(word, of, says, example=example.replace("W", word))

    return words


_LISTS: Final[Mapping[str, Callable[[str], Iterator[Explained]]]] = {
    "verdict": _verdicts,
    "defect code": _codes,
    "hook": _hooks,
    "context": _contexts,
    "placement": _placements,
    "cleanup": _cleanups,
    "metadata": _metadata,
    "mount": _mounts,
    _LINE: _verbs,
    "condition": _of_table(TESTS, 'hooks.destroy_inode = ["if W: free M"]'),
    "kind of inode": _kinds,
    "what an actor holds": _of_table(HOLDS, 'actors.NAME = { holds = "W", does = ["read M"] }'),
    "when an actor begins": _of_table(FROM, 'actors.NAME = { from = "W", does = ["walk all"] }'),
    "who waits for an actor": _of_table(UNTIL, 'actors.NAME = { until = "W", does = ["read M"] }'),
    "where a callback runs": _of_table(RUNS, 'callbacks.NAME = { runs = "W", does = ["free M"] }'),
    "lock": _of_table(LOCKS, 'locks.NAME = "W"'),
    "how a memslot is unbound": _of_table(UNBINDS, 'unbinds = ["W"]'),
    "release": _of_table(RELEASES, 'metadata.M = { placement = "i_private", release = "W" }'),
    "reader": _of_table(READERS, 'metadata.M = { placement = "i_private", read_by = ["W"] }'),
    "member of struct inode": _of_table(
        {name: row.says for name, row in MEMBERS.items()}, 'metadata.M = { placement = "W" }'
    ),
    "scenario": _scenarios,
    "Design": _designs,
    "kernel": _kernels,
    "filesystem": _filesystems,
    "recording": _recordings,
    "word of gmemviz": partial(_of_words, "ours"),
    "key of a Design": partial(_of_words, "key"),
    "word of the kernel": _of_kernel,
}
"""What makes each list, by its name; a name is in the singular, as an answer says it."""

OF_FACTS: Final = ("hook", "kernel", "filesystem", "recording")
"""The lists that files are read for; what they have is called as no other word is."""

OF_WORDS: Final = ("word of gmemviz", "key of a Design", "word of the kernel")
"""The lists of words.toml: what they have may be called as something that the facts have."""

WEIGHTS: Final[Mapping[Weight, str]] = {
    "fatal": "it ends a run",
    "hazard": "a kernel goes on",
}
