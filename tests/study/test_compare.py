"""Comparison: where two runs part, which hooks differ, and what both cost."""

import json
from dataclasses import replace
from itertools import combinations

import pytest

from gmemviz.model import design_from_choices
from gmemviz.study import compare, cost, designs, gallery


def cell(cleanup, metadata="resv_map", *, mount="own", placement="containing-struct"):
    return design_from_choices(
        kernel="7.3", mount=mount, placement=placement, cleanup=cleanup, metadata=metadata
    )


def test_runs_part_where_one_hook_is_set_and_the_other_null():
    found = compare(cell("evict-after-truncate"), cell("free-all"))
    parting = found.parting
    assert (parting.scenario, parting.step) == ("last-close", 26)
    assert parting.a.hook == "evict_inode"
    assert parting.b is None  # truncate_inode_pages_final comes in both, and in step
    assert "What decides (second-creation):" in found.text
    assert "resv_map was freed in evict_inode" in found.decides
    assert "is refused: inode still holds resv_map" in found.decides
    assert found.hooks == {
        "evict_inode": ("truncate; clear_inode; free resv_map", "NULL"),
        "free_inode": ("free struct", "free resv_map; free struct"),
    }


def test_the_seed_against_what_was_merged():
    found = compare(gallery("guest_memfd-6.12"), gallery("guest_memfd-7.3"))
    assert list(found.hooks) == ["alloc_inode", "destroy_inode", "free_inode"]
    assert (found.parting.scenario, found.parting.step) == ("last-close", 5)
    assert found.parting.a.function == "alloc_inode_sb"
    assert found.parting.b.function == "kvm_gmem_alloc_inode"
    assert found.answer()["decides"] == {
        "scenario": "last-close",
        "code": None,
        "a": "It has no shared_policy.",
        "b": "mpol_free_shared_policy: shared_policy is freed.",
    }


def test_what_functions_are_called_does_not_matter():
    merged = gallery("guest_memfd-7.3")
    bare = tuple(
        (hook, tuple(action._replace(via="") for action in body)) for hook, body in merged.hooks
    )
    found = compare(merged, replace(merged, functions=(), hooks=bare, creator="create"))
    assert found.parting is None
    assert found.hooks == {}
    assert "The runs are the same in 8 scenarios." in found.text
    assert found.answer()["compared"] == 8


def test_what_the_kernel_calls_does_matter():
    merged = gallery("guest_memfd-7.3")
    found = compare(merged, replace(merged, allocator="alloc_anon_inode"))
    assert found.parting.step == 1
    assert found.parting.a.function == "anon_inode_make_secure_inode"


def test_a_run_that_is_over_first():
    found = compare(cell("free-metadata-only", "rcu-blob"), cell("free-all", "rcu-blob"))
    assert found.parting.a is None
    assert found.parting.b.effects == (("inode", "freed"),)
    assert found.beside.code == "inode-leak"
    assert "B: inode is freed later, in free_inode" in found.decides


def test_a_later_scenario_may_be_the_first_to_differ():
    careful = gallery("hugetlbfs-7.3")
    found = compare(careful, replace(careful, root_sets=()))
    assert found.partings[0] is None
    assert (found.parting.scenario, found.parting.step) == ("root-inode", 9)
    assert found.hooks == {}
    assert (found.a.defects, found.b.defects) == ((), ("stale-alias", "use-after-free"))


def test_where_no_scenario_ends_in_both():
    found = compare(cell("destroy+free", mount="static-superblock"), cell("destroy+free"))
    assert found.partings == ()
    assert found.parting is None
    assert "A: inode_init_always_gfp" in found.text  # the crash, and B goes on there


def test_each_side_has_its_verdict_and_cost():
    found = compare(cell("evict-after-truncate"), cell("free-all"))
    said = found.answer()
    assert json.loads(json.dumps(said)) == said
    assert (said["a"]["defects"], said["b"]["defects"]) == ([], ["late-release"])
    assert said["b"]["why"] == found.b.why
    for side, report in (("a", found.a), ("b", found.b)):
        told = cost(report.design, report.facts)._asdict()
        assert {key: said[side][key] for key in told} == told
    assert "metadata waits for a grace period" in found.text


def test_choices_that_do_not_go_together_have_no_verdict():
    found = compare(cell("none", placement="i_private-flags"), cell("none"))
    assert found.answer()["a"]["defects"] is None
    assert "not a design" in found.text


@pytest.mark.parametrize(("a", "b"), list(combinations(designs(), 2))[::29])
def test_text_fits_a_mail_and_the_table_has_two_columns(a, b):
    found = compare(gallery(a), gallery(b))
    assert max(map(len, found.text.splitlines())) <= 72
    assert str(found) == found.text
    table = found.frame()
    assert list(table.columns) == ["a", "b"]
    assert list(table.loc["name"]) == [a, b]
