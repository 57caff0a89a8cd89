"""Who ends s_fs_info, and who reads it then: as path walks and free_inode had it."""

from dataclasses import replace

import pytest

from gmemviz.derive import derive, judge_derived
from gmemviz.derive.superblock import ending, owned_by_superblock
from gmemviz.facts import FunctionDeeds
from tests.derive.conftest import AT, asked, deed
from tests.derive.test_design import END, FREE, NEW

READS = deed("read", "i_sb.s_fs_info")
ENDS = deed("ends the superblock", "inode", via="kill_block_super")
FREES = deed("given back", "s_fs_info", via="kfree")
LATE = deed("given back later", "s_fs_info", via="kfree_rcu")
WAITS = deed("waits for RCU", "", via="rcu_barrier")


def found(name, *deeds):
    return FunctionDeeds(name, AT.path, 3, deeds)


def verdict(read, hook, ends, *, reads=(), free=()):
    beside = {"toy_permission": ("permission", found("toy_permission", *reads))} if reads else {}
    made = read(beside=beside, alloc_inode=NEW, evict_inode=END, free_inode=[*free, FREE])
    return judge_derived(derive(replace(made, ends={hook: found(f"toy_{hook}", *ends)})))


@pytest.mark.parametrize(
    ("hook", "ends", "word"),
    [
        ("kill_sb", (ENDS, FREES), "defects"),  # nfs before c1b967d03c5d
        ("kill_sb", (ENDS, LATE), "correct"),
        ("put_super", (FREES,), "defects"),
        ("put_super", (LATE,), "correct"),
    ],
)
def test_path_walk_reads_what_the_end_of_the_superblock_frees(read, hook, ends, word):
    assert verdict(read, hook, ends, reads=(READS,)).word == word


@pytest.mark.parametrize(("waits", "word"), [((), "defects"), ((WAITS,), "correct")])
def test_free_inode_may_run_after_put_super(read, waits, word):
    # vboxsf takes its inodes out of a table in s_fs_info, and waits for that.
    assert verdict(read, "put_super", (*waits, FREES), free=(READS,)).word == word


def test_who_reads_with_a_reference_is_no_reader(read):
    bails = deed("read", "i_sb.s_fs_info", (asked("rcu walk", "", negated=True),))
    judged = verdict(read, "put_super", (FREES,), reads=(bails,))
    assert judged.word == "correct"
    assert "put_super" not in judged.derived.texts[0]["hooks"]


def test_who_frees_before_the_superblock_ends_frees_under_its_inodes(read):
    made = read(alloc_inode=NEW, evict_inode=[*END, READS], free_inode=[FREE])
    for ends, word in (((FREES, ENDS), "defects"), ((ENDS, FREES), "correct")):
        of = replace(made, ends={"kill_sb": found("toy_kill_sb", *ends)})
        assert judge_derived(derive(of)).word == word


def test_nothing_is_owned_that_nobody_frees():
    assert owned_by_superblock({}, {"put_super": found("toy_put_super")}, [found("x", READS)]) == ()
    assert owned_by_superblock({}, {"put_super": found("toy_put_super", FREES)}, []) == ()


def test_the_bodies_of_the_end():
    texts = [line.text for line in ending("kill_sb", found("toy_kill_sb", ENDS, LATE))]
    assert texts == [
        "kill_anon_super via kill_block_super", "free s_fs_info after a grace period via kfree_rcu",
    ]  # fmt: skip
    assert ending("kill_sb", found("toy_kill_sb", FREES)) == ()
    head = deed("deferred", "s_fs_info", later="toy_later")
    freed = deed("given back", "s_fs_info", via="kfree", later="toy_later")
    (line,) = ending("put_super", found("toy_put_super", head, freed))
    assert line.text == "free s_fs_info after a grace period via kfree"


@pytest.mark.parametrize(
    ("via", "is_first", "word"),
    [
        ("synchronize_rcu", True, "correct"),
        ("kern_unmount_array", True, "correct"),  # overlayfs
        ("synchronize_rcu", False, "defects"),
        # The root's own callback has been queued behind whoever reads, and is waited for.
        ("rcu_barrier", True, "correct"),
    ],
)
def test_who_waits_for_all_readers_frees_at_once(read, via, is_first, word):
    waits = deed("waits for RCU", "", via=via)
    ends = (waits, FREES) if is_first else (FREES, waits)
    judged = verdict(read, "put_super", ends, reads=(READS,))
    assert judged.word == word


def test_a_wait_that_not_all_ways_come_by_is_none(read):
    often, never = (asked("set", "s_fs_info"),), (asked("if", "", key="1"),)
    free = replace(FREES, ways=(often,))
    for ways, word in ((((),), "correct"), ((often,), "correct"), ((never,), "defects")):
        waits = replace(deed("waits for RCU", "", via="synchronize_rcu"), ways=ways)
        judged = verdict(read, "put_super", (waits, free), reads=(READS,))
        assert judged.word == word, ways
