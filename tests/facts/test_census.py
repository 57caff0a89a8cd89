import pytest

from gmemviz import facts

# What grep counts in the initialisers of Debian's trees, NULL and comments left out.
COUNTS = {
    "6.12": (87, {"free_inode": 67, "alloc_inode": 64, "evict_inode": 54, "destroy_inode": 14}),
    "7.3": (88, {"free_inode": 67, "alloc_inode": 66, "evict_inode": 53, "destroy_inode": 15}),
}


@pytest.mark.parametrize("kernel", COUNTS)
def test_counts_equal_grep(kernel):
    tables, hooks = COUNTS[kernel]
    found = facts.census(facts.load(kernel))
    assert found.tables == tables
    assert {hook: found.hooks[hook] for hook in hooks} == hooks
    assert sum(found.combinations.values()) == tables


def test_rows_that_argue_a_design():
    rows = facts.census(facts.load("7.3")).rows
    mine = {row: sorted(t.filesystem for t in tables) for row, tables in rows.items()}
    assert mine["destroy without free"] == ["btrfs_test_fs", "pipefs", "xfs"]
    assert mine["free without alloc"] == ["apparmorfs", "configfs", "securityfs"]
    assert "guest_memfd" in mine["alloc, destroy and free without evict"]
    assert len(mine["destroy and free"]) == 12
    assert "ext4" in mine["own evict that reaches truncate_inode_pages_final"]
    assert "tmpfs" in mine["own evict that does not reach truncate_inode_pages_final"]
