"""The headline says who did what to what, and who had freed it, in one line."""

import pytest

from gmemviz import check, design_from_choices, gallery
from gmemviz.stage import headline
from tests.model.test_mutants import WITNESS, asked

LONGEST = 150


def test_a_use_after_free_names_who_freed_it():
    cell = {"kernel": "7.3", "mount": "own", "placement": "containing-struct"}
    design = design_from_choices(**cell, cleanup="evict-before-truncate", metadata="resv_map")
    assert headline(check(design)).sentence == (
        "Use-after-free: truncate_inode_pages_final reads resv_map, which evict_inode has freed"
    )


def test_a_leak_names_the_hook_that_no_run_enters():
    said = headline(asked("unreachable-hook"))
    assert said.sentence == "Leak: no run enters free_inode, and shared_policy is never freed"
    assert said.others == ("unreachable-hook",)


def test_what_is_correct_says_where_things_are_freed():
    said = headline(check(gallery("guest_memfd-7.3")))
    assert (said.mark, said.short) == ("correct", "correct")
    assert said.sentence.startswith("Correct: shared_policy is freed in destroy_inode")


@pytest.mark.parametrize("code", sorted(WITNESS))
def test_every_code_has_a_headline_of_one_line(code):
    said = headline(asked(code), code)
    assert said.code == code
    assert said.mark == "wrong"
    assert len(said.sentence) < LONGEST
