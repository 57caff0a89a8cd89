"""Memslots, faults and a module that goes: what each kernel does, and what breaks."""

from dataclasses import replace

from gmemviz.model import SCENARIOS, check
from gmemviz.study import gallery


def test_a_memslot_is_deleted_as_each_kernel_does_it():
    for name, holds in (("guest_memfd-6.12", True), ("guest_memfd-7.3", False)):
        report = check(gallery(name), scenarios=[SCENARIOS["memslot-deletion"]], keep_moves=True)
        deleter = report.explorations[0].world.programs[2]
        acts = {one.says for one in deleter.code if hasattr(one, "operations")}
        assert ("the dying file is unbound too" in acts) == holds
        assert report.defects == ()


def test_an_o_path_file_holds_no_module():
    report = check(gallery("guest_memfd-7.3"), scenarios=[SCENARIOS["module-exit"]])
    said = [step.event.sentence for step in report.run if step.event.actor == "o-path"]
    assert report.defects == ("objects-remain", "use-after-free")
    assert not any("the module that f_op is of may go" in sentence for sentence in said)


def test_an_owner_keeps_the_module_until_the_mount_is_gone():
    design = replace(gallery("guest_memfd-7.3"), owner=True)
    assert check(design, scenarios=[SCENARIOS["module-exit"]]).defects == ()
