"""Turn the conditions of a deed into those of the language, for one answer to all other questions.

A question that the language has no word for may be answered either way: each set of answers is a
way through the hook, and each way makes a Design of its own.

    if (is_bad_inode(inode))  goto out;          a condition: "if bad"
    if (ext4_journal_stop(handle))  goto out;    a question: two ways
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
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
    """Sort the tests of one way: words of the language, questions, and what is taken to be so."""

    words: Words
    questions: tuple[tuple[Question, bool], ...]
    taken: tuple[str, ...]


def question(test: Tested) -> Question:
    """Return what a test asks, without its answer."""
    return test.kind, test.about, test.at, test.key


def sorted_out(way: Iterable[Tested], kinds: Sequence[Owned], path: str = "") -> Asked:
    """Return the tests of a way by what becomes of them.

    What is given back by `path` decides that itself: a count in it that falls to 0.
    """
    words: list[tuple[str, bool]] = []
    questions = []
    taken = []
    for test in way:
        kind = named(kinds, test.about) if test.kind == "set" else None
        if test.kind in CLASSED and test.about == "inode":
            words.append((test.kind, not test.negated))
        elif kind is not None and kind.path == test.about and not test.key:
            words.append((f"{kind.name} set", not test.negated))
        elif test.kind in TAKEN or (path and test.about.startswith(f"{path}.")):
            taken.append(f"{test.at}: {test}" if test.at else f"{test}")
        else:
            questions.append((question(test), not test.negated))
    return Asked(tuple(sorted(words)), tuple(questions), tuple(taken))


def of_way(deed: Deed, way: Iterable[Tested], kinds: Sequence[Owned]) -> Asked:
    """Return the tests of one way to a deed."""
    return sorted_out(way, kinds, deed.path if deed.kind in LEAVES else "")


def questions_of(deeds: Iterable[Deed], kinds: Sequence[Owned]) -> tuple[Question, ...]:
    """Return the questions of a hook's deeds, each once, in order."""
    found: set[Question] = set()
    for deed in deeds:
        for way in deed.ways:
            found.update(asked for asked, _ in of_way(deed, way, kinds).questions)
    return tuple(sorted(found))


def all_answers(questions: Sequence[Question]) -> Iterator[Answers]:
    """Yield every set of answers."""
    for answers in product((True, False), repeat=len(questions)):
        found = dict(zip(questions, answers, strict=True))
        cases = [asked[3].rpartition(" == ")[0] for asked, answer in found.items()
                 if answer and asked[0] == "case"]  # fmt: skip
        if len(cases) == len(set(cases)):  # of one switch, one case is the case
            yield found


def conditions(deed: Deed, kinds: Sequence[Owned], answers: Answers) -> tuple[Words, ...]:
    """Return the conditions under which a deed is done, for these answers: no two at once."""
    held = []
    for way in deed.ways:
        asked = of_way(deed, way, kinds)
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


def taken_in(deeds: Iterable[Deed], kinds: Sequence[Owned]) -> tuple[str, ...]:
    """Return what was taken to be so, each once."""
    found: dict[str, None] = {}
    for deed in deeds:
        for way in deed.ways:
            found |= dict.fromkeys(of_way(deed, way, kinds).taken)
    return tuple(found)


def spelled(words: Words) -> str:
    """Return conditions as the language has them: "if symlink and body set: "."""
    parts = []
    for word, answer in words:
        if word.endswith(" set"):
            parts.append(word if answer else f"{word.removesuffix(' set')} not set")
        else:
            parts.append(word if answer else f"not {word}")
    return f"if {' and '.join(parts)}: " if parts else ""
