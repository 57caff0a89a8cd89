"""What KVM does around a guest_memfd file: references, memslots, locks, the module."""

from dataclasses import replace

import pytest

from gmemviz.model.machine import FREED, HELD
from gmemviz.model.road import cells, kvm
from tests.model.machine.made import design_of, machine_of, noted_by, shown_by, target_of

T = target_of(actor="task")
OTHER = target_of(actor="deleter")


def machine(**values):
    return machine_of(T, also=(*cells.MEMSLOT, *cells.MODULE), **values)


def test_a_file_is_held_only_while_a_reference_is_left():
    m = machine(f_ref=1)
    kvm.get_file_active(m, T)
    assert (m["f_ref"], m.register) == (2, 1)
    kvm.put_file(m, T)
    kvm.put_file(m, T)
    assert (m["f_ref"], m.register) == (0, 0)
    kvm.get_file_active(m, T)
    assert (m["f_ref"], m.register) == (0, 0)


def test_slot_and_file_forget_each_other_together():
    m = machine()
    kvm.bind(m, T)
    assert (m["memslot"], kvm.is_bound(m, T), m["bindings"]) == (HELD, True, 1)
    kvm.unbind(m, T)
    assert (kvm.is_bound(m, T), m["bindings"]) == (False, 0)


def test_release_writes_into_a_memslot_that_is_bound_still():
    m = machine(memslot=FREED, bindings=1)
    assert shown_by(kvm.release_bindings, m, T) == ("use-after-free", "memslot")
    kvm.release_bindings(machine(memslot=FREED, bindings=0), T)


def test_a_memslot_that_is_freed_is_not_bound():
    m = machine()
    kvm.make_memslot(m, T)
    kvm.store_half(m, T)
    assert (m.register, kvm.is_bound(m, T)) == (0, True)
    kvm.drop_memslot(m, T)
    assert (m["bindings"], kvm.is_bound(m, T)) == (1, False)


def test_a_whole_range_is_stored_and_a_memslot_installed_or_refused():
    m = machine()
    for step, answer in ((kvm.store_all, 1), (kvm.refuse, 0), (kvm.install, 1)):
        step(m, T)
        assert m.register == answer


def test_binding_is_undone_on_the_ways_that_the_design_names():
    for said, undone in (("", True), ('unbinds = ["failed store"]', True), ("unbinds = []", False)):
        assert kvm.undoes("failed store")(target_of(design_of(more=said))) == undone
    assert not kvm.undoes("changed flags")(target_of(design_of(more='unbinds = ["failed store"]')))


def test_6_12_puts_the_file_before_the_memslot_is_installed_and_7_3_behind():
    assert kvm.puts_file_early(target_of(design_of(kernel="6.12")))
    assert not kvm.puts_file_early(target_of(design_of(kernel="7.3")))


def test_6_12_holds_the_file_to_unbind_it_and_7_3_does_not():
    assert kvm.holds_file(target_of(design_of(kernel="6.12")))
    assert not kvm.holds_file(target_of(design_of(kernel="7.3")))


def test_a_dying_file_is_unbound_where_the_design_says_so():
    for passes_by, says in ((False, "unbound too"), (True, "passed by")):
        t = target_of(design_of(more=f"unbinds_dying = {str(not passes_by).lower()}"))
        m = machine(bindings=1)
        kvm.unbind_dying(m, t)
        assert m["bindings"] == int(passes_by)
        assert kvm.says_of_dying(t).endswith(says)


def test_slots_lock_lets_one_in_and_deadlocks_on_itself():
    m = machine(f_ref=1)
    assert kvm.may_lock_open(m, T)
    assert not kvm.may_lock_bound(m, T)
    kvm.lock_slots(m, T)
    assert m["slots_lock"] == "task"
    assert not kvm.may_lock(m, OTHER)
    assert kvm.may_lock(m, T)  # it tries, and never gets it
    assert shown_by(kvm.lock_slots, m, T) == ("deadlock", "slots_lock")
    kvm.unlock_slots(m, T)
    assert kvm.may_lock(m, OTHER)
    atomic = machine_of(T, "A", also=cells.MEMSLOT)
    assert noted_by(kvm.lock_slots, atomic, T) == ("sleep-in-atomic", "slots_lock")


def test_a_fault_keeps_munmap_out():
    m = machine()
    assert kvm.no_fault(m, T)
    kvm.begin_fault(m, T)
    assert not kvm.no_fault(m, T)
    kvm.end_fault(m, T)
    assert kvm.no_fault(m, T)


def test_a_file_holds_its_module_and_one_with_o_path_does_not():
    assert kvm.holds_module(target_of(None, "module"))
    assert not kvm.holds_module(target_of(None, "module", "O_PATH"))
    m = machine(module=1, opened=1)
    assert not kvm.may_unload(m, T)
    kvm.put_fops(m, T)
    assert kvm.may_unload(m, T)
    kvm.unload(m, T)
    assert shown_by(kvm.run_text, m, T) == ("use-after-free", "module text")


def test_the_text_goes_once_nobody_reads_under_rcu():
    assert not kvm.nobody_reads(machine(readers=("o-path under i_lock of inode",)), T)
    assert kvm.nobody_reads(machine(), T)


@pytest.mark.parametrize(
    ("function", "is_built_in"),
    [("inode_just_drop", True), ("kvm_gmem_release", False), ("mine", False), ("", False)],
)
def test_what_is_the_vfs_s_own_is_no_text_of_a_module(function, is_built_in):
    design = replace(design_of(), functions=(("drop_inode", function),))
    assert kvm.is_built_in(target_of(design), "drop_inode", ("iput", "evict")) == is_built_in
    assert not kvm.is_built_in(target_of(design), "evict_inode", ("iput", "evict"))


def test_a_mount_with_an_owner_holds_the_module_too():
    owned = target_of(design_of(more="owner = true"))
    assert not kvm.may_unload(machine(opened=1, mount=2), owned)
    assert kvm.may_unload(machine(opened=1, mount=1), owned)
    assert kvm.may_unload(machine(opened=1, mount=2), T)


def test_a_memslot_is_freed_once():
    m = machine(memslot=HELD)
    kvm.free_memslot(m, T)
    assert shown_by(kvm.free_memslot, m, T) == ("double-free", "memslot")


def test_loading_the_slot_takes_no_reference():
    m = machine(f_ref=1)
    kvm.load_slot(m, T)
    assert m["f_ref"] == 1
