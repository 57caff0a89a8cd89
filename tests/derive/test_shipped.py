"""Filesystems of the kernels that are shipped, by their names, and held against a tree."""

import pytest

from gmemviz.derive import (
    SUPER,
    derive,
    judged,
    open_tree,
    read_table,
    shipped_names,
    shipped_tables,
    tables_of,
)
from gmemviz.derive.shipped import chosen
from gmemviz.errors import UnknownNameError
from gmemviz.extract import KernelDeeds
from gmemviz.facts import load, snapshots, table_key


@pytest.mark.parametrize("kernel", snapshots())
def test_every_table_of_a_kernel_has_deeds_and_comes_to_a_design(kernel):
    found = shipped_tables(kernel)
    assert len(found) == len([table for table in load(kernel).tables if table.struct == SUPER])
    assert {read.kernel for read in found} == {kernel}
    assert all(derive(read).designs for read in found)


@pytest.mark.parametrize(
    ("name", "tables"),
    [
        ("ext4", ["ext4_sops"]),
        ("ext4_sops", ["ext4_sops"]),
        ("shmem", ["shmem_ops"]),
        ("tmpfs", ["shmem_ops"]),
        ("9p", ["v9fs_super_ops", "v9fs_super_ops_dotl"]),
    ],
)
@pytest.mark.parametrize("kernel", snapshots())
def test_a_filesystem_goes_by_its_names(kernel, name, tables):
    assert [read.table.name for read in shipped_tables(kernel, name)] == tables
    assert name in shipped_names(kernel)


def test_every_name_has_a_table():
    for kernel in snapshots():
        names = shipped_names(kernel)
        assert len(names) > 100
        assert all(chosen(load(kernel), name) for name in names)


def test_a_wrong_name_is_refused_with_the_nearest():
    with pytest.raises(UnknownNameError, match=r"filesystem of 7\.3: 'ext5'.* ext4"):
        shipped_tables("7.3", "ext5")
    with pytest.raises(UnknownNameError, match=r"7\.4"):
        shipped_tables("7.4", "ext4")


# What 6.1 gives back too early, and its successors do not. (kernel/bpf/inode.c, fs/proc/inode.c)
@pytest.mark.parametrize("name", ["bpf", "proc"])
def test_an_old_kernel_is_read_by_its_own_source(name):
    (table,) = (read.table for read in shipped_tables("6.1", name))
    assert "use-after-free" in judged("6.1")[table_key(table)].codes


@pytest.mark.kernel_tree
def test_what_is_shipped_is_what_the_tree_says(kernel_folder):
    deeds = open_tree(kernel_folder, "ext4")
    kernel = deeds.tree.kernel
    if kernel not in snapshots() or load(kernel).release != deeds.tree.release:
        pytest.skip(f"no snapshot of {deeds.tree.release} is shipped")
    shipped = {read.table: read for read in shipped_tables(kernel)}
    found = [read_table(deeds, table, kernel) for table in tables_of(deeds)]
    assert len(found) > 70
    assert isinstance(deeds, KernelDeeds)
    assert [read.table.name for read in found if read != shipped[read.table]] == []
