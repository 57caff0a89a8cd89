"""How an inode stands on a walk: memory, i_count, i_state, and who has a way to it."""

from gmemviz.model.drive.drive import drive
from gmemviz.model.drive.inode_state import standings, until_change
from gmemviz.study import gallery


def test_what_an_inode_goes_through_when_it_is_found_again():
    here = drive(gallery("hugetlbfs-7.3"), "find-inode").go("task").go("finder").go("unmounter")
    told = [(one.i_count, one.i_state, one.counted) for one in standings(here.go("rcu"))]
    assert told == [
        ("", "", ""), ("", "", ""), ("1", "0", "a caller"), ("1", "0", "a caller"),
        ("1", "0", "dentry"), ("1", "0", "dentry"), ("1", "0", "a caller"), ("0", "0", ""),
        ("0", "0", ""), ("1", "0", "a caller"), ("1", "0", "a caller"), ("0", "0", ""),
        ("0", "I_FREEING", ""), ("0", "I_FREEING", ""), ("0", "I_FREEING | I_CLEAR", ""),
        ("0", "I_FREEING | I_CLEAR", ""), ("0", "I_FREEING | I_CLEAR", ""),
        ("0", "I_FREEING | I_CLEAR", ""), ("", "", ""),
    ]  # fmt: skip
    assert [one.memory for one in standings(here)][-1] == "waits for RCU"


def test_written_back_with_i_will_free():
    here = drive(gallery("hugetlbfs-7.3"), "dontcache").go("task")
    flags = [one.i_state for one in standings(here)]
    assert flags.index("I_WILL_FREE") < flags.index("I_FREEING")


def test_until_change_stops_where_somebody_else_may_go():
    here = until_change(drive(gallery("guest_memfd-7.3"), "gup-fast"), "task")
    assert standings(here)[-1].memory == "allocated"
    while len(here.offers) == 1:
        here = until_change(here, "task")
    assert {one.actor for one in here.offers} == {"task", "gup"}
    assert standings(here)[-1].after == "filemap_add_folio (task)"
