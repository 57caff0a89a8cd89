"""Find the ways through the hooks of a table: questions of the source may be answered yes or no.

    if (toy_is_small(inode))             a question that the language has no word for
            kfree(toy->body);            answered yes, body is freed; answered no, it is not

A way on which something that others free is freed nowhere is no leak: where the answer is no, there
was none. It is left out, and said to be.
"""

from collections.abc import Mapping, Sequence
from itertools import islice, product
from typing import Final, NamedTuple

from gmemviz.derive.bodies import Context, Line, body
from gmemviz.derive.conditions import (
    Answers,
    Question,
    all_answers,
    is_counted,
    questions_of,
    taken,
)
from gmemviz.derive.metadata import LEAVES, Owned
from gmemviz.facts import Deed, FunctionDeeds, HookName

MOST_QUESTIONS: Final = 10  # of one hook; two to the power of this are its ways
MOST_COMBINED: Final = 400  # ways of all hooks together that are looked at
MOST_WAYS: Final = 16  # that make a Design each

RELEVANT: Final = (
    *LEAVES, "struct given back", "truncates", "clears", "allocated", "emptied", "initialised",
    "attached", "made bad",
)  # fmt: skip
PAGES: Final = "its pages"
NEW: Final = "alloc_inode"
NO_SLEEP: Final = ("free_inode", "drop_inode")

Hooks = Mapping[HookName, FunctionDeeds]


class HookWay(NamedTuple):
    """Be one way through all hooks: the answers that each of them gets, and what is there then."""

    answers: Mapping[HookName, Answers]
    kinds: tuple[Owned, ...]
    has_pages: bool


class Ways(NamedTuple):
    """Hold the ways, and what was left open in finding them."""

    ways: tuple[HookWay, ...]
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
        if deed.kind in LEAVES and not is_counted(deed):
            gone.add(deed.path)
    return kept


def too_many(hooks: Hooks, kinds: Sequence[Owned]) -> dict[HookName, int]:
    """Return how many questions each hook asks that asks too many for all its ways to be found."""
    counts = {}
    for hook, found in hooks.items():
        deeds = relevant(hook, found)
        counts[hook] = len(set(questions_of(deeds, kinds)) - set(taken(deeds)))
    return {hook: count for hook, count in counts.items() if count > MOST_QUESTIONS}


def ways_through(hooks: Hooks, kinds: Sequence[Owned]) -> Ways:
    """Return the ways through all hooks that differ in what is done."""
    assumed: list[str] = []
    each: list[list[tuple[Answers, frozenset[str]]]] = []
    for hook, found in hooks.items():
        deeds = relevant(hook, found)
        fixed = taken(deeds)
        assumed += [
            f"{place}: {about} {kind}".replace("  ", " ") for kind, about, place, _ in fixed
        ]
        questions = questions_of(deeds, kinds)
        each.append(_different(hook, deeds, (questions, fixed), kinds))
    combined = list(islice(product(*each), MOST_COMBINED))
    freed = [frozenset().union(*(names for _, names in ways)) for ways in combined]
    whole = frozenset().union(*freed)
    for name in sorted(whole - frozenset.intersection(*freed) if freed else ()):
        assumed.append(f"on a way that does not free {name}, there is none")
    different: dict[str, HookWay] = {}
    for ways, names in zip(combined, freed, strict=True):
        answers = dict(zip(hooks, (given for given, _ in ways), strict=True))
        kept = tuple(kind for kind in kinds if kind.name in names)
        way = HookWay(answers, kept, PAGES in names or PAGES not in whole)
        different.setdefault(_spelled(hooks, way), way)
    if len(different) > MOST_WAYS:
        assumed.append(f"{len(different)} ways lead through the hooks: {MOST_WAYS} are looked at")
    return Ways(tuple(different.values())[:MOST_WAYS], tuple(assumed))


# Two ways that differ in what is not there are one.
def _spelled(hooks: Hooks, way: HookWay) -> str:
    bodies = []
    for hook, found in hooks.items():
        context = Context(hook, way.kinds, way.answers[hook], hook == NEW)
        bodies.append([line.text for line in body(relevant(hook, found), context)])
    return f"{way.has_pages} {bodies}"


# The answers of one hook that make different bodies, each with the kinds that it frees.
def _different(
    hook: HookName,
    deeds: Sequence[Deed],
    asked: tuple[Sequence[Question], Answers],
    kinds: Sequence[Owned],
) -> list[tuple[Answers, frozenset[str]]]:
    questions, fixed = asked
    few = len(set(questions) - set(fixed)) <= MOST_QUESTIONS
    sets = all_answers(questions, fixed) if few else _yes_and_no(questions, fixed)
    found: dict[tuple[str, ...], tuple[Answers, frozenset[str]]] = {}
    for answers in sets:
        lines = body(deeds, Context(hook, kinds, answers, hook == NEW))
        if hook == NEW and not _made(lines):
            continue  # it has failed, and there is no inode
        texts = tuple(line.text for line in lines)
        freed = {kind.name for kind in kinds if _frees(kind, lines, deeds)}
        if any(text.rpartition(": ")[2].startswith("truncate") for text in texts):
            freed.add(PAGES)
        found.setdefault(texts, (answers, frozenset(freed)))
    return list(found.values()) or [({}, frozenset())]


def _made(lines: Sequence[Line]) -> bool:
    words = [line.text.partition(" ")[0] for line in lines]
    return "alloc" in words and "free" not in words


def _frees(kind: Owned, lines: Sequence[Line], deeds: Sequence[Deed]) -> bool:
    is_later = any(deed.later and deed.path == kind.path for deed in deeds if deed.kind in LEAVES)
    words = f"free {kind.name}"
    return is_later or any(
        f"{line.text} ".rpartition(": ")[2].startswith(f"{words} ") for line in lines
    )


def _yes_and_no(questions: Sequence[Question], fixed: Answers) -> list[Answers]:
    return [{**dict.fromkeys(questions, answer), **fixed} for answer in (True, False)]
