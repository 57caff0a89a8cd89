"""Check Designs made up by chance: each answers or is refused in a sentence, at once.

`make fuzz-designs` asks 5,000, on all processors; the tests of every day a share of them. Another
GMEMVIZ_SEED makes others, so that nights differ. What fails is told with its TOML.
"""

import os
import time
from collections import Counter
from functools import cache

import pytest
from jsonschema import Draft202012Validator

from gmemviz import Design, check, mail
from gmemviz.errors import GmemvizError
from gmemviz.facts import HOOKS, kernels
from gmemviz.model.design import choices
from gmemviz.model.design.actions import INODE_KINDS, TESTS, VERBS
from gmemviz.model.design.actors import FROM, HOLDS, LOCKS, RUNS, UNTIL
from gmemviz.model.design.design import ADDERS, ALLOCATORS, KEYS, ORIGINS
from gmemviz.model.design.toml import NEEDS
from gmemviz.page import Made, page_of_report
from gmemviz.render import film_of_report
from gmemviz.shown import picture
from gmemviz.translate import module_source
from scripts import language
from tests.fuzz.made_up import Maker, toml_of

SEED = os.environ.get("GMEMVIZ_SEED", "0")
DESIGNS = int(os.environ.get("GMEMVIZ_DESIGNS", "400"))
EACH = 100
LIMIT = 1_000
"""States of one search here: what no word crashes in so many it hardly will in more."""
SECONDS = 20
"""Of processor time for one Design and all that is made of it."""
MADE = Made("0", "made up")


def made_up(number):
    return toml_of(Maker(f"{SEED} {number}").table())


def in_a_sentence(make, *given, **named):
    """Return what comes of it, or None where it is refused as it may be: on one line."""
    try:
        return make(*given, **named)
    except GmemvizError as refused:
        said = str(refused)
    assert len(said.splitlines()) == 1, said
    return None


def answered(number):
    """Return the Design of a number, and its Report, None where they are refused."""
    design = in_a_sentence(Design.from_text, made_up(number))
    report = design and in_a_sentence(check, design, limit=LIMIT)
    if report:
        assert report.why
        assert len(repr(report).splitlines()) == 1
        assert set(report.reasons) == set(report.defects or ())
        assert report.verdict != "correct" or (report.is_complete and not report.not_asked)
    return design, report


def shown(report, number):
    """Make what may be made of a Report: of every tenth its run, of every hundredth its page."""
    if number % 10 == 0:
        assert report.design.title in mail(report)
        film = in_a_sentence(film_of_report, report)
        assert film is None or film.frames
        in_a_sentence(module_source, report.design)
    if number % 100 == 0:
        page = in_a_sentence(page_of_report, report, made=MADE)
        assert page is None or page.endswith("</html>\n")
        in_a_sentence(picture, report)


@cache
def share(first):
    """Return the Designs and Reports of a hundred numbers."""
    found = []
    for number in range(first, first + EACH):
        began = time.process_time()
        try:
            design, report = answered(number)
            if report:
                shown(report, number)
        except Exception as fault:
            raise AssertionError(f"Design {number} of seed {SEED}:\n{made_up(number)}") from fault
        assert time.process_time() - began < SECONDS, f"it takes too long:\n{made_up(number)}"
        found.append((design, report))
    return found


@pytest.mark.parametrize("first", range(0, DESIGNS, EACH))
def test_a_design_answers_or_is_refused_in_a_sentence(first):
    reports = [report for _, report in share(first)]
    assert len(list(filter(None, reports))) >= 0.6 * EACH


def test_the_same_seed_makes_the_same_designs():
    assert made_up(7) == made_up(7) != made_up(8)


# --- each word is there -------------------------------------------------------------------

WORDS = {
    "kernel": kernels(),
    "mount": choices.MOUNTS,
    "placement": choices.GALLERY_PLACEMENTS,
    "release": choices.RELEASES,
    "reader": choices.READERS,
    "metadata": choices.METADATA,
    "need": NEEDS,
    "hook": HOOKS,
    "verb": VERBS,
    "test": TESTS,
    "holds": HOLDS,
    "from": FROM,
    "until": filter(None, UNTIL),
    "runs": RUNS,
    "lock": LOCKS,
    "kind": [kind for kind in INODE_KINDS if kind != "bad"],
    "allocator": ALLOCATORS,
    "adds_folio": ADDERS,
    "origin": ORIGINS,
    "key": [key for key in KEYS if key not in ("name", "says", "source", "creator", "at")],
}


def words_of(table):
    """Yield the words of a table, all but those of its bodies."""
    for key in ("kernel", "mount", "allocator", "adds_folio", "origin"):
        yield key, table.get(key)
    yield from (("key", key) for key in table)
    yield from (("hook", hook) for hook in table["hooks"])
    yield from (("kind", kind) for kind in table.get("kinds", ()))
    yield from (("lock", kind) for kind in table["locks"].values())
    yield from (("runs", callback["runs"]) for callback in table["callbacks"].values())
    for actor in table["actors"].values():
        yield "holds", actor["holds"].split(" ")[0] if "lock " in actor["holds"] else actor["holds"]
        yield from ((key, actor.get(key)) for key in ("from", "until"))
    for name, kind in table["metadata"].items():
        yield "metadata", name
        if isinstance(kind, dict):
            yield from ((key, kind.get(key)) for key in ("placement", "release"))
            yield from (("reader", reader) for reader in kind.get("read_by", ()))
            yield from (("need", need) for need in NEEDS if kind.get(need))


def acted(report):
    """Yield the words of bodies that some run acts on, and what was asked there."""
    done = frozenset().union(*(search.acted for search in report.explorations))
    for title, body in report.design.bodies.items():
        for action in body:
            if f"{title}: {action}" in done:
                yield "verb", action.verb
                yield from (("test", asked.test) for asked in action.only_if if asked.test)


def test_each_word_of_the_language_is_entered():
    """Counted are Designs that were searched; a word of a body where some run acts on it."""
    seen = Counter()
    for first in range(0, 4 * EACH, EACH):
        for number, (_, report) in enumerate(share(first), first):
            if report and report.explorations:
                seen.update({*words_of(Maker(f"{SEED} {number}").table()), *acted(report)})
    missed = [(of, word) for of, words in WORDS.items() for word in words if not seen[of, word]]
    assert missed == []


def test_each_code_but_a_few_is_found():
    """What is made up is not all broken in the same way, and some of it is correct."""
    found = Counter()
    for first in range(0, 4 * EACH, EACH):
        for _, report in share(first):
            found.update((report.defects or (report.verdict,)) if report else ())
    assert {"correct", "leak", "use-after-free", "double-free", "crash", "hang", "deadlock"} <= {
        *found
    }
    assert len(found) >= 15, found


# --- the schema of editors ------------------------------------------------------------------


def test_what_is_accepted_is_of_the_schema():
    """And what the schema refuses is refused, so an editor and a check never disagree there."""
    validator = Draft202012Validator(language.schema())
    accepted = refused = 0
    for first in range(0, 4 * EACH, EACH):
        for number, (design, _) in enumerate(share(first), first):
            is_valid = validator.is_valid(Maker(f"{SEED} {number}").table())
            accepted += bool(design)
            refused += not is_valid
            assert is_valid or not design, made_up(number)
    assert accepted > refused > 10
