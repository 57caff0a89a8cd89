"""Memslots, faults and a module that goes: what each kernel does, and what breaks."""

from dataclasses import replace

import pytest

from gmemviz.model import SCENARIOS, Design, check
from gmemviz.study import gallery


def test_a_memslot_is_deleted_as_each_kernel_does_it():
    for name, holds in (("guest_memfd-6.12", True), ("guest_memfd-7.3", False)):
        report = check(gallery(name), scenarios=[SCENARIOS["memslot-deletion"]], keep_moves=True)
        deleter = report.explorations[0].world.programs[2]
        acts = {one.says for one in deleter.code if hasattr(one, "operations")}
        assert ("the dying file is unbound too" in acts) == holds
        assert report.defects == ()


WAYS = ("failed store", "refused memslot", "changed flags")


@pytest.mark.parametrize("name", ["guest_memfd-6.12", "guest_memfd-7.3"])
def test_a_binding_that_is_left_leads_release_to_a_memslot_that_is_freed(name):
    """Each way alone breaks it: where one is left out, release writes into the freed memslot."""
    whole = replace(gallery(name), unbinds=WAYS)
    assert "memslot-bind" in check(whole).witnesses
    assert check(whole).verdict == "correct"
    freed_in = ("memslot binding", "memslot installation", "memslot flags change")
    for way, where in zip(WAYS, freed_in, strict=True):
        left = replace(whole, unbinds=tuple(other for other in WAYS if other != way))
        report = check(left)
        assert report.defects == ("use-after-free",)
        assert report.why.startswith(f"memslot is freed by {where}; then ")
        assert "writes gmem.file in memslot" in report.why


def test_binding_is_asked_about_where_the_design_says_a_word_of_it():
    assert "memslot-bind" not in check(gallery("guest_memfd-7.3")).witnesses
    assert SCENARIOS["memslot-bind"].asks(gallery("guest_memfd-7.3"))
    assert not SCENARIOS["memslot-bind"].asks(gallery("pipefs-7.3"))
    assert SCENARIOS["memslot-bind"].asks(replace(gallery("pipefs-7.3"), unbinds=()))


def test_an_o_path_file_holds_no_module():
    report = check(gallery("guest_memfd-7.3"), scenarios=[SCENARIOS["module-exit"]])
    said = [step.event.sentence for step in report.run if step.event.actor == "o-path"]
    assert report.defects == ("objects-remain", "use-after-free")
    assert not any("the module that f_op is of may go" in sentence for sentence in said)


def test_an_owner_keeps_the_module_until_the_mount_is_gone():
    design = replace(gallery("guest_memfd-7.3"), owner=True)
    assert check(design, scenarios=[SCENARIOS["module-exit"]]).defects == ()


TEXT = """
kernel = "6.12"
mount = "own"
module = true
filled = false
metadata.blob = { placement = "i_private" }
hooks.release = ["free blob"]
hooks.drop_inode = { function = "FUNCTION", does = ["return 1"] }
"""


@pytest.mark.parametrize(
    ("function", "code"), [("generic_delete_inode", False), ("my_drop_inode", True)]
)
def test_only_what_the_module_has_goes_with_it(function, code):
    design = Design.from_text(TEXT.replace("FUNCTION", function))
    found = check(design, scenarios=[SCENARIOS["module-exit"]])
    assert ("use-after-free" in found.defects) == code


def test_who_is_under_i_lock_is_waited_for_by_free_module():
    """A callback that has yet to begin is not: the run goes on behind the text's end."""
    design = Design.from_text(TEXT.replace("FUNCTION", "my_drop_inode"))
    path = check(design, scenarios=[SCENARIOS["module-exit"]]).path("use-after-free")
    readers = [path.world.cell(state, "readers") for state in path.states]
    gone = [path.world.cell(state, "module text") for state in path.states].index("freed")
    assert readers[gone] == ()
    assert any("under i_lock" in str(inside) for inside in readers[gone:])
