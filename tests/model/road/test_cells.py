"""The cells that a run begins with."""

from itertools import chain

import pytest

from gmemviz.model.road import cells
from tests.bugs.test_bugs import CASES, report
from tests.model.machine.made import design_of, target_of

OF_AN_INODE = {
    "inode": "absent", "inode.cache": "", "inode.i_count": None, "inode.i_state": 0,
    "inode.nrpages": 0, "inode.dentry": 0, "inode.waits_for": None, "folio": "absent",
    "folio.mapping": None,
}  # fmt: skip


def test_an_inode_begins_with_no_memory_and_no_reference():
    assert cells.cells_of(target_of()) == {**OF_AN_INODE, "inode.tree": None, "tree": "absent"}


def test_a_second_inode_has_cells_of_its_own():
    second = cells.cells_of(target_of(inode="second"))
    assert {"second.i_count", "folio of second.mapping", "tree of second"} <= set(second)
    assert not set(second) & set(cells.cells_of(target_of()))


def test_needs_and_traits_bring_their_cells():
    scarce = cells.cells_of(target_of(design_of(needs="scarce = true")))
    assert (scarce["tree.holder"], scarce["tree.refused"]) == (None, 0)
    word = cells.cells_of(target_of(design_of("i_private-flags", "owns_object = false")))
    assert "tree" not in word
    assert cells.cells_of(target_of(None, "hashed"))["inode.hashed"] == 0


def test_what_a_file_keeps_has_a_callback_for_each_file():
    more = """
        callbacks.of_file = { does = ["free tree"] }
        callbacks.other = { does = ["sleep"] }
        hooks.release = ["call_rcu of_file", "call_rcu other"]
    """
    design = design_of("file-private_data", more=more)
    second = target_of(design, file="file 2")
    assert cells.queued(second, "of_file") == "callback of_file of file 2"
    assert cells.queued(second, "other") == cells.queued(target_of(design), "other")
    both = cells.cells_of(target_of(design)) | cells.cells_of(second)
    each = set(cells.each_queued(both, target_of(design), "of_file"))
    assert each == {"callback of_file", "callback of_file of file 2"}


def test_what_is_counted_and_attached_late_has_a_count_for_each_object():
    more = 'actors.user = { does = ["attach tree", "get tree", "put tree"] }'
    found = cells.cells_of(target_of(design_of(more=more), actor="user"))
    assert (found["tree references"], found["tree 2 references"]) == (0, 0)
    assert found["user got tree"] == ()
    there = cells.cells_of(target_of(design_of("s_fs_info", more='hooks.put_super = ["put tree"]')))
    assert (there["tree"], there["tree references"]) == ("allocated", 1)


def test_no_two_tables_name_the_same_cell():
    tables = (cells.SHARED, cells.MEMSLOT, cells.MODULE, cells.I_LOCK, cells.FOLIO_LOCK)
    names = [name for table in tables for name, _ in table]
    assert len(names) == len(set(names))
    assert set(cells.COUNTED_FILE) < set(cells.MEMSLOT)


def searches(key):
    """Return every search of both forms of a bug."""
    return report(key, "broken").explorations + report(key, "mended").explorations


# Whoever leaves RCU is taken out of the cells that has_readers names, and no other is looked at.
@pytest.mark.parametrize("key", sorted(CASES)[::6])
def test_no_other_cell_than_those_of_readers_ever_names_one(key):
    for search in searches(key):
        moments = [search.world.cells(state) for state in search.came_from]
        inside = set(
            chain.from_iterable(cells["readers"] or () for cells in moments if "readers" in cells)
        )
        for moment in moments:
            for cell, value in moment.items():
                # A barrier's cell has callbacks, some of which are sections by the same name.
                if cell == cells.BARRIER or not isinstance(value, tuple):
                    continue
                if inside.intersection(value):
                    assert cells.has_readers(cell), cell


def test_readers_are_inside_and_waited_for():
    waited = {
        cell
        for search in searches("bpf-evict")
        for state in search.came_from
        for cell, value in search.world.cells(state).items()
        if isinstance(value, tuple) and value
    }
    assert {"readers", "inode.waits_for"} <= waited
