"""Readers without a reference, and the grace period that waits for them."""

from gmemviz.model.machine import AWAITING, FREED, HELD
from gmemviz.model.road import rcu
from gmemviz.model.road.hook_actions import call_rcu
from tests.model.machine.made import design_of, machine_of, shown_by, target_of

T = target_of()


def test_a_callback_waits_for_who_was_inside_and_for_nobody_else():
    m = machine_of(T)
    rcu.enter(m, T)
    call_rcu(m, T)
    assert not rcu.grace_is_over(m, T)
    rcu.leave(m, T)
    assert rcu.grace_is_over(m, T)
    rcu.enter(m, T)  # who comes later is not waited for
    assert rcu.grace_is_over(m, T)
    rcu.end_grace(m, T)
    assert m["inode.waits_for"] is None
    assert not rcu.grace_is_over(m, T)


def test_rcu_barrier_waits_for_what_is_queued():
    assert rcu.no_callback_waits(machine_of(T), T)
    assert not rcu.no_callback_waits(machine_of(T, inode=AWAITING), T)
    assert rcu.no_callback_waits(machine_of(T, inode=FREED), T)


def test_get_user_pages_fast_holds_the_folio_and_reads_the_mapping():
    m = machine_of(T, folio=HELD, folio__mapping="inode", mapped=1)
    assert rcu.is_mapped(m, T)
    rcu.grab_folio(m, T)
    rcu.load_mapping(m, T)
    assert (m["pinned"], m["readers"], m["pointer"], m.register) == (
        1, (T.actor,), "inode", 1,
    )  # fmt: skip
    rcu.read_mapping(m, T)
    m["inode"] = FREED
    assert shown_by(rcu.read_mapping, m, T) == ("use-after-free", "inode")
    rcu.let_go(m, T)
    assert (m["pinned"], m["readers"], m["folio"]) == (0, (), HELD)


def test_truncation_hides_the_mapping():
    m = machine_of(T, folio=HELD)
    rcu.load_mapping(m, T)
    assert (m["pointer"], m.register) == (None, 0)


def test_who_lets_the_folio_go_last_frees_it():
    m = machine_of(T, folio=HELD, pinned=1)
    rcu.let_go(m, T)
    assert m["folio"] == FREED


def test_a_lockless_reader_loads_from_the_inode_and_reads_what_it_loaded():
    lockless = 'read_by = ["lockless reader"]'
    t = target_of(design_of(needs=lockless))
    m = machine_of(t, inode__tree="tree", tree=HELD)
    rcu.load_metadata(m, t)
    assert (m["pointer"], m.register) == (("tree",), 1)
    m["tree"] = FREED
    assert shown_by(rcu.read_metadata, m, t) == ("use-after-free", "tree")
    gone = machine_of(t, inode=FREED)
    assert shown_by(rcu.load_metadata, gone, t) == ("use-after-free", "inode")
    elsewhere = target_of(design_of("global-xarray", lockless))
    m = machine_of(elsewhere, inode=FREED)  # the xarray's memory is always there
    rcu.load_metadata(m, elsewhere)
    assert (m["pointer"], m.register) == ((), 0)


def test_a_file_that_closes_is_found_no_more_unless_it_is_an_o_path_one():
    m = machine_of(T, published=1)
    rcu.unpublish(m, target_of(None, "O_PATH"))
    assert rcu.is_published(m, T)
    rcu.unpublish(m, T)
    assert not rcu.is_published(m, T)
    assert shown_by(rcu.read_inode, machine_of(T, inode=FREED), T)[0] == "use-after-free"


def test_a_word_is_read_where_it_stands():
    """Bits of i_private lead nowhere; once cleared they send a reader the wrong way."""
    more = 'metadata.bits = { placement = "containing-struct", owns_object = false, read_by = ["lockless reader"] }'
    t = target_of(design_of(more=more))
    m = machine_of(t, inode__bits="set")
    rcu.load_metadata(m, t)
    assert (m["pointer"], m.register) == ((), 0)
    cleared = machine_of(t, inode__bits="cleared")
    rcu.load_metadata(cleared, t)
    assert [(defect.code, defect.object) for defect in cleared.noted] == [("wrong-branch", "bits")]
