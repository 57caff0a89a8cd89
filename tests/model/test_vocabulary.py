"""Each vocabulary is one table, and what other rooms keep for its words is complete."""

import re
import subprocess
import sys
from typing import get_args

import pytest

from gmemviz.evidence import console
from gmemviz.evidence.confirm.confirmation import IN_PLAYS, NOT_SHOWN
from gmemviz.evidence.validate.conform import IN
from gmemviz.facts import load
from gmemviz.facts.vocabulary import CONTEXTS, HOOKS
from gmemviz.model import design_from_choices
from gmemviz.model.design.actions import VERBS, Action, Verb
from gmemviz.model.design.choices import (
    CLEANUPS,
    GALLERY_PLACEMENTS,
    HOLDERS,
    METADATA,
    MOUNTS,
    RELEASES,
    CleanupName,
    Holder,
    MountName,
    PlacementName,
    Release,
)
from gmemviz.model.design.defects import DEFECTS, DefectCode, codes_that
from gmemviz.model.machine import Target
from gmemviz.model.road import bodies, hook_actions
from gmemviz.render.lanes import SHAPES
from gmemviz.render.theme import CONTEXTS_OF, DEFECT_LOOKS
from gmemviz.translate.c.bodies import CALLS, ON_METADATA
from gmemviz.translate.c.hooks import LINES
from gmemviz.translate.c.names import PLAIN, UNWRITTEN
from tests.model.test_mutants import WITNESS

OF_THE_LANGUAGE = {"busy-inodes", "hang", "objects-remain"}
"""Codes that no cell of the matrix shows: tests/bugs has Designs that do, but for the last."""

# What a console says by more than a pattern for one code.
BY_MORE = {"sleep-in-softirq", "sleep-in-atomic", "inode-leak", "leak"}


TABLES = {
    "mounts": (MOUNTS, MountName),
    "placements": (GALLERY_PLACEMENTS, PlacementName),
    "cleanups": (CLEANUPS, CleanupName),
    "holders": (HOLDERS, Holder),
    "releases": (RELEASES, Release),
    "codes": (DEFECTS, DefectCode),
    "verbs": (VERBS, Verb),
}


@pytest.mark.parametrize(("table", "words"), TABLES.values(), ids=TABLES)
def test_a_table_has_a_row_for_each_word_of_its_type(table, words):
    assert set(table) == set(get_args(words))


def test_every_holder_and_release_is_of_some_row():
    assert {place.holder for place in GALLERY_PLACEMENTS.values()} == set(HOLDERS)
    assert {kind.release for kind in METADATA.values()} == set(RELEASES)


def test_each_defect_has_a_look_of_its_own():
    assert set(DEFECT_LOOKS) == set(DEFECTS)
    assert len({look.symbol for look in DEFECT_LOOKS.values()}) == len(DEFECTS)


def test_a_kernel_or_a_compiler_has_words_for_each_code_that_it_can_show():
    read = {code for _, code in console.SAID_AT_ONCE} | BY_MORE
    shown = {*codes_that(shown_by="kernel"), *codes_that(shown_by="compiler")}
    assert read == shown | IN_PLAYS.keys()


def test_what_no_kernel_shows_is_told_with_a_reason():
    assert NOT_SHOWN.keys() | IN_PLAYS.keys() == set(DEFECTS) - set(
        codes_that(shown_by="kernel")
    ) - set(codes_that(shown_by="compiler"))


def test_every_code_can_be_shown_by_the_search():
    assert codes_that(shown_by="search") == tuple(DEFECTS)


def test_each_context_has_its_words_and_its_mark():
    assert set(SHAPES) == set(IN) == set(CONTEXTS)
    assert all(set(words) == set(CONTEXTS) for words in CONTEXTS_OF.values())


def test_each_verb_is_an_operation_of_the_model():
    about_metadata = {verb for verb, row in VERBS.items() if row.about_metadata}
    assert set(hook_actions._BY_VERB) == set(VERBS) - about_metadata - set(bodies.WORDS)
    design = design_from_choices(
        kernel="7.3", mount="own", placement="containing-struct", cleanup="free-all",
        metadata="alloc-time-blob",
    )  # fmt: skip
    target = Target(design, load("7.3"))
    for verb, row in VERBS.items():
        about = "alloc-time-blob" if row.about_metadata else ""
        action = Action(verb, about)
        home = row.home or "free_inode"
        assert verb in bodies.WORDS or hook_actions.operations(action, home, target), verb


def test_each_code_has_a_cell_that_shows_it():
    assert set(WITNESS) == set(DEFECTS) - OF_THE_LANGUAGE


def test_each_verb_is_written_as_c():
    only_at_birth = {verb for verb, row in VERBS.items() if row.home == "alloc_inode"}
    assert set(LINES) | {"free", "attach"} | only_at_birth == PLAIN
    assert set(VERBS) >= PLAIN
    written = CALLS.keys() | ON_METADATA.keys() | only_at_birth
    assert written | UNWRITTEN.keys() == set(VERBS)
    assert written.isdisjoint(UNWRITTEN)


def test_each_verb_is_said_of_a_word_and_of_an_object():
    for verb, row in VERBS.items():
        about = "blob" if row.about_metadata else ""
        said = Action(verb, about, name="name" if set(row.operands) - {"M"} else "").says
        assert ("blob" in said) == row.about_metadata
        assert not re.search(r"\bM\b", said)


def test_every_home_is_a_hook():
    assert {row.home for row in VERBS.values()} - {None} <= set(HOOKS)


MISSPELT = """
from gmemviz.facts.vocabulary import HOOKS
from gmemviz.model import Design
from gmemviz.model.design.actions import Action
from gmemviz.model.design.defects import DEFECTS
from gmemviz.model.machine.heap import Machine

def wrong(machine: Machine, design: Design) -> None:
    machine.fail("use-after-fre", "inode", "touches")
    machine.note("late-releas", "inode", "touches")
    Action("truncat")
    design.body("evict_inod")
    HOOKS["relese"]
    DEFECTS["leek"]
"""


def test_a_misspelt_word_is_a_type_error(tmp_path):
    pytest.importorskip("mypy", reason="needs mypy: pip install gmemviz[dev]")
    file = tmp_path / "wrong.py"
    file.write_text(MISSPELT)
    # No cache: the checkout may be read-only, and one of the suite's own would be another's.
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent",
               f"--cache-dir={tmp_path / 'cache'}", str(file)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=250, check=False)
    found = [int(line.split(":")[1]) for line in done.stdout.splitlines() if "error:" in line]
    first = MISSPELT.splitlines().index("def wrong(machine: Machine, design: Design) -> None:") + 2
    assert found == [first + n for n in range(6)], done.stdout + done.stderr
