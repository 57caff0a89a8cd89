"""Broken filesystems: what was said of each is kept, and a share of it is asked again."""

import hashlib
import json
from pathlib import Path

import pytest

from gmemviz.derive import open_tree, tables_of
from gmemviz.extract.tree.tree import Tree
from scripts.mutants import OUT, asked, mutants, packed, said_of, shares, whole
from tests.derive.test_tree import write_tree

KEPT = json.loads(OUT.read_text("ascii"))
CAUGHT = 0.9
WHOLLY = ("before the grace period", "drop a barrier", "to another hook", "before truncation")
"""Kinds that are caught nine times of ten; of the others only the number is held."""

TOY = {"EVICT": "kfree_rcu(TOY_I(inode)->target, rcu);", "FREE": ""}


@pytest.fixture
def toy(tmp_path):
    """Return a toy tree that is correct, and its table."""
    deeds = open_tree(write_tree(tmp_path, **TOY), "toyfs")
    return deeds, tables_of(deeds, "toyfs")[0]


def test_what_is_said_of_a_toy(toy):
    deeds, table = toy
    before = said_of(deeds, table)
    said = {mutant.key: asked(deeds, mutant, before) for mutant in mutants(deeds, table)}
    at = "toy_ops fs/toyfs/super.c"
    assert said == {
        "before the grace period: toy_ops free_inode as destroy_inode": "caught use-after-free",
        "to another hook: toy_ops evict_inode as destroy_inode": "caught assertion",
        f"drop an init: {at}:18": "differs",
        f"drop a clear_inode: {at}:25": "caught assertion",
        f"before truncation: {at}:25": "differs",  # there are no pages
        f"drop a free: {at}:26": "differs",  # that there is one only its creator would say
        f"before the grace period: {at}:26": "caught use-after-free",
        f"before truncation: {at}:26": "differs",
        f"drop a free: {at}:32": "caught inode-leak",
        f"drop a barrier: {at}:64": "caught objects-remain, use-after-free",
    }
    # The tree is as it was, on disk and for who asks next.
    assert said_of(deeds, table) == before
    assert type(deeds.tree) is Tree


def test_the_answers_are_those_that_were_written():
    assert OUT.read_bytes() == packed(KEPT["answers"])
    text = json.dumps(KEPT["answers"], indent=0, sort_keys=True)
    assert KEPT["sha256"] == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("kind", WHOLLY)
def test_a_kind_is_caught(kind):
    caught, differ, same = shares(KEPT["answers"])[kind]
    assert caught / (caught + differ + same) >= CAUGHT


@pytest.mark.kernel_tree
def test_a_share_is_asked_again(kernel_folder: Path):
    name = "debugfs_super_operations"
    if Tree(kernel_folder).kernel != "6.12":
        pytest.skip("the answers are on 6.12")
    kept = {key: said for key, said in KEPT["answers"].items() if f": {name} " in key}
    assert whole(kernel_folder, [name]) == kept
    assert kept
