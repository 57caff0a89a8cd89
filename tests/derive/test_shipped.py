"""Filesystems of the kernels that are shipped, by their names, and held against a tree."""

from dataclasses import fields, is_dataclass

import pytest

from gmemviz.derive import (
    derive,
    judged,
    open_tree,
    read_table,
    shipped_tables,
    tables_of,
)
from gmemviz.errors import UnknownNameError
from gmemviz.facts import load, snapshots, super_tables, table_key


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


def followed(read):
    """Return what was read but for `deeper`, the calls that were too deep to be followed.

    Which of these are met depends on what was read before: a summary that is there needs no call.
    """
    if isinstance(read, dict):
        return {key: followed(value) for key, value in read.items()}
    if hasattr(read, "_fields"):
        return {name: followed(getattr(read, name)) for name in read._fields if name != "deeper"}
    if is_dataclass(read):
        names = (field.name for field in fields(read) if field.name != "deeper")
        return {name: followed(getattr(read, name)) for name in names}
    return [*map(followed, read)] if isinstance(read, tuple | list) else read


@pytest.mark.kernel_tree
@pytest.mark.timeout(600)
def test_what_is_shipped_is_what_the_tree_says(kernel_folder):
    deeds = open_tree(kernel_folder, "ext4")
    kernel = deeds.tree.kernel
    if kernel not in snapshots() or load(kernel).release != deeds.tree.release:
        pytest.skip(f"no snapshot of {deeds.tree.release} is shipped")
    shipped = {read.table: read for read in shipped_tables(kernel)}
    found = [read_table(deeds, table, kernel) for table in tables_of(deeds)]
    assert len(found) > 70
    differ = [read for read in found if followed(read) != followed(shipped[read.table])]
    assert [read.table.name for read in differ] == []
