"""Filesystems of the kernels that are shipped, by their names, and held against a tree."""

import pytest

from gmemviz.derive import (
    derive,
    judged,
    open_tree,
    shipped_tables,
)
from gmemviz.errors import UnknownNameError
from gmemviz.facts import load, snapshots, super_tables, table_key
from scripts.facts import deeds_of_all


@pytest.mark.parametrize("kernel", snapshots())
def test_every_table_of_a_kernel_has_deeds_and_comes_to_a_design(kernel):
    found = shipped_tables(kernel)
    assert len(found) == len(super_tables(load(kernel)))
    assert {read.kernel for read in found} == {kernel}
    assert all(derive(read).designs for read in found)


def test_a_filesystem_may_have_several_tables():
    assert [r.table.name for r in shipped_tables("7.3", "9p")] == [
        "v9fs_super_ops", "v9fs_super_ops_dotl"
    ]  # fmt: skip
    with pytest.raises(UnknownNameError, match=r"7\.4"):
        shipped_tables("7.4", "ext4")


# What 6.1 gives back in evict_inode, its successors give back in free_inode. (fs/proc/inode.c)
@pytest.mark.parametrize(("kernel", "word"), [("6.1", "defects"), ("6.12", "correct")])
def test_an_old_kernel_is_read_by_its_own_source(kernel, word):
    (table,) = (read.table for read in shipped_tables(kernel, "proc"))
    found = judged(kernel)[table_key(table)]
    assert found.verdict.startswith(word)
    assert ("use-after-free" in found.codes) == (word == "defects")


@pytest.mark.kernel_tree
@pytest.mark.timeout(600)
def test_what_is_shipped_is_what_the_tree_says(kernel_folder):
    tree = open_tree(kernel_folder, "ramfs").tree
    kernel = tree.kernel
    if kernel not in snapshots() or load(kernel).release != tree.release:
        pytest.skip(f"no snapshot of {tree.release} is shipped")
    shipped = {read.table: read for read in shipped_tables(kernel)}
    found = deeds_of_all(kernel_folder, load(kernel)).values()
    assert len(found) > 70
    assert [read.table.name for read in found if read != shipped[read.table]] == []
