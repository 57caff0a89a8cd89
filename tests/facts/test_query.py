import pytest

from gmemviz import facts
from gmemviz.errors import UnknownNameError

NEW = facts.load("7.3")
OLD = facts.load("6.12")


def names(edges):
    return [edge.callee for edge in edges]


def test_who_sets_a_hook():
    assert [(s.filesystem, s.function) for s in facts.setters(NEW, "destroy_inode")] == [
        ("afs", "afs_destroy_inode"),
        ("bpf", "bpf_destroy_inode"),
        ("btrfs", "btrfs_destroy_inode"),
        ("btrfs_test_fs", "btrfs_test_destroy_inode"),
        ("dax", "dax_destroy_inode"),
        ("ecryptfs", "ecryptfs_destroy_inode"),
        ("ext4", "ext4_destroy_inode"),
        ("guest_memfd", "kvm_gmem_destroy_inode"),
        ("hugetlbfs", "hugetlbfs_destroy_inode"),
        ("overlay", "ovl_destroy_inode"),
        ("pipefs", "free_inode_nonrcu"),
        ("pvfs2", "orangefs_destroy_inode"),
        ("tmpfs", "shmem_destroy_inode"),
        ("tracefs", "tracefs_destroy_inode"),
        ("xfs", "xfs_fs_destroy_inode"),
    ]


def test_guest_memfd_had_no_table_of_its_own():
    assert not [t for t in OLD.tables_of("guest_memfd") if t.struct == "super_operations"]
    (table,) = NEW.tables_of("guest_memfd", "super_operations")
    assert [hook for hook, _ in table.slots] == [
        "alloc_inode",
        "destroy_inode",
        "free_inode",
        "statfs",
    ]


@pytest.mark.parametrize("filesystem", ["tmpfs", "shmem"])
def test_a_hook_leads_to_one_filesystem(filesystem):
    found = facts.callees(NEW, "i_callback", filesystems=[filesystem])
    assert [(e.callee, e.kind, e.hook) for e in found] == [
        ("shmem_free_in_core_inode", "ops", "free_inode"),
        ("free_inode_nonrcu", "default", "free_inode"),
    ]


def test_hooks_lead_nowhere_without_filesystems():
    assert not [e for e in facts.callees(NEW, "evict", filesystems=()) if e.kind == "ops"]


def test_defaults():
    assert names(facts.defaults(NEW, "evict_inode")) == [
        "truncate_inode_pages_final",
        "clear_inode",
    ]
    assert names(facts.defaults(NEW, "drop_inode")) == ["inode_generic_drop"]
    assert names(facts.defaults(OLD, "drop_inode")) == ["generic_drop_inode"]
    assert names(facts.defaults(NEW, "alloc_inode")) == ["alloc_inode_sb"]
    assert names(facts.defaults(NEW, "free_inode")) == ["free_inode_nonrcu"]
    assert names(facts.defaults(NEW, "d_iput")) == ["iput"]


def test_depth_and_noise():
    near = facts.callees(NEW, "iput", filesystems=["guest_memfd"])
    far = facts.callees(NEW, "iput", depth=4, filesystems=["guest_memfd"])
    assert set(near) < set(far)
    assert {edge.depth for edge in far} == {1, 2, 3, 4}
    assert "spin_lock" in names(facts.callees(NEW, "iput", noise=True))
    assert "spin_lock" not in names(near)


def test_release_is_a_hook_and_no_noise():
    found = facts.callees(NEW, "__fput", filesystems=["guest_memfd"])
    assert "kvm_gmem_release" in names(found)


def test_callers_of_an_implementation_call_the_hook():
    assert [(e.caller, e.kind, e.line) for e in facts.callers(NEW, "kvm_gmem_free_inode")] == [
        ("i_callback", "ops", 317)
    ]
    above = [e.caller for e in facts.callers(NEW, "kvm_gmem_free_inode", depth=3)]
    assert {"destroy_inode", "alloc_inode", "evict"} <= set(above)


def test_road():
    found = facts.road(NEW, "iput", "kvm_gmem_destroy_inode")
    assert [(e.caller, e.line) for e in found] == [
        ("iput", 2074),
        ("iput_final", 2025),
        ("evict", 845),
        ("destroy_inode", 387),
    ]
    assert facts.road(NEW, "clear_inode", "iput") == ()


def test_reached():
    found = facts.reached(NEW, "evict_inode", filesystems=["shmem", "hugetlbfs"])
    assert {slot.function: "clear_inode" in names(edges) for slot, edges in found.items()} == {
        "shmem_evict_inode": True,
        "hugetlbfs_evict_inode": True,
    }


def test_places():
    assert str(NEW.source("iput")) == "fs/inode.c:2037 iput@v7.3.4"
    assert str(NEW.call_source("evict", "clear_inode")) == "fs/inode.c:824 evict@v7.3.4"


@pytest.mark.parametrize(
    "ask",
    [
        lambda: NEW.function("no_such"),
        lambda: NEW.call_source("evict", "no_such"),
        lambda: facts.callees(NEW, "no_such"),
        lambda: facts.callers(NEW, "no_such"),
        lambda: facts.road(NEW, "no_such", "iput"),
    ],
)
def test_unknown_names_are_named(ask):
    with pytest.raises(UnknownNameError, match=r"no_such.*7\.3"):
        ask()
