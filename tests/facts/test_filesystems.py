"""A filesystem's name is answered rightly or refused, wherever one is taken."""

import pytest

from gmemviz import facts
from gmemviz.errors import UnknownNameError
from gmemviz.facts import filesystems
from gmemviz.render import draw_diff, draw_road

NEW = facts.load("7.3")
OLD = facts.load("6.12")
UNKNOWN = ("shmme", "SHMEM", "", " shmem", "shmem,tmpfs", "inode", "super", "kvm", "i915", "ext5")


def set_by(kernel, name, hook="evict_inode"):
    found = facts.through(kernel, hook, filesystems=[name])
    return [edge.callee for edge in found if edge.kind == "ops"]


@pytest.mark.parametrize(
    ("name", "functions"),
    [
        ("tmpfs", ["shmem_evict_inode"]),
        ("shmem", ["shmem_evict_inode"]),
        # Types of one table: fs/fat, fs/ext4, fs/smb/client, fs/fuse, fs/gfs2.
        ("msdos", ["fat_evict_inode"]),
        ("vfat", ["fat_evict_inode"]),
        ("fat", ["fat_evict_inode"]),
        ("ext3", ["ext4_evict_inode"]),
        ("smb3", ["cifs_evict_inode"]),
        ("fuseblk", ["fuse_evict_inode"]),
        ("virtiofs", ["fuse_evict_inode"]),
        ("gfs2meta", ["gfs2_evict_inode"]),
        # Tables of somebody else's: fs/kernfs, mm/shmem.c, fs/libfs.c.
        ("sysfs", ["kernfs_evict_inode"]),
        ("cgroup2", ["kernfs_evict_inode"]),
        ("devtmpfs", ["shmem_evict_inode"]),
        ("secretmem", []),
        # ext4 takes the name only where ext2 is not built.
        ("ext2", ["ext2_evict_inode"]),
        ("ext4", ["ext4_evict_inode"]),
        # Usual names.
        ("smb", ["cifs_evict_inode"]),
        ("procfs", ["proc_evict_inode"]),
        ("hugetlb", ["hugetlbfs_evict_inode"]),
        ("ovl", []),
        ("guest_memfd", []),
    ],
)
def test_who_evicts(name, functions):
    assert set_by(NEW, name) == functions


def test_ntfs_was_a_name_of_ntfs3_and_is_a_filesystem_again():
    assert set_by(OLD, "ntfs") == ["ntfs_evict_inode"]
    assert set_by(NEW, "ntfs") == ["ntfs_evict_big_inode"]


def test_what_lies_in_another_types_file_is_not_shared():
    assert set_by(NEW, "vfat", "d_hash") == ["vfat_hashi", "vfat_hash"]
    assert set_by(NEW, "vfat", "kill_sb") == ["kill_block_super"]
    assert set(set_by(NEW, "vfat", "release")) == {"fat_file_release"}
    assert "kernfs_fop_release" in set_by(NEW, "sysfs", "release")


@pytest.mark.parametrize(
    ("alias", "name"), [("ovl", "overlay"), ("gmem", "guest_memfd"), ("procfs", "proc")]
)
@pytest.mark.parametrize("hook", ["alloc_inode", "free_inode", "evict_inode"])
def test_a_usual_name_is_as_good_as_the_kernels(alias, name, hook):
    assert set_by(NEW, alias, hook) == set_by(NEW, name, hook)
    assert filesystems.told(NEW, [alias, name]) == (
        f"{alias} is a usual name of {name}, whose tables are meant",
    )


def test_every_usual_name_has_a_meaning_in_some_kernel_and_none_hides_one():
    names = {*facts.filesystem_names(OLD), *facts.filesystem_names(NEW)}
    assert set(filesystems.aliases()) <= names
    for kernel in (OLD, NEW):
        typed = {t.filesystem for t in kernel.tables if t.struct == "file_system_type"}
        assert not typed & set(filesystems.aliases())


@pytest.mark.parametrize("kernel", [OLD, NEW], ids=facts.kernels())
def test_every_type_of_a_kernel_is_a_name_and_its_tables_are_found(kernel):
    types = [t.filesystem for t in kernel.tables if t.struct == "file_system_type"]
    assert len(set(types)) > 100
    for name in types:
        structs = {table.struct for table in kernel.tables_of(name)}
        # Two tests of ext4 make a superblock without a mount.
        assert "super_operations" in structs or name == "extents test", name


@pytest.mark.parametrize("name", UNKNOWN)
@pytest.mark.parametrize(
    "ask",
    [
        lambda names: facts.through(NEW, "evict_inode", filesystems=names),
        lambda names: facts.callees(NEW, "evict", filesystems=names),
        lambda names: facts.reached(NEW, "evict_inode", filesystems=names),
        lambda names: facts.road(NEW, "iput", "clear_inode", filesystems=names),
        lambda names: [NEW.tables_of(name) for name in names],
        lambda names: draw_road(NEW, "iput", filesystems=names),
        lambda names: draw_diff(OLD, NEW, "iput", filesystems=names),
    ],
)
def test_a_name_that_no_filesystem_has_is_refused(ask, name):
    with pytest.raises(UnknownNameError, match="unknown filesystem"):
        ask(["shmem", name])


@pytest.mark.parametrize("name", ["reiserfs", "nullfs"])
def test_of_two_kernels_one_must_know_the_name(name):
    assert sum(name in facts.filesystem_names(kernel) for kernel in (OLD, NEW)) == 1
    assert "iput" in draw_diff(OLD, NEW, "iput", filesystems=[name]).dot


@pytest.mark.parametrize("names", [1, 0.5, True, iter(["shmem"])])
@pytest.mark.parametrize(
    "ask",
    [
        lambda names: facts.callees(NEW, "evict", filesystems=names),
        lambda names: facts.through(NEW, "evict_inode", filesystems=names),
        lambda names: draw_diff(OLD, NEW, "iput", filesystems=names),
    ],
)
def test_what_is_no_collection_of_names_is_refused(ask, names):
    with pytest.raises(TypeError, match="filesystems must be a Collection, not"):
        ask(names)


def test_a_string_is_one_name():
    assert facts.callees(NEW, "evict", filesystems="shmem") == facts.callees(
        NEW, "evict", filesystems=["shmem"]
    )
    assert (
        draw_road(NEW, "iput", filesystems="shmem").dot
        == draw_road(NEW, "iput", filesystems=["shmem"]).dot
    )


def test_a_table_without_a_mount_counts_by_its_file():
    assert {table.path for table in OLD.tables_of("guest_memfd")} == {"virt/kvm/guest_memfd.c"}
