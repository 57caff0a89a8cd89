"""A Target: which cells an actor's inode, file and metadata stand in, and whose hooks it has."""

import pytest

from tests.model.machine.made import cell_target, design_of, target_of


@pytest.mark.parametrize(
    ("place", "slot", "of_second"),
    [
        ("i_private", "inode.tree", "second.tree"),
        ("containing-struct", "inode.tree", "second.tree"),
        ("file-private_data", "file.tree", "file of second.tree"),
        ("d_fsdata", "dentry.tree", "dentry of second.tree"),
        ("folio", "folio.tree", "folio of second.tree"),
        ("global-xarray", "xarray[inode].tree", "xarray[inode].tree"),
    ],
)
def test_a_pointer_stands_where_its_holder_is(place, slot, of_second):
    first = target_of(design_of(place))
    second = target_of(design_of(place), inode="second", address="inode")
    kept = first.design.keeps[0]
    assert (first.slot(kept), second.slot(kept)) == (slot, of_second)
    assert (first.object(kept), second.object(kept)) == ("tree", "tree of second")


def test_a_second_file_has_an_object_of_its_own():
    design = design_of("file-private_data")
    assert target_of(design, file="file 2").object(design.keeps[0]) == "tree of file 2"


def test_what_a_body_attaches_has_two_objects():
    more = 'actors.user = { does = ["attach tree"] }'
    design = design_of(more=more)
    kept = design.keeps[0]
    assert target_of(design).objects(kept) == ("tree", "tree 2")
    second = target_of(design, inode="second")
    assert second.objects(kept) == ("tree of second", "tree 2 of second")
    assert target_of().objects(kept) == ("tree",)


def test_another_superblock_has_another_table():
    assert set(cell_target("destroy+free").table) == {"destroy_inode", "free_inode"}
    assert cell_target("destroy+free", mount="anon-inode").table == {}
    assert set(cell_target("release", mount="anon-inode").table) == {"release"}


def test_a_file_opened_with_o_path_has_no_release():
    release = cell_target("release").design
    assert target_of(release, "O_PATH").table == {}


def test_the_callback_is_the_one_that_a_hook_has_queued():
    assert cell_target("destroy-own-rcu").callback == "your_callback"
    assert cell_target("free-all").callback == "i_callback"


def test_a_file_that_cannot_be_mapped_is_filled_by_fallocate():
    mapped, unmapped = target_of(), target_of(design_of(more="mappable = false"))
    assert (mapped.fills, mapped.maps, mapped.unmaps) == ("page fault", "mmap(2)", "munmap(2)")
    assert (unmapped.fills, unmapped.maps, unmapped.unmaps) == ("fallocate(2)", "", "")
    assert target_of(design_of(more="filled = false")).fills == ""


def test_a_hashed_inode_is_made_by_iget5_locked():
    assert target_of(None, "hashed").allocator == "iget5_locked"
    assert target_of().allocator == "alloc_anon_inode"
