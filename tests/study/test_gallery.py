"""The gallery: clean designs are clean, and each function is where the gallery says."""

import pytest

from gmemviz import Design
from gmemviz.errors import DesignError, UnknownNameError
from gmemviz.facts import load
from gmemviz.model import SCENARIOS, check
from gmemviz.model.design.design import ORIGINS
from gmemviz.study import answer, designs, gallery, judge

MERGED = [name for name in designs() if gallery(name).origin == "kernel"]
BROKEN = {
    "bpffs-destroy-only": {"use-after-free"},
    "guest_memfd-dying-slot": {"use-after-free"},
    "guest_memfd-no-barrier": {"objects-remain", "use-after-free"},
    "hugetlbfs-stale-resv_map": {"stale-alias", "use-after-free"},
    "mappability-v5": {"crash", "sleep-in-atomic", "sleep-in-softirq"},
    "mappability-v7": {"sleep-in-atomic"},
    "rfc-v1-free_inode": {"late-release", "lock-context", "sleep-in-softirq"},
    "rfc-v2": {"late-release", "sleep-in-softirq"},
}
NOT_TAUGHT = {"bpffs-6.12", "bpffs-7.3"}
"""What is attached later goes in destroy_inode, or a symlink's body in free_inode."""


@pytest.mark.parametrize("name", designs())
def test_clean_ones_are_clean_and_broken_ones_have_their_defects(name):
    report = check(gallery(name))
    assert set(report.defects) == BROKEN.get(name, set()), report.why
    assert report.is_complete
    assert gallery(name).source
    assert gallery(name).says


@pytest.mark.parametrize("name", MERGED)
def test_what_is_in_a_kernel_is_conventional(name):
    assert judge(gallery(name)).conventional == (name not in NOT_TAUGHT)


def test_known_bugs_break_where_they_broke():
    where = {
        "bpffs-destroy-only": ("rcu-reader", "symlink-body"),
        "guest_memfd-dying-slot": ("memslot-deletion", "memslot"),
        "guest_memfd-no-barrier": ("module-unload", "inode"),
        "hugetlbfs-stale-resv_map": ("root-inode", "resv_map"),
        "mappability-v7": ("actor kvm_gmem_fault", "inode"),
    }
    for name, (scenario, victim) in where.items():
        path = check(gallery(name)).counterexample
        assert (path.world.scenario.name, path.defect.object) == (scenario, victim), name
    walked = check(gallery("bpffs-destroy-only"), scenarios=[SCENARIOS["rcu-walk"]])
    assert walked.counterexample.defect.object == "inode"


def test_every_design_that_the_question_needs_is_there():
    names = {f"{fs}-{kernel}" for kernel in ("6.12", "7.3") for fs in (
        "aio", "bpffs", "dma-buf", "guest_memfd", "hugetlbfs", "nsfs", "pidfs", "pipefs",
        "secretmem", "shmem", "sockfs",
    )}  # fmt: skip
    assert names == set(MERGED)
    assert {gallery(name).origin for name in designs()} == set(ORIGINS) - {"yours"}


@pytest.mark.parametrize("name", MERGED)
def test_hook_functions_are_in_the_kernel_s_tables(name):
    design = gallery(name)
    facts = load(design.kernel)
    slots = {slot for table in facts.tables for slot in table.slots}
    for hook, function in design.functions:
        assert (hook, function) in slots
    assert facts.has_function(design.creator) or design.creator == "create"


@pytest.mark.parametrize("name", MERGED)
def test_what_a_hook_does_it_does_through_functions_that_it_calls(name):
    design = gallery(name)
    facts = load(design.kernel)
    functions = dict(design.functions)
    for hook, body in design.hooks:
        if not facts.has_function(functions[hook]):
            continue  # a driver's, beyond what the facts follow
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
        ({}, {"drop_inode": []}, "drop_inode must say what it returns"),
        ({}, {"evict_inode": ["return 1"]}, "evict_inode cannot return 1: only drop_inode can"),
        (
            {},
            {"alloc_inode": []},
            "alloc_inode must begin with alloc container or alloc struct, once",
        ),
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
