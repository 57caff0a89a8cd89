"""A cell: the hooks that five choices make, and choices that do not go together."""

import pytest

from gmemviz.errors import UnknownNameError
from gmemviz.model.design.cell import design_from_choices, unfit

CHOICES = {
    "kernel": "7.3", "mount": "own", "placement": "i_private", "cleanup": "none",
    "metadata": "resv_map",
}  # fmt: skip


def hooks(**choices):
    design = design_from_choices(**{**CHOICES, **choices})
    return {hook: [str(action) for action in body] for hook, body in design.hooks}


def test_a_pattern_says_the_metadata_by_its_name():
    assert hooks() == {}
    assert hooks(cleanup="evict-after-truncate") == {
        "evict_inode": ["truncate", "clear_inode", "free resv_map"]
    }
    assert hooks(cleanup="release", metadata="flags") == {"release": ["clear flags"]}


def test_a_container_is_allocated_and_given_back():
    inside = {"placement": "containing-struct"}
    birth = ["alloc container", "init resv_map"]
    assert hooks(**inside) == {"alloc_inode": birth}
    assert hooks(cleanup="release", **inside) == {
        "alloc_inode": birth, "free_inode": ["free struct"], "release": ["free resv_map"],
    }  # fmt: skip
    assert hooks(cleanup="free-all", **inside) == {
        "alloc_inode": birth, "free_inode": ["free resv_map", "free struct"],
    }  # fmt: skip
    assert hooks(cleanup="destroy-leaves-memory", **inside) == {
        "alloc_inode": birth, "destroy_inode": ["free resv_map"],
    }  # fmt: skip


def test_what_is_born_with_the_inode_is_attached_by_alloc_inode():
    blob = {"metadata": "alloc-time-blob"}
    assert hooks(**blob) == {"alloc_inode": ["alloc struct", "attach alloc-time-blob"]}
    assert hooks(placement="containing-struct", **blob)["alloc_inode"][0] == "alloc container"


def test_bits_hold_no_pointer():
    design = design_from_choices(**{**CHOICES, "placement": "i_private-flags"})
    assert unfit(design) == "i_private-flags holds bits, and resv_map needs a pointer"
    word = design_from_choices(**{**CHOICES, "placement": "i_private-flags", "metadata": "flags"})
    assert unfit(word) == ""


@pytest.mark.parametrize("choice", CHOICES)
def test_a_wrong_word_is_named(choice):
    with pytest.raises(UnknownNameError, match=f"unknown {choice}: 'wrong'"):
        design_from_choices(**{**CHOICES, choice: "wrong"})
