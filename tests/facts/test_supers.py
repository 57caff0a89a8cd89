"""Which super_operations a word means: a table's own name first, then whom it may serve."""

import pytest

from gmemviz.errors import UnknownNameError
from gmemviz.facts import SUPER, load, snapshots, super_names, super_tables


@pytest.mark.parametrize(
    ("name", "tables"),
    [
        ("ext4", ["ext4_sops"]),  # and not a test's table in its folder
        ("ext4_sops", ["ext4_sops"]),
        ("vfat", ["fat_sops"]),
        ("shmem", ["shmem_ops"]),
        ("tmpfs", ["shmem_ops"]),  # and not ramfs_ops, which serves it without CONFIG_SHMEM
        ("9p", ["v9fs_super_ops", "v9fs_super_ops_dotl"]),
    ],
)
@pytest.mark.parametrize("kernel", snapshots())
def test_a_filesystem_goes_by_its_names(kernel, name, tables):
    assert [table.name for table in super_tables(load(kernel), name)] == tables
    assert name in super_names(load(kernel))


@pytest.mark.parametrize("kernel", snapshots())
def test_every_name_has_a_table_and_every_table_a_name(kernel):
    facts = load(kernel)
    found = {table for name in super_names(facts) for table in super_tables(facts, name)}
    assert found == set(super_tables(facts)) == {t for t in facts.tables if t.struct == SUPER}
    assert all(super_tables(facts, name) for name in super_names(facts))


def test_a_wrong_name_is_refused_with_the_nearest():
    with pytest.raises(UnknownNameError, match=r"filesystem of 7\.3: 'ext5'.* ext4"):
        super_tables(load("7.3"), "ext5")
