"""A table has the kernel's name where a kernel has it, and says what runs in place of a NULL."""

from gmemviz import design_from_choices, gallery
from gmemviz.derive import derive, shipped_tables
from gmemviz.facts import load
from gmemviz.model import Design
from gmemviz.stage.tables import S_OP, tables


def slots(design):
    shown = {table.id: table for table in tables(design, load(design.kernel))}
    return shown, {row.name: row.value for row in shown[S_OP].drawn.members}


def test_a_kernels_own_table_has_its_name():
    shown, values = slots(gallery("guest_memfd-7.3"))
    assert shown[S_OP].drawn.title == "kvm_gmem_super_operations"
    assert values["destroy_inode"] == "kvm_gmem_destroy_inode"
    assert shown["file_operations"].drawn.title == "kvm_gmem_fops"


def test_free_inode_nonrcu_runs_only_where_destroy_inode_is_null_too():
    """fs/inode.c:destroy_inode: a filesystem that sets destroy_inode alone frees the memory itself."""
    cell = {"kernel": "7.3", "mount": "own", "placement": "i_private", "metadata": "resv_map"}
    _, none = slots(design_from_choices(**cell, cleanup="none"))
    _, alone = slots(design_from_choices(**cell, cleanup="destroy-frees-now"))
    assert none["free_inode"] == "NULL: free_inode_nonrcu"
    assert alone["free_inode"] == "NULL"


def test_what_the_kernels_table_sets_is_no_null_where_the_design_says_nothing_of_it():
    (ext4,) = shipped_tables("7.3", "ext4")
    _, values = slots(Design.from_table("ext4", derive(ext4).texts[0]))
    assert values["evict_inode"] == "ext4_evict_inode"
    assert values["drop_inode"] == "left out: ext4_drop_inode"
