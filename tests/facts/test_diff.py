from gmemviz import facts

FOUND = facts.diff(facts.load("6.12"), facts.load("7.3"))


def test_renames_on_the_road_of_an_inode():
    assert FOUND.renamed["generic_drop_inode"] == "inode_generic_drop"
    assert FOUND.renamed["generic_delete_inode"] == "inode_just_drop"
    assert FOUND.renamed["__dentry_kill"] == "dentry_kill"
    assert not set(FOUND.renamed) & set(FOUND.gone)
    assert not set(FOUND.renamed.values()) & set(FOUND.added)


def test_guest_memfd_got_hooks():
    mine = {slot.hook for slot in FOUND.slots_added if slot.table == "kvm_gmem_super_operations"}
    assert mine == {"alloc_inode", "destroy_inode", "free_inode", "statfs"}


def test_a_renamed_function_is_no_change_of_slot():
    assert not [s for s in FOUND.slots_gone if s.table == "shmem_ops" and s.hook == "drop_inode"]


def test_fields():
    gone = {(field.struct, field.name) for field in FOUND.fields_gone}
    assert {("address_space", "i_private_data"), ("address_space", "i_private_list")} <= gone
    assert ("gmem_inode", "policy") in {(f.struct, f.name) for f in FOUND.fields_added}


def test_nothing_changed_in_itself():
    same = facts.load("7.3")
    found = facts.diff(same, same)
    assert not any((found.added, found.gone, found.renamed, found.calls, found.slots_gone))
