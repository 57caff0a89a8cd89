"""A run: the way to a defect, step by step."""

from gmemviz.model import check
from gmemviz.model.search.run import steps
from tests.model.search.cell import design


def test_a_run_replays_to_its_defect():
    path = check(design("evict-before-truncate", "resv_map")).counterexample
    run = list(steps(path, check(design("none", "flags")).facts))
    assert run[-1].event.effects[0].change == "use-after-free"
    freed = [s.event.hook for s in run if ("resv_map", "freed") in s.event.effects]
    assert freed == ["evict_inode"]
    assert run[-1].event.function == "truncate_inode_pages_final"


def test_a_run_goes_on_behind_a_hazard_and_tells_it_on_the_way():
    report = check(design("drop-returns-1", "shareability-tree"))
    assert report.defects == ("sleep-in-atomic", "use-after-free")
    assert report.counterexample.defect.code == "sleep-in-atomic"
    path = report.path("use-after-free")
    *before, last = steps(path, report.facts)
    assert last.effects == (("shareability-tree", "use-after-free"),)
    (told,) = (step for step in before if ("shareability-tree", "sleep-in-atomic") in step.effects)
    assert told.freed == ("shareability-tree",)
    assert told.event.sentence.endswith(
        "shareability-tree is freed, and sleeps to release shareability-tree with i_lock held."
    )
