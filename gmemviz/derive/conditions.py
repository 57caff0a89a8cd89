"""Turn the conditions of a deed into those of the language, for one answer to all other questions.

A question that the language has no word for may be answered either way: each set of answers is a
way through the hook, and each way makes a Design of its own.

    if (is_bad_inode(inode))  goto out;          a condition: "if bad"
    if (ext4_journal_stop(handle))  goto out;    a question: two ways
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, product
from typing import Final, NamedTuple

from gmemviz.derive.metadata import KINDS_MADE, LEAVES, Owned, named
from gmemviz.facts import Deed, Tested

CLASSED: Final = (*KINDS_MADE, "bad", "nlink 0")
TAKEN: Final = ("loop", "last reference", "empty")
"""Questions that are taken to be answered so that the deed is done, and said to be."""

MOST_LINES: Final = 8  # that one deed makes

Question = tuple[str, str, str, str]
"""What tells a question from others: its class, of what, where, and its key."""

Answers = Mapping[Question, bool]
Words = tuple[tuple[str, bool], ...]
"""Conditions that all hold: a word of the language, and whether it is so."""


class Asked(NamedTuple):
    """Sort the tests of one way: words of the language, and questions."""

    words: Words
    questions: tuple[tuple[Question, bool], ...]


def question(test: Tested) -> Question:
    """Return what a test asks, without its answer."""
    return test.kind, test.about, test.at, test.key


def sorted_out(way: Iterable[Tested], kinds: Sequence[Owned]) -> Asked:
    """Return the tests of a way by what becomes of them."""
    words: list[tuple[str, bool]] = []
    questions = []
    for test in way:
        kind = named(kinds, test.about) if test.kind == "set" else None
        if test.kind in CLASSED and test.about == "inode":
            words.append((test.kind, not test.negated))
        elif kind is not None and kind.path == test.about and not test.key:
            words.append((f"{kind.name} set", not test.negated))
        else:
            questions.append((question(test), not test.negated))
    return Asked(tuple(sorted(words)), tuple(questions))


def taken(deeds: Iterable[Deed]) -> dict[Question, bool]:
    """Return the answers that are taken for granted: those by which something is given back.

    A loop runs, a reference is the last; and what is given back may decide it by a count of its
    own. Where the answer is the other one, somebody else has it still, and gives it back.
    """
    found: dict[Question, bool] = {}
    for deed in deeds:
        if deed.kind not in LEAVES:
            continue
        for way in deed.ways:
            for test in way:
                own = test.kind == "member" and test.about.startswith(f"{deed.path}.")
                # Where it was set anew meanwhile, whether it is set is a question, too.
                own |= test.kind == "set" and test.about == deed.path and test.key != ""
                if test.kind in TAKEN or own:
                    found.setdefault(question(test), not test.negated)
    return found


def is_counted(deed: Deed) -> bool:
    """Tell whether a deed is done by whoever has the last of several references.

    Who reads on behind it may hold one of the others: that is not looked at.
    """
    return any(test.kind == "last reference" for test in chain.from_iterable(deed.ways))


def questions_of(deeds: Iterable[Deed], kinds: Sequence[Owned]) -> tuple[Question, ...]:
    """Return the questions of a hook's deeds, each once, in order."""
    found: set[Question] = set()
    for deed in deeds:
        for way in deed.ways:
            found.update(asked for asked, _ in sorted_out(way, kinds).questions)
    return tuple(sorted(found))


def all_answers(questions: Sequence[Question], fixed: Answers) -> Iterator[Answers]:
    """Yield every set of answers that has the fixed ones."""
    open_ones = [asked for asked in questions if asked not in fixed]
    for answers in product((True, False), repeat=len(open_ones)):
        found = {**fixed, **dict(zip(open_ones, answers, strict=True))}
        cases = list(_switches(found))
        if len(cases) == len(set(cases)):  # of one switch, one case is the case
            yield found


def going_together(
    questions: Sequence[Question],
    fixed: Answers,
    ways: Sequence[Sequence[tuple[Question, bool]]],
) -> list[Answers]:
    """Return, for each answer to each question, one set of answers by which most is done.

    So many questions have too many sets of answers. Most of those are nobody's: whoever leaves a
    body by a jump has not come by what lies behind it, and the tests on one way tell which answers
    go together. A set by which less is done than by another is left out: as a rule its answers are
    those of two ways, each of which ends elsewhere.
    """
    found: dict[frozenset[int], Answers] = {}
    for asked, answer in product(questions, (True, False)):
        if asked in fixed:
            continue
        answers = {**fixed, asked: answer}
        done: set[int] = set()
        for number, way in enumerate(ways):
            if all(_may_be(answers, *test) for test in way):
                answers.update(way)
                done.add(number)
        found.setdefault(frozenset(done), answers)
    kept: list[Answers] = []
    for most, given in found.items():
        if not any(most < other for other in found):
            kept.append(given)
    return kept


# Of the cases of one switch one is the case.
def _may_be(answers: Answers, asked: Question, answer: bool) -> bool:  # noqa: FBT001 - it is one
    if asked in answers:
        return answers[asked] == answer
    return not set(_switches({asked: answer})).intersection(_switches(answers))


# What the switches ask whose case is found, as often as one is.
def _switches(answers: Answers) -> Iterator[str]:
    for (kind, _, _, key), answer in answers.items():
        if answer and kind == "case":
            yield key.rpartition(" == ")[0]


def conditions(deed: Deed, kinds: Sequence[Owned], answers: Answers) -> tuple[Words, ...]:
    """Return the conditions under which a deed is done, for these answers: no two at once."""
    held = []
    for way in deed.ways:
        asked = sorted_out(way, kinds)
        if all(answers.get(key, True) == answer for key, answer in asked.questions):
            held.append(frozenset(asked.words))
    found: list[frozenset[tuple[str, bool]]] = []
    for words in sorted(set(held), key=lambda words: (len(words), sorted(words))):
        found += apart(words, found)
    return tuple(tuple(sorted(words)) for words in found[:MOST_LINES])


def apart(
    words: frozenset[tuple[str, bool]], others: Sequence[frozenset[tuple[str, bool]]]
) -> list[frozenset[tuple[str, bool]]]:
    """Return what `words` say beyond `others`: of bad, or nlink 0, the second is `not bad` too."""
    parts = [words]
    for other in others:
        parts = [part for old in parts for part in _beyond(old, other)]
    return parts


def _beyond(
    words: frozenset[tuple[str, bool]], other: frozenset[tuple[str, bool]]
) -> list[frozenset[tuple[str, bool]]]:
    if any((word, not answer) in words for word, answer in other):
        return [words]
    found = []
    sofar = words
    for word, answer in sorted(other - words):
        found.append(sofar | {(word, not answer)})
        sofar |= {(word, answer)}
    return found


def present(words: Words, absent: Collection[str], borrowed: Collection[str] = ()) -> Words | None:
    """Return conditions where some pointers are known; None where they fail.

    What is absent is NULL; what is borrowed is somebody else's, and set.
    """
    known = {f"{name} set": False for name in absent} | {f"{name} set": True for name in borrowed}
    if any(known.get(word, answer) != answer for word, answer in words):
        return None
    return tuple((word, answer) for word, answer in words if word not in known)


def spelled(words: Words) -> str:
    """Return conditions as the language has them: "if symlink and body set: "."""
    parts = []
    for word, answer in words:
        if word.endswith(" set"):
            parts.append(word if answer else f"{word.removesuffix(' set')} not set")
        else:
            parts.append(word if answer else f"not {word}")
    return f"if {' and '.join(parts)}: " if parts else ""
