"""A Design in a user's own words: what it may say, and how it is told what it may not."""

import pytest

from gmemviz import Design
from gmemviz.errors import DesignError
from gmemviz.model import check
from gmemviz.model.design.design import ORIGINS
from gmemviz.study import designs, gallery

TREE = """
name = "tree in free_inode"
kernel = "7.3"
mount = "own"

[metadata.tree]
placement = "containing-struct"
says = "a maple tree of shared pages"
read_by = ["truncation"]
release = "sleeping lock"

[hooks]
alloc_inode = ["alloc container", "init tree"]
free_inode = ["free tree via mtree_destroy", "free struct"]
"""


def test_the_question_of_the_day_is_answered():
    report = check(Design.from_text(TREE))
    assert report.defects == ("sleep-in-softirq",)
    assert "mtree_destroy sleeps to release tree in softirq" in report.why
    moved = TREE.replace('"free tree via mtree_destroy", ', "")
    mended = moved + 'destroy_inode = ["free tree via mtree_destroy"]\n'
    assert check(Design.from_text(mended)).defects == ()


def test_needs_make_the_difference():
    kfree = TREE.replace('"sleeping lock"', '"kfree"')
    assert check(Design.from_text(kfree)).defects == ()
    scarce = kfree.replace("[hooks]", "scarce = true\n[hooks]")
    assert check(Design.from_text(scarce)).defects == ("late-release",)
    late = kfree.replace('["truncation"]', '["truncation", "last folio_put"]')
    assert check(Design.from_text(late)).defects == ("use-after-free",)


def test_a_design_that_never_frees_the_struct_is_checked_and_leaks():
    text = TREE.replace('free_inode = ["free tree via mtree_destroy", "free struct"]',
                        'destroy_inode = ["free tree"]')  # fmt: skip
    assert check(Design.from_text(text)).defects == ("inode-leak",)


def test_a_pointer_that_is_not_tested_is_followed():
    text = """
    kernel = "6.12"
    mount = "own"
    metadata.tree = { placement = "i_private", release = "plain lock" }
    hooks.evict_inode = ["truncate", "free tree untested", "clear_inode"]
    """
    report = check(Design.from_text(text))
    assert report.defects == ("crash",)
    assert report.counterexample.world.scenario.name in ("creation-fails-early", "root-inode")
    assert check(Design.from_text(text.replace(" untested", ""))).defects == ()


def test_a_lockless_reader_reads_all_that_there_is():
    text = """
    kernel = "7.3"
    mount = "own"
    metadata.a = { placement = "containing-struct", read_by = ["lockless reader"] }
    metadata.b = { placement = "containing-struct", read_by = ["lockless reader"] }
    hooks.alloc_inode = ["alloc container", "init a", "init b"]
    hooks.destroy_inode = ["free a"]
    hooks.free_inode = ["free b", "free struct"]
    """
    swapped = (
        text.replace("free a", "free c").replace("free b", "free a").replace("free c", "free b")
    )
    for one in (text, swapped):
        assert check(Design.from_text(one)).defects == ("use-after-free",)
    at_the_end = text.replace('["free b", ', '["free a", "free b", ').replace('["free a"]', "[]")
    assert check(Design.from_text(at_the_end)).defects == ()


def test_the_gallery_is_written_in_it():
    for name in designs():
        assert gallery(name).origin in ORIGINS[:-1]


def test_a_union_has_no_word_beside_a_pointer():
    kinds = 'metadata.body = { placement = "i_link" }\nmetadata.flag = { placement = "i_link", '
    with pytest.raises(DesignError, match="flag in i_link is a word, and body in i_link a pointer"):
        Design.from_text(
            f'kernel = "7.3"\nmount = "own"\nkinds = ["symlink", "special"]\n{kinds}'
            'owns_object = false, of = ["regular"] }'
        )


def test_what_alloc_inode_attaches_the_creator_leaves_alone():
    text = """
    kernel = "6.12"
    mount = "own"
    metadata.blob = { placement = "containing-struct" }
    metadata.other = { placement = "containing-struct" }
    hooks.alloc_inode = ["alloc container", "init other", "attach blob"]
    hooks.free_inode = ["free blob", "free other", "free struct"]
    """
    design = Design.from_text(text)
    assert {kept.kind.name: kept.kind.born_in_alloc for kept in design.keeps} == {
        "blob": True, "other": False,
    }  # fmt: skip
    said = 'placement = "containing-struct", born_in_alloc = true }\n    metadata.other'
    same = text.replace('placement = "containing-struct" }\n    metadata.other', said)
    assert Design.from_text(same) == design
    assert check(design).verdict == "correct"
