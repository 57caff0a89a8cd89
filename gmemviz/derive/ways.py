"""Find the ways through the hooks of a table, where questions of the source may be answered either way.

    if (toy_is_small(inode))             a question that the language has no word for
            kfree(toy->body);            answered yes, body is freed; answered no, it is not

A way on which something that others free is freed nowhere is no leak: where the answer is no, there
was none. It is left out, and said to be.
"""

from collections.abc import Mapping, Sequence
from itertools import islice, product
from typing import Final, NamedTuple

from gmemviz.derive.bodies import Context, Line, body
from gmemviz.derive.conditions import Answers, Question, all_answers, questions_of
from gmemviz.derive.metadata import LEAVES, Owned
from gmemviz.facts import Deed, FunctionDeeds, HookName

MOST_QUESTIONS: Final = 10  # of one hook; two to the power of this are its ways
MOST_COMBINED: Final = 400  # ways of all hooks together that are looked at
MOST_WAYS: Final = 16  # that make a Design each

RELEVANT: Final = (
    *LEAVES, "struct given back", "truncates", "clears", "allocated", "emptied", "initialised",
    "attached", "made bad",
)  # fmt: skip
NEW: Final = "alloc_inode"
NO_SLEEP: Final = ("free_inode", "drop_inode")

Hooks = Mapping[HookName, FunctionDeeds]


class Way(NamedTuple):
    """Be one way through all hooks: the answers that each of them gets."""

    answers: Mapping[HookName, Answers]


class Ways(NamedTuple):
    """Hold the ways, and what was left open in finding them."""

    ways: tuple[Way, ...]
    assumed: tuple[str, ...]


def relevant(hook: HookName, found: FunctionDeeds) -> list[Deed]:
    """Return the deeds that a body is made of: a reading counts behind what gave it back."""
    kept = []
    gone: set[str] = set()
    for deed in found.deeds:
        is_late = deed.kind == "read" and deed.path in gone
        sleeps = deed.kind == "sleeps" and (hook in NO_SLEEP or deed.later != "")
        if deed.kind in RELEVANT or is_late or sleeps:
            kept.append(deed)
        if deed.kind in LEAVES:
            gone.add(deed.path)
    return kept


def ways_through(hooks: Hooks, kinds: Sequence[Owned]) -> Ways:
    """Return the ways through all hooks that differ in what is done."""
    assumed: list[str] = []
    each: list[list[tuple[Answers, frozenset[str]]]] = []
    for hook, found in hooks.items():
        deeds = relevant(hook, found)
        questions = questions_of(deeds, kinds)
        if len(questions) > MOST_QUESTIONS:
            count = len(questions)
            assumed.append(f"{hook} asks {count} questions: all are answered yes, or all no")
        each.append(_different(hook, deeds, questions, kinds))
    combined = list(islice(product(*each), MOST_COMBINED))
    freed = [frozenset().union(*(names for _, names in ways)) for ways in combined]
    whole = frozenset().union(*freed) if freed else frozenset()
    full = [ways for ways, names in zip(combined, freed, strict=True) if names == whole]
    if full and len(full) < len(combined):
        assumed += _absent(combined, freed, whole)
    chosen = full or combined
    if len(chosen) > MOST_WAYS:
        assumed.append(f"{len(chosen)} ways lead through the hooks: {MOST_WAYS} are looked at")
    found_ways = [
        Way(dict(zip(hooks, (answers for answers, _ in ways), strict=True)))
        for ways in chosen[:MOST_WAYS]
    ]
    return Ways(tuple(found_ways), tuple(assumed))


# The answers of one hook that make different bodies, each with the kinds that it frees.
def _different(
    hook: HookName, deeds: Sequence[Deed], questions: Sequence[Question], kinds: Sequence[Owned]
) -> list[tuple[Answers, frozenset[str]]]:
    few = len(questions) <= MOST_QUESTIONS
    sets = all_answers(questions) if few else _yes_and_no(questions)
    found: dict[tuple[str, ...], tuple[Answers, frozenset[str]]] = {}
    for answers in sets:
        lines = body(deeds, Context(hook, kinds, answers, hook == NEW))
        if hook == NEW and not any(line.text.startswith("alloc ") for line in lines):
            continue  # it has failed, and there is no inode
        texts = tuple(line.text for line in lines)
        freed = {kind.name for kind in kinds if _frees(kind, lines, deeds)}
        found.setdefault(texts, (answers, frozenset(freed)))
    return list(found.values()) or [({}, frozenset())]


def _frees(kind: Owned, lines: Sequence[Line], deeds: Sequence[Deed]) -> bool:
    is_later = any(deed.later and deed.path == kind.path for deed in deeds if deed.kind in LEAVES)
    words = f"free {kind.name}"
    return is_later or any(f"{line.text} ".rpartition(": ")[2].startswith(f"{words} ") for line in lines)


def _yes_and_no(questions: Sequence[Question]) -> list[Answers]:
    return [dict.fromkeys(questions, answer) for answer in (True, False)]


def _absent(
    combined: Sequence[object], freed: Sequence[frozenset[str]], whole: frozenset[str]
) -> list[str]:
    missing = sorted(frozenset().union(*(whole - names for names in freed)))
    return [f"on a way that does not free {name}, there is none" for name in missing]
