"""The gallery: clean designs are clean, and each function is where the gallery says."""

import pytest

from gmemviz.errors import DesignError, UnknownNameError
from gmemviz.facts import load
from gmemviz.model import check
from gmemviz.study import answer, designs, gallery, judge
from gmemviz import Design

MERGED = [name for name in designs() if name != "rfc-v1-hugetlb"]


@pytest.mark.parametrize("name", designs())
def test_what_was_merged_or_proposed_here_has_no_defect(name):
    report = check(gallery(name))
    assert report.defects == ()
    assert judge(report.design).conventional
    assert gallery(name).source


@pytest.mark.parametrize("name", MERGED)
def test_hook_functions_are_in_the_kernel_s_tables(name):
    design = gallery(name)
    facts = load(design.kernel)
    slots = {slot for table in facts.tables for slot in table.slots}
    for hook, function in design.functions:
        assert (hook, function) in slots
        assert facts.has_function(function)
    assert facts.has_function(design.creator)


@pytest.mark.parametrize("name", MERGED)
def test_what_a_hook_does_it_does_through_functions_that_it_calls(name):
    design = gallery(name)
    facts = load(design.kernel)
    functions = dict(design.functions)
    for hook, body in design.hooks:
        callees = [call.callee for call in facts.function(functions[hook]).calls]
        vias = [action.via for action in body if action.via]
        assert [via for via in callees if via in vias] == vias, (hook, callees)


def test_the_seed_s_slot_does_not_compile_on_7_3():
    table = {
        "kernel": "7.3", "mount": "own", "metadata": {"resv_map": "i_private_data"},
        "hooks": {"evict_inode": {"does": ["truncate", "clear_inode", "free resv_map"]}},
    }  # fmt: skip
    report = check(Design.from_table("rfc-on-7.3", table))
    assert report.defects == ("no-such-field",)
    assert "address_space has no i_private_data in v7.3" in report.why


def test_unknown_words_name_the_known_ones():
    with pytest.raises(UnknownNameError, match=r"must be one of .*guest_memfd-7\.3"):
        gallery("guest_memfd-5.0")
    with pytest.raises(UnknownNameError, match="unknown action: 'freee resv_map'"):
        Design.from_table(
            "x", {"kernel": "7.3", "mount": "own", "metadata": {},
                  "hooks": {"evict_inode": {"does": ["freee resv_map"]}}},
        )  # fmt: skip


@pytest.mark.parametrize(
    ("metadata", "hooks", "said"),
    [
        ({}, {"evict_inode": ["free resv_map"]}, "keeps no such metadata"),
        ({}, {"drop_inode": []}, "drop_inode must end with return 0 or return 1"),
        ({}, {"evict_inode": ["return 1"]}, "evict_inode cannot return 1: only drop_inode can"),
        ({}, {"alloc_inode": []}, "alloc_inode must begin with alloc container or alloc struct, once"),
        ({}, {"alloc_inode": ["alloc container", "alloc container"]}, "once"),
        ({}, {"free_inode": ["alloc struct"]}, "only alloc_inode can"),
        ({"flags": "i_private-flags", "resv_map": "i_private"}, {}, "cannot share i_private"),
    ],
)
def test_nonsense_is_refused_in_a_sentence(metadata, hooks, said):
    bodies = {hook: {"does": does} for hook, does in hooks.items()}
    table = {"kernel": "7.3", "mount": "own", "metadata": metadata, "hooks": bodies}
    with pytest.raises(DesignError, match=said):
        Design.from_table("nonsense", table)


def test_an_answer_of_the_gallery_names_it():
    said = answer(check(gallery("guest_memfd-6.12")))
    assert said["name"] == "guest_memfd-6.12"
    assert said["applicable"] is True
    assert said["defects"] == []
    assert said["conventional"] is True
    assert said["counterexample"] == []
