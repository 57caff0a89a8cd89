"""Two Designs in one course of events: the beat that decides, and what either does there."""

from itertools import combinations

import pytest

from gmemviz.model import check, design_from_choices
from gmemviz.study import beside, designs, gallery

LATE = {
    "kernel": "6.12", "mount": "own", "placement": "i_private_data", "metadata": "hugetlb-subpool",
}  # fmt: skip


def cell(cleanup, **more):
    return check(design_from_choices(**LATE | more, cleanup=cleanup))


def test_evict_against_free_at_the_refusal():
    found = beside(cell("evict-after-truncate"), cell("free-all"))
    assert (found.scenario, found.code, found.object) == (
        "second-creation", "late-release", "hugetlb-subpool",
    )  # fmt: skip
    granted, refused = found.told
    assert granted.endswith("hugetlb-subpool was freed in evict_inode (step 26 of 44).")
    assert refused.endswith("but is refused: inode still holds hugetlb-subpool.")
    assert found.a.path.defect is None


def test_which_is_a_and_which_is_b_does_not_matter():
    one_way = beside(cell("evict-after-truncate"), cell("free-all"))
    other = beside(cell("free-all"), cell("evict-after-truncate"))
    assert one_way.told == other.told[::-1]


def test_an_own_mount_against_none():
    found = beside(cell("evict-after-truncate"), cell("evict-after-truncate", mount="anon-inode"))
    own, none = found.told
    assert "hugetlb-subpool is freed later, in evict_inode" in own
    assert "passes evict_inode by" in none
    assert none.endswith("hugetlb-subpool is not freed in this run.")


def test_two_correct_designs_part_where_memory_is_given_back():
    found = beside(check(gallery("guest_memfd-6.12")), check(gallery("guest_memfd-7.3")))
    assert found.code is None
    assert found.told == (
        "It has no shared_policy.", "mpol_free_shared_policy: shared_policy is freed.",
    )  # fmt: skip


def test_a_design_beside_itself_has_nothing_that_decides():
    report = cell("free-all")
    found = beside(report, report)
    assert all(beat.is_same for beat in found.beats)
    assert found.a.run == found.b.run


def test_choices_that_make_no_design_have_no_run():
    assert beside(cell("none", placement="i_private-flags"), cell("none")) is None


@pytest.mark.parametrize(("a", "b"), list(combinations(designs(), 2))[::31])
def test_one_of_both_runs_is_a_run_to_the_defect_that_is_named(a, b):
    found = beside(check(gallery(a)), check(gallery(b)))
    if found is None:
        return
    ends = {side.path.defect.code for side in found.sides if side.path.defect}
    assert found.code is None or found.code in ends
    assert all(found.told)
    assert 0 <= found.moment < len(found.beats)
