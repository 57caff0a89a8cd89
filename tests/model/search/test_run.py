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
