"""Find the ways through the hooks of a table: questions of the source may be answered yes or no.

    if (toy_is_small(inode))             a question that the language has no word for
            kfree(toy->body);            answered yes, body is freed; answered no, it is not

A way on which something that others free is freed nowhere is no leak: where the answer is no, there
was none. It is left out, and said to be.
"""

from collections.abc import Mapping, Sequence
from itertools import chain, islice, product
from typing import Final, NamedTuple

from gmemviz.derive.bodies import (
    DEFERRED,
    I_LOCK,
    QUEUED,
    TRUNCATED,
    USES,
    WAITS,
    Context,
    Line,
    body,
    of_others,
    with_own_head,
)
from gmemviz.derive.conditions import (
    Answers,
    Question,
    all_answers,
    going_together,
    is_counted,
    questions_of,
    sorted_out,
    taken,
)
from gmemviz.derive.metadata import LEAVES, MEMORY, Owned, borrowed_of, named
from gmemviz.facts import Deed, FunctionDeeds, HookName

MOST_QUESTIONS: Final = 14  # of one hook; two to the power of this are its ways
MOST_COMBINED: Final = 400  # ways of all hooks together that are looked at
MOST_WAYS: Final = 16  # that make a Design each
FEW_WAYS: Final = 4  # the same where they are not all the ways there are, so that all is open

RELEVANT: Final = (
    *LEAVES, "struct given back", "truncates", "clears", "allocated", "emptied", "initialised",
    "attached", "made bad", DEFERRED, QUEUED, WAITS,
)  # fmt: skip
PAGES: Final = "its pages"
NEW: Final = "alloc_inode"
NO_SLEEP: Final = ("free_inode", "drop_inode")

Hooks = Mapping[HookName, FunctionDeeds]


class HookWay(NamedTuple):
    """Be one way through all hooks: the answers that each of them gets, and what is there then."""

    answers: Mapping[HookName, Answers]
    absent: frozenset[str]
    borrowed: frozenset[str]
    has_pages: bool

    @property
    def not_owned(self) -> frozenset[str]:
        """Return what an inode on this way does not own."""
        return self.absent | self.borrowed


class Ways(NamedTuple):
    """Hold the ways, and what was left open in finding them."""

    ways: tuple[HookWay, ...]
    assumed: tuple[str, ...]


def relevant(hook: HookName, found: FunctionDeeds, kinds: Sequence[Owned]) -> list[Deed]:
    """Return the deeds that a body is made of: a reading counts behind what gave it back.

    What is done to other memory than the inode's and its metadata's asks no question here.
    """
    kept = []
    gone: set[str] = set()
    others = of_others(found.deeds, kinds)
    for deed in found.deeds:
        if not concerns(deed, kinds) or deed.later in others:
            continue
        is_late = deed.kind in USES and deed.path in gone
        sleeps = deed.kind == "sleeps" and (hook in NO_SLEEP or deed.later != "")
        locks = hook == "drop_inode" and deed.path == I_LOCK
        if deed.kind in RELEVANT or is_late or sleeps or locks:
            kept.append(deed)
        if deed.kind in LEAVES and not is_counted(deed):
            gone.add(deed.path)
    return kept


def concerns(deed: Deed, kinds: Sequence[Owned]) -> bool:
    """Tell whether a deed is done to the inode, or to metadata, or to a struct around some."""
    if deed.path in (*MEMORY, *TRUNCATED, I_LOCK, "") or deed.kind == DEFERRED or deed.later:
        return True
    around = f"{deed.path}."
    return named(kinds, deed.path) is not None or any(
        kind.path.startswith(around) for kind in kinds
    )


def too_many(hooks: Hooks, kinds: Sequence[Owned]) -> dict[HookName, int]:
    """Return how many questions each hook asks that asks too many for all its ways to be found."""
    counts = {}
    for hook, found in hooks.items():
        deeds = relevant(hook, found, kinds)
        counts[hook] = len(set(questions_of(deeds, kinds)) - set(taken(deeds)))
    return {hook: count for hook, count in counts.items() if count > MOST_QUESTIONS}


def ways_through(
    hooks: Hooks, kinds: Sequence[Owned], optional: frozenset[str] = frozenset()
) -> Ways:
    """Return the ways through all hooks that differ in what is done.

    What is `optional` some inodes have and others not: somebody does something where it is NULL.
    """
    assumed: list[str] = []
    each: list[list[tuple[Answers, frozenset[str]]]] = []
    for hook, found in hooks.items():
        deeds = relevant(hook, found, kinds)
        fixed = taken(deeds)
        assumed += map(_said, fixed)
        questions = questions_of(deeds, kinds)
        each.append(_different(hook, deeds, (questions, fixed), kinds))
    combined = list(islice(product(*each), MOST_COMBINED))
    freed = [frozenset().union(*(names for _, names in ways)) for ways in combined]
    whole = frozenset().union(*freed)
    for name in sorted(whole - frozenset.intersection(*freed) if freed else ()):
        assumed.append(f"on a way that does not free {name}, there is none")
    names = frozenset(kind.name for kind in kinds)
    # What alloc_inode allocates and nobody gives back every inode has, on each way.
    freed = [there | {kind.name for kind in kinds if kind.at_birth} - whole for there in freed]
    lent = borrowed_of(kinds, [deed for found in hooks.values() for deed in found.deeds])
    found_ways: list[HookWay] = []
    for ways, there in zip(combined, freed, strict=True):
        answers = dict(zip(hooks, (given for given, _ in ways), strict=True))
        has_pages = PAGES in there or PAGES not in whole
        for lacking in ((), *((name,) for name in sorted(optional & there))):
            other = names - there
            absent = other - lent | set(lacking)
            found_ways.append(HookWay(answers, absent, other & lent, has_pages))
    different = _uncovered(found_ways, Spelling(hooks, kinds), optional)
    is_open = any(found.unread for found in hooks.values())
    most = FEW_WAYS if is_open or too_many(hooks, kinds) else MOST_WAYS
    if len(different) > most:
        assumed.append(f"{len(different)} ways lead through the hooks: {most} are looked at")
    return Ways(tuple(different)[:most], tuple(assumed))


