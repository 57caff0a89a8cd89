from dataclasses import replace

import pytest

from gmemviz.derive import derive, judge_derived
from gmemviz.derive.creators import built, is_constructor, late, silent, unset
from gmemviz.derive.metadata import owned
from gmemviz.facts import FunctionDeeds
from tests.derive.conftest import AT, deed
from tests.derive.test_design import END, FREE, NEW, TARGET

KINDS = owned([TARGET, deed("given back", "container.other")])
SETS = deed("emptied", "container.target")
PUTS = deed("given back", "inode", via="iput")


def made(*deeds, name="toy_iget"):
    return FunctionDeeds(name, AT.path, 7, deeds)


def test_what_alloc_inode_leaves_unset():
    assert [kind.name for kind in unset(KINDS, [SETS])] == ["other"]
    assert unset(KINDS, [deed("initialised", "container", via="memset")]) == ()


def test_the_constructor_is_of_inodes_and_sets_members():
    once = made(deed("initialised", "vfs_inode", via="inode_init_once"), deed("emptied", "target"))
    assert is_constructor(once)
    assert not is_constructor(made(deed("emptied", "target")))
    assert built(KINDS, once) == ("target",)
    assert built(KINDS, None) == ()


@pytest.mark.parametrize(
    ("deeds", "place"),
    [((SETS, PUTS), None), ((PUTS, SETS), AT), ((PUTS,), None), ((SETS,), None)],
)
def test_who_puts_the_inode_before_a_member_is_set_is_late(deeds, place):
    (kind,) = owned([TARGET])
    assert late(kind, [made(*deeds)]) == place


def test_a_creator_that_was_not_seen_to_set_it_is_named():
    assert silent(KINDS, [made(SETS)]) == (
        "fs/toy/super.c:7: toy_iget sets other before it can fail",
    )


@pytest.mark.parametrize(
    ("deeds", "codes"), [((SETS, PUTS), ""), ((PUTS, SETS), "double-free"), ((), "")]
)
def test_a_creator_that_fails_early_is_searched(read, deeds, codes):
    # ext4 had such a creation: what nobody has set yet is what an earlier life left.
    hooks = {"alloc_inode": NEW, "evict_inode": [*END, TARGET], "free_inode": [FREE]}
    once = made(deed("initialised", "vfs_inode", via="inode_init_once"), deed("emptied", "target"))
    found = derive(replace(read(**hooks), creators=(made(*deeds),), constructor=once))
    assert found.texts[0]["constructor"] == ["init target"]
    verdict = judge_derived(found)
    assert codes in verdict.sentence
    assert verdict.word == ("defects" if codes else "correct")


def test_some_in_time_and_some_late_leaves_it_open(read):
    other = deed("given back", "container.other", via="kfree")
    hooks = {"alloc_inode": NEW, "evict_inode": [*END, TARGET, other], "free_inode": [FREE]}
    creator = made(SETS, PUTS, deed("emptied", "container.other"))
    found = derive(replace(read(**hooks), creators=(creator,)))
    assert [entry.could for entry in found.unread] == ["other may be unset then"]
