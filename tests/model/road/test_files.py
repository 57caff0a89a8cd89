"""Files, pages and mounts around the road, and what actors wait for there."""

import pytest

from gmemviz.model.machine import ABSENT, FREED, HELD, OWN_CACHE
from gmemviz.model.road import cells, files
from tests.model.machine.made import design_of, machine_of, noted_by, shown_by, target_of

T = target_of()


def test_a_file_holds_a_dentry_and_a_mount():
    m = machine_of(T)
    files.open_file(m, T)
    assert (m["inode.dentry"], m["mount"], files.is_open(m, T)) == (1, 2, True)
    files.open_again(m, T)
    files.open_path(m, T)
    assert (m["inode.dentry"], m["mount"], files.has_path(m, T)) == (3, 4, True)


def test_a_file_is_counted_and_holds_its_module_where_that_is_looked_at():
    t = target_of(None, "counted", "module")
    m = machine_of(t, also=(*cells.COUNTED_FILE, *cells.MODULE))
    files.open_file(m, t)
    assert (m["f_ref"], m["module"]) == (1, 1)


def test_a_second_file_sees_what_the_first_one_keeps_or_does_not():
    t = target_of(design_of("file-private_data"), file="file 2")
    m = machine_of(t, **{"file.tree": "tree", "tree": HELD})
    assert noted_by(files.compare_files, m, t) == ("per-file", "tree")
    files.compare_files(machine_of(t, **{"file.tree": None}), t)
    on_inode = target_of(file="file 2")
    files.compare_files(machine_of(on_inode, inode__tree="tree"), on_inode)


def test_a_page_is_in_the_cache_and_mapped_where_the_design_can_be_mapped():
    for design, mapped in ((design_of(), 1), (design_of(more="mappable = false"), 0)):
        t = target_of(design)
        m = machine_of(t)
        files.add_folio(m, t)
        assert (m["folio"], m["folio.mapping"], m["inode.nrpages"]) == (HELD, "inode", 1)
        assert m["mapped"] == mapped
        assert files.is_in_cache(m, t)
    files.unmap(m, t)
    assert m["mapped"] == 0


def test_a_page_comes_back_unasked_only_once_it_is_gone():
    m = machine_of(T, folio=FREED)
    assert files.is_out_of_cache(m, T)
    files.add_unasked(m, T)
    assert (m["folio"], m["mapped"]) == (HELD, 0)
    gone = machine_of(T, folio=FREED, inode=FREED)
    assert shown_by(files.add_unasked, gone, T) == ("use-after-free", "inode")


def test_a_pinned_folio_outlives_its_mapping():
    m = machine_of(T, folio=HELD, folio__mapping="inode")
    files.pin(m, T)
    files.unpin(m, T)
    assert m["folio"] == HELD  # the page cache has it still
    files.pin(m, T)
    m["folio.mapping"] = None
    files.unpin(m, T)
    assert m["folio"] == FREED


def test_memory_failure_reads_through_the_folio_it_has_locked():
    t = target_of(design_of(needs='read_by = ["truncation"]'))
    m = machine_of(t, also=cells.FOLIO_LOCK, folio__mapping="inode", inode__tree="tree", tree=FREED)
    files.lock_folio(m, t)
    assert m["folio.locked"] == 1
    assert shown_by(files.read_by_folio, m, t) == ("use-after-free", "tree")
    m["folio.mapping"] = None
    files.read_by_folio(m, t)
    files.unlock_folio(m, t)
    assert m["folio.locked"] == 0


def test_close_is_noted_for_who_waits_for_it():
    m = machine_of(T, path=1)
    assert not files.has_closed(m, T)
    assert not files.has_file(m, T)
    files.note_close(m, T)
    assert files.has_closed(m, T)
    assert files.has_file(m, T)
    assert m["path"] == 2


def test_the_mount_is_held_twice_by_its_root():
    m = machine_of(T)
    files.mount(m, T)
    files.hold_mount(m, T)
    assert (m["inode.dentry"], m["mount"]) == (2, 2)
    files.destroy_cache(m, T)
    assert m["cache"] == FREED


def test_what_a_work_is_to_free_is_out_of_the_cache():
    """Be it the work itself, or the callback that it queues."""
    more = """
        hooks.alloc_inode = ["alloc container"]
        hooks.destroy_inode = ["queue reclaim", "queue other"]
        callbacks.other = { runs = "worker", does = ["sleep"] }
        callbacks.reclaim = { runs = "worker", does = ["call_rcu late"] }
        callbacks.late = { does = ["free struct"] }
    """
    t = target_of(design_of(more=more))
    own = {"inode__cache": OWN_CACHE, "inode__i_count": 0}
    for queued, code in (("reclaim", "objects-remain"), ("late", "objects-remain"), ("other", "")):
        m = machine_of(t, **own, **{f"callback {queued}": ()})
        files.destroy_cache(m, t)
        assert [defect.code for defect in m.noted] == ([code] if code else [])
        assert (m["cache"] == FREED) == (not code)


@pytest.mark.parametrize(
    ("published", "mount", "may"), [(1, 1, True), (1, 0, False), (0, 1, False)]
)
def test_a_path_is_walked_where_there_is_a_file_and_a_mount(published, mount, may):
    assert files.may_mount(machine_of(T, published=published, mount=mount), T) == may


def test_the_root_has_what_its_maker_sets():
    t = target_of(design_of(more='root_sets = ["tree"]'))
    m = machine_of(t, inode__tree="of an earlier inode")
    files.set_root_null(m, t)
    assert m["inode.tree"] is None
    left = machine_of(T, inode__tree="of an earlier inode")
    files.set_root_null(left, T)
    assert left["inode.tree"] == "of an earlier inode"


def test_what_others_wait_for_to_die():
    assert files.is_dead(machine_of(T, superblock=FREED), T)
    assert files.is_freed(machine_of(T, inode=FREED), T)
    assert not files.is_freed(machine_of(T, inode=ABSENT), T)
    assert not files.is_freed_and_closed(machine_of(T, inode=FREED), T)
    assert files.is_freed_and_closed(machine_of(T, inode=FREED, closed=1), T)