def _said(asked: Question) -> str:
    kind, about, place, _ = asked
    words = f"{about} {kind}".lstrip()
    return f"{place}: {words}" if place else words


class Spelling:
    """Write the bodies of ways out, to be compared; each is written once."""

    def __init__(self, hooks: Hooks, kinds: Sequence[Owned]) -> None:
        self.deeds = {hook: relevant(hook, found, kinds) for hook, found in hooks.items()}
        self.kinds = kinds
        self.known: dict[tuple[object, ...], tuple[str, ...]] = {}

    def of(self, way: HookWay, other: HookWay) -> tuple[tuple[str, ...], ...]:
        """Return the bodies of a way, where only as much metadata is owned as on another."""
        return tuple(self.body(hook, way, other) for hook in self.deeds)

    def body(self, hook: HookName, way: HookWay, other: HookWay) -> tuple[str, ...]:
        """Return the lines of one hook; the answers are told apart by which object they are."""
        answers = way.answers[hook]
        key = (hook, id(answers), other.absent, other.borrowed)
        if key not in self.known:
            context = Context(
                hook, self.kinds, answers, hook == NEW, absent=other.absent, borrowed=other.borrowed
            )
            self.known[key] = tuple(line.text for line in body(self.deeds[hook], context))
        return self.known[key]


# A way with less metadata is part of one with more where the bodies are the same but for what is
# about the rest: a search looks at each kind of metadata anyway.
def _uncovered(
    ways: Sequence[HookWay], spelling: Spelling, optional: frozenset[str]
) -> list[HookWay]:
    kept: dict[object, HookWay] = {}
    for way in sorted(ways, key=lambda way: len(way.not_owned)):
        spelled = spelling.of(way, way)
        key = (way.has_pages, spelled, way.absent & optional)
        is_part = any(
            other.has_pages == way.has_pages
            and other.not_owned < way.not_owned
            and not (way.absent - other.absent) & optional
            and spelling.of(other, way) == spelled
            for other in kept.values()
        )
        if not is_part:
            kept.setdefault(key, way)
    return list(kept.values())


# The answers of one hook that make different bodies, each with the kinds that it frees.
def _different(
    hook: HookName,
    deeds: Sequence[Deed],
    asked: tuple[Sequence[Question], Answers],
    kinds: Sequence[Owned],
) -> list[tuple[Answers, frozenset[str]]]:
    questions, fixed = asked
    tests = [[sorted_out(way, kinds).questions for way in deed.ways] for deed in deeds]
    few = len(set(questions) - set(fixed)) <= MOST_QUESTIONS
    together = list(chain.from_iterable(tests))
    sets = all_answers(questions, fixed) if few else going_together(questions, fixed, together)
    own = with_own_head(deeds, kinds)
    seen: set[tuple[bool, ...]] = set()
    found: dict[tuple[str, ...], tuple[Answers, frozenset[str]]] = {}
    for answers in sets:
        open_ways = tuple(_is_open(way, answers) for ways in tests for way in ways)
        if open_ways in seen:
            continue
        seen.add(open_ways)
        lines = body(deeds, Context(hook, kinds, answers, hook == NEW))
        if hook == NEW and not _made(lines):
            continue  # it has failed, and there is no inode
        texts = tuple(line.text for line in lines)
        freed = {kind.name for kind in kinds if _frees(kind, lines, deeds, own)}
        if always_truncated(texts):
            freed.add(PAGES)
        found.setdefault(texts, (answers, frozenset(freed)))
    return list(found.values()) or [({}, frozenset())]


def always_truncated(texts: Sequence[str]) -> bool:
    """Tell whether pages are truncated whatever the inode is; a bad one has none.

    if (inode->i_nlink) truncate(...); else delete(inode) leaves the pages of an inode without
    names to delete(), which may find that there are none. (fs/ocfs2/inode.c:ocfs2_delete_inode)
    """
    under = [text.rpartition(": ") for text in texts]
    asked = [words.removeprefix("if ") for words, _, does in under if does.startswith("truncate")]
    parts = [frozenset(words.split(" and ")) - {"not bad", ""} for words in asked]
    if frozenset() in parts:
        return True
    return any(
        frozenset({f"not {word}" for word in part}) in parts for part in parts if len(part) == 1
    )


def _is_open(way: Sequence[tuple[Question, bool]], answers: Answers) -> bool:
    return all(answers.get(key, True) == answer for key, answer in way)


def _made(lines: Sequence[Line]) -> bool:
    words = [line.text.partition(" ")[0] for line in lines]
    return "alloc" in words and "free" not in words


def _frees(kind: Owned, lines: Sequence[Line], deeds: Sequence[Deed], own: frozenset[str]) -> bool:
    later = [deed for deed in deeds if deed.later and deed.later not in own]
    is_later = any(deed.path == kind.path for deed in later if deed.kind in LEAVES)
    words = f"free {kind.name}"
    return is_later or any(
        f"{line.text} ".rpartition(": ")[2].startswith(f"{words} ") for line in lines
    )
