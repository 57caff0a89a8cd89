"""A Design in a user's own words: how it is told what it may not say."""

import random

import pytest

from gmemviz import Design
from gmemviz.errors import GmemvizError
from gmemviz.model import check
from tests.model.design.test_design import TREE


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('kernel = "7.3"', 'kernel = "5.0"'), "unknown kernel: '5.0' (must be one of 6.1, 6.12, 7.3)"),
        (('kernel = "7.3"', "kernel = 7.3"), "kernel must be one of 6.1, 6.12, 7.3 in quotes, not 7.3"),
        (('kernel = "7.3"', ""), "kernel is missing (must be one of 6.1, 6.12, 7.3)"),
        (('mount = "own"', 'mount = "mine"'), "unknown mount: 'mine' (must be one of own,"),
        (('mount = "own"', 'mount = "own"\ncolour = 1'), "unknown key of the Design tree in free_"),
        (('"truncation"', '"trunction"'), "unknown read_by: 'trunction' (must be one of trunc"),
        (('["truncation"]', '"truncation"'), "read_by must be a list of words, not 'truncation'"),
        (('"sleeping lock"', '"mutex"'), "unknown release: 'mutex' (must be one of clear word,"),
        (('placement = "containing-struct"', ""), "placement is missing (must be one of i_priv"),
        (('"containing-struct"', '"i_data"'), "unknown placement: 'i_data' (must be one of"),
        (("[hooks]", "scarce = 1\n[hooks]"), "scarce must be true or false, not 1"),
        (("[hooks]", "rare = 1\n[hooks]"), "unknown key of metadata tree: 'rare' (must be one of"),
        (("alloc_inode =", "alloc_ino ="), "unknown hook: 'alloc_ino' (must be one of alloc_inode"),
        (('"free struct"', '"freestruct"'), "unknown action: 'freestruct' (must be one of alloc"),
        (('"init tree"', '"init trie"'), "no such metadata (it keeps tree)"),
        (('"free struct"', '"return 1"'), "free_inode cannot return 1: only drop_inode can"),
        (('["alloc container", ', "["), "alloc_inode must begin with alloc container or alloc"),
        (("[hooks]", "[hooks"), "not TOML: "),
        (('["alloc container", "init tree"]', "3"), "alloc_inode must be a list of actions or a table, not 3"),
        (("[metadata.tree]", '[metadata."<b>tree"]'), "metadata '<b>tree' must be made of letters"),
    ],
)  # fmt: skip
def test_bad_words_are_refused_in_one_sentence(change, said):
    assert change[0] in TREE
    with pytest.raises(GmemvizError) as refused:
        Design.from_text(TREE.replace(*change))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_damaged_text_is_a_design_or_is_refused():
    chance = random.Random(7)  # noqa: S311 (the same damage every time)
    refused = 0
    for _ in range(400):
        cut, put = chance.randrange(len(TREE)), chance.choice(['"', "[", "]", "=", "x", "\0", "0"])
        try:
            check(Design.from_text(TREE[:cut] + put + TREE[cut + chance.randrange(9) :]))
        except GmemvizError:
            refused += 1
    assert 200 < refused < 400


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('"free struct"', '"freestruct"'), "line 14: hooks.free_inode: unknown action: 'freestruct'"),
        (('"truncation"', '"trunction"'), "line 9: metadata.tree: unknown read_by"),
        (('mount = "own"', 'mount = "mine"'), "line 4: unknown mount: 'mine'"),
        (("alloc_inode =", "alloc_ino ="), "line 13: unknown hook: 'alloc_ino'"),
        (('"free struct"', '"if dir: sleep"'), "line 14: hooks.free_inode: unknown condition: 'dir'"),
        (("[hooks]", "scarce = 1\n[hooks]"), "line 12: metadata.tree: scarce must be true or false"),
    ],
)  # fmt: skip
def test_a_refusal_says_the_line_and_the_key(change, said):
    with pytest.raises(GmemvizError) as refused:
        Design.from_text(TREE.replace(*change))
    assert said in str(refused.value)
