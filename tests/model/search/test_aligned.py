"""Two runs in step by function: every step once, in order, and equal acts at one beat."""

from itertools import combinations

import pytest

from gmemviz.model import check, design_from_choices
from gmemviz.model.search import steps
from gmemviz.model.search.aligned import aligned, doing, frees
from gmemviz.study import designs, gallery

LATE = {
    "kernel": "6.12", "mount": "own", "placement": "i_private_data", "metadata": "hugetlb-subpool",
}  # fmt: skip


def both(a, b):
    """Return the steps of a run of A, and of the run of B that is like it."""
    path = a.whole
    return [tuple(steps(run, of.facts)) for run, of in ((path, a), (b.like(path), b))]


@pytest.mark.parametrize(("a", "b"), list(combinations(designs(), 2))[::37])
def test_every_step_is_in_one_beat_in_its_order(a, b):
    reports = check(gallery(a)), check(gallery(b))
    if any(report.whole is None for report in reports):
        pytest.skip("no run comes to an end")
    runs = both(*reports)
    beats = aligned(*runs, *(report.design for report in reports))
    for side, run in enumerate(runs):
        assert [beat[side] for beat in beats if beat[side] is not None] == list(range(len(run)))
    for beat in beats:
        if beat.is_same:
            assert runs[0][beat.a].event.actor == runs[1][beat.b].event.actor
            assert runs[0][beat.a].effects == runs[1][beat.b].effects


def test_a_run_beside_itself_has_no_gap():
    report = check(gallery("guest_memfd-7.3"))
    run, other = both(report, report)
    assert all(beat.is_same for beat in aligned(run, other, report.design, report.design))


def test_a_hook_of_one_is_a_gap_and_what_both_call_is_not():
    a, b = (
        check(design_from_choices(**LATE, cleanup=word))
        for word in ("evict-after-truncate", "free-all")
    )
    path = b.path("late-release")
    run_a, run_b = tuple(steps(a.like(path), a.facts)), tuple(steps(path, b.facts))
    beats = aligned(run_a, run_b, a.design, b.design)
    alone = [run_a[beat.a].event.function for beat in beats if beat.b is None]
    assert alone == ["your_evict_inode", "your_evict_inode"]
    together = {run_a[beat.a].event.function for beat in beats if beat.is_same}
    assert {"truncate_inode_pages_final", "clear_inode", "call_rcu"} <= together
    (refused,) = [beat for beat in beats if beat.b == 39]
    assert (refused.a, refused.is_same) == (41, False)


def test_a_designs_own_names_do_not_tell_apart():
    a = check(gallery("guest_memfd-7.3"))
    freed = next(step for step in both(a, a)[0] if step.event.function == "mpol_free_shared_policy")
    assert doing(freed, a.design).name == "destroy_inode: free shared_policy"
    assert frees(freed)
